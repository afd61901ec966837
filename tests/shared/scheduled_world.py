"""A project that is decided by schedules, and a clock that moves as it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import runs
from phasegate.monitoring.schedules.scheduler import Ran, Scheduler

PROJECT = """\
phasegate: 1
sources: {{invoices: {{path: invoices.csv}}}}
ledger: {ledger}
measures:
  invoices.reconciled: {{title: Reconciled, from: invoices, ratio: {{of: status = 'reconciled'}}}}
require: {{invoices.reconciled: ">= 90 %"}}
schedules:
{schedules}
"""


DAILY = '  daily: {cron: "0 6 * * *"}'


@dataclass
class World:
    """A project, a clock that goes on only where somebody waits, and what was told."""

    folder: Path
    now: dt.datetime = dt.datetime(2026, 3, 1, 5, tzinfo=dt.UTC)
    told: list[Ran] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    on_wait: Callable[[float], object] = lambda _: None
    until: dt.datetime = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    ledger: str = "phasegate.db"
    environ: dict[str, str] = field(default_factory=dict)

    def write(self, schedules: str = DAILY) -> None:
        text = PROJECT.format(schedules=schedules, ledger=self.ledger)
        (self.folder / "phasegate.yaml").write_text(text, encoding="utf-8")
        self.invoices()

    def invoices(self, status: str = "reconciled") -> None:
        (self.folder / "invoices.csv").write_text(f"invoice,status\nF-1,{status}\n", encoding="utf-8")

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.now += dt.timedelta(seconds=seconds)
        self.on_wait(seconds)
        return self.now >= self.until

    def scheduler(self) -> Scheduler:
        return Scheduler(
            self.folder, self.environ, lambda: self.now, self.wait, self.told.append, retries=(10, 60)
        )

    def at(self, text: str) -> World:
        self.now = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
        return self

    def kept(self) -> list[tuple[str, str, str]]:
        """Day, outcome and reference of each run."""
        address = self.ledger if "://" in self.ledger else self.folder / self.ledger
        with Ledger.open(address) as ledger:
            return [
                (
                    each.entry["as_of"],
                    each.entry["outcome"],
                    str(each.envelope["reference"]).partition(",")[0],
                )
                for each in runs(ledger)
            ]

    def kept_references(self) -> list[str]:
        with Ledger.open(self.folder / self.ledger) as ledger:
            return [str(each.envelope["reference"]) for each in runs(ledger)]

    def days(self) -> list[str]:
        return [day for day, _, _ in self.kept()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.write()
    return found


def two_at_once(world: World, days: int) -> Iterator[None]:
    """Two schedulers of one ledger, each with a clock of its own that is a little off."""
    one, other = world.scheduler(), world.scheduler()
    for day in range(days):
        morning = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=day)
        for scheduler, seconds in ((one, 1), (other, 3), (one, 60)):
            world.now = morning + dt.timedelta(seconds=seconds)
            scheduler.run_due()
        yield
