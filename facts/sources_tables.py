"""Parquet and NDJSON files: what columns they have, and their scans."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import polars as pl
from polars.exceptions import PolarsError

from phasegate.facts.sources_files import FoundFile, SourceError, Watcher

ROWS_AT_MOST = 2_000_000_000
_SUSPICIOUS_ROWS = 10_000_000
_ROWS_PER_BYTE_AT_MOST = 100
_SMALL_FILE = 1 << 16
_UNPACKED_AT_MOST = 1_000
_LINE_AT_MOST = 1 << 26
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parquet_columns(file: FoundFile) -> dict[str, pl.DataType]:
    """The columns of a Parquet file, from its metadata.

    Raises:
        SourceError: if it is no whole Parquet file.
    """
    try:
        return dict(pl.read_parquet_schema(file.path))
    except (PolarsError, OSError) as error:
        raise _broken(file.shown, error) from error


def check_claims(files: Sequence[FoundFile], written: str) -> None:
    """Refuses Parquet files whose metadata claim what no table holds, before anything is unpacked.

    Args:
        files: all files of a source.
        written: its path in the project file.

    Raises:
        SourceError: if they claim too many rows, or unpack to far more than they are.
    """
    size = sum(file.state.st_size for file in files)
    try:
        rows = _rows([file.path for file in files])
    except (PolarsError, OSError) as error:
        raise _broken(written, error) from error
    if rows > ROWS_AT_MOST:
        raise SourceError(f"{written} claims {rows:,} rows; more than {ROWS_AT_MOST:,} are not read")
    dense = "no table packs that densely"
    if rows > _SUSPICIOUS_ROWS and rows > size * _ROWS_PER_BYTE_AT_MOST:
        raise SourceError(f"{written} claims {rows:,} rows in {size:,} bytes: {dense}")
    for file in files:
        if file.state.st_size > _SMALL_FILE:
            from phasegate.facts.sources_footer import unpacked_bytes

            unpacked = unpacked_bytes(file.path) or 0
            if unpacked > file.state.st_size * _UNPACKED_AT_MOST:
                sizes = f"from {file.state.st_size:,} to {unpacked:,} bytes"
                raise SourceError(f"{file.shown} unpacks {sizes}: {dense}")


def _broken(shown: str, error: Exception) -> SourceError:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return SourceError(f"{shown} is no whole Parquet file: {first}", "is it cut off?")


def _rows(paths: list[Path]) -> int:
    """How many rows Parquet files claim in their metadata."""
    return int(pl.scan_parquet(paths, glob=False).select(pl.len()).collect().item())


def scan_parquet(paths: Sequence[Path], wanted: dict[str, str]) -> pl.LazyFrame:
    """The wanted columns with the types of the file.

    Args:
        paths: files with the same columns and types.
        wanted: the name that each column shall have, by the file's name.
    """
    frame = pl.scan_parquet(list(paths), glob=False, extra_columns="ignore", hive_partitioning=False)
    return frame.select(pl.col(found).alias(name) for found, name in wanted.items())


def ndjson_columns(file: FoundFile) -> tuple[str, ...]:
    """The keys of a NDJSON file's first object.

    Raises:
        SourceError: if its first line is no JSON object.
    """
    with file.path.open("rb") as raw:
        line = raw.readline(_LINE_AT_MOST)
    if line.startswith(_BYTE_ORDER_MARKS):
        raise SourceError(f"{file.shown} begins with a byte order mark", "save it as UTF-8 without one")
    return tuple(_object(file, 1, line))


def find_bad_line(file: FoundFile) -> SourceError | None:
    """The first line that is no JSON object, None if all are."""
    with file.path.open("rb") as raw:
        for number, line in enumerate(raw, start=1):
            try:
                _object(file, number, line)
            except SourceError as fault:
                return fault
    return None


def _object(file: FoundFile, number: int, line: bytes) -> dict[str, object]:
    hint = "each line must be one JSON object"
    try:
        found = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{file.shown}:{number} is no JSON: {error}", hint) from error
    if not isinstance(found, dict):
        raise SourceError(f"{file.shown}:{number} is no JSON object", hint)
    return found


class SingleKeys(Watcher):
    """Looks for lines of a NDJSON file whose object has a key twice: polars takes one of the values."""

    def __init__(self) -> None:
        self._rest, self._line = b"", 0
        self._found: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._read(lines)

    def fault(self) -> str | None:
        """Which line has which key twice."""
        self._read([self._rest])
        self._rest = b""
        return self._found

    def _read(self, lines: list[bytes]) -> None:
        if self._found is None and not _sound(lines):
            for number, line in enumerate(lines, start=self._line + 1):
                if (key := _key_twice(line)) is not None:
                    self._found = f"{number} has the key {key!r} more than once"
                    return
        self._line += len(lines)


def _key_twice(line: bytes) -> str | None:
    """A key that stands twice in the object of a line; what stands inside of others is not read."""
    seen: list[str | None] = [None]

    def note(pairs: list[tuple[str, object]]) -> None:  # the outermost object comes last
        keys = [key for key, _ in pairs]
        twice = len({*keys}) < len(keys)
        seen[0] = next(key for key in keys if keys.count(key) > 1) if twice else None

    with suppress(ValueError, RecursionError):  # what is no JSON is told by who reads it
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


def scan_ndjson(texts: Sequence[Path | IO[bytes]], wanted: dict[str, str]) -> pl.LazyFrame:
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
