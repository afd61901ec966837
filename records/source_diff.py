"""What is different about the sources of two runs."""

from __future__ import annotations

from collections.abc import Sequence

from phasegate.records.schema import Record, SourceEntry


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
    if before["status"] != after["status"]:
        return after["reason"] or f"it is {after['status']} now, and was {before['status']}"
    if before["digest"] != after["digest"]:
        files = [
            path
            for path in sorted({*before["files"], *after["files"]})
            if before["files"].get(path) != after["files"].get(path)
        ]
        rows = f"{before['rows']:,} row{'s' * (before['rows'] != 1)} then, {after['rows']:,} now"
        return f"other content in {', '.join(files) or 'no file'} ({rows})"
    if before["reading"] != after["reading"]:
        return "the same bytes, read in another way"
    if before != after:
        keys = [key for key, value in before.items() if after.get(key) != value]
        return f"the same bytes, and another {', '.join(keys)}"
    return None
