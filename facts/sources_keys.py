"""The keys of NDJSON files: each object may have others, and one may come late."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, cast

from phasegate.facts.sources_files import CHUNK, FoundFile, SourceError
from phasegate.facts.sources_tables import LINE_AT_MOST, read_object

KEYS_AT_MOST = 10_000
"""So many different keys may the objects of a NDJSON file have, if they are to be its columns."""


def ndjson_keys(file: FoundFile, text: Path | IO[bytes], wanted: Collection[str] = ()) -> tuple[str, ...]:
    """The keys of all objects of a NDJSON file, in the order in which they come, in bounded memory.

    Args:
        file: the file, for messages.
        text: its bytes.
        wanted: stop once all of these have come; an empty one never stops.

    Raises:
        SourceError: if a line is no JSON object, or there are more keys than a table has columns.
    """
    keys: dict[str, None] = {}
    number = 1
    for block in _blocks(text):
        lines = block.split(b"\n")
        for found in _objects(file, number, lines):
            if not keys.keys() >= found.keys():
                keys.update(dict.fromkeys(found))
        if len(keys) > KEYS_AT_MOST:
            what = f"{file.shown} has objects with more than {KEYS_AT_MOST:,} different keys"
            hint = "are ids used as keys? Then name the columns that are read in a contract"
            raise SourceError(what, hint)
        if wanted and keys.keys() >= set(wanted):
            break
        number += len(lines) - 1
    return tuple(keys)


def _blocks(text: Path | IO[bytes]) -> Iterator[bytes]:
    with ExitStack() as closing:
        if isinstance(text, Path):
            raw: IO[bytes] = closing.enter_context(text.open("rb"))
        else:
            raw = text
            closing.callback(raw.seek, raw.tell())
            raw.seek(0)
        while block := raw.read(CHUNK):
            yield block + raw.readline(LINE_AT_MOST)


def _objects(file: FoundFile, number: int, lines: Sequence[bytes]) -> list[dict[str, object]]:
    """The objects of some lines, the first of which has a number."""
    import orjson

    with suppress(ValueError):
        objects: list[object] = orjson.loads(b"[%b]" % b",".join(line for line in lines if line.strip()))
        if set(map(type, objects)) <= {dict}:
            return cast("list[dict[str, object]]", objects)
    return [read_object(file, at, line) for at, line in enumerate(lines, start=number) if line.strip()]
