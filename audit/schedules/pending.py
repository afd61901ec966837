"""Which runs are due by now, and which of them were made already."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any, NamedTuple

from phasegate.audit.kept.kept_runs import runs
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.schedules.calendar import moments
from phasegate.rules.project_file import LoadedProject
from phasegate.rules.schedule import Schedule

_REFERENCE = re.compile(r"schedule (\S+) due (\d{4}-\d\d-\d\dT\d\d:\d\d)Z")
MOST = 1_000
"""So many missed runs of one schedule are made up for at once."""
FIRST = dt.timedelta(days=1)
"""A schedule that has no run yet begins with the last moment, if that is no longer ago."""
ON_TIME = dt.timedelta(minutes=5)
"""A run that is made within so much of its moment is none that was missed."""


class Firing(NamedTuple):
    """A run that is due.

    Attributes:
        name: the schedule's.
        schedule: the schedule.
        at: the moment on which it fell due, in UTC.
    """

    name: str
    schedule: Schedule
    at: dt.datetime

    @property
    def as_of(self) -> dt.date:
        """The day that is decided; a day is a day in UTC, as for every run."""
        return self.at.date()

    @property
    def reference(self) -> str:
        """What the run carries beside its time, by which it is found again."""
        return f"schedule {self.name} due {self.at:%Y-%m-%dT%H:%M}Z"


class Made:
    """What runs a ledger has of each schedule: of each the newest moment."""

    def __init__(self) -> None:
        self._seen = 0
        self._moments: dict[str, dt.datetime] = {}

    def look(self, ledger: Ledger) -> Mapping[str, dt.datetime]:
        """Reads the runs that came since, and says of which moment each schedule has its newest run."""
        newest = ledger.store.newest_run()
        for run in runs(ledger, newest - self._seen) if newest > self._seen else ():
            if (found := _of(run.envelope)) is not None:
                name, at = found
                self._moments[name] = max(at, self._moments.get(name, at))
        self._seen = newest
        return self._moments


def _of(envelope: Mapping[str, Any]) -> tuple[str, dt.datetime] | None:
    found = _REFERENCE.fullmatch(envelope["reference"] or "")
    if found is None:
        return None
    try:
        return found[1], dt.datetime.fromisoformat(found[2]).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def pending(loaded: LoadedProject, made: Mapping[str, dt.datetime], now: dt.datetime) -> list[Firing]:
    """The runs that are due by now and were not made, the oldest first.

    A schedule that has no run yet begins with the last moment that has passed, if that was within a day.

    Args:
        loaded: the project.
        made: of each schedule the moment of its newest run.
        now: this moment.
    """
    found: list[Firing] = []
    for name, schedule in loaded.project.schedules.items():
        if name not in made:
            due = list(_passed(schedule, loaded, now - FIRST, now))[-1:]
        else:
            due = list(islice(_passed(schedule, loaded, made[name], now), MOST))
            if schedule.missed != "all":
                due = due[-1:]
            if schedule.missed == "none":
                due = [moment for moment in due if now - moment <= ON_TIME]
        found += [Firing(name, schedule, moment) for moment in due]
    return sorted(found, key=lambda firing: (firing.at, firing.name))


def _passed(
    schedule: Schedule, loaded: LoadedProject, after: dt.datetime, now: dt.datetime
) -> Iterator[dt.datetime]:
    return takewhile(lambda moment: moment <= now, moments(schedule, loaded, after))


def upcoming(loaded: LoadedProject, now: dt.datetime) -> list[Firing]:
    """Of each schedule the next moment after now, the earliest first; left out is what never comes."""
    found = []
    for name, schedule in loaded.project.schedules.items():
        if (moment := next(moments(schedule, loaded, now), None)) is not None:
            found.append(Firing(name, schedule, moment))
    return sorted(found, key=lambda firing: (firing.at, firing.name))


def in_order(loaded: LoadedProject, now: dt.datetime, count: int) -> list[Firing]:
    """What is due next, of all schedules together, the earliest first.

    Args:
        loaded: the project.
        now: this moment.
        count: how many.
    """
    found = [
        Firing(name, schedule, moment)
        for name, schedule in loaded.project.schedules.items()
        for moment in islice(moments(schedule, loaded, now), count)
    ]
    return sorted(found, key=lambda firing: (firing.at, firing.name))[:count]
