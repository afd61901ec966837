"""The commands that read the trail: what they print, and how they end."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from phasegate import cli
from phasegate.audit.ledger.ledger import Ledger

Run = Callable[..., Result]
Project = Callable[..., Path]
READING = [
    ["runs"],
    ["show"],
    ["verify"],
    ["prove", "project"],
    ["replay"],
    ["checkpoint"],
]


def refused(result: Result, *said: str) -> None:
    """Nothing on the screen, one message and its help on the error stream, and exit code 2."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    for words in said:
        assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def kept(run: Run, project: Project, tmp_path: Path) -> Path:
    """A project with a run in its ledger; its folder."""
    project()
    assert run("check", "-q").exit_code == 1
    return tmp_path


def edited(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_where_there_is_no_ledger(command: list[str], run: Run, project: Project) -> None:
    refused(run(*command), "there is no ledger at phasegate.db", "the first run that is kept makes it")
    refused(run(*command, "--ledger", "elsewhere.db"), "there is no ledger at elsewhere.db")
    project()
    refused(run(*command), "there is no ledger at ", "phasegate.db")


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_a_ledger_of_a_later_version(command: list[str], run: Run, kept: Path) -> None:
    edited(kept / "phasegate.db", "PRAGMA user_version = 99")
    refused(run(*command), "has format 99 of the ledger", "install the version of phasegate that wrote it")


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_what_is_no_ledger(command: list[str], run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("a text that is long enough " * 10)
    refused(run(*command, "--ledger", "text.db"), "text.db is not a ledger")
    refused(run(*command, "--ledger", "."), "it is a folder")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_a_pack_with_a_fault_keeps_nobody_from_the_ledger(
    command: list[str], run: Run, tmp_path: Path, programme: Callable[[bool], None]
) -> None:
    programme(False)
    run("check", "-q")
    (tmp_path / "pack" / "pack.yaml").write_text("pack: [")
    again = ["prove", "1.1"] if command[0] == "prove" else command
    assert run(*again).exit_code == 0


def test_an_empty_ledger(run: Run, tmp_path: Path) -> None:
    Ledger.open(tmp_path / "phasegate.db", create=True).close()
    assert run("runs").stdout == "The ledger has no runs yet: phasegate check makes the first one.\n"
    assert json.loads(run("runs", "--format", "json").stdout) == []
    assert run("replay", "--all").exit_code == 0
    result = run("verify")
    assert result.exit_code == 1
    assert "the ledger: it holds no entries" in result.stdout
    for command in (["show"], ["replay"], ["prove", "1.1"]):
        refused(run(*command), "the ledger has no run 'latest'", "it has no runs yet")
    refused(run("checkpoint"), "has no checkpoint yet", "the first run that is kept makes it")


def test_runs_are_listed_and_shown(run: Run, kept: Path) -> None:
    line = "   1  2026-03-01T12:00:00Z  ✗ CLOSED  everything as of 2026-03-01, score 0 of 1\n"
    assert run("runs").stdout == line
    (told,) = json.loads(run("runs", "--format", "json").stdout)
    assert (told["seq"], told["run"], told["outcome"]) == (2, 1, "closed")
    shown = run("show").stdout
    assert shown.startswith("Run 1, recorded 2026-03-01T12:00:00Z by evaluator")
    assert "found 18 of 20 = 90 %" in shown
    assert run("show", "1").stdout == shown
    record = json.loads(run("show", "--format", "json").stdout)
    assert (record["schema"], record["outcome"]) == ("phasegate/record/2", "closed")
    for number in ("2", "0", "x"):
        refused(run("show", number), f"the ledger has no run {number!r}", "its runs are 1 to 1")


def test_a_ledger_that_verifies(run: Run, kept: Path) -> None:
    result = run("verify", "--ledger", "phasegate.db")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0].endswith("phasegate.db holds what was kept.")
    against = result.stdout.splitlines()[-1].partition("--against ")[2].strip("'")
    result = run("verify", "--against", against)
    assert "It goes on from 1 checkpoint kept elsewhere" in result.stdout
    quick = json.loads(run("verify", "--quick", "--format", "json").stdout)
    assert (quick["good"], quick["quick"], quick["size"]) == (True, True, 5)
    assert run("verify", "--key", ".phasegate/evaluator.pub", "-o", "found.txt").exit_code == 0
    assert "only the ledger itself says" not in (kept / "found.txt").read_text(encoding="utf-8")


def test_a_ledger_with_a_fault_ends_with_1(run: Run, kept: Path) -> None:
    trigger = "SELECT sql FROM sqlite_schema WHERE name = 'entry_update'"
    with closing(sqlite3.connect(kept / "phasegate.db")) as connection:
        ((statement,),) = connection.execute(trigger)
    edited(
        kept / "phasegate.db",
        "DROP TRIGGER entry_update",
        "UPDATE entry SET body = CAST(replace(body, '\"fail\"', '\"pass\"') AS BLOB) WHERE seq = 3",
        statement,
    )
    result = run("verify")
    assert result.exit_code == 1
    assert "entry 3: its bytes are not those that were hashed when it was kept" in result.stdout
    found = json.loads(run("verify", "--format", "json").stdout)
    assert (found["good"], found["faults"][0]["place"]) == (False, "entry 3")
    assert run("verify", "--quick").exit_code == 1
    result = run("replay")  # the record is whole: only the entry tells of another verdict
    assert result.exit_code == 1
    assert "Only 2 of the 3 entries that the ledger has, or must have, follow from it." in result.stdout


def test_a_checkpoint_is_kept_and_held_against_the_ledger(run: Run, kept: Path) -> None:
    assert run("checkpoint", "-o", "kept.txt").stdout == ""
    assert run("checkpoint").stdout == (kept / "kept.txt").read_text(encoding="utf-8")
    shutil.copy(kept / "phasegate.db", kept / "older.db")
    run("check", "-q")
    assert run("verify", "--against", "kept.txt").exit_code == 0
    run("checkpoint", "-o", "newer.txt")
    shutil.copy(kept / "older.db", kept / "phasegate.db")
    result = run("verify", "--against", "kept.txt", "--against", "newer.txt")
    assert result.exit_code == 1
    assert "as if an older copy had been put back" in " ".join(result.stdout.split())
    for given, said in (
        ("none.txt", "can not be read"),
        ("7 x", "is no checkpoint"),
        ("phasegate.yaml", "signed note"),
    ):
        refused(run("verify", "--against", given), said)
    refused(run("verify", "--key", "none.pub"), "the public key none.pub can not be read")


def test_a_proof_goes_where_it_is_told_and_verifies_anywhere(
    run: Run, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("prove", "project").stdout == (
        "wrote proof-project-run-1.json; verify it anywhere with: phasegate verify proof-project-run-1.json\n"
    )
    assert run("prove", "project/requirements", "-o", "a.json").exit_code == 0
    (kept / "away").mkdir()
    shutil.copy(kept / "a.json", kept / "away" / "a.json")
    monkeypatch.chdir(kept / "away")
    result = run("verify", "a.json")
    assert result.exit_code == 0
    assert result.stdout.startswith("✓ Run 1 decided point project: fail.\n")
    assert json.loads(run("verify", "a.json", "--format", "json").stdout)["good"] is True
    monkeypatch.chdir(kept)
    refused(run("prove", "projekt"), "run 1 decided nothing called 'projekt'", "did you mean 'project'?")
    refused(run("prove", "project", "--run", "2"), "the ledger has no run '2'")


def test_a_proof_that_proves_nothing_ends_with_1_and_one_that_is_missing_with_2(run: Run, kept: Path) -> None:
    run("prove", "project", "-o", "a.json")
    text = (kept / "a.json").read_text(encoding="utf-8")
    (kept / "a.json").write_text(text.replace('\\"verdict\\":\\"fail\\"', '\\"verdict\\":\\"pass\\"'))
    result = run("verify", "a.json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("✗ a.json proves nothing: the entry does not lead to the root")
    found = json.loads(run("verify", "a.json", "--format", "json").stdout)
    assert found == {"good": False, "why": "the entry does not lead to the root of its checkpoint"}
    refused(run("verify", "none.json"), "none.json can not be read: No such file or directory")
    refused(run("verify", "a.json", "--quick"), "a proof is verified by itself")


def test_a_proof_is_linked_to_a_checkpoint_that_its_reader_kept(
    run: Run, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("checkpoint", "-o", "kept.txt")
    monkeypatch.setattr(cli, "now", lambda: dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    run("check", "-q")
    run("prove", "project", "-o", "plain.json")
    result = run("verify", "plain.json", "--against", "kept.txt")
    assert result.exit_code == 1
    assert "prove it once more, with --against '5 ROOT'" in result.stdout
    run("prove", "project", "-o", "linked.json", "--against", "kept.txt")
    result = run("verify", "linked.json", "--against", "kept.txt")
    assert result.exit_code == 0
    assert "It is the ledger of which you kept the checkpoint" in result.stdout
    refused(run("prove", "project", "--against", f"5 {'A' * 43}="), "does not go on from the checkpoint")


def test_a_run_is_replayed(run: Run, kept: Path, project: Project) -> None:
    result = run("replay")
    assert result.exit_code == 0
    assert result.stdout.startswith("✓ Run 1, decided again from its recorded facts")
    assert json.loads(run("replay", "--format", "json").stdout)["runs"][0]["same_bytes"] is True
    assert run("replay", "1", "--from-sources").exit_code == 0
    rows = (kept / "invoices.csv").read_text(encoding="utf-8").replace("open", "reconciled")
    (kept / "invoices.csv").write_text(rows, encoding="utf-8")
    result = run("replay", "--from-sources")
    assert result.exit_code == 1
    assert "source invoices: other content in invoices.csv (20 rows then, 20 now)" in result.stdout
    assert "fact invoices.reconciled: 90 % → 100 %" in result.stdout
    project(">= 10 %")  # the rules of the project today are not those of the run
    assert run("replay").exit_code == 0
    refused(run("replay", "7"), "the ledger has no run '7'")
    refused(run("replay", "--pack", "nowhere"), "nowhere")


def test_an_attempt_that_came_to_nothing_is_no_run_and_verifies(
    run: Run, kept: Path, project: Project
) -> None:
    refused(run("check", "nothing-called-so"))
    assert len(run("runs").stdout.splitlines()) == 1
    assert run("verify").exit_code == 0
