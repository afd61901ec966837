"""What ends next: five weeks from Monday on, what each day ends and shuts, and the next two days in words."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
from turned_records import PROGRAMME

from phasegate.records.schema import Record
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.model import Ends
from phasegate.reports.report import Report

TODAY = dt.date(2026, 3, 1)  # a Sunday
OPEN = {"1", "2"}


def ends(record: Record = PROGRAMME, today: dt.date | None = None) -> Ends:
    found = brief(Report(record, 1), today).ends
    assert found is not None
    return found


def with_weeks(**weeks: list[int]) -> Record:
    record = copy.deepcopy(PROGRAMME)  # its cycle began on 2026-01-12
    for gate in record["gates"]:
        if gate["id"] in {name.removeprefix("g") for name in weeks}:
            gate["weeks"] = weeks[f"g{gate['id']}"]
    return record


def stale_from(record: Record) -> dict[dt.date, set[str]]:
    """The criteria that count whose passing evidence is too old from a day on, read off the facts."""
    facts = {each["id"]: each for each in record["facts"]}
    binding = {each["id"] for each in record["criteria"] if each["enforcement"] != "advisory"}
    found: dict[dt.date, set[str]] = {}
    for asked in record["requirements"]:
        fact = facts[asked["fact"]]
        if asked["verdict"] == "pass" and asked["criterion"] in binding and fact["max_age_days"] is not None:
            day = dt.date.fromisoformat(str(fact["newest"])) + dt.timedelta(days=fact["max_age_days"] + 1)
            found.setdefault(day, set()).add(asked["criterion"])
    return found


def test_evidence_ends_on_the_day_on_which_it_is_too_old() -> None:
    found = ends()
    told = {each.day: set(dict(each.kinds).get("evidence", ())) for each in found.days}
    last = found.monday + dt.timedelta(days=34)
    want = {day: names for day, names in stale_from(PROGRAMME).items() if found.monday <= day <= last}
    assert want
    assert {day: names for day, names in told.items() if names} == want


def test_the_calendar_has_five_weeks_from_the_monday_before() -> None:
    found = ends()
    weeks = list(found.weeks())
    assert (found.monday, found.monday.weekday()) == (dt.date(2026, 2, 23), 0)
    assert [len(week) for week in weeks] == [7] * 5
    assert [told for week in weeks for _, told in week if told is not None] == list(found.days)


def test_a_day_shuts_gates_that_are_open_alone() -> None:
    shut = {name for each in ends().days for name in each.shuts}
    assert shut
    assert shut <= OPEN


@pytest.mark.parametrize(
    ("weeks", "overdue"),
    [([1, 8], [dt.date(2026, 3, 9)]), ([1, 7], [dt.date(2026, 3, 2)]), ([1, 6], []), ([1, 40], [])],
)
def test_a_shut_gate_is_overdue_from_the_day_after_its_weeks(
    weeks: list[int], overdue: list[dt.date]
) -> None:
    found = ends(with_weeks(g4=weeks, g1=[1, 8]))
    assert [each.day for each in found.days if each.overdue] == overdue
    assert {name for each in found.days for name in each.overdue} <= {"4"}


def test_the_next_two_days_are_said() -> None:
    found = ends(with_weeks(g4=[1, 7]))
    assert [day for day, _ in found.next] == sorted(each.day for each in found.days if each.day > TODAY)[:2]
    assert found.next[0][1].endswith("gate 4 is overdue from then on")


def test_nothing_that_ends_is_a_sentence() -> None:
    far = ends(today=dt.date(2027, 1, 1))
    assert (far.days, far.next) == ((), ())
    assert far.sentence == "Nothing that counts ends in these five weeks."
