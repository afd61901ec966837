"""Days and moments for formats that ask for some."""

from __future__ import annotations

import datetime as dt
import re

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
