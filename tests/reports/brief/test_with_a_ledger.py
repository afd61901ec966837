"""What the page knows of a ledger: runs on their days, what changed, who advanced, where targets began."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from kept_runs import DAYS, PACK, keep, write_project
from syrupy.assertion import SnapshotAssertion

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import find_run, kept_as, record_of
from phasegate.monitoring.history.beside import beside
from phasegate.reports.brief.brief import brief
from phasegate.reports.brief.model import Brief
from phasegate.reports.formats.markdown import render
from phasegate.reports.report import Report

WEEKS = (
    PACK.replace('{title: Berths, points: ["1.1"]', '{title: Berths, weeks: [1, 6], points: ["1.1"]').replace(
        "{title: Cranes,", "{title: Cranes, weeks: [7, 9],"
    )
    + "cycle: {weeks: 10}\n"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three checks on three days: invoices were reconciled in between, then the bound was lowered."""
    folder = write_project(tmp_path_factory.mktemp("world"), pack=WEEKS)
    keep(folder, DAYS[0])
    write_project(folder, pack=WEEKS, open_invoices=(7,))
    keep(folder, DAYS[1])
    keep(folder, DAYS[1], gate="1")
    write_project(folder, pack=WEEKS.replace('invoices.age: "<= :most_days"', 'invoices.age: "<= 90 days"'))
    keep(folder, DAYS[2])
    return folder


def reported(folder: Path, number: str) -> Report:
    with Ledger.open(folder / "phasegate.db") as ledger:
        run = find_run(ledger, number)
        record = record_of(ledger, run)
        return Report(record, 1, kept=kept_as(ledger, run), beside=beside(ledger, run, record))


def told(folder: Path, number: str) -> Brief:
    return brief(reported(folder, number))


def test_every_run_stands_on_its_day(world: Path) -> None:
    found = told(world, "4")
    assert [(each.run, each.day) for each in found.score] == [(1, DAYS[0]), (2, DAYS[1]), (4, DAYS[2])]
    first = found.gates[0]
    assert [(each.run, each.day) for each in first.runs] == [(1, DAYS[0]), (3, DAYS[1]), (4, DAYS[2])]
    assert found.axis is not None
    assert (found.axis.first, found.axis.last) == (dt.date(2026, 1, 5), dt.date(2026, 3, 15))
    assert (found.axis.week, found.axis.weeks[-1].number, found.axis.whole) == (9, 10, True)
    assert found.axis.at(found.axis.first) == 0.0
    assert found.axis.after(found.axis.last) == 1.0


def test_a_run_is_held_against_the_last_one_that_decided_the_same(world: Path) -> None:
    found = told(world, "4").changed
    assert found is not None
    assert (found.run, found.day) == (2, DAYS[1])
    assert [each.run for each in told(world, "2").score] == [1, 2]  # what came later is no past
    assert told(world, "1").changed is None
    assert told(world, "3").changed is None  # the only one of its gate


def test_a_target_says_where_it_stood_when_the_cycle_began(world: Path) -> None:
    (target,) = told(world, "2").targets
    assert (target.id, target.value, target.bound) == ("1/success", "95 %", ">= 85.125 %")
    assert target.start is not None
    assert (target.start.kind, target.start.said, target.start.day) == ("cycle", "90 %", DAYS[0])
    assert target.places is not None
    assert (target.places.value, target.places.target, target.places.start) == ((95.0, 95.0), 85.125, 90.0)
    (first,) = told(world, "1").targets
    assert first.start is None


def test_what_it_says_is_read_in_a_comment(world: Path, snapshot: SnapshotAssertion) -> None:
    written = render(reported(world, "4"))
    assert written[: written.index("### Counts")] == snapshot


def test_a_page_of_a_record_alone_says_what_it_does_not_know(world: Path) -> None:
    report = reported(world, "4")
    alone = brief(Report(report.record, 1))
    assert alone.changed is None
    assert [each.run for each in alone.score] == [None]
    assert alone.gates[0].first == told(world, "4").gates[0].first  # a record tells its weeks
    assert alone.unknown == (
        "No ledger was asked: earlier runs, what changed since, and who advanced are not known here.",
    )
    assert told(world, "4").unknown == ()


def test_another_day_moves_what_is_counted_from_it(world: Path) -> None:
    later = brief(reported(world, "4"), dt.date(2026, 3, 20))
    assert later.today == dt.date(2026, 3, 20)
    assert later.as_of == DAYS[2]
    assert [each.overdue for each in later.gates if each.due is not None] == [
        (later.today - each.due).days for each in later.gates if each.due is not None
    ]


def test_a_later_run_of_the_same_day_is_no_earlier_one(tmp_path: Path) -> None:
    folder = write_project(tmp_path)
    keep(folder, DAYS[0])
    keep(folder, DAYS[0])
    assert told(folder, "1").changed is None
    second = told(folder, "2").changed
    assert second is not None
    assert second.run == 1
