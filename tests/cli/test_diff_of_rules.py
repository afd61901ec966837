"""`diff` tells rules that changed though no verdict did, and `diff --rules` compares rules by themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from phasegate.rules.loading.pack import load_pack

Run = Callable[..., Result]
World = Any
SAID = "criterion 1.1/systems asks for invoices.reconciled >= 85 %, and asked for invoices.reconciled >= 80 %"


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_rules_that_changed_are_told_though_no_verdict_did(world: World) -> None:
    world.write(">= 80 %")
    world.by("ci", "check")
    world.write(">= 85 %")
    world.by("ci", "check")
    said = told(world.run("diff", "1"))
    assert "No verdict and no gate changed." in said
    assert f"Rules 1 change bound: {SAID}." in said
    (change,) = json.loads(world.run("diff", "1", "2", "--format", "json").stdout)["rules"]
    assert (change["kind"], change["said"]) == ("bound", SAID)
    assert (change["before"], change["after"]) == (">= 80 %", ">= 85 %")
    assert change["path"] == ["points", "1.1", "criteria", "systems", "require", "invoices.reconciled"]


def test_a_comment_is_no_change(world: World) -> None:
    world.by("ci", "check")
    file = world.folder / "pack" / "pack.yaml"
    file.write_text(f"# ours\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    world.by("ci", "check")
    said = told(world.run("diff", "1"))
    assert "No verdict" in said
    assert "Rules" not in said


def test_rules_are_named_by_digest_folder_and_pack(world: World) -> None:
    world.write(">= 80 %")
    world.by("ci", "check")
    then = load_pack(world.folder / "pack")
    shutil.copytree(world.folder / "pack", world.folder / "older")
    world.write(">= 85 %")
    now = load_pack(world.folder / "pack").digest
    for before in (then.digest, then.digest[:19], then.files_digest, "older"):
        for after in ((), (now,), ("pack",), (".",)):
            assert told(world.run("diff", "--rules", before, *after)) == f"1 change bound: {SAID}.", before
    assert told(world.run("diff", "--rules", now, "pack")) == "Both say the same."
    assert "is new" in told(world.run("diff", "--rules", "pack", "developer_finance"))


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_rules_are_named_by_a_revision_in_git(world: World) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(("git", "-C", str(world.folder), *who, *words), check=True, capture_output=True)

    world.write(">= 80 %")
    git("init", "-q")
    git("add", "phasegate.yaml", "pack")
    git("commit", "-qm", "one")
    world.write(">= 85 %")
    assert told(world.run("diff", "--rules", "HEAD")) == f"1 change bound: {SAID}."
    git("commit", "-qam", "two")
    assert told(world.run("diff", "--rules", "HEAD")) == "Both say the same."
    assert told(world.run("diff", "--rules", "HEAD~1", "HEAD")) == f"1 change bound: {SAID}."
    for unknown in ("HEAD~9", "nowhere", "--output=x"):
        result = world.run("diff", "--rules", "--", unknown)
        assert result.exit_code == 2
        assert f"there are no rules {unknown!r}" in result.stderr


def test_a_digest_that_nobody_knows_is_refused(world: World) -> None:
    world.by("ci", "check")
    result = world.run("diff", "--rules", f"sha256:{'0' * 64}")
    assert result.exit_code == 2
    assert "no rules are known under sha256:000" in result.stderr
