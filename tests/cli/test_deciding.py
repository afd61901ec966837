"""What a gate and the step through it rest on: all of a ledger, as the project's own people signed it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.signing.keys import new_key, read_private
from phasegate.audit.statements.reader import SKEW
from phasegate.audit.trail import trail

Run = Callable[..., Result]
World = Any
DAY = "2026-03-02T09:00:00+00:00"
LATER = "2026-03-02T10:00:00+00:00"


def refused(result: Result, said: str) -> None:
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stdout == ""


def ledger(world: World) -> Path:
    return Path(world.folder / "phasegate.db")


@contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger in the hands of somebody who may write its file, and who leaves its triggers as they were."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in found:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, statement in found:
            connection.execute(statement)


@pytest.fixture
def approved(world: World) -> World:
    """Rules that both functions have approved, under which 90 % are not enough."""
    world.approve()
    return world


@pytest.fixture
def open_(world: World) -> World:
    """A gate that is open."""

    def opened() -> None:
        world.write(">= 80 %")
        world.approve()
        assert world.gate().exit_code == 0

    return world.once("open", opened)


def strangers_gate(
    world: World, monkeypatch: pytest.MonkeyPatch | None = None, name: str = "stranger"
) -> None:
    """Somebody's own project, key and table make the same rules hold, in the ledger of the real project."""
    table = world.folder / "invoices.csv"
    honest = table.read_text(encoding="utf-8")
    table.write_text(honest.replace(",open", ",reconciled"), encoding="utf-8")
    world.listed[name] = "evaluator"
    world.write()
    assert world.by(name, "gate", "1").exit_code == 0
    table.write_text(honest, encoding="utf-8")
    del world.listed[name]
    world.write()


# A stranger who may write the ledger


def test_nobody_goes_through_a_gate_that_a_stranger_evaluated(approved: World) -> None:
    strangers_gate(approved)
    said = "phasegate.db: entries 5 to 9 came under a checkpoint that 'stranger' signed, by a key that the"
    refused(approved.by("dev", "advance", "1"), said)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("ci", ("check",)),
        ("ci", ("gate", "1")),
        ("ci", ("gate", "1", "--no-ledger")),
        ("ci", ("gate", "9")),  # a refused attempt is an append too
        ("fin", ("approve",)),
        ("dev", ("waive", "--revoke", "W-1", "--reason", "over")),
        ("dev", ("advance", "1")),
    ],
)
def test_nothing_is_appended_to_what_a_stranger_signed(
    name: str, command: tuple[str, ...], approved: World
) -> None:
    strangers_gate(approved)
    before = ledger(approved).read_bytes()
    result = approved.by(name, *command)
    refused(result, "a checkpoint that 'stranger' signed, by a key that the project does not list")
    assert "'phasegate verify' tells what came there" in result.stderr
    with Ledger.open(ledger(approved)) as log, closing(sqlite3.connect(ledger(approved))) as connection:
        assert log.size() == connection.execute("SELECT max(size) FROM checkpoint").fetchone()[0]
        assert "stranger" in str(log.newest_checkpoint())
    assert len(ledger(approved).read_bytes()) == len(before)


