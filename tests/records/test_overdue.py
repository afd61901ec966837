"""A phase is overdue from the day after its weeks on, for as long as its gate is not open."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_runs import DAYS, PACK, keep, write_project

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import find_run, record_of
from phasegate.audit.trail.weeks import weeks_then
from phasegate.monitoring.history.due import due
from phasegate.monitoring.history.forecast import forecast
from phasegate.records.overdue import (
    Overdue,
    PhaseEnd,
    last_weeks,
    may_be_overdue,
    overdue,
    phase_ends,
    weeks_if_same,
    weeks_recorded,
)
from phasegate.records.schema import Record
from phasegate.reports.views.due import due_document, due_text
from phasegate.reports.views.forecast import ahead_document, ahead_text
from phasegate.rules.loading.project import load_project

DAY = dt.timedelta(days=1)
WEEKS = {"1": 2, "2": 4}
LONG_AGO = 10**12


def gates_of(as_of: str, start: str | None = "2026-03-02", **states: str) -> Record:
    """As much of a record as tells of gates: two that are shut, and the programme's."""
    told = {"1": "closed", "2": "undecided", "programme": "closed"}
    told.update({name.removeprefix("gate_"): state for name, state in states.items()})
    gates = [{"id": name, "title": f"Phase {name}", "state": state} for name, state in told.items()]
    cycle = None if start is None else {"id": "c-1", "start": start}
    return cast("Record", {"as_of": as_of, "cycle": cycle, "gates": gates})


def days(record: Record) -> dict[str, int]:
    return {name: late.days for name, late in overdue(record, WEEKS).items()}


@pytest.mark.parametrize(
    ("record", "late"),
    [
        (gates_of("2026-03-01"), {}),  # the day before the cycle begins
        (gates_of("2026-03-15"), {}),  # a Sunday: the last day of week 2
        (gates_of("2026-03-16"), {"1": 1}),
        (gates_of("2026-03-29"), {"1": 14}),
        (gates_of("2026-03-30"), {"1": 15, "2": 1}),
        (gates_of("2027-03-16"), {"1": 366, "2": 352}),
        (gates_of("2026-03-30", gate_1="open"), {"2": 1}),
        (gates_of("2026-03-30", gate_1="open_with_waivers", gate_2="open"), {}),
        (gates_of("2026-03-30", gate_1="ajar"), {"1": 15, "2": 1}),
        (gates_of("2026-03-30", start=None), {}),
        (gates_of("2026-03-30", start="soon"), {}),
        (gates_of("some day"), {}),
        (gates_of("2026-03-30", start="2026-04-06"), {}),  # of a cycle that has not begun
        (gates_of("9999-12-31", start="9999-12-25"), {}),
    ],
)
def test_by_how_many_days(record: Record, late: dict[str, int]) -> None:
    assert days(record) == late


def test_it_says_which_day_was_the_last() -> None:
    found = overdue(gates_of("2026-03-16"), WEEKS)
    assert found == {"1": Overdue(1, dt.date(2026, 3, 15))}
    assert phase_ends(gates_of("2026-03-16"), WEEKS) == [
        PhaseEnd("1", "Phase 1", dt.date(2026, 3, 15)),
        PhaseEnd("2", "Phase 2", dt.date(2026, 3, 29)),
    ]


@pytest.mark.parametrize("weeks", [{}, {"9": 1}, {"1": LONG_AGO}, {"1": -LONG_AGO}])
def test_of_a_phase_without_weeks_nothing_is_known(weeks: dict[str, int]) -> None:
    assert overdue(gates_of("2026-03-30"), weeks) == {}


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
    st.integers(1, 60),
    st.integers(-30, 700),
)
def test_it_is_overdue_on_the_days_that_lie_in_a_later_week(start: dt.date, last: int, gone: int) -> None:
    """The oracle walks through the cycle a day at a time and never multiplies weeks."""
    as_of = start + gone * DAY
    day, weekday, week, later = start, start.weekday(), 1, 0
    while day <= as_of:
        later += week > last
        day += DAY
        week += day.weekday() == weekday
    found = overdue(gates_of(as_of.isoformat(), start.isoformat()), {"1": last})
    assert {name: late.days for name, late in found.items()} == ({"1": later} if later else {})


