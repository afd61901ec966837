"""The structure of CSV files: what RFC 4180 lets pass, and where a file leaves it.

polars reads whatever it can: it fills short lines with nulls, drops the surplus of long ones, and a
quote that stands where none may swallows the lines up to the next. `Structure` looks at the same
bytes beside it and refuses all of that; `find_damage` finds the place, by a slower look.

A file is accepted if every field is either free of quotes, or in quotes from its first character to
its last with each further quote doubled; if line ends are ``\\n`` or ``\\r\\n``; and if each record
has as many fields as the header. In such a file there is one way only to tell the rows
(docs/decisions/0025).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import polars as pl

from phasegate.facts.sources_files import FoundFile, SourceError, Watcher

UNCLOSED = "ends inside a quoted text"
_MISQUOTED = "has a quote where none may stand"
_LONE_RETURN = "has a carriage return that ends no line"
_EITHER = "may be a file without quoting"
_TOO_LONG = "has a field that is too long"
FIELD_AT_MOST = 1 << 24
"""Bytes of a field that holds neither a separator nor a line end."""

_FIELDS_TOLD_AT_ONCE = 64

Fault = Literal["unclosed", "inside", "after", "return"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the fields of a CSV file are told apart.

    Attributes:
        separator: stands between two fields.
        quote: stands around a field that holds any of these signs; None where none does, and a
            quote is a character like any other.
        told: whether somebody said that it is the quote; else it is assumed.
    """

    separator: str = ","
    quote: str | None = '"'
    told: bool = True


class Structure(Watcher):
    """Holds every byte of a CSV file to the form that leaves no doubt about its rows.

    Of a piece without quotes only separators and line ends matter: what is left of it must be one
    line's separators, over and over. A piece with quotes is first held to the grammar of quoted
    fields. Two quotes in a row then change nothing about what is inside and what outside, so that
    most quoted fields vanish before anything is split.

    Args:
        fields: how many each record has.
        separator, quote: as in `Dialect`.
        either: whether the file might be one without quoting, for all that is known. If its lines
            are records as they stand, and quotes join some of them, nobody can tell which is meant.
    """

    def __init__(self, fields: int, separator: str, quote: str | None, either: bool = False) -> None:
        self._separator, self._quote = separator.encode(), (quote or "").encode()
        kept = {*separator.encode(), *self._quote, ord("\n")}
        self._others = bytes(byte for byte in range(256) if byte not in kept)
        self._grammar = self._whole = ""
        if quote:
            self._grammar, self._whole = _grammars(separator, quote, fields)
        self._fields = fields
        self._records = _Lines(self._separator * (fields - 1) + b"\n")
        self._lines: _Lines | None = None  # the records, if quotes are ordinary characters
        self._either, self._joined = either, False
        self._quoted = False
        self._started = False
        self._rest, self._open = b"", False
        self._fault: str | None = None

    def see(self, chunk: bytes) -> None:
        """The next bytes."""
        if self._fault is not None:
            return
        # Between two fields or two lines no sign is cut in two, and no doubled quote either.
        cut = chunk.rfind(b"\n") + 1 or chunk.rfind(self._separator) + 1
        if cut:
            piece, self._rest = b"".join((self._rest, memoryview(chunk)[:cut])), chunk[cut:]
            self._open = not piece.endswith(b"\n")
            self._look(piece)
        else:
            self._rest += chunk
        if len(self._rest) > FIELD_AT_MOST:
            self._fault = _TOO_LONG

    def fault(self) -> str | None:
        """What is wrong, without the place: that takes a slower look, see `find_damage`."""
        if (self._rest or self._open) and self._fault is None:
            # A last line is as good without its end as with it.
            piece, self._rest, self._open = self._rest + b"\n", b"", False
            self._look(piece)
        if self._fault is not None:
            return self._fault
        if self._quoted:
            return UNCLOSED
        if not self._records.whole():
            return f"has a line that has not {self._fields} fields"
        if self._joined and self._lines is not None and self._lines.whole():
            return _EITHER
        return None

    def _look(self, piece: bytes) -> None:
        if not self._started:
            self._started, piece = True, piece.removeprefix(codecs.BOM_UTF8)
        if self._quote and (self._quoted or self._quote in piece):
            self._look_at_quotes(piece)
        elif b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n"):
            self._fault = _LONE_RETURN
        else:
            signs = piece.translate(None, self._others)
            self._records.see(signs)
            if self._lines is not None:
                self._lines.see(signs)

    def _look_at_quotes(self, piece: bytes) -> None:
        if self._either:
            if self._lines is None:
                self._lines = self._records.copy()
            self._lines.see(piece.translate(None, self._others + self._quote))
            self._either = not self._lines.broken
        whole = not (self._either or self._quoted or self._records.begun)
        if whole and self._whole and _matches(piece, self._whole):
            return  # records from its first byte to its last, which leave nothing to be looked at
        signs = piece.translate(None, self._others)
        if self._quoted:  # as if it began here
            piece, signs = self._quote + piece, self._quote + signs
        parts = signs.replace(self._quote * 2, b"").split(self._quote)
        self._quoted = len(parts) % 2 == 0
        if self._quoted:
            piece += self._quote + b"\n"
        if not _matches(piece, self._grammar):
            self._fault = _MISQUOTED
            return
        self._joined = self._joined or (self._either and any(b"\n" in part for part in parts[1::2]))
        self._records.see(b"".join(parts[::2]))


