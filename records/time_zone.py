"""The time zone of a project as its records have it: left out where every day is one of UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phasegate.records.schema import TimeZoneEntry
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.time_zones import UTC, day_of, is_utc, zone_data

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
