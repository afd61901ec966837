"""What stands in a ledger beside runs, and what was done where a report could not be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

World = Any
DAY = "2026-03-02T09:00:00+00:00"


@pytest.fixture
def busy(world: World) -> World:
    """A ledger with something of everything."""
    world.gate("9")
    world.by("fin", "approve")
    world.by("dev", "approve")
    world.waive()
    world.gate()
    world.at(DAY).gate()
    world.by("dev", "advance", "1", "--comment", "agreed \x1b[31m")
    world.by("dev", "waive", "--revoke", "W-1", "--reason", "over")
    world.write(fin="revoked: 2026-03-01T00:00:00Z")
    world.by("ci", "check")
    return world


def test_everything_that_somebody_put_there_is_listed(busy: World, snapshot: SnapshotAssertion) -> None:
    assert "sha256:" in busy.run("runs", "--all").stdout
    assert busy.run("runs", "--all").stdout == snapshot
    assert len(busy.run("runs").stdout.splitlines()) == 3  # as it was


def test_the_same_for_programs(busy: World) -> None:
    found = json.loads(busy.run("runs", "--all", "--format", "json").stdout)
    assert [each["entry"] for each in found] == [
        kind for kind, _ in busy.log() if kind not in ("ledger", "checkpoint", "point", "gate")
    ]
    assert [each["seq"] for each in found] == sorted(each["seq"] for each in found)
    approvals = [each for each in found if each["entry"] == "approval"]
    assert [(each["by"], each["counts"]) for each in approvals] == [("fin", False), ("dev", True)]
    assert approvals[0]["refused"].startswith("the signature of 'fin' does not count at 2026-03-01T12:00:00Z")
    assert approvals[0]["says"]["function"] == "finance"


def test_a_named_ledger_is_read_by_its_own_list(busy: World, tmp_path: Path) -> None:
    (tmp_path / "phasegate.yaml").rename(tmp_path / "away.yaml")
    there = busy.run("runs", "--all", "--ledger", "phasegate.db")
    assert there.stdout == busy.run("runs", "--all").stdout
    assert "in the name of fin approves" in there.stdout  # the newest list has the revocation too


def test_what_nobody_signed_is_listed_as_that(busy: World) -> None:
    from phasegate.audit.ledger.entry import Draft
    from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
    from phasegate.audit.signing.keys import read_private

    key = read_private(busy.folder / "keys" / "ci")
    with Ledger.open(busy.folder / "phasegate.db", read_only=False) as log:
        drafts = [Draft("approval", None, "x", {"envelope": {}}), Draft("refused", None, "y", {})]
        log.append(lambda _: drafts, CheckpointSigner("ci", key.public.raw, key.sign))
    told = " ".join(busy.run("runs", "--all").stdout.split())
    assert "at no moment in the name of somebody says what can not be read as approval (entry " in told
    assert ": it does not count, this is no envelope" in told
    assert "at no moment somebody says what can not be read as refused (entry " in told


FULL = Path("/dev/full")


@pytest.mark.slow
@pytest.mark.sampled(every=2)
@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("command", "done"),
    [
        (("check", "--key", "keys/ci"), "kept as run 4 (closed) in phasegate.db; checkpoint "),
        (("prove", "1.1", "-o", "p.json"), "wrote p.json"),
        (("ledger", "export", "out"), "wrote out: "),
        (("approve", "--key", "keys/dev"), "dev approves the rules sha256:"),
    ],
)
def test_what_was_done_is_told_where_the_report_could_not_be_written(
    command: tuple[str, ...], done: str, busy: World
) -> None:
    program = Path(sys.executable).with_name("phasegate")
    env = {key: value for key, value in os.environ.items() if not key.startswith("PHASEGATE_")}
    with FULL.open("w") as full:
        result = subprocess.run(
            [program, *command], cwd=busy.folder, stdout=full, stderr=subprocess.PIPE, text=True, env=env,
            check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert "error: the system refuses: No space left on device\n" in result.stderr
    assert f"\nhelp: this was done before: {done}" in result.stderr


def test_a_pipe_is_no_proof(busy: World) -> None:
    os.mkfifo(busy.folder / "pipe")
    result = busy.run("verify", "pipe")
    assert result.exit_code == 2
    assert "pipe is no regular file" in result.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"floor": "-5 %"},
            "the floor '-5 %' is below anything that can be measured: invoices.reconciled has",
        ),
        ({"until": "9999-12-31"}, "9999-12-31 is out of range: the years are those from 1900 to 2999"),
        ({"until": "31.12.2026"}, "'31.12.2026' is not a date: write it as 2026-01-31"),
    ],
)
def test_a_waiver_of_what_can_not_be(changes: dict[str, str], said: str, world: World) -> None:
    result = world.waive(**changes)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
