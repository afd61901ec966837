"""The axis and what stands on it: no cycle, one run, five hundred of them, and days that are none."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence

import pytest
from hostile_text import TEXTS, with_text
from hypothesis import given
from hypothesis import strategies as st
from turned_records import PROGRAMME, with_verdicts

from phasegate.monitoring.history.beside import Advanced, Beside, RunOn
from phasegate.records.schema import Record
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.model import Brief
from phasegate.reports.report import Report

TODAY = dt.date(2026, 3, 1)
START = dt.date(2026, 1, 12)
SCORE = PROGRAMME["score"]


def run_on(number: int, day: dt.date, *, alike: bool = True) -> RunOn:
    return RunOn(number, day.isoformat(), alike, "closed", SCORE, {"1": "open", "2": "closed"})


def told(runs: Sequence[RunOn] = (), record: Record = PROGRAMME) -> Brief:
    return brief(Report(record, 1, beside=Beside(runs=tuple(runs))))


def without_cycle() -> Record:
    record = copy.deepcopy(PROGRAMME)
    record["cycle"] = None
    return record


def test_without_a_cycle_it_goes_from_the_first_run_to_today() -> None:
    axis = told([run_on(1, TODAY - dt.timedelta(days=9))], without_cycle()).axis
    assert axis is not None
    assert (axis.first, axis.last, axis.weeks, axis.week, axis.cycle) == (
        TODAY - dt.timedelta(days=9), TODAY, (), None, None,
    )  # fmt: skip
    assert (axis.at(axis.first), axis.after(axis.last)) == (0.0, 1.0)


def test_one_run_alone_stands_on_its_day() -> None:
    found = told(record=without_cycle())
    assert [each.day for each in found.score] == [TODAY]
    assert {tuple(each.day for each in gate.runs) for gate in found.gates} == {(TODAY,)}
    assert found.axis is not None
    assert (found.axis.first, found.axis.last) == (TODAY, TODAY)
    assert found.axis.at(TODAY) == 0.0


def test_a_cycle_without_a_known_end_has_weeks_up_to_today() -> None:
    axis = told().axis
    assert axis is not None
    assert [each.number for each in axis.weeks] == [1, 2, 3, 4, 5, 6, 7]
    assert (axis.first, axis.last, axis.week, axis.whole) == (START, TODAY, 7, False)


@given(st.lists(st.tuples(st.integers(0, 600), st.booleans()), max_size=500))
def test_the_last_run_of_a_day_counts_and_all_days_are_in_order(back: list[tuple[int, bool]]) -> None:
    days = sorted((TODAY - dt.timedelta(days=each), alike) for each, alike in back)
    runs = [run_on(number, day, alike=alike) for number, (day, alike) in enumerate(days, 1)]
    found = told(runs)
    last = {run.as_of: run.run for run in runs if run.alike and run.as_of != TODAY.isoformat()}
    assert [(each.day.isoformat(), each.run) for each in found.score] == [
        *sorted(last.items()), (TODAY.isoformat(), None),
    ]  # fmt: skip
    assert found.axis is not None
    places = [found.axis.at(each.day) for each in found.score]
    assert places == sorted(set(places))
    assert all(0 <= each < 1 for each in places)


def test_a_gate_that_a_run_did_not_decide_has_no_sign_there() -> None:
    found = told([run_on(1, TODAY - dt.timedelta(days=3))])
    assert [len(gate.runs) for gate in found.gates] == [2, 2, 1, 1, 1, 1]


def test_where_nothing_is_known_nothing_is_shown_better() -> None:
    record = with_verdicts(PROGRAMME, {each["id"]: "unknown" for each in PROGRAMME["requirements"]})
    for fact in record["facts"]:
        fact |= {"status": "unknown", "numerator": None, "denominator": None, "shown": "no value"}
    found = told(record=record)
    assert [each.verdict for each in found.answer.counts] == ["unknown"]
    assert {each.value for each in found.targets} == {"no value"}
    assert {each.verdict for each in found.takes.actions} == {"unknown"}
    assert found.ends is not None
    assert [day for day in found.ends.days if day.criteria] == []


@pytest.mark.parametrize("day", ["", "soon", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_or_odd_ends_no_page(day: str) -> None:
    record = copy.deepcopy(PROGRAMME)
    record["as_of"] = day
    found = told(record=record)
    assert (found.today, found.axis, found.ends) == (None, None, None)
    assert found.unknown == ("The day that was decided can not be read, so that nothing stands on a day.",)
    for gate in record["gates"]:
        gate["weeks"] = [1, 10**9]
    assert {each.due for each in told(record=record).gates} == {None}


@pytest.mark.parametrize("raw", TEXTS.values(), ids=TEXTS)
def test_hostile_text_ends_no_page(raw: str) -> None:
    for before in (False, True):
        assert told(record=with_text(PROGRAMME, raw, before=before)).gates


def test_who_advanced_is_told_of_the_newest_decision() -> None:
    moment = dt.datetime(2026, 2, 9, 9, tzinfo=dt.UTC)

    def signed(run: int, by: str) -> Advanced:
        return Advanced("1", run, "2026-02-09", by, f"{by}-key", ("finance",), moment)

    known = Beside(advances=(signed(3, "old"), signed(5, "ann"), signed(5, "bob")))
    found = brief(Report(PROGRAMME, 1, beside=known))
    through = found.gates[0].advanced
    assert through is not None
    assert (through.run, [each.name for each in through.by], through.day) == (
        5,
        ["ann", "bob"],
        moment.date(),
    )
    assert [each.gate for each in found.signed.advanced] == ["1"]
    assert "advance through gate 1" not in [each.what for each in found.signed.lines]
    lines = {each.what: each.why_not for each in found.signed.lines}
    assert lines["advance through gate 2"] == ""
    assert lines["advance through gate 4"] == "it is closed"
    assert lines["advance through gate 5"] == "it waits for gate 4"
