"""When schedules fall due: from a calendar alone, without a clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cronsim import CronSim

from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.schedule import Schedule


def moments(schedule: Schedule, loaded: LoadedProject, after: dt.datetime) -> Iterator[dt.datetime]:
    """The moments on which a schedule falls due, in UTC.

    A time of the day that the clocks skip falls due as they go on; one that they go through twice falls
    due once, the first time. What is due every hour or minute is due in each that there is.

    Args:
        schedule: one of the project.
        loaded: the project, of which no schedule has a fault.
        after: the first one is later than this.
    """
    zone = ZoneInfo(schedule.zone)
    line = schedule.line
    if line is None:
        yield from _cycles(schedule, loaded, after, zone)
        return
    # CronSim goes from minute to minute of the wall clock: in an hour that comes twice it begins with the
    # first one again.
    for local in CronSim(line, after.astimezone(zone)):
        moment = local.astimezone(dt.UTC)
        if moment > after:
            yield moment


def _cycles(
    schedule: Schedule, loaded: LoadedProject, after: dt.datetime, zone: ZoneInfo
) -> Iterator[dt.datetime]:
    cycle, length = loaded.project.cycle, loaded.pack.pack.cycle
    assert cycle is not None
    assert length is not None
    hour, minute = map(int, schedule.at.split(":"))
    step = dt.timedelta(weeks=length.weeks)
    gone = max(0, (after.astimezone(zone).date() - cycle.start) // step)
    day = cycle.start + gone * step
    while True:
        # As a line of that day alone, so that clocks which change make of it what they make of any other.
        before = dt.datetime.combine(day - dt.timedelta(days=1), dt.time(12), zone)
        moment = next(CronSim(f"{minute} {hour} {day.day} {day.month} *", before)).astimezone(dt.UTC)
        if moment > after:
            yield moment
        day += step
