"""`make` tells what it can do, and every target that a document names exists."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")


def make(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=root, capture_output=True, text=True, check=False
    )


def targets(root: Path) -> set[str]:
    return set(re.findall(r"^\.PHONY: (\S+)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_help_shows_every_target_with_a_line(root: Path) -> None:
    shown = dict(re.findall(r"^  make (\S+) +(\S.*)$", make(root, "help").stdout, re.MULTILINE))
    assert set(shown) == targets(root)
    assert {"demo", "test", "test-slow", "lint", "types", "bench", "build", "lock", "clean"} < set(shown)


def test_help_is_what_a_bare_make_does(root: Path) -> None:
    assert make(root).stdout == make(root, "help").stdout


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".ci/run"])
def test_documents_name_only_targets_that_exist(root: Path, document: str) -> None:
    if not (root / document).exists():
        pytest.skip(f"{document} is not written yet")
    text = (root / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|[`\"])make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named - targets(root) == set()


def test_a_contributor_is_told_of_every_target(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {target for target in targets(root) if f"`make {target}`" not in text} == {"help"}


def test_a_missing_python_is_one_sentence(root: Path) -> None:
    environment = ".tmp/never-made"
    result = make(root, "types", f"VENV={environment}", "PYTHON=/no/such/python3.11")
    assert result.returncode != 0
    assert "phasegate: PYTHON=/no/such/python3.11 is not a program that can be run." in result.stderr
    assert "Traceback" not in result.stderr
    assert not (root / environment).exists()
