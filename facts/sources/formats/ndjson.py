"""NDJSON files: the keys of their objects, what is wrong with a line, and the scan."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import polars as pl

from phasegate.facts.sources.files import FoundFile, SourceError, Watcher
from phasegate.facts.sources.formats.pieces import LINE_AT_MOST
from phasegate.facts.sources.limits import COLUMNS_AT_MOST, refuse_columns

_KEY, _KEYS_AT_MOST = b'":', 10 * COLUMNS_AT_MOST
"""How the keys of an object end, and how many a line may have, those inside of its values included."""
_MANY = f"has more than {_KEYS_AT_MOST:,} keys"
_DEEP = "it is nested too deeply"
_DEEPEST = 500
"""Less than any Python reads, so that each refuses the same lines."""
_FLAT = "what is measured must stand in the object of the line itself"
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def ndjson_columns(file: FoundFile) -> tuple[str, ...]:
    """The keys of a NDJSON file's first object.

    Raises:
        SourceError: if its first line is no JSON object.
    """
    with file.open() as raw:
        number, line = 1, raw.readline(LINE_AT_MOST)
        while line.endswith(b"\n") and not line.strip():
            number, line = number + 1, raw.readline(LINE_AT_MOST)
    if line.startswith(_BYTE_ORDER_MARKS):
        raise SourceError(f"{file.shown} begins with a byte order mark", "save it as UTF-8 without one")
    if not line.strip():
        raise SourceError(f"{file.shown} holds no JSON object", "is it cut off?")
    where = f"{file.shown}:{number}"
    if (keys_written := line.count(_KEY)) > _KEYS_AT_MOST:  # it need not be read for that
        refuse_columns(where, keys_written)
    keys = tuple(read_object(file, number, line))
    refuse_columns(where, len(keys))
    return keys


def find_bad_line(file: FoundFile) -> SourceError | None:
    """The first line that is no JSON object, None if all are."""
    with file.open() as raw:
        for number, line in enumerate(raw, start=1):
            try:
                read_object(file, number, line)
            except SourceError as fault:
                return fault
    return None


def find_fault(file: FoundFile, said: str) -> SourceError:
    """What is wrong with a NDJSON file in which a watcher has found something.

    Args:
        file: the file.
        said: what the watcher found, with the line before it.
    """
    if said.endswith(_MANY):
        return SourceError(f"{file.shown}:{said}", _FLAT)
    twice = SourceError(f"{file.shown}:{said}", "which of its values counts can not be told")
    return find_bad_line(file) or twice


def read_object(file: FoundFile, number: int, line: bytes) -> dict[str, object]:
    """The object that a line of a NDJSON file is.

    Raises:
        SourceError: if it is none.
    """
    hint = "each line must be one JSON object"
    try:
        if _is_deep(line):
            raise RecursionError
        found = json.loads(line, parse_constant=_no_constant)
    except RecursionError as error:
        raise SourceError(f"{file.shown}:{number} is no JSON that can be read: {_DEEP}", _FLAT) from error
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


class FewKeys(Watcher):
    """Looks for lines of a NDJSON file with more keys than any row has.

    Only a line that is longer than a chunk is looked at; of those that fit in there are few enough.
    """

    def __init__(self) -> None:
        self._begun, self._ended = 0, 0
        self._many: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        end = chunk.rfind(b"\n") + 1
        if not end and self._many is None:
            self._begun += chunk.count(_KEY)
            if self._begun > _KEYS_AT_MOST:
                self._many = f"{self._ended + 1} {_MANY}"
        elif end:
            self._begun = chunk.count(_KEY, end)
            self._ended += chunk.count(b"\n")

    def fault(self) -> str | None:
        """Which line has too many keys."""
        return self._many


class SingleKeys(FewKeys):
    """Looks for lines of a NDJSON file whose object has a key twice: polars takes one of the values."""

    def __init__(self) -> None:
        super().__init__()
        self._rest, self._line = b"", 0
        self._found: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        super().see(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._read(lines)

    def fault(self) -> str | None:
        """Which line has which key twice, or too many."""
        if self._many is not None:
            return self._many
        self._read([self._rest])
        self._rest = b""
        return self._found

    def _read(self, lines: list[bytes]) -> None:
        if self._found is None and (any(map(_is_deep, lines)) or not _sound(lines)):
            for number, line in enumerate(lines, start=self._line + 1):
                key = None if (deep := _is_deep(line)) else _key_twice(line)
                if deep:  # polars may read it all the same
                    self._found = f"{number} is no JSON that can be read: {_DEEP}"
                    return
                if key is not None:
                    self._found = f"{number} has the key {key!r} more than once"
                    return
        self._line += len(lines)


def _is_deep(line: bytes) -> bool:
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


def _key_twice(line: bytes) -> str | None:
    """A key that stands twice in the object of a line; what stands inside of others is not read."""
    seen: list[str | None] = [None]

    def note(pairs: list[tuple[str, object]]) -> None:  # the outermost object comes last
        keys = [key for key, _ in pairs]
        twice = len({*keys}) < len(keys)
        seen[0] = next(key for key in keys if keys.count(key) > 1) if twice else None

    with suppress(ValueError):  # what is no JSON is told by who reads it
        json.loads(line, object_pairs_hook=note)
        return seen[0]
    return None


def _sound(lines: list[bytes]) -> bool:
    """Whether no object has a key twice, by a look that is five times as fast and may doubt too much.

    Each key that is written ends in a quote and a colon; as many of these as different keys are left
    prove that none was written twice.
    """
    text = b",".join(lines)
    if b'" ' in text or b'"\t' in text or b'"\r' in text:  # a key might end otherwise
        return False
    try:
        objects = json.loads(b"[%b]" % text)
        return sum(map(len, objects)) == text.count(b'":') and set(map(type, objects)) <= {dict}
    except (ValueError, RecursionError, TypeError):
        return False


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def scan_ndjson(texts: Sequence[Path | IO[bytes]], wanted: Mapping[str, str]) -> pl.LazyFrame:
    """The wanted columns as text, so that no type is guessed from a few lines.

    Args:
        texts: the files.
        wanted: the name that each column shall have, by the file's name.
    """
    schema = dict.fromkeys(wanted, pl.String)
    frames = []
    for opened, same in groupby(texts, lambda text: not isinstance(text, Path)):
        together: list[Any] = list(same)
        if opened:
            for text in together:
                text.seek(0)  # polars reads from where the file stands
        frames.append(pl.scan_ndjson(together, schema=schema))
    frame = pl.concat(frames) if len(frames) > 1 else frames[0]
    return frame.select(pl.col(found).alias(name) for found, name in wanted.items())
