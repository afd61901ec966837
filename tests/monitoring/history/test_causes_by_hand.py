"""Causes that are hard to tell: edits that cancel, that were taken back, that look like other content."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from changed_world import KNOBS, World, day_of_world, write_world

from phasegate.facts.sources import passes
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


@pytest.mark.parametrize(
    ("requirement", "one_of"),
    [(DONE, False), ("1.1/systems/oldest", True)],  # which reads no day, and one that does
)
def test_another_time_zone_is_told_where_days_are_read(
    requirement: str, one_of: bool, tmp_path: Path
) -> None:
    old = {"bound": ">= 85 %", "most_days": "45 days"}
    then, now = decided(tmp_path, **old), decided(tmp_path, **old, zone="America/New_York", open=(3, 8, 1))
    found = told(then, now, requirement)
    assert {kind for kind, _, _ in found} == ({"rule", "data"} if one_of else {"data"})
    assert {several for _, _, several in found} == {one_of}


def test_rows_in_another_place_are_no_other_content(tmp_path: Path) -> None:
    """Somebody moved the tables, beside a change of what is counted."""
    then = decided(tmp_path, bound=">= 90 %")
    now = decided(tmp_path, bound=">= 90 %", counted="status <> 'open'", place="kept")
    assert told(then, now, DONE) == [("rule", "done is measured in another way", False)]


SMALL = """\
phasegate: 1
id: p-0123456789abcdef
cycle: {{id: {cycle}, start: {start}}}
sources:
  bills:
    path: {path}
    contract:
      title: one bill
      columns: {{bill: {{type: string}}, paid_on: {{type: date}}, state: {{type: string}}}}
measures:
  done: {{title: Done, from: bills, ratio: {{of: "{done}"}}}}
  recent: {{title: Recent, from: bills, exists: "paid_on >= :cycle_start"}}
require: {{done: ">= 70 %", recent: true}}
"""
BILLS = [("B-1", "2026-02-01", "done"), ("B-2", "2026-02-02", "late"), ("B-3", "2026-02-03", "done")]
GIVEN = {"cycle": "c-1", "start": "2026-01-01", "path": "bills.csv", "done": "state <> 'open'"}


def small(folder: Path, rows: list[tuple[str, ...]] = BILLS, **turned: str) -> Record:
    (folder / "phasegate.yaml").write_text(SMALL.format(**{**GIVEN, **turned}), encoding="utf-8")
    table = pl.DataFrame(rows, schema=["bill", "paid_on", "state"], orient="row")
    table.write_csv(folder / "bills.csv")
    table.reverse().with_columns(pl.col("paid_on").str.to_date()).write_parquet(folder / "bills.parquet")
    moment = dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC)
    return Attempt(("check",), folder, moment, {}, kept=False).decide(moment.date())[0]


@pytest.mark.parametrize(
    ("rows", "kinds", "large"),
    [
        pytest.param(BILLS, ["rule"], False, id="the same rows"),
        pytest.param([*BILLS[:2], ("B-3", "2026-02-03", "open")], ["rule", "data"], False, id="other rows"),
        pytest.param(BILLS, ["rule", "data"], True, id="too large to tell"),
    ],
)
def test_rows_in_another_form(
    rows: list[tuple[str, ...]],
    kinds: list[str],
    large: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody moved a table from CSV to Parquet, beside a change of what is counted."""
    if large:
        monkeypatch.setattr(passes, "SMALL", 50)
    then = small(tmp_path)
    now = small(tmp_path, rows, path="bills.parquet", done="state = 'done'")
    assert [kind for kind, _, _ in told(then, now, "project/requirements/done")] == kinds
    lines = unknown_of(difference(then, now), then, now, "run 1", "run 2")
    kept = "Whether bills had the same rows in another order or form was not kept."
    assert (kept in lines) is large


@pytest.mark.parametrize(
    ("turned", "said"),
    [
        ({"start": "2026-03-01"}, "the cycle c-1 began on 2026-01-01, and begins on 2026-03-01 now"),
        ({"cycle": "c-2", "start": "2026-03-01"}, "the cycle was c-1, and is c-2, from 2026-03-01"),
    ],
)
def test_another_cycle_and_another_day_of_the_same_one(
    turned: dict[str, str], said: str, tmp_path: Path
) -> None:
    changes = difference(small(tmp_path), small(tmp_path, **turned)).criteria
    ((cause,),) = [each.causes for one in changes for each in one.requirements]
    assert (cause.kind, cause.said) == ("cycle", f"{said}: what is older does not count")


def test_the_same_bytes_read_in_another_way_are_another_rule(tmp_path: Path) -> None:
    then = small(tmp_path)
    now = small(tmp_path, path="bills.csv\n    rename: {bill: state, state: bill}", done="state = 'done'")
    assert [kind for kind, _, _ in told(then, now, "project/requirements/done")] == ["rule", "rule"]


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


def test_a_measure_that_reads_other_columns_changes_no_contract(tmp_path: Path) -> None:
    """The contract stands as it was: that the measure reads one more column of it is the measure's."""
    some = {"open": (2, 5, 8, 11, 14)}
    then = decided(tmp_path, **some)
    now = decided(tmp_path, **some, where="amount >= :least AND customer <> 'C'")
    assert told(then, now, DONE) == [("rule", "done is measured in another way", False)]


