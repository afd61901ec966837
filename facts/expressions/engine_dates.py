"""The dates that the engine provides to expressions."""

from __future__ import annotations

import datetime as dt


def clock(as_of: dt.date, cycle_start: dt.date | None) -> dict[str, dt.date | None]:
    """The engine's dates.

    ``month_start`` and ``month_end`` are the last complete month at as-of: as-of lies after its last day,
    for a day that is not over may still bring rows. ``year_start`` is the first day of the twelve
    complete months that end with it.
    """
    following = as_of.replace(day=1)
    month_end = following - dt.timedelta(days=1)
    month_start = month_end.replace(day=1)
    return {
        "as_of": as_of,
        "cycle_start": cycle_start,
        "month_start": month_start,
        "month_end": month_end,
        "year_start": following.replace(year=following.year - 1),
    }
