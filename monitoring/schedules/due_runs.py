"""Which runs are due by now, and which of them were made already."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any, NamedTuple

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import runs_after
from phasegate.audit.trail.standing_runs import scheduled_for
from phasegate.monitoring.schedules.calendar import moments
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.schedule import Schedule
from phasegate.rules.values.time_zones import UTC, day_of

_WINDOWS = tuple(dt.timedelta(days=days) for days in (0.05, 1, 40, 400, 2_000))
MOST = 1_000
"""So many missed runs of one schedule are made up for at once."""
FIRST = dt.timedelta(days=1)
"""A schedule that has no run yet begins with the last moment, if that is no longer ago."""
ON_TIME = dt.timedelta(minutes=5)
"""A run that is made within so much of its moment is none that was missed."""


class DueRun(NamedTuple):
    """A run that is due.

    Attributes:
        name: the schedule's.
        schedule: the schedule.
        at: the moment on which it fell due, in UTC.
        zone: the time zone of the project, whose days are decided.
    """

    name: str
    schedule: Schedule
    at: dt.datetime
    zone: str = UTC

    @property
    def as_of(self) -> dt.date:
        """The day that is decided: the one on which it fell due by the project's time zone."""
        return day_of(self.at, self.zone)

    @property
    def reference(self) -> str:
        """What the run carries beside its time, by which it is found again."""
        return f"schedule {self.name} due {self.at:%Y-%m-%dT%H:%M}Z, by {mark_of(self.schedule)}"


def mark_of(schedule: Schedule) -> str:
    """A schedule's moments in eight digits: an edited one has others."""
    said = f"{schedule.line} {schedule.every} {schedule.at} {schedule.zone}"
    return hashlib.sha256(said.encode("utf-8")).hexdigest()[:8]


class Made(NamedTuple):
    """A run that a schedule has: its moment, by which mark it was made, and its number."""

    moment: dt.datetime
    mark: str
    run: int


class Moments:
    """For which moments one schedule has runs."""

    def __init__(self) -> None:
        self._made: dict[dt.datetime, Made] = {}

    def add(self, made: Made) -> None:
        """Notes a run."""
        self._made[made.moment] = made

    def has(self, moment: dt.datetime) -> bool:
        """Whether there is a run for a moment."""
        return moment in self._made

    def newest(self, now: dt.datetime) -> Made | None:
        """The newest run up to now; what a clock that ran ahead has made is left out."""
        return max((made for made in self._made.values() if made.moment <= now), default=None)


class CompletedRuns:
    """What runs a ledger has of each schedule of one project.

    Args:
        title: the project's, by which its runs are told from those of another one where neither has an id.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._seen = 0
        self._moments: dict[str, Moments] = {}

    def look(self, ledger: Ledger) -> Mapping[str, Moments]:
        """Reads the runs that came since, and says for which moments each schedule has one."""
        newest = ledger.newest_run()
        for run in runs_after(ledger, self._seen):
            found = scheduled_for(run.envelope) if is_of(run.entry, self._title) else None
            if found is not None:
                self._moments.setdefault(found[0], Moments()).add(Made(found[1], found[2], run.number))
        self._seen = newest
        return self._moments


def is_of(entry: Mapping[str, Any], title: str) -> bool:
    """Whether a run that a ledger gives for a project is of it: one without an id is known by its title."""
    return "project" in entry or entry.get("title") == title


def pending(loaded: LoadedProject, made: Mapping[str, Moments], now: dt.datetime) -> list[DueRun]:
    """The runs that are due by now and were not made, the oldest first.

    A schedule that has no run yet, or none since it was edited, begins with the last moment that has
    passed, if that was within a day.

    Args:
        loaded: the project.
        made: for which moments each schedule has a run.
        now: this moment.
    """
    found: list[DueRun] = []
    for name, schedule in loaded.project.schedules.items():
        runs_of = made.get(name, Moments())
        newest = runs_of.newest(now)
        if newest is None or newest.mark != mark_of(schedule):
            after = max(now - FIRST, newest.moment) if newest is not None else now - FIRST
            due = _last(schedule, loaded, after, now)
        elif schedule.missed == "all":
            due = list(islice(_passed(schedule, loaded, newest.moment, now), MOST))
        else:
            due = _last(schedule, loaded, newest.moment, now)
            if schedule.missed == "none":
                due = [moment for moment in due if now - moment <= ON_TIME]
        found += [
            DueRun(name, schedule, moment, loaded.project.time_zone)
            for moment in due
            if not runs_of.has(moment)
        ]
    return sorted(found, key=lambda due: (due.at, due.name))


def _last(
    schedule: Schedule, loaded: LoadedProject, after: dt.datetime, now: dt.datetime
) -> list[dt.datetime]:
    """The last moment up to now, if it is after some other; looked for from now backwards."""
    for window in _WINDOWS:
        begin = max(after, now - window)
        if last := deque(_passed(schedule, loaded, begin, now), maxlen=1):
            return list(last)
        if begin == after:
            break
    return []


def _passed(
    schedule: Schedule, loaded: LoadedProject, after: dt.datetime, now: dt.datetime
) -> Iterator[dt.datetime]:
    return takewhile(lambda moment: moment <= now, moments(schedule, loaded, after))


def upcoming(loaded: LoadedProject, now: dt.datetime) -> list[DueRun]:
    """Of each schedule the next moment after now, the earliest first; left out is what never comes."""
    found = []
    for name, schedule in loaded.project.schedules.items():
        if (moment := next(moments(schedule, loaded, now), None)) is not None:
            found.append(DueRun(name, schedule, moment, loaded.project.time_zone))
    return sorted(found, key=lambda due: (due.at, due.name))


def in_order(loaded: LoadedProject, now: dt.datetime, count: int) -> list[DueRun]:
    """What is due next, of all schedules together, the earliest first.

    Args:
        loaded: the project.
        now: this moment.
        count: how many.
    """
    found = [
        DueRun(name, schedule, moment, loaded.project.time_zone)
        for name, schedule in loaded.project.schedules.items()
        for moment in islice(moments(schedule, loaded, now), count)
    ]
    return sorted(found, key=lambda due: (due.at, due.name))[:count]
