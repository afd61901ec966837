"""What changed: held against an oracle over two records, and as the commands keep them in a ledger."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from turned_records import turned

from phasegate.audit.trail.runs import KeptRun
from phasegate.monitoring.history.beside import Beside
from phasegate.monitoring.history.diff import difference
from phasegate.monitoring.history.load import Compared
from phasegate.records.schema import Record
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.model import Change, Changed, Listed
from phasegate.reports.report import Report
from phasegate.rules.model.verdict import WORST_FIRST


def changed(before: Record, after: Record) -> Changed:
    runs = [KeptRun(number, number, {"as_of": "2026-03-01"}) for number in (1, 2)]
    compared = Compared(runs[0], runs[1], difference(before, after), {})
    found = brief(Report(after, 1, beside=Beside(compared=compared, earlier=before))).changed
    assert found is not None
    return found


def named(rows: Listed[Change]) -> dict[str, tuple[str | None, str | None]]:
    counted = Counter(each.id for row in rows.all for each in row.criteria)
    assert set(counted.values()) <= {1}
    return {each.id: (row.before, row.after) for row in rows.all for each in row.criteria}


@given(turned(), turned())
def test_worse_and_better_are_as_two_lists_of_verdicts_tell(before: Record, after: Record) -> None:
    then, now = ({each["id"]: each["verdict"] for each in record["criteria"]} for record in (before, after))
    steps = {name: WORST_FIRST.index(then[name]) - WORST_FIRST.index(now[name]) for name in now}
    found = changed(before, after)
    assert named(found.worse) == {name: (then[name], now[name]) for name, step in steps.items() if step > 0}
    assert named(found.better) == {name: (then[name], now[name]) for name, step in steps.items() if step < 0}
    assert all(steps[name] == 0 for name in named(found.other))
    states = [{each["id"]: each["state"] for each in record["gates"]} for record in (before, after)]
    turns = {each.id: (each.before, each.after) for each in found.gates}
    assert turns == {
        name: (states[0][name], states[1][name]) for name in states[1] if states[0][name] != states[1][name]
    }
    assert all(row.why for listing in (found.worse, found.better, found.other) for row in listing.all)


@given(turned())
def test_nothing_changed_between_a_record_and_itself(record: Record) -> None:
    found = changed(record, record)
    assert found.same
    assert found.sentence == "No criterion was decided otherwise."


def test_more_than_five_rows_are_counted() -> None:
    rows = Listed(tuple(range(7)))
    assert (rows.shown, rows.more, rows.more_said) == ((0, 1, 2, 3, 4), 2, "and 2 more")
    assert Listed((1,)).more_said == ""
