"""What programs give: a project's path and a day, each refused where it is none."""

from __future__ import annotations

import datetime as dt
from os import PathLike
from pathlib import Path

from phasegate.rules.errors import PhasegateError

_YEARS = range(1900, 3000)
"""Those of a programme, as the command line takes them."""


class NoProjectThereError(PhasegateError):
    """A path of a project that does not exist."""

    def __init__(self, path: Path, hint: str) -> None:
        super().__init__(f"there is no {path}", hint)


class NoDayError(PhasegateError, ValueError):
    """What is no day."""

    def __init__(self, given: object) -> None:
        super().__init__(f"{given!r} is not a date", "write it as 2026-01-31")


class DayOutOfRangeError(PhasegateError, ValueError):
    """A day on which no programme is decided."""

    def __init__(self, day: dt.date) -> None:
        first, last = _YEARS[0], _YEARS[-1]
        super().__init__(f"{day} is out of range", f"the years are those from {first} to {last}")


def start_of(project: str | PathLike[str], hint: str) -> Path:
    """Where a project is looked for: what is named must be there, for one further up would be another.

    Args:
        project: the project's file, or a folder in or above which it stands.
        hint: what to do where it is not there.

    Raises:
        NoProjectThereError: if it does not exist.
    """
    start = Path(project)
    if not start.exists():
        raise NoProjectThereError(start, hint)
    return start


def day_of(given: object) -> dt.date:
    """A day, as a date or as ``2026-03-01``.

    Raises:
        NoDayError: if it is none, such as a moment: on which day that falls depends on the time zone.
        DayOutOfRangeError: if no programme is decided then.
    """
    found = _read(given) if isinstance(given, str) else given
    if not isinstance(found, dt.date) or isinstance(found, dt.datetime):
        raise NoDayError(given)
    if found.year not in _YEARS:
        raise DayOutOfRangeError(found)
    return found


def _read(text: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        raise NoDayError(text) from None
    if found.isoformat() != text:  # a week, or without hyphens
        raise NoDayError(text)
    return found
