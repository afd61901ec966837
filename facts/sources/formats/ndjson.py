"""NDJSON files: the keys of their objects, their scan, what is wrong with one, and where a row stands.

Every value is read as text, so that no type is guessed from a few lines.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, cast

import polars as pl

from phasegate.facts.model.place import Place
from phasegate.facts.sources.files import FoundFile, SourceError, Watcher, words
from phasegate.facts.sources.formats.base import Format, Part, copy_lines, lines_found, nulls_read
from phasegate.facts.sources.formats.ndjson_damage import KEY, KEYS_AT_MOST, SingleKeys, find_fault
from phasegate.facts.sources.formats.ndjson_numbers import with_long_numbers_as_texts
from phasegate.facts.sources.formats.ndjson_objects import (
    Objects,
    find_bad_line,
    is_object,
    ndjson_keys,
    read_object,
)
from phasegate.facts.sources.formats.pieces import LINE_AT_MOST, whole_lines
from phasegate.facts.sources.limits import refuse_columns
from phasegate.facts.sources.rewritten import Rewritten
from phasegate.rules.model.project import SourceFile

_AT_A_TIME = 1 << 23
"""So many bytes are read before rows are made of them."""
_EITHER = re.compile(
    rb":\s*(-?(?:[1-9][0-9]{0,2}\.[0-9]{3}0*|[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+))(?=\s*[,}])"
)
"""A number that polars gives as one to three digits, a point and three more."""
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class NdjsonPart(Part):
    """A NDJSON file; its columns are the keys of its first object, until all of them are looked for."""

    def watcher(self) -> Watcher:
        """Looks for keys that stand twice, and for too many."""
        return SingleKeys()

    def damage(self, said: str) -> SourceError:
        """Which line it is."""
        return find_fault(self.file, said)

    def unreadable(self) -> SourceError | None:
        """The first line that is no JSON object."""
        return find_bad_line(self.file)

    def complete(self) -> None:
        """A key may come late."""
        self.columns = dict.fromkeys(ndjson_keys(self.file, self.open()), pl.String())

    def later(self, columns: Collection[str]) -> Collection[str]:
        """Those of some keys that come after the first object."""
        return ndjson_keys(self.file, self.open(), columns)

    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """The lines of the objects."""
        return lines_found(self, Objects(), rows)


class Ndjson(Format):
    """NDJSON: an object a line, each with keys of its own."""

    name = "ndjson"
    ragged = True

    def open(self, file: FoundFile, source: SourceFile) -> NdjsonPart:
        """Reads the first object, and rewrites a text with numbers that polars would change."""
        if source.thousands == ".":
            _refuse_either(file)
        columns = dict.fromkeys(_first_keys(file), pl.String())
        return NdjsonPart(file, source, columns, _exact(file))

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns as text."""
        schema = dict.fromkeys(wanted, pl.String())
        texts = [part.text for part in parts]
        if all(isinstance(text, io.BytesIO) for text in texts):
            frame = pl.scan_ndjson(cast("list[IO[bytes]]", texts), schema=schema)
        else:
            from polars.io.plugins import register_io_source

            frame = register_io_source(
                partial(_rows_in_pieces, parts, tuple(wanted)), schema=schema, explain_name="NDJSON"
            )
        frame = frame.select(pl.col(found).alias(name) for found, name in wanted.items())
        return nulls_read(frame, list(wanted.values()), nulls)

    def copy_head(self, path: Path, source: SourceFile, target: Path) -> bool:
        """The first lines."""
        return copy_lines(path, b"", target)

    def recognises(self, line: bytes) -> bool:
        """Whether it is an object."""
        return line.startswith(b"{") and is_object(line)


def _refuse_either(file: FoundFile) -> None:
    """Refuses numbers that would be a thousand times as much as texts: what is read is a text of either."""
    number = 1
    with file.open() as raw:
        for lines in whole_lines(raw):
            if found := _EITHER.search(lines):
                line = number + lines.count(b"\n", 0, found.start())
                what = f"{file.shown}:{line} has the number {found[1].decode()}, whose point may be one"
                hint = "remove thousands from the source, or bring the list as JSON (format: json)"
                raise SourceError(f"{what} between thousands, as the source says", hint)
            number += lines.count(b"\n")


def _first_keys(file: FoundFile) -> tuple[str, ...]:
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
    if (keys_written := line.count(KEY)) > KEYS_AT_MOST:  # it need not be read for that
        refuse_columns(where, keys_written)
    keys = tuple(read_object(file, number, line))
    refuse_columns(where, len(keys))
    return keys


def _rows_in_pieces(
    parts: Sequence[Part],
    keys: Sequence[str],
    columns: Collection[str] | None,
    predicate: pl.Expr | None,
    most: int | None,
    _: int | None,
) -> Iterator[pl.DataFrame]:
    """Rows of files, some at a time, as `register_io_source` asks for them.

    polars would map a whole file into memory, and who cuts off a file that is mapped ends the process.

    Raises:
        OSError: if a file has not as many bytes as it had, or can not be read.
    """
    wanted = [key for key in keys if columns is None or key in columns]
    for part in parts:
        for lines in _whole_lines(part):
            rows = pl.read_ndjson(io.BytesIO(lines), schema=dict.fromkeys(wanted, pl.String()))
            if most is not None:
                rows = rows.head(most)
                most -= rows.height
            yield rows if predicate is None else rows.filter(predicate)
            if most == 0:
                return


def _whole_lines(part: Part) -> Iterator[bytes]:
    """A file in pieces that end with a line, however long the lines are."""
    begun: list[bytes] = []
    read = 0
    with part.open() as text:
        while piece := text.read(_AT_A_TIME):
            read += len(piece)
            end = piece.rfind(b"\n") + 1
            if end:
                yield b"".join((*begun, memoryview(piece)[:end]))
                begun = []
            begun.append(piece[end:])
    if part.rewritten is None and read != part.file.size:
        raise OSError("the file changed while it was read")
    if any(begun):
        yield b"".join(begun)


def _exact(file: FoundFile) -> Rewritten | None:
    try:
        return with_long_numbers_as_texts(file)
    except OSError as error:
        hint = "it is in TMPDIR, else in /var/tmp or /tmp; a file without numbers of 16 digits needs none"
        what = f"{file.shown} can not be rewritten with its long numbers as texts: {words(error)}"
        raise SourceError(what, hint) from error


FORMAT = Ndjson()
NdjsonPart.format = FORMAT