class _Lines:
    """The signs of records as they come: are they one record's, over and over?"""

    def __init__(self, line: bytes, begun: bytes = b"", broken: bool = False) -> None:
        self._line, self.begun, self.broken = line, begun, broken

    def copy(self) -> _Lines:
        return _Lines(self._line, self.begun, self.broken)

    def see(self, signs: bytes) -> None:
        if self.broken:
            return
        signs = self.begun + signs
        end = signs.rfind(b"\n") + 1
        self.begun = signs[end:]
        # A file of one column has empty lines where the value is null.
        self.broken = signs.count(self._line, 0, end) * len(self._line) != end or (
            len(self.begun) >= len(self._line)
        )

    def whole(self) -> bool:
        """Whether they are, once all were seen."""
        return not self.broken and not self.begun


def _grammars(separator: str, quote: str, fields: int) -> tuple[str, str]:
    """What a piece of a file must be that begins and ends between two fields, and between two records.

    Returns:
        Two regular expressions; the second is empty where records are too long to be told by one.
    """
    s, q = (f"\\x{ord(sign):02x}" for sign in (separator, quote))
    field = rf"(?:{q}(?:[^{q}]|{q}{q})*{q}|[^{s}{q}\r\n]*)"
    more = rf"(?:{s}{field}){{{fields - 1}}}" if fields > 1 else ""
    whole = rf"\A(?:{field}{more}\r?\n)*\z" if fields <= _FIELDS_TOLD_AT_ONCE else ""
    return rf"\A(?:{field}(?:{s}|\r?\n))*\z", whole


def _matches(piece: bytes, pattern: str) -> bool:
    """Whether bytes match as a whole: by polars, whose regular expressions never step back."""
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        text = piece.decode("latin1")  # told by who reads it; no sign of the structure is affected
    return bool(pl.Series([text]).str.contains(pattern).item())


class MisquotedError(Exception):
    """A place that no record can be read from.

    Attributes:
        kind: a text that is never closed, a quote inside of an unquoted text, something after the
            quote that closes a text, a carriage return that ends no line.
        line, column: the place, counted from 1.
    """

    def __init__(self, kind: Fault, line: int, column: int) -> None:
        super().__init__(kind, line, column)
        self.kind, self.line, self.column = kind, line, column


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a CSV file.

    Attributes:
        line, last: its first line and its last, counted from 1.
        fields: what it holds.
        quoted: whether any field is in quotes.
        joined: the column of the quote by which its first line goes on in the next; 0 where none does.
    """

    line: int
    last: int
    fields: list[str]
    quoted: bool = False
    joined: int = 0


def read_records(lines: Iterable[str], dialect: Dialect) -> Iterator[Record]:
    """The records of a CSV file, by the strict reading that `Structure` holds a file to.

    Args:
        lines: its lines, ended by line feeds alone.
        dialect: how it is written.

    Raises:
        MisquotedError: where it is no such file.
    """
    s, q = re.escape(dialect.separator), re.escape(dialect.quote or "")
    plain = re.compile(rf"[^{s}{q}\r\n]*")
    end = re.compile(rf"{s}|\r?\n|\r?\Z")
    inside = re.compile(rf"[^{q}]*(?:{q}{q}[^{q}]*)*") if q else plain
    fields: list[str] = []
    begun, quoted, joined = 1, False, 0
    text: list[str] | None = None
    opened = (0, 0)
    for number, line in enumerate(lines, start=1):
        if text is None:
            begun, quoted, joined, fields = number, False, 0, []
            if "\r" not in line and (dialect.quote is None or dialect.quote not in line):
                yield Record(number, number, line.removesuffix("\n").split(dialect.separator))
                continue
        at = 0
        while True:
            if text is None and dialect.quote and line.startswith(dialect.quote, at):
                text, opened = [], (number, at + 1)
                quoted = True
                at += 1
            if text is not None:
                assert dialect.quote is not None
                found = inside.match(line, at)
                assert found is not None
                text.append(found.group())
                at = found.end()
                if at == len(line):
                    joined = joined or opened[1]
                    break
                fields.append("".join(text).replace(dialect.quote * 2, dialect.quote))
                text = None
                at += 1
                closed = end.match(line, at)
                if closed is None:
                    raise MisquotedError("after", number, at + 1)
            else:
                found = plain.match(line, at)
                assert found is not None
                fields.append(found.group())
                at = found.end()
                closed = end.match(line, at)
                if closed is None:
                    raise MisquotedError("return" if line[at] == "\r" else "inside", number, at + 1)
            at = closed.end()
            if closed.group() != dialect.separator:
                yield Record(begun, number, fields, quoted, joined)
                break
    if text is not None:
        raise MisquotedError("unclosed", *opened)


@contextmanager
def lines_of(text: Path | IO[bytes]) -> Iterator[Iterable[str]]:
    """The lines of a text in UTF-8, ended by line feeds alone; an open file stays where it stands."""
    if isinstance(text, Path):
        with text.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
            yield lines
        return
    place = text.tell()
    text.seek(0)
    lines = io.TextIOWrapper(text, encoding="utf-8-sig", errors="replace", newline="\n")
    try:
        yield lines
    finally:
        lines.detach().seek(place)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file's table, as messages speak of it.

    Attributes:
        file: the file.
        text: its table in UTF-8, without what stands above and below.
        dialect: how it is written.
        fields: how many each record has.
        above: how many lines of the file stand above its table.
        header: whether its first record is a header.
    """

    file: FoundFile
    text: Path | IO[bytes]
    dialect: Dialect
    fields: int
    above: int = 0
    header: bool = True

    def place(self, line: int, column: int | None = None) -> str:
        """A line of the table as a place in the file."""
        where = f"{self.file.shown}:{line + self.above}"
        return where if column is None else f"{where}:{column}"


