"""The time zone of a project as its records have it, and the days on which something counts by it.

It is left out where every day is one of UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phasegate.records.schema import TimeZoneEntry
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.time_zones import UTC, day_of, is_utc, zone_data
from phasegate.rules.values.validity import Validity

if TYPE_CHECKING:
    from phasegate.rules.model.project import Project


def zone_entry(project: Project) -> TimeZoneEntry | None:
    """The zone whose days count, with the version of the zone data; None where no zone but UTC takes part.

    Args:
        project: the project; a source of it may be written in another zone.
    """
    zones = [project.time_zone, *(each.time_zone for each in project.sources.values() if each.time_zone)]
    if all(is_utc(zone) for zone in zones):
        return None
    return TimeZoneEntry(name=project.time_zone, data=zone_data())


def zone_of(document: Mapping[str, Any]) -> str:
    """The zone whose days a record, or a part that is kept of one, counts.

    Args:
        document: of the right shape.
    """
    entry = document.get("time_zone")
    return str(entry["name"]) if entry is not None else UTC


def day_shown(moment: str | None, document: Mapping[str, Any]) -> str:
    """The day of a moment as a record has it, such as ``2026-03-01T00:00:00Z``, by the record's zone.

    Args:
        moment: the text.
        document: the record.
    """
    try:
        return day_of(dt.datetime.fromisoformat(moment or ""), zone_of(document)).isoformat()
    except (ValueError, OverflowError, PhasegateError):
        return (moment or "")[:10]


def validity_of(statement: Mapping[str, Any], document: Mapping[str, Any]) -> Validity:
    """When a waiver or an attestation counts, as the record that has it was decided.

    Args:
        statement: its entry in the record.
        document: the record, or a part that is kept of one.

    Raises:
        ValueError: if a moment can not be read, or is none of any clock.
    """
    signed = statement["granted"] if "granted" in statement else statement["signed"]
    start, end, signed = (_instant(text) for text in (statement["start"], statement["end"], signed))
    revoked = _instant(statement["revoked"]) if statement["revoked"] else None
    return Validity(start, end, signed, revoked, zone_of(document), today="statements" in document)


def first_day_shown(statement: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """The first day on which a waiver or an attestation counts; without one that can be read, its start."""
    try:
        return validity_of(statement, document).first_day.isoformat()
    except (ValueError, OverflowError, PhasegateError):
        return str(statement["start"])[:10]


def _instant(text: str) -> dt.datetime:
    if "\0" in text:
        raise ValueError("Python reads a moment up to there alone")
    found = dt.datetime.fromisoformat(text)
    if found.utcoffset() is None:
        raise ValueError("it names no clock")
    return found
