"""A scheduler that is left alone for a year, on a clock that goes on only where it waits.

The slow tests leave it alone in the weeks in which clocks change, in spring over the end of a quarter too.
"""

from __future__ import annotations

import datetime as dt
import gc
import sys
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psutil
import pytest

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import runs
from phasegate.monitoring.schedules.scheduler import LONGEST_WAIT, Ran, Scheduler

PROJECT = """\
phasegate: 1
pack: pack
sources: {invoices: {path: invoices.csv}}
cycle: {id: c-1, start: 2026-01-05}
schedules:
  daily: {cron: "30 0 * * *", zone: Europe/Berlin}
  monthly: {every: month, at: "07:30"}
  quarterly: {every: quarter, gate: programme}
  cycle: {every: cycle, zone: Europe/Berlin}
  weekdays: {cron: "15 20 * * mon-fri", zone: America/New_York}
"""
PACK = """\
pack: harbour
title: Harbour
cycle: {weeks: 8}
points:
  "1.1":
    title: Berth planning
    criteria:
      - id: systems
        text: Berth systems activated
        require: {invoices.reconciled: ">= 95 %", invoices.all: ">= 1"}
phases:
  "1": {title: Berths, points: ["1.1"]}
sources:
  invoices:
    title: one invoice
    columns: {invoice: {type: string}, status: {type: string}}
measures:
  invoices.reconciled: {title: Reconciled, from: invoices, ratio: {of: status = 'reconciled'}}
  invoices.all: {title: All, from: invoices, count: status is not null}
"""
LOOK = dt.timedelta(hours=8)
"""So often it looks at least, where nothing is due; it would do so every minute."""
BLOCKS = 20
"""Of Python's memory, that may stay for each run: it is remembered that it was made, here and in the
scheduler, and both take eight. Its record has 140, and is small here."""
BYTES = 10_000_000
"""Of all memory, as for a thousand runs in one process: also for what is not Python's."""


class Span(NamedTuple):
    """From when to when, and by when whatever is loaded late was loaded."""

    begin: dt.datetime
    warm: dt.datetime
    end: dt.datetime


def span(begin: str, warm: str, end: str) -> Span:
    days = (dt.date.fromisoformat(day) for day in (begin, warm, end))
    return Span(*(dt.datetime.combine(day, dt.time(3, 17), dt.UTC) for day in days))


SPANS = [
    pytest.param(span("2026-02-27", "2026-03-20", "2026-04-02"), id="spring", marks=pytest.mark.slow),
    pytest.param(span("2026-10-22", "2026-10-30", "2026-11-03"), id="autumn", marks=pytest.mark.slow),
    pytest.param(span("2026-01-01", "2026-04-01", "2027-01-01"), id="year", marks=pytest.mark.long),
]


class Due(NamedTuple):
    at: dt.datetime
    name: str


def calendar(over: Span) -> Iterator[Due]:
    """What falls due, day by day; no schedule that begins makes more than the moment of the day before."""
    berlin, new_york = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
    day = dt.date(2025, 12, 30)
    while day <= dt.date(2027, 1, 2):
        due = [("daily", dt.time(0, 30, tzinfo=berlin))]
        if day.weekday() not in (5, 6):
            due.append(("weekdays", dt.time(20, 15, tzinfo=new_york)))
        if day.day == 1:
            due.append(("monthly", dt.time(7, 30, tzinfo=dt.UTC)))
        if day.day == 1 and day.month in (1, 4, 7, 10):
            due.append(("quarterly", dt.time(6, 0, tzinfo=dt.UTC)))
        if day >= dt.date(2026, 1, 5) and (day - dt.date(2026, 1, 5)).days % 56 == 0:
            due.append(("cycle", dt.time(6, 0, tzinfo=berlin)))
        for name, time in due:
            moment = dt.datetime.combine(day, time).astimezone(dt.UTC)
            if over.begin - dt.timedelta(days=1) < moment <= over.end:
                yield Due(moment, name)
        day += dt.timedelta(days=1)


class Memory(NamedTuple):
    """What the process has, once nothing is left that could be given back."""

    blocks: int
    rss: int

    @classmethod
    def now(cls) -> Memory:
        gc.collect()
        return cls(sys.getallocatedblocks(), psutil.Process().memory_info().rss)


class Year:
    """The clock of a year, or of a part of it, and what is seen in it; of what was told nothing is kept."""

    def __init__(self, over: Span, expected: list[Due]) -> None:
        self.now = over.begin
        self.made: list[tuple[Due, dt.timedelta, str | None]] = []
        self.passes = 0
        self.memory: dict[dt.datetime, Memory] = {}
        self._over = over
        self._moments = [due.at for due in expected]

    def tell(self, ran: Ran) -> None:
        assert ran.due is not None, ran.error
        self.made.append((Due(ran.due.at, ran.due.name), self.now - ran.due.at, ran.outcome))

    def wait(self, seconds: float) -> bool:
        """Lets the time pass, and most of that in which nothing is due at once."""
        self.now += dt.timedelta(seconds=seconds)
        if seconds == LONGEST_WAIT:
            next_ = bisect_right(self._moments, self.now)
            before = [moment - dt.timedelta(seconds=90) for moment in self._moments[next_ : next_ + 1]]
            self.now = max(self.now, min([self.now + LOOK, *before]))
        for moment in (self._over.warm, self._over.end):
            if self.now >= moment and moment not in self.memory:
                self.memory[moment] = Memory.now()
        return self.now >= self._over.end

    def passed(self) -> None:
        self.passes += 1


@pytest.mark.parametrize("over", SPANS)
def test_each_run_is_made_once_and_on_time_and_memory_stays_as_it_was(over: Span, tmp_path: Path) -> None:
    """Everything is real but the clock: the project is read, decided and kept as ever."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
    (tmp_path / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "invoices.csv").write_text("invoice,status\nF-1,reconciled\n", encoding="utf-8")
    expected = sorted(calendar(over))
    year = Year(over, expected)
    Scheduler(tmp_path, {}, lambda: year.now, year.wait, year.tell).serve(year.passed)

    assert [due for due, _, _ in year.made] == expected
    assert {outcome for _, _, outcome in year.made} == {"open"}
    late = {due for due, late, _ in year.made if late}
    assert late == {due for due in expected if due.at < over.begin}  # the others to the second
    assert year.passes > 3 * (over.end - over.begin).days
    with Ledger.open(tmp_path / "phasegate.db") as ledger:
        kept = [
            (each.entry["as_of"], each.entry["kind"], str(each.envelope["reference"]).partition(",")[0])
            for each in runs(ledger)
        ]
    assert kept == [
        (
            due.at.date().isoformat(),
            "gate" if due.name == "quarterly" else "check",
            f"schedule {due.name} due {due.at:%Y-%m-%dT%H:%M}Z",
        )
        for due in expected
    ]
    first, last = year.memory[over.warm], year.memory[over.end]
    since = sum(due.at >= over.warm for due in expected)
    assert last.blocks - first.blocks < BLOCKS * since
    assert last.rss - first.rss < BYTES
