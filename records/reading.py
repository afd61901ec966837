"""How the tables of a run were read, held against how its rules say that they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from phasegate.records.schema import Record
from phasegate.records.time_zone import zone_of
from phasegate.rules.model.reading import PLACES, reading_in_force
from phasegate.rules.values.time_zones import is_utc


def read_otherwise(record: Record, reading: Mapping[str, Any]) -> Iterator[str]:
    """What a run says of how its tables were read, and is not what its rules say, in words.

    Args:
        record: the run's.
        reading: that of its rules.
    """
    due = reading_in_force(reading)
    said = reading.get("sources", {})
    for source in record["sources"]:
        found = {key: value for key, value in source["reading"].items() if key not in PLACES}
        if found != said.get(source["name"], {}):
            yield f"it reads {source['name']} in another way than its rules say"
    if zone_of(record) != due["time_zone"] and not (is_utc(zone_of(record)) and is_utc(due["time_zone"])):
        yield f"it counts the days of {zone_of(record)}, and its rules say {due['time_zone']}"
    if record["calendar"] != due["calendar"]:
        yield "it has another calendar than its rules"
