"""Time zones: on which day an instant falls, and when a day begins. Nothing else turns one into the other."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError

UTC = "UTC"
_SAME_AS_UTC = frozenset({UTC, "Etc/UTC", "UCT", "Etc/UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"})
_OF_THE_MACHINE = ("localtime", "posixrules", "Factory")


class UnknownZoneError(PhasegateError):
    """A name of no time zone, or of none that this machine knows."""

    def __init__(self, name: str) -> None:
        from zoneinfo import available_timezones

        known = available_timezones()
        hint = suggest(name, known, of="time zones") or "such as Europe/Berlin"
        if not known:
            hint = "this machine knows no time zones at all: install the package tzdata"
        super().__init__(f"there is no time zone {name!r}", hint)


def is_utc(zone: str) -> bool:
    """Whether a zone is UTC by one of its names."""
    return zone in _SAME_AS_UTC


def day_of(moment: dt.datetime, zone: str = UTC) -> dt.date:
    """The day on which an instant falls.

    Args:
        moment: the instant, with its offset.
        zone: the zone whose days count.
    """
    return moment.astimezone(_zone(zone)).date()


def begin_of(day: dt.date, zone: str = UTC) -> dt.datetime:
    """The first instant of a day, in UTC.

    Where the clocks skip midnight it is the instant at which they do; where they go through it twice, the
    first time.
    """
    return dt.datetime.combine(day, dt.time(), _zone(zone)).astimezone(dt.UTC)


def zone_fault(name: str) -> tuple[str, str] | None:
    """What is wrong with the name of a zone, and a hint; None if nothing is."""
    try:
        _zone(name)
    except UnknownZoneError as error:
        return error.message, error.hint or ""
    return None


@cache
def zone_data() -> str:
    """The version of the zone data by which Python tells days, such as ``2025b``; ``unknown`` if untold."""
    from zoneinfo import TZPATH  # most projects count their days in UTC, and need none of it

    for folder in map(Path, TZPATH):
        if not (folder / "Europe").is_dir():
            continue
        for file in ("+VERSION", "tzdata.zi"):
            try:
                with (folder / file).open(encoding="ascii") as opened:
                    first = opened.readline()
            except (OSError, ValueError):
                continue
            if version := first.removeprefix("# version").strip():
                return version
        return "unknown"
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        found = installed("tzdata")  # "2025.2" is "2025b"
    except PackageNotFoundError:
        return "unknown"
    year, _, number = found.partition(".")
    return f"{year}{chr(ord('a') + int(number) - 1)}" if number.isdigit() and 0 < int(number) < 27 else found


@cache
def _zone(name: str) -> dt.tzinfo:
    if is_utc(name):
        return dt.UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        if name in _OF_THE_MACHINE:
            raise ZoneInfoNotFoundError
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(name) from error
