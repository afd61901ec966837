"""Where a CSV file leaves the form that `structure` holds it to, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.csv.records import (
    Dialect,
    MisquotedError,
    Record,
    lines_of,
    read_records,
)
from phasegate.facts.sources.formats.csv.structure import (
    EITHER,
    FIELD_AT_MOST,
    LONE_RETURN,
    TOO_LONG,
    UNCLOSED,
    ZERO_BYTE,
)

NO_TEXT = "was it written to the end? Or is it UTF-16, or no CSV?"


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
    text: IO[bytes]
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
        return SourceError(f"{place} {LONE_RETURN}", hint)
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
            if fault == ZERO_BYTE:
                line = next((number for number, line in enumerate(lines, start=1) if "\0" in line), 1)
                return SourceError(f"{table.place(line)} {fault}", NO_TEXT)
            for record in read_records(lines, table.dialect):
                if fault == EITHER and record.last > record.line:
                    return _told_either_way(table, record)
                if fault == TOO_LONG and max(map(len, record.fields)) >= FIELD_AT_MOST // 4:
                    return SourceError(f"{table.place(record.line)} {fault}", "is it no CSV?")
                count = len(record.fields)
                if count == table.fields:
                    continue
                if record.fields == [""]:
                    return SourceError(f"{table.place(record.line)} is an empty line", "remove it")
                what = "the header has" if table.header else "'columns' names"
                counted = f"{count} {'field' if count == 1 else 'fields'}"
                message = f"{table.place(record.line)} has {counted}, {what} {table.fields}"
                return SourceError(message, f"{cut_off} {_other_fields(table, count)}")
    except MisquotedError as error:
        return misquoted(table, error)
    return SourceError(f"{table.file.shown} {fault}", cut_off)


def _other_fields(table: Table, count: int) -> str:
    if table.header and table.fields == 1:
        return "Or does the header stand further below? Then say which line it is by header_row"
    hint = "Or is a text that holds a separator not quoted?"
    return hint if count > 1 else f"{hint} Totals and notes below a table are left out by stop_at"


def _told_either_way(table: Table, record: Record) -> SourceError:
    quote = table.dialect.quote
    what = (
        f"{table.place(record.line, record.joined)} begins a quoted text that goes on in the next line, "
        "but each of the file's lines could be a row as it stands"
    )
    hint = f"say quote: none if quotes are ordinary characters here, quote: '{quote}' if not"
    return SourceError(what, hint)
