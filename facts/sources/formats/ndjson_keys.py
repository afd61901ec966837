"""The keys of NDJSON files: each object may have others, and one may come late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import IO, cast

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.ndjson_objects import read_object
from phasegate.facts.sources.formats.pieces import whole_lines
from phasegate.facts.sources.limits import COLUMNS_AT_MOST


def ndjson_keys(file: FoundFile, text: IO[bytes], wanted: Collection[str] = ()) -> tuple[str, ...]:
    """The keys of all objects of a NDJSON file, in the order in which they come, in bounded memory.

    Args:
        file: the file, for messages.
        text: it, from its beginning.
        wanted: look for these alone, and stop once all of them have come; all count where it is empty.

    Raises:
        SourceError: if a line is no JSON object, or there are more keys than a table has columns.
    """
    keys: dict[str, None] = {}
    number = 1
    for block in whole_lines(text):
        lines = block.split(b"\n")
        for found in _objects(file, number, lines):
            if not keys.keys() >= found.keys():
                keys.update(dict.fromkeys(name for name in found if not wanted or name in wanted))
        if len(keys) > COLUMNS_AT_MOST:
            what = f"{file.shown} has objects with more than {COLUMNS_AT_MOST:,} different keys"
            hint = "are ids used as keys? Then name the columns that are read in a contract"
            raise SourceError(what, hint)
        if wanted and keys.keys() >= set(wanted):
            break
        number += len(lines) - 1
    return tuple(keys)


def _objects(file: FoundFile, number: int, lines: Sequence[bytes]) -> list[dict[str, object]]:
    """The objects of some lines, the first of which has a number."""
    import orjson

    with suppress(ValueError):
        objects: list[object] = orjson.loads(b"[%b]" % b",".join(line for line in lines if line.strip()))
        if set(map(type, objects)) <= {dict}:
            return cast("list[dict[str, object]]", objects)
    return [read_object(file, at, line) for at, line in enumerate(lines, start=number) if line.strip()]