def test_the_name_of_an_evaluator_does_not_make_a_stranger_one(approved: World, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    kept = {name: (keys / name).read_bytes() for name in ("ci", "ci.pub", "stranger", "stranger.pub")}
    for name in ("", ".pub"):
        (keys / f"ci{name}").write_bytes(kept[f"stranger{name}"])
    approved.write()
    with pytest.MonkeyPatch.context() as patched:  # the stranger's own program refuses nothing
        patched.setattr(trail, "refuse_strangers", lambda *_: None)
        patched.setattr("phasegate.audit.trail.trust.refuse_strangers", lambda *_: None)
        approved.gate()
    for name in ("", ".pub"):
        (keys / f"ci{name}").write_bytes(kept[f"ci{name}"])
    approved.write()
    refused(approved.gate(), "a checkpoint that 'ci' signed, by a key that the project does not list")


def appended(world: World, name: str, *drafts: Draft) -> None:
    """An append of a program that looks at nothing, as older versions of this one were."""
    key = read_private(world.folder / "keys" / name)
    with Ledger.open(ledger(world), read_only=False) as log:
        log.append(lambda _: drafts, CheckpointSigner(name, key.public.raw, key.sign))


def test_an_append_on_top_does_not_make_a_strangers_run_good(approved: World) -> None:
    strangers_gate(approved)
    appended(approved, "ci", Draft("refused", None, "check", {}))
    result = approved.by("dev", "advance", "1")
    refused(result, "run 1, which decided gate 1, counts for nothing: no signer has the key SHA256:")
    assert approved.gate().exit_code == 1  # the honest run does not build on that one


def test_an_evaluators_run_counts_under_the_evaluators_checkpoint_only(open_: World) -> None:
    """A person's checkpoint over a run is not the word of whoever recorded it."""
    with Ledger.open(ledger(open_)) as log:
        rows = [row for row in log.rows() if row.run == 1]
    assert open_.by("dev", "approve").exit_code == 0
    from phasegate.audit.signing.canonical_json import read_canonical

    drafts = []
    for row in rows:
        document = read_canonical(row.body) | {"run": 2}
        subject = "2" if row.kind == "run" else row.subject
        drafts.append(Draft(row.kind, 2, subject, {**document, "subject": subject}))
    appended(open_, "dev", *drafts)
    said = "run 2, which decided gate 1, counts for nothing: 'ci' has not signed the checkpoint at its end"
    refused(open_.by("dev", "advance", "1"), said)


# Honest histories


def test_a_project_may_begin_without_signers_and_list_some_later(
    world: World, project: Callable[..., Path]
) -> None:
    project(">= 80 %")
    assert world.run("check").exit_code == 0
    assert world.run("gate", "programme").exit_code == 0
    world.write(">= 80 %")
    world.approve()
    assert world.gate().exit_code == 0
    assert world.by("dev", "advance", "1").exit_code == 0


def test_those_who_left_are_listed_still_and_stop_nobody(open_: World) -> None:
    assert open_.by("fin-2", "approve").exit_code == 0  # the newest checkpoint is this one's
    open_.at(DAY).write(">= 80 %", fin_2="end: 2026-03-02T00:00:00Z")
    assert open_.gate().exit_code == 0
    new_key(open_.folder / "keys" / "ci-2", "ci-2")
    open_.listed["ci-2"] = "evaluator"
    open_.at(LATER).write(">= 80 %", ci="end: 2026-03-02T09:30:00Z")
    assert open_.by("dev", "advance", "1").exit_code == 0  # it was recorded before the key's end
    assert open_.by("ci-2", "gate", "1").exit_code == 0
    assert open_.by("dev", "advance", "1").exit_code == 0


def test_each_machine_of_a_project_without_signers_has_a_key_of_its_own(
    run: Run, project: Callable[..., Path], tmp_path: Path
) -> None:
    project(">= 80 %")
    for _ in range(3):
        assert run("gate", "programme").exit_code == 0
        (tmp_path / ".phasegate" / "evaluator").unlink()
        (tmp_path / ".phasegate" / "evaluator.pub").unlink()


# An evaluator whose key does not count


@pytest.mark.parametrize("limit", ["revoked: 2026-03-01T00:00:00Z", "end: 2026-03-01T12:00:00Z"])
def test_nobody_goes_through_on_the_word_of_a_key_that_does_not_count(limit: str, open_: World) -> None:
    open_.write(">= 80 %", ci=limit)
    said = (
        "run 1, which decided gate 1, counts for nothing: the signature of 'ci' does not count at 2026-03-01"
    )
    refused(open_.by("dev", "advance", "1"), said)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("revoked: 2026-03-01T12:00:01Z", None),
        ("revoked: 2026-03-01T12:00:00Z", "was revoked from 2026-03-01T12:00:00Z on"),
    ],
)
def test_a_key_counts_until_the_moment_from_which_it_does_not(
    limit: str, said: str | None, open_: World
) -> None:
    open_.write(">= 80 %", ci=limit)
    result = open_.by("dev", "advance", "1")
    if said is None:
        assert result.exit_code == 0, result.output
    else:
        refused(result, said)


def test_who_evaluates_no_more_has_evaluated_nothing(open_: World) -> None:
    open_.listed |= {"ci": "auditor", "eyes": "evaluator"}
    open_.write(">= 80 %")
    refused(open_.by("dev", "advance", "1"), "counts for nothing: 'ci' is no evaluator")