def misquoted(table: Table, error: MisquotedError) -> SourceError:
    """What is wrong at a place, and what to do about it."""
    place, quote = table.place(error.line, error.column), table.dialect.quote or ""
    none = "where quotes are ordinary characters, say quote: none"
    if error.kind == "return":
        hint = "end lines with line feeds, and quote a text that holds line ends"
        return SourceError(f"{place} {_LONE_RETURN}", hint)
    if error.kind == "unclosed":
        what = f"{table.file.shown} {UNCLOSED} that begins in line {error.line + table.above}"
        return SourceError(what, f"is it cut off? Or {none}")
    what = (
        f"has a quote ({quote}) in the middle of a text that is not quoted"
        if error.kind == "inside"
        else f"goes on after the quote ({quote}) that closes a text"
    )
    hint = f"inside of a quoted text write each quote twice ({quote * 2}), for a backslash escapes nothing"
    return SourceError(f"{place} {what}", f"{hint}; {none}")


def find_damage(table: Table, fault: str) -> SourceError:
    """The place of the damage that `Structure` noticed, found by a slower look.

    Args:
        table: the damaged table.
        fault: what `Structure` said.
    """
    cut_off = "is it cut off?"
    try:
        with lines_of(table.text) as lines:
            for record in read_records(lines, table.dialect):
                if fault == _EITHER and record.last > record.line:
                    return _told_either_way(table, record)
                if fault == _TOO_LONG and max(map(len, record.fields)) >= FIELD_AT_MOST // 4:
                    return SourceError(f"{table.place(record.line)} {fault}", "is it no CSV?")
                count = len(record.fields)
                if count == table.fields:
                    continue
                if record.fields == [""]:
                    return SourceError(f"{table.place(record.line)} is an empty line", "remove it")
                what = "the header has" if table.header else "'columns' names"
                hint = f"{cut_off} Or is a text that holds a separator not quoted?"
                if not table.header or table.above:
                    hint += " Lines below the table end it with stop_at"
                counted = f"{count} {'field' if count == 1 else 'fields'}"
                message = f"{table.place(record.line)} has {counted}, {what} {table.fields}"
                return SourceError(message, hint)
    except MisquotedError as error:
        return misquoted(table, error)
    return SourceError(f"{table.file.shown} {fault}", cut_off)


def _told_either_way(table: Table, record: Record) -> SourceError:
    quote = table.dialect.quote
    what = (
        f"{table.place(record.line, record.joined)} begins a quoted text that goes on in the next line, "
        "but each of the file's lines could be a row as it stands"
    )
    hint = f"say quote: none if quotes are ordinary characters here, quote: '{quote}' if not"
    return SourceError(what, hint)
