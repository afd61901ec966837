"""The records of CSV files, one by one: slower than polars, and told where one can not be read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal

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
    """The records of a CSV file, read as strictly as `facts.sources.formats.csv.structure` does.

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
                    raise MisquotedError("return" if line[at] == "\r" else "after", number, at + 1)
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
def lines_of(text: IO[bytes]) -> Iterator[Iterable[str]]:
    """The lines of a text in UTF-8, ended by line feeds alone; it stays where it stands."""
    place = text.tell()
    text.seek(0)
    wrapped = io.TextIOWrapper(text, encoding="utf-8-sig", errors="replace", newline="\n")
    try:
        yield wrapped
    finally:
        wrapped.detach()
        text.seek(place)
