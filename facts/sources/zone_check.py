"""Whether polars and Python have the same clocks: polars places rows in days, Python everything else.

Each brings zone data of its own, polars within itself and Python from the system. Governments change
their clocks at short notice, so that one of them may be behind; days would then differ by whom one asks.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl
from polars.exceptions import PolarsError

from phasegate.facts.contracts.moments import Zones
from phasegate.facts.sources.files import SourceError
from phasegate.rules.values.time_zones import UTC, is_utc, zone_data

_BACK, _AHEAD = 20, 2
"""So many years before and after the year of a run are looked at; few rows of a programme are older."""
_HINT = "update the system's time zones (the package tzdata), or polars, whichever is behind"


def refuse_other_clocks(zones: Zones, as_of: dt.date) -> None:
    """Refuses zones whose clocks polars has otherwise than Python.

    Raises:
        SourceError: naming the zone, and a day on which the two differ.
    """
    for zone in dict.fromkeys((zones.source, zones.project)):
        if not is_utc(zone) and (fault := _disagreement(zone, as_of.year)) is not None:
            raise SourceError(fault, _HINT)


@cache
def _disagreement(zone: str, year: int) -> str | None:
    first = dt.datetime(max(year - _BACK, 1), 1, 1, tzinfo=dt.UTC)
    last = dt.datetime(min(year + _AHEAD, 9998), 12, 31, tzinfo=dt.UTC)
    # A change of the clocks holds for days, so that one look a day finds each.
    moments = pl.datetime_range(first, last, "1d", time_unit="us", time_zone=UTC, eager=True)
    try:
        shown = moments.dt.convert_time_zone(zone).dt.replace_time_zone(None).to_list()
    except PolarsError:
        return f"polars knows no time zone {zone!r}, and Python does"
    clock, one = ZoneInfo(zone), first
    for at in shown:
        if one.astimezone(clock).replace(tzinfo=None) != at:
            return (
                f"the clocks of {zone} differ on {one.date()}: polars has {at:%H:%M}, and the zone data "
                f"{zone_data()} of this machine {one.astimezone(clock):%H:%M}"
            )
        one += dt.timedelta(days=1)
    return None
