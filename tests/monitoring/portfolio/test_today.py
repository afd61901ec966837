"""A row tells how a project stands today: never better than it was decided, and without what has ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kept_runs import PACK, keep, write_project

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import find_run, record_of
from phasegate.monitoring.portfolio.carried import Decided
from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.monitoring.portfolio.today import Today
from phasegate.records.schema import Record
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.verdict import STATE_BY_WORD
from phasegate.runs.attempt import Attempt

Row = Callable[..., PortfolioRow]
DAY = dt.date(2026, 3, 1)
O, W, U, C, E = Standing  # noqa: E741 - as the tables below read
WEEKS = PACK.replace('title: Berths, points: ["1.1"]', 'title: Berths, weeks: [1, 8], points: ["1.1"]')


def on(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


def states(found: Any) -> dict[str, Standing]:
    return {each.id: each.standing for each in found.gates}


def test_on_its_own_day_a_row_is_what_the_run_decided(folder: Path, row: Row) -> None:
    record, kept = keep(folder, DAY)
    found = row(DAY)
    assert {each.id: (each.decided, each.standing.word) for each in found.gates} == {
        gate["id"]: (gate["state"], gate["state"]) for gate in record["gates"]
    }
    assert (found.standing, found.score, found.why) == (O, record["score"], ())
    assert {gate.id: gate.score for gate in found.gates} == {
        each["id"]: each["score"] for each in record["gates"]
    }
    assert found.last_run is not None
    assert (found.last_run.number, found.last_run.as_of, found.last_run.age_days) == (1, "2026-03-01", 0)
    assert found.verified is not None
    assert f"{found.verified.size} {found.verified.root}" == kept.checkpoint
    assert (found.cycle, found.project, found.name) == ("c-1", "harbour.0001", "The harbour")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("days", "max_age", "due", "says"),
    [
        pytest.param(0, 0, O, "", id="of today"),
        pytest.param(7, 7, O, "", id="as old as it may be"),
        pytest.param(8, 7, U, "run 1 is of 2026-03-01, 8 days ago, and at most 7 count", id="too old"),
        pytest.param(1, 0, U, "and at most 0 count", id="only of today"),
        pytest.param(22, 90, O, "", id="the last day of the evidence"),
        pytest.param(23, 90, U, "1.1/review is stale since 2026-03-24", id="the evidence has ended"),
    ],
)
def test_what_is_old_opens_nothing(
    days: int, max_age: int, due: Standing, says: str, folder: Path, row: Row
) -> None:
    keep(folder, DAY)
    found = row(on(days), max_age=max_age)
    assert {found.standing, *states(found).values()} == {due}
    assert says in " ".join(found.why)
    assert bool(found.why) is (due is not O)


def test_a_waiver_that_has_ended_leaves_what_it_excused(folder: Path, row: Row) -> None:
    write_project(folder, waived=True, open_invoices=(7, 16), id_="harbour.0001")
    keep(folder, DAY)
    assert row(DAY).standing is W
    assert row(on(31), gate="1").standing is C  # W-1 ends on April 1, and 90 % are less than 95 %
    assert "1.1/systems is fail since 2026-04-01: run 1 of 2026-03-01 found waived" in row(on(31)).why


BOTH = {"1": C, "2": C}
Step = tuple[int, tuple[int, ...], dict[str, Any]]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("steps", "due"),
    [
        pytest.param([(0, (), {}), (1, (7, 16), {})], BOTH, id="the newest run"),
        pytest.param([(0, (), {}), (1, (7, 16), {"gate": "1"})], BOTH, id="a newer gate"),
        pytest.param([(0, (), {}), (1, (7, 16), {"ids": ("1.1",)})], BOTH, id="a newer part is worse"),
        pytest.param([(0, (7, 16), {}), (1, (), {"ids": ("1.1",)})], BOTH, id="a newer part is better"),
        pytest.param([(0, (7, 16), {}), (1, (), {"gate": "1"})], {"1": O, "2": C}, id="a gate is mended"),
        pytest.param([(0, (7, 16), {}), (1, (), {})], {"1": O, "2": O}, id="it was mended"),
        pytest.param([(1, (), {"gate": "1"})], {"1": O}, id="a gate alone"),
    ],
)  # fmt: skip
def test_a_gate_is_as_the_newest_run_says_and_never_better_than_a_newer_part(
    steps: list[Step], due: dict[str, Standing], folder: Path, row: Row
) -> None:
    for days, open_invoices, asked in steps:
        write_project(folder, open_invoices=open_invoices, id_="harbour.0001")
        keep(folder, on(days), **asked)
    found = states(row(on(1)))
    assert {name: found[name] for name in due} == due


def test_some_ids_alone_open_no_project(folder: Path, row: Row) -> None:
    """Whoever checks what passes, and nothing else, would have an open project."""
    keep(folder, DAY, ids=("1.1",))
    found = row(DAY)
    assert (found.standing, found.gates) == (U, ())
    assert "some ids alone were checked" in found.why[0]
    keep(folder, DAY)
    keep(folder, DAY, ids=("1.1",))
    assert row(DAY).standing is O


def test_a_check_of_another_day_tells_nothing(folder: Path, row: Row) -> None:
    write_project(folder, open_invoices=(7, 16), id_="harbour.0001")
    keep(folder, DAY)
    write_project(folder, open_invoices=(), id_="harbour.0001")
    keep(folder, on(-3), now=dt.datetime.combine(on(1), dt.time(9), dt.UTC))
    assert row(on(1)).standing is C


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("pack", "open_invoices", "days", "late"),
    [
        (WEEKS, (7, 16), 0, 0),
        (WEEKS, (7, 16), 1, 1),
        (WEEKS, (7, 16), 15, 15),
        (WEEKS, (), 15, 0),
        (PACK, (7, 16), 15, 0),
    ],
)
def test_a_phase_is_overdue_once_its_weeks_are_over_and_its_gate_is_shut(
    pack: str, open_invoices: tuple[int, ...], days: int, late: int, folder: Path, row: Row
) -> None:
    write_project(folder, open_invoices=open_invoices, pack=pack, id_="harbour.0001")
    keep(folder, DAY)  # eight weeks from January 5 end on March 1
    assert row(on(days)).overdue_days == late


def test_a_gate_that_what_ended_has_shut_is_overdue_too(folder: Path, row: Row) -> None:
    write_project(folder, open_invoices=(), pack=WEEKS, id_="harbour.0001")
    keep(folder, DAY)
    assert row(on(22)).overdue_days == 0
    assert row(on(23)).overdue_days == 23


def test_what_ends_next_is_evidence_a_statement_or_the_weeks_of_a_phase(folder: Path, row: Row) -> None:
    write_project(
        folder, waived=True, open_invoices=(7, 16), pack=WEEKS.replace("8]", "12]"), id_="harbour.0001"
    )
    keep(folder, DAY)
    seen = [row(on(days)).ends_next for days in (0, 22, 23, 31)]
    told = [(f"{each.day}", each.kind, each.id) if each is not None else None for each in seen]
    assert told == [
        ("2026-03-24", "evidence", "review.rating"),
        ("2026-03-24", "evidence", "review.rating"),
        ("2026-03-30", "phase", "1"),
        None,
    ]


def test_a_run_of_another_cycle_says_nothing_of_this_one(folder: Path, row: Row) -> None:
    keep(folder, DAY)
    file = folder / "phasegate.yaml"
    file.write_text(file.read_text().replace("id: c-1", "id: c-2"))
    found = row(DAY)
    assert (found.standing, found.gates, found.score) == (U, (), None)
    assert found.why == ("no run of the cycle c-2 was kept yet",)


@pytest.mark.parametrize(
    ("asked", "due", "says"),
    [
        ("1", O, ""),
        ("programme", O, ""),
        ("3", E, "no run decided gate 3; those that were decided: 1, 2, programme"),
    ],
)
def test_a_gate_is_asked_for(asked: str, due: Standing, says: str, folder: Path, row: Row) -> None:
    keep(folder, DAY)
    found = row(DAY, gate=asked)
    assert (found.standing, "; ".join(found.why)) == (due, says)


def test_of_a_gate_that_nobody_has_decided_yet_nothing_is_known(folder: Path, row: Row) -> None:
    keep(folder, DAY, gate="1")
    assert row(DAY, gate="2").standing is U


def test_an_error_among_what_a_gate_rests_on_is_an_error_of_the_row(folder: Path, row: Row) -> None:
    (folder / "reviews.csv").write_text("review,reviewed_on,rating\nR-1,2026-02-20,low\n")
    record, _ = keep(folder, DAY)
    assert "error" in {each["verdict"] for each in record["criteria"]}
    found = row(DAY)
    assert (found.standing, found.standing.exit_code) == (E, 3)
    assert "1.1/review: error" in found.why
    assert states(found)["1"] is Standing.of(record["gates"][0]["state"])


def test_an_attempt_that_came_to_nothing_since_is_told(folder: Path, row: Row) -> None:
    keep(folder, DAY)
    assert row(DAY).notes == ()
    later = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
    with pytest.raises(PhasegateError):
        Attempt(("gate", "9"), folder, later, {}).decide(None, gate="9")
    found = row(DAY)
    assert found.standing is O
    assert [each for each in found.notes if each.startswith("an attempt since then came to nothing: ")]
    keep(folder, DAY)
    assert row(DAY).notes == ()


def decided(folder: Path, change: Callable[[Record], None] = lambda _: None) -> Decided:
    with Ledger.open(folder / "phasegate.db") as ledger:
        record = record_of(ledger, find_run(ledger, "latest"))
    change(record)
    return Decided(1, record, lambda _: {})


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("waived", [False, True])
@pytest.mark.parametrize("open_invoices", [(), (7,), (7, 16), (1, 2, 3, 4, 5, 6)])
def test_no_day_makes_anything_better(waived: bool, open_invoices: tuple[int, ...], folder: Path) -> None:
    write_project(folder, waived=waived, open_invoices=open_invoices, id_="harbour.0001")
    record, _ = keep(folder, DAY)
    found = decided(folder)
    before = {gate["id"]: STATE_BY_WORD[gate["state"]] for gate in record["gates"]}
    for days in range(0, 60, 3):
        today = Today([found], on(days), 1_000)
        now = {gate.id: gate.standing for gate in today.gates}
        assert all(now[name] >= state for name, state in before.items())
        before = dict(now)


def test_rules_that_nobody_approves_keep_every_gate_shut(folder: Path) -> None:
    keep(folder, DAY)
    today = Today([decided(folder)], DAY, 7, ["the rules are not approved for finance"])
    assert {today.standing(None), *(gate.standing for gate in today.gates)} == {U}
    assert today.why(None) == ["the rules are not approved for finance"]