# Of a ledger: the cycle began on 2026-01-05, so that week 8 ends on 2026-03-01. Gate 1 is closed.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return weeks_of(tmp_path, "[1, 7]", "[8, 8]")


def weeks_of(folder: Path, first: str, second: str) -> Path:
    """Gives the phases of the pack weeks."""
    text = PACK.replace(
        '{title: Berths, points: ["1.1"]', f'{{title: Berths, weeks: {first}, points: ["1.1"]'
    )
    text = text.replace("{title: Cranes,", f"{{title: Cranes, weeks: {second},")
    (folder / "pack" / "pack.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_run_that_was_kept_has_the_weeks_of_its_own_rules(folder: Path) -> None:
    keep(folder, DAYS[0])
    weeks_of(folder, "[1, 1]", "[2, 2]")
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        runs = [find_run(ledger, str(number)) for number in (1, 2)]
        records = [record_of(ledger, run) for run in runs]
        weeks = [weeks_then(ledger, run, record) for run, record in zip(runs, records, strict=True)]
    assert weeks == [{"1": 7, "2": 8}, {"1": 1, "2": 2}]
    pack = load_project(folder / "phasegate.yaml").pack
    assert last_weeks(pack.pack) == weeks[1]
    assert [weeks_if_same(each, pack) for each in (None, *records)] == [{}, {}, weeks[1]]


def test_without_the_rules_nothing_is_said_of_the_weeks(folder: Path) -> None:
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        run = find_run(ledger, "1")
        lacking = replace(run, entry={**run.entry, "rules": f"sha256:{'0' * 64}"})
        assert weeks_then(ledger, lacking, record_of(ledger, run)) == {}


def test_the_record_tells_the_weeks_and_is_the_same_otherwise(folder: Path) -> None:
    with_weeks, _ = keep(folder, DAYS[0])
    (folder / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
    without, _ = keep(folder, DAYS[0])
    assert with_weeks["pack"]["digest"] != without["pack"]["digest"]
    places = [{**each, "at": ""} for each in without["requirements"]]
    assert [{**each, "at": ""} for each in with_weeks["requirements"]] == places
    assert [each.pop("weeks", None) for each in with_weeks["gates"]] == [[1, 7], [8, 8], None]
    assert [each.pop("weeks", None) for each in without["gates"]] == [None, None, None]
    for name in without.keys() - {"pack", "requirements", "criteria"}:
        assert with_weeks[name] == without[name], name  # type: ignore[literal-required]
    assert with_weeks.keys() == without.keys()


@pytest.mark.parametrize(
    ("today", "within", "told"),
    [
        (DAYS[0], 0, [("2026-02-23", "1", "is overdue by 7 days: its weeks ended on 2026-02-22")]),
        (
            DAYS[0],
            1,
            [
                ("2026-02-23", "1", "is overdue by 7 days: its weeks ended on 2026-02-22"),
                ("2026-03-02", "2", "becomes overdue: its weeks end on 2026-03-01"),
            ],
        ),
        (
            DAYS[1],
            0,
            [
                ("2026-02-23", "1", "is overdue by 8 days: its weeks ended on 2026-02-22"),
                ("2026-03-02", "2", "is overdue by 1 day: its weeks ended on 2026-03-01"),
            ],
        ),
    ],
)
def test_due_tells_of_the_weeks_of_phases(
    today: dt.date, within: int, told: list[tuple[str, str, str]], folder: Path
) -> None:
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = due(ledger, today, within * DAY)
    phases = [each for each in due_document(found)["due"] if each["kind"] == "phase"]
    titles = {"1": "Berths", "2": "Cranes"}
    assert [(each["day"], each["id"], each["says"]) for each in phases] == [
        (day, gate, f"gate {gate}, {titles[gate]}, {says} and it is not open") for day, gate, says in told
    ]
    text = due_text(found, width=200, colour=False)
    for each in phases:
        assert each["says"] in text


def test_what_is_overdue_comes_first_and_all_else_by_its_day(folder: Path) -> None:
    weeks_of(folder, "[1, 6]", "[8, 11]")  # week 11 ends on March 22, and the review is stale on March 24
    keep(folder, DAYS[0])
    today = dt.date(2026, 2, 20)  # a clock before the run: what is overdue by then is Gate 1 alone
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = due(ledger, DAYS[0], 60 * DAY)
        earlier = due(ledger, today, 60 * DAY, "1")
    kinds = [(each["kind"], each["day"]) for each in due_document(found)["due"]]
    assert kinds[:3] == [("phase", "2026-02-16"), ("phase", "2026-03-23"), ("evidence", "2026-03-24")]
    lines = due_text(found, width=200, colour=False).splitlines()
    assert [line[:10] for line in lines if line[:4] == "2026"] == ["2026-02-16", "2026-03-23", "2026-03-24"]
    assert lines[2].startswith("2026-02-16  gate 1, Berths, is overdue by 14 days")
    assert [each.days(today) for each in earlier.phases] == [5, 0]


def test_a_gate_that_is_open_is_not_due(folder: Path) -> None:
    write_project(folder, open_invoices=())
    weeks_of(folder, "[1, 1]", "[2, 2]")
    keep(folder, DAYS[0])
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert due(ledger, DAYS[0], 60 * DAY).phases == ()


@pytest.mark.slow
def test_the_days_to_come_tell_when_a_phase_is_overdue(folder: Path) -> None:
    """Both gates are open today; on March 12 an invoice is too old, and both shut."""
    write_project(folder, open_invoices=())
    weeks_of(folder, "[1, 1]", "[2, 12]")  # the end of week 12 is March 29
    found = forecast(folder, dt.datetime.combine(DAYS[0], dt.time(9), dt.UTC), 31 * DAY, {})
    assert ahead_document(found)["overdue"] == [
        {"day": "2026-03-12", "gate": "1", "weeks_end": "2026-01-11"},
        {"day": "2026-03-30", "gate": "2", "weeks_end": "2026-03-29"},
    ]
    text = ahead_text(found, width=100, colour=False)
    assert "2026-03-12  in 11 days\n  overdue  gate 1, Berths: its weeks ended on 2026-01-11\n" in text
    assert "2026-03-30  in 29 days\n  overdue  gate 2, Cranes: its weeks ended on 2026-03-29\n" in text


def test_what_is_overdue_today_comes_with_today(folder: Path) -> None:
    found = forecast(folder, dt.datetime.combine(DAYS[0], dt.time(9), dt.UTC), DAY, {})
    assert [(day, end.gate) for day, end in found.phases] == [(DAYS[0], "1"), (DAYS[1], "2")]


def test_weeks_as_a_record_has_them() -> None:
    told: dict[str, list[int]] = {"a": [1, 2], "b": [], "c": [3], "d": [4, 4], "e": [1, 2, 3]}
    gates = [{"id": name, "weeks": weeks} for name, weeks in told.items()]
    record = cast("Record", {"gates": [*gates, {"id": "f"}]})
    assert weeks_recorded(record) == {"a": (1, 2), "d": (4, 4)}


@pytest.mark.parametrize(
    ("record", "may"),
    [
        (gates_of("2026-03-01"), True),
        (gates_of("2026-03-01", start=None), False),
        (gates_of("2026-03-01", gate_1="open"), True),
        (gates_of("2026-03-01", gate_1="open", gate_2="open_with_waivers", programme="open"), False),
    ],
)
def test_a_record_could_show_an_overdue_phase(record: Record, may: bool) -> None:
    assert may_be_overdue(record) is may