@pytest.mark.parametrize(
    ("day", "turned", "expected"),
    [
        ("2026-03-06", {"zone": "America/New_York"}, ["days were those of UTC"]),
        ("2026-03-07", {}, ["W-1 ended on 2026-03-07"]),
        (
            "2026-03-07",
            {"enforcement": "hard"},
            ["1.1/systems was soft and is now hard", "W-1 ended on 2026-03-07"],
        ),
    ],
)
def test_what_ends_a_waiver_is_told_by_what_ended_it(
    day: str, turned: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    """It was granted until the seventh: by another clock, on that day, and under a rule that takes none."""
    waived = {"bound": ">= 95 %", "floor": "60 %", "waiver": "2026-03-07"}
    then = decided(tmp_path, **waived)
    now = decided(tmp_path, **waived, **turned, day=day)
    assert [said for _, said, _ in told(then, now, DONE)] == expected


CONVERTED = """\
phasegate: 1
title: Payments
sources:
  payments:
    path: payments.csv
    contract:
      title: one payment
      event: paid_on
      currency: currency
      convert: {to: USD, rates: rates}
      columns:
        paid_on: {type: date}
        currency: {type: string}
        amount: {type: decimal, scale: 2}
  rates:
    path: rates.csv
    contract:
      title: one rate
      rates: {date: valid_from, currency: code, rate: rate, to: USD}
      columns:
        valid_from: {type: date}
        code: {type: string}
        rate: {type: decimal, scale: 6}
measures:
  paid: {title: Paid, from: payments, sum: amount, unit: USD}
require:
  paid: "<= 320 USD"
"""


def test_a_table_that_a_rule_no_longer_reads_is_no_other_content(tmp_path: Path) -> None:
    (tmp_path / "payments.csv").write_text(
        "paid_on,currency,amount\n2026-02-01,EUR,100\n2026-02-02,USD,200\n"
    )
    (tmp_path / "rates.csv").write_text("valid_from,code,rate\n2026-01-01,EUR,1.1\n")
    moment = dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC)
    found = []
    for convert in ("      convert: {to: USD, rates: rates}\n", ""):
        text = CONVERTED.replace("      convert: {to: USD, rates: rates}\n", convert)
        (tmp_path / "phasegate.yaml").write_text(text, encoding="utf-8")
        record, _ = Attempt(("check",), tmp_path, moment, {}, kept=False).decide(moment.date())
        found.append(record)
    assert told(found[0], found[1], "project/requirements/paid") == [
        ("rule", "the contract of payments reads its columns in another way", False)
    ]


def test_an_age_without_which_better_data_would_be_stale_is_a_cause(tmp_path: Path) -> None:
    then = decided(tmp_path, review="2026-03-05,low,10", max_age="20 days")
    now = decided(tmp_path, review="2026-01-10,low,90")
    assert [(kind, said[:14]) for kind, said, _ in told(then, now, "1.1/rated/review.score")] == [
        ("rule", "evidence might"),
        ("data", "reviews: other"),
    ]


AHEAD = """\
phasegate: 1
id: p-0123456789abcdef
sources:
  risks:
    path: risks.csv
    contract:
      title: one risk
      updated: updated_on
      columns: {risk: {type: string}, updated_on: {type: date}, state: {type: string}}
measures: {mended: {title: Mended, from: risks, ratio: {of: state = 'mended'}}}
require: {mended: ">= 50 %"}
"""


def test_a_row_that_lies_ahead_breaks_its_contract_until_its_day(tmp_path: Path) -> None:
    """The measure reads no day; the contract of its table does."""
    (tmp_path / "phasegate.yaml").write_text(AHEAD)
    (tmp_path / "risks.csv").write_text("risk,updated_on,state\nR-1,2026-03-04,mended\n")
    then, now = (
        Attempt(("check",), tmp_path, dt.datetime.combine(day, dt.time(9), dt.UTC), {}, kept=False).decide(
            day
        )[0]
        for day in (dt.date(2026, 3, 2), dt.date(2026, 3, 6))
    )
    (change,) = [each for one in difference(then, now).criteria for each in one.requirements]
    assert [(each.kind, each.said) for each in change.causes] == [
        ("time", "risks: the same rows, as of 2026-03-06 and not 2026-03-02: its contract reads the day")
    ]


def slices_told(then: Record, now: Record) -> set[tuple[str, str]]:
    """What is told of slices that came or went."""
    changes = [each for one in difference(then, now).criteria for each in one.requirements]
    apart = [each for each in changes if "by_customer" in each.id and None in (each.before, each.after)]
    return {(cause.kind, cause.said) for each in apart for cause in each.causes}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda file: file.unlink(), "its slices are not known: invoices: invoices.csv does not exist"),
        (
            lambda file: file.write_text("invoice,customer,opened,amount,status\n"),
            "it has no slices: invoices: other content in invoices.csv (16 rows then, 0 now)",
        ),
        (
            lambda file: file.write_text(re.sub(r"(?m)^.*,C,.*\n", "", file.read_text())),
            "no rows are of C any more",
        ),
    ],
)
def test_slices_that_go_and_those_of_which_nothing_is_known(
    edit: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    then = decided(tmp_path, sliced=">= 75 %", open=(2, 5, 8, 9, 11, 14))  # of C none is done
    edit(tmp_path / "invoices.csv")
    moment = dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC)
    now = Attempt(("check",), tmp_path, moment, {}, kept=False).decide(moment.date())[0]
    assert slices_told(then, now) == {("data", said)}
    back = {cause for _, cause in slices_told(now, then)}
    assert all(
        each.startswith(("its slices are known", "it has slices", "rows are of C now")) for each in back
    )
    assert back


def test_another_control_total_is_no_other_way_to_read(tmp_path: Path) -> None:
    then = small(tmp_path)
    now = small(tmp_path, path="bills.csv\n    control: {rows: 4}")
    why = [("data", "bills: not the whole extract: rows 3", False)]
    assert told(then, now, "project/requirements/done") == why
    back = told(now, then, "project/requirements/done")
    assert back == [("data", "bills: it is ok now", False)]
