"""Causes that are hard to tell: edits that cancel, that were taken back, that look like other content."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from changed_world import KNOBS, World, day_of_world, write_world

from phasegate.monitoring.history.diff import difference
from phasegate.monitoring.history.not_known import unknown_of
from phasegate.records.schema import Record
from phasegate.runs.attempt import Attempt

PLAIN: World = {name: choices[0] for name, choices in KNOBS.items()}
DONE = "1.1/systems/done"


def decided(folder: Path, **turned: Any) -> Record:
    world = {**PLAIN, **turned}
    write_world(folder, world)
    day = day_of_world(world)
    moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
    record, _ = Attempt(("check",), folder, moment, {}, kept=False).decide(day)
    (folder / "waivers.yaml").unlink(missing_ok=True)
    return record


def told(then: Record, now: Record, requirement: str) -> list[tuple[str, str, bool]]:
    changes = [each for one in difference(then, now).criteria for each in one.requirements]
    (change,) = [each for each in changes if each.id == requirement]
    return [(each.kind, each.said.partition(",")[0], each.one_of) for each in change.causes]


def test_an_edit_of_a_rule_beside_a_later_day_is_no_time(tmp_path: Path) -> None:
    """Somebody edited what is counted, and days went by: the day alone did nothing."""
    then = decided(tmp_path, bound=">= 85 %", open=(3, 8))
    now = decided(tmp_path, bound=">= 85 %", open=(3, 8), least=200, day="2026-04-20")
    assert told(then, now, DONE) == [("rule", "the parameter least was 10 and is 200", False)]


def test_rows_in_another_order_are_no_other_content(tmp_path: Path) -> None:
    then = decided(tmp_path, order=0)
    now = decided(tmp_path, order=1, bound=">= 95 %")
    assert told(then, now, DONE) == [
        ("rule", "the bound was >= 70 % and is now >= 95 %", False),
    ]
    lower = decided(tmp_path, order=2, counted="status <> 'open'", bound=">= 95 %")
    assert all(
        each.kind != "data"
        for one in difference(now, lower).criteria
        for change in one.requirements
        for each in change.causes
    )


def test_words_are_no_rules(tmp_path: Path) -> None:
    then = decided(tmp_path, bound=">= 85 %", open=(14,))
    now = decided(
        tmp_path, bound=">= 85 %", open=(1, 3, 8), title="Two", items="bills", note="read by its sense"
    )
    assert [(kind, said[:9]) for kind, said, _ in told(then, now, DONE)] == [("data", "invoices:")]


def test_an_edit_and_its_reversal_are_none(tmp_path: Path) -> None:
    first = decided(tmp_path, bound=">= 85 %")
    decided(tmp_path, bound=">= 95 %")
    back = decided(tmp_path, bound=">= 85 %")
    assert difference(first, back).same


def test_two_edits_that_cancel_bring_no_change(tmp_path: Path) -> None:
    first = decided(tmp_path, bound=">= 85 %", open=(14,))
    both = decided(tmp_path, bound=">= 70 %", open=(1, 3, 8))
    assert not [each for each in difference(first, both).criteria if each.id == "1.1/systems"]


def test_where_two_things_are_counted_otherwise_both_are_named(tmp_path: Path) -> None:
    then = decided(tmp_path, bound=">= 95 %")
    now = decided(tmp_path, bound=">= 95 %", counted="status <> 'open'", customers="AB", open=())
    then_fails = told(then, now, DONE)
    assert {kind for kind, _, _ in then_fails} == {"rule", "data"}
    assert all(one_of for _, _, one_of in then_fails)
    lines = unknown_of(difference(then, now), then, now, "run 1", "run 2")
    assert lines == ["Where one of several did it, the rows of then can not be counted anew to tell which."]


def test_a_cycle_that_begins_with_the_day_is_the_day(tmp_path: Path) -> None:
    """The same cycle was named on both days, and had begun on one of them alone."""
    then = decided(tmp_path, cycle="2026-03-09", day="2026-03-06")
    now = decided(tmp_path, cycle="2026-03-09", day="2026-03-20")
    ((kind, _, _),) = told(then, now, "1.2/better/rise")
    assert kind == "time"


@pytest.mark.parametrize("lacking", [(0,), (1,), (0, 1)])
def test_a_record_without_its_basis_gives_what_can_be_known(lacking: tuple[int, ...], tmp_path: Path) -> None:
    records: list[Any] = [
        decided(tmp_path, bound=">= 85 %"),
        decided(tmp_path, bound=">= 95 %", open=(3, 8)),
    ]
    for place in lacking:
        records[place] = {key: each for key, each in records[place].items() if key != "basis"}
    found = difference(*records)
    causes = told(*records, DONE)
    assert causes[0] == ("rule", "the bound was >= 85 % and is now >= 95 %", False)
    lines = unknown_of(found, *records, "run 1", "run 2")
    names = " and ".join(f"run {place + 1}" for place in lacking)
    assert lines[0].startswith(names)
