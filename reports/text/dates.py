"""Days and moments: for formats that ask for some, and the last day that a signed statement covers."""

from __future__ import annotations

import datetime as dt
import re

from phasegate.reports.text.plain import visible
from phasegate.rules.values.time_zones import UTC, UnknownZoneError, day_of

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NO_DAY = "0001-01-01"
"""Stands for what is no day, where a format must have one: nobody takes it for a day of ours."""


def day(text: str) -> str | None:
    """The day, ``2026-03-01``; None where the text is none."""
    try:
        return text if dt.date.fromisoformat(text).isoformat() == text else None
    except ValueError:
        return None


def moment(text: str) -> str | None:
    """A moment in UTC, ``2026-03-01T00:00:00Z``, or the begin of a day; None where the text is neither."""
    if not _MOMENT.fullmatch(text):
        return f"{text}T00:00:00Z" if day(text) else None
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def last_day(end: str, zone: str = UTC) -> str | None:
    """The last day that is covered by what ends at a moment; None where the text is no moment.

    A statement counts on days that it covers as a whole, so what ends at 2026-04-01T00:00:00Z, or at
    some later moment of that day, covers 2026-03-31 and not 2026-04-01.

    Args:
        end: the moment.
        zone: the time zone whose days count.
    """
    whole = moment(end)
    if whole is None or whole < "0001-01-03":
        return None
    try:
        return (day_of(dt.datetime.fromisoformat(whole), zone) - dt.timedelta(days=1)).isoformat()
    except (OverflowError, UnknownZoneError):
        return None


def up_to(end: str, zone: str = UTC) -> str:
    """``up to and including 2026-03-31``, of what ends at a moment, by a time zone."""
    last = last_day(end, zone)
    return f"up to and including {last}" if last else f"until {visible(end[:10])}"