def test_a_stolen_evaluators_key_does_not_take_an_earlier_moment(approved: World) -> None:
    """Its run is dated before the revocation, and the ledger had told a later moment."""
    new_key(approved.folder / "keys" / "ci-2", "ci-2")
    approved.listed["ci-2"] = "evaluator"
    approved.write(">= 80 %", ci="revoked: 2026-03-01T13:00:00Z")
    approved.approve()
    approved.at("2026-03-01T15:00:00+00:00").by("ci-2", "check")
    approved.limits.clear()
    approved.at("2026-03-01T12:30:00+00:00").write(">= 80 %")
    with pytest.MonkeyPatch.context() as patched:  # the thief's own program
        patched.setattr("phasegate.audit.statements.reader.SKEW", SKEW * 24)
        assert approved.gate().exit_code == 0
    approved.at("2026-03-01T16:00:00+00:00").write(">= 80 %", ci="revoked: 2026-03-01T13:00:00Z")
    result = approved.by("dev", "advance", "1")
    refused(result, "counts for nothing: it is dated back: 2026-03-01T12:30:00Z, and entry ")


# A ledger whose entries are not found


HIDDEN = {
    "a revocation": "UPDATE entry SET kind = 'refused' WHERE kind = 'revocation'",
    "a revocation among the points": "UPDATE entry SET kind = 'point', run = 1 WHERE kind = 'revocation'",
    "a list of signers": "UPDATE entry SET kind = 'refused' WHERE kind = 'key'",
    "what a waiver says": (
        "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), '\"entry\"', '\"entri\"') AS BLOB) "
        "WHERE kind = 'revocation'"
    ),
    "the end of the log": "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
    "an entry in the middle": "DELETE FROM entry WHERE kind = 'revocation'",
    "an entry put before the first": "UPDATE entry SET seq = -1 WHERE kind = 'revocation'",
    "an entry put far behind": "UPDATE entry SET seq = 1000000 WHERE kind = 'revocation'",
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("what", HIDDEN)
def test_no_gate_is_decided_by_a_ledger_that_hides_something(what: str, approved: World) -> None:
    approved.waive()
    assert approved.at(DAY).gate().exit_code == 0
    approved.by("dev", "waive", "--revoke", "W-1")
    assert approved.gate().exit_code == 1
    with by_hand(ledger(approved)) as connection:
        connection.execute(HIDDEN[what])
    for options in ((), ("--no-ledger",)):
        refused(approved.by("ci", "gate", "1", *options), "phasegate.db is damaged: ")
    refused(approved.by("dev", "advance", "1"), "phasegate.db is damaged: ")


def test_signers_are_not_dropped_by_hiding_their_lists(open_: World) -> None:
    file = open_.folder / "phasegate.yaml"
    file.write_text(file.read_text().partition("signers:")[0])
    with by_hand(ledger(open_)) as connection:
        connection.execute("UPDATE entry SET kind = 'refused' WHERE kind = 'key'")
    for options in ((), ("--no-ledger",)):
        refused(
            open_.run("gate", "1", *options), "phasegate.db is damaged: entry 1 is not what it says itself"
        )
    refused(open_.run("check"), "phasegate.db is damaged: its index gives 2 entries where 3 were signed")


def test_the_step_is_not_taken_over_a_decision_that_is_hidden(open_: World) -> None:
    table = open_.folder / "invoices.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",reconciled", ",open"), encoding="utf-8")
    assert open_.at("2026-03-01T13:00:00+00:00").gate().exit_code == 1
    refused(open_.by("dev", "advance", "1"), "gate 1 is closed, as run 2 decided")
    for change in (
        "subject = 'x'",
        "kind = 'point'",
        "run = 1",
        "body = CAST(replace(CAST(body AS TEXT), '\"closed\"', '\"open\"') AS BLOB)",
    ):
        kept = ledger(open_).read_bytes()
        with by_hand(ledger(open_)) as connection:
            connection.execute(f"UPDATE entry SET {change} WHERE kind = 'gate' AND run = 2")
        refused(open_.by("dev", "advance", "1"), "phasegate.db is damaged: ")
        ledger(open_).write_bytes(kept)
    refused(open_.by("dev", "advance", "1"), "gate 1 is closed, as run 2 decided")


def test_what_is_revoked_while_a_gate_is_decided_counts(approved: World) -> None:
    from phasegate.runs import evaluate as run

    approved.waive()
    approved.at(DAY)
    evaluate = run.evaluate

    def slow(*given: Any) -> Any:
        approved.by("dev", "waive", "--revoke", "W-1")
        return evaluate(*given)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "evaluate", slow)
        refused(
            approved.gate(), "the run could not be kept, and so it decides nothing: since it began, something"
        )
    refused(approved.by("dev", "advance", "1"), "gate 1 has not been decided yet")
    assert approved.gate().exit_code == 1


