"""The objects of NDJSON files, one by one: read strictly, their keys, and the lines on which they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import IO, cast

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.pieces import whole_lines
from phasegate.facts.sources.limits import COLUMNS_AT_MOST

FLAT = "what is measured must stand in the object of the line itself"
TOO_DEEP = "is no JSON that can be read: it is nested too deeply"
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_DOUBTED_HALF = re.compile(rb"%b(?!%b)|(?<!%b)%b|\\%b" % (_HIGH, _LOW, _HIGH, _LOW, _HIGH))
_ESCAPE = re.compile(rb"%b%b|%b|%b|\\." % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)
_DEEPEST = 500
"""Less than any Python reads, so that each refuses the same lines."""


def read_object(file: FoundFile, number: int, line: bytes) -> dict[str, object]:
    """The object that a line of a NDJSON file is.

    Raises:
        SourceError: if it is none.
    """
    hint = "each line must be one JSON object"
    try:
        if is_deep(line):
            raise RecursionError
        # Decoded here: the json module guesses the encoding of bytes, and takes what is no UTF-8 for it.
        found = json.loads(line.decode(), parse_constant=_no_constant)
    except RecursionError as error:
        raise SourceError(f"{file.shown}:{number} {TOO_DEEP}", FLAT) from error
    except UnicodeDecodeError as error:
        what = f"{file.shown}:{number} is not UTF-8 at byte {error.start + 1} of the line"
        raise SourceError(what, "save it as UTF-8") from error
    except ValueError as error:
        said = str(error)
        if isinstance(error, json.JSONDecodeError):  # which counts the end of the line as another one
            at = f" in column {error.colno}" if error.lineno == 1 else " at its end"
            said = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at") + at
        raise SourceError(f"{file.shown}:{number} is no JSON: {said}", hint) from error
    if not isinstance(found, dict):
        raise SourceError(f"{file.shown}:{number} is no JSON object", hint)
    return found


def half_of_a_character(lines: bytes) -> int | None:
    """Where a text has half of a character that JSON writes in two, of which polars makes a zero byte."""
    if b"\\" not in lines or not (b"\\ud" in lines or b"\\uD" in lines):  # what most are spared
        return None
    if _DOUBTED_HALF.search(lines) is None:
        return None
    for match in _ESCAPE.finditer(lines):  # a doubled backslash escapes nothing
        if match[0][1:2] == b"u" and len(match[0]) == len(b"\\ud800"):
            return match.start()
    return None


def is_object(line: bytes) -> bool:
    """Whether a line is an object."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def find_bad_line(file: FoundFile) -> SourceError | None:
    """The first line that is no JSON object, None if all are."""
    with file.open() as raw:
        for number, line in enumerate(raw, start=1):
            try:
                read_object(file, number, line)
            except SourceError as fault:
                return fault
    return None


def is_deep(line: bytes) -> bool:
    """Whether the values of a line are nested more deeply than is read: the same on each Python."""
    if line.count(b"[") + line.count(b"{") <= _DEEPEST:
        return False
    try:
        level = [json.loads(line)]
    except RecursionError:
        return True
    except ValueError:  # what is no JSON is told by who reads it
        return False
    for _ in range(_DEEPEST):
        inner = [
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        ]
        level = [value for values in inner for value in values]
        if not level:
            return False
    return True


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


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


class Objects:
    """Finds the lines of NDJSON objects; blank ones are none.

    Attributes:
        lines: the line of each row that was found.
        held: how many rows have ended.
    """

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        self.held = 0
        self._line, self._rest = 0, b""

    def see(self, chunk: bytes, rows: Sequence[int]) -> None:
        """The next bytes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._read(lines, rows)

    def end(self, rows: Sequence[int]) -> None:
        """No more bytes: the last line ends here too."""
        self._read([self._rest], rows)

    def _read(self, lines: Sequence[bytes], rows: Sequence[int]) -> None:
        wanted = {*rows}
        for line in lines:
            self._line += 1
            if line.strip():
                self.held += 1
                if self.held in wanted:
                    self.lines[self.held] = self._line
