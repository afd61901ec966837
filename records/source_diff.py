"""What is different about the sources of two runs, and between those of a run and what its rules say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from phasegate.facts.model.fact import MEMORY
from phasegate.records.schema import Record, SourceEntry
from phasegate.records.time_zone import zone_of
from phasegate.rules.model.reading import PLACES, reading_in_force
from phasegate.rules.values.time_zones import is_utc

_OF_THE_MOMENT = frozenset({"table", "versions", "content"})
"""What may be another where the rows are the same."""


def changed_sources(record: Record, sources: Sequence[SourceEntry]) -> list[tuple[str, str]]:
    """The sources that are others now than those of a run, with what is different about each."""
    before = {each["name"]: each for each in record["sources"]}
    after = {each["name"]: each for each in sources}
    return [
        (name, why)
        for name in sorted({*before, *after})
        if (why := changed_source(before.get(name), after.get(name))) is not None
    ]


def changed_source(before: SourceEntry | None, after: SourceEntry | None) -> str | None:
    """What is different about a source, the most telling first; None if nothing is."""
    if before is None or after is None:
        return "it was not read then" if before is None else "it is not read any more"
    if [each.get("table", {}).get("server") == MEMORY for each in (before, after)] == [True, False]:
        return "a program gave its rows then, and nobody can read these again"
    if before["status"] != after["status"]:
        turned = f"it is {after['status']} now, and was {before['status']}"
        return after["reason"] or (f"{turned}: {before['reason']}" if before["reason"] else turned)
    if before["digest"] != after["digest"]:
        files = [
            path
            for path in sorted({*before["files"], *after["files"]})
            if before["files"].get(path) != after["files"].get(path)
        ]
        where = ", ".join(files) or ("the log of its table" if "table" in after else "no file")
        if before.get("content") is not None and before.get("content") == after.get("content"):
            return f"the same rows in another order, form or place ({where})"
        rows = f"{before['rows']:,} row{'s' * (before['rows'] != 1)} then, {after['rows']:,} now"
        return f"other content in {where} ({rows})"
    if _way_of(before) != _way_of(after):
        return "the same bytes, read in another way"
    if _control_of(before) != _control_of(after):
        return after["reason"] or "the same bytes, held against other control totals"
    told = [key for key in {**before, **after} if key not in (*_OF_THE_MOMENT, "reading")]
    if keys := [key for key in told if before.get(key) != after.get(key)]:
        return f"the same bytes, and another {', '.join(keys)}"
    return None


def is_read_otherwise(before: SourceEntry, after: SourceEntry) -> bool:
    """Whether a source of two runs has the same bytes, and the project has them read in another way."""
    same = before["digest"] is not None and before["digest"] == after["digest"]
    return same and _way_of(before) != _way_of(after)


def _way_of(source: SourceEntry) -> dict[str, Any]:
    """How a source is read; where it is and which version of it is in the digest."""
    return {key: value for key, value in source["reading"].items() if key not in PLACES}


def _control_of(source: SourceEntry) -> object:
    return source["reading"].get("control")


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