# A clock that was set back


def test_an_expired_waiver_opens_nothing_by_a_clock_that_was_set_back(approved: World) -> None:
    approved.waive(until="2026-03-10")
    assert approved.at("2026-03-20T09:00:00+00:00").gate().exit_code == 1
    approved.at("2026-03-05T09:00:00+00:00")
    said = (
        "error: the clock says 2026-03-05T09:00:00Z, and entry 8 of the ledger was recorded at "
        "2026-03-20T09:00:00Z: nothing is decided by a clock that is behind the ledger\n"
        "help: set the clock right"
    )
    for options in ((), ("--no-ledger",)):
        refused(approved.by("ci", "gate", "1", *options), said)
    refused(approved.by("dev", "advance", "1"), said)
    assert approved.log()[-1][0] == "refused"  # an attempt all the same
    assert approved.by("ci", "check").exit_code == 0  # which lets nobody through
    assert approved.at("2026-03-20T10:00:00+00:00").gate().exit_code == 1


@pytest.mark.parametrize(
    ("moment", "code"), [("2026-03-01T11:00:00+00:00", 0), ("2026-03-01T10:59:59+00:00", 2)]
)
def test_clocks_may_differ_by_an_hour(moment: str, code: int, open_: World) -> None:
    assert open_.at(moment).gate().exit_code == code


def test_a_project_without_signers_has_a_clock_too(run: Run, world: World, project: Any) -> None:
    project(">= 80 %")
    assert run("gate", "programme").exit_code == 0
    world.at("2026-02-27T12:00:00+00:00")
    refused(run("gate", "programme"), "nothing is decided by a clock that is behind the ledger")


# A ledger that does not keep what is written


@pytest.mark.parametrize("table", ["entry", "node", "content", "checkpoint"])
def test_a_trigger_under_a_name_of_sqlite_is_one_that_was_added(table: str, open_: World) -> None:
    statement = f"CREATE TRIGGER sqlite_x BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END"
    with closing(sqlite3.connect(ledger(open_), isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) "
            "VALUES ('trigger', 'sqlite_x', ?, 0, ?)",
            (table, statement),
        )
    size = len(open_.log())
    refused(open_.by("ci", "check"), "phasegate.db is damaged: sqlite_x was added")
    assert len(open_.log()) == size
    assert open_.run("verify").exit_code != 0


@pytest.mark.parametrize("table", ["entry", "content", "checkpoint"])
def test_what_is_not_written_is_not_acknowledged(
    table: str, open_: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the trigger hides itself."""
    with closing(sqlite3.connect(ledger(open_), isolation_level=None)) as connection:
        connection.execute(f"CREATE TRIGGER x BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")
    monkeypatch.setattr("phasegate.audit.ledger.sqlite_store.SqliteStore.schema_faults", lambda _: [])
    size = len(open_.log())
    open_.write(">= 70 %")  # whose documents are not kept yet
    refused(open_.by("ci", "check"), "it does not keep what is written to it")
    assert len(open_.log()) == size


def test_a_position_shows_what_an_append_would_find(open_: World) -> None:
    at: list[Position] = []
    with Ledger.open(ledger(open_)) as log:
        shown = log.position()
    key = read_private(open_.folder / "keys" / "ci")

    def look(each: Position) -> list[Draft]:
        at.append(each)
        return []

    with Ledger.open(ledger(open_), read_only=False) as log, pytest.raises(ValueError, match="takes entries"):
        log.append(look, CheckpointSigner("ci", key.public.raw, key.sign))
    for name in ("size", "first", "newest_run", "origin", "note", "shown"):
        assert getattr(at[0], name) == getattr(shown, name), name
