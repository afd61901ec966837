"""Where the table of a CSV file ends: above its totals, notes and signatures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from typing import IO

from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.formats.csv.damage import Table, misquoted
from phasegate.facts.sources.formats.csv.records import MisquotedError, lines_of, read_records
from phasegate.facts.sources.formats.pieces import whole_lines
from phasegate.rules.diagnostics.suggestions import nearest

_LINES_SHOWN, _END_SHOWN = 50, 1 << 16


@dataclass(slots=True)
class _Below:
    """The line that ends a table.

    Attributes:
        stop: the text that is looked for.
        table: the table, whose text still holds what stands below.
        line: the line, 0 until it is found.
        end: where in the text the last row above it ends.
        like: the last line that begins with the text and may be a row all the same, and its first field.
        quoted: whether a line with the text begins inside of quotes.
    """

    stop: str
    table: Table
    line: int = 0
    end: int = 0
    like: tuple[int, str] | None = None
    quoted: bool = False

    def ends(self, text: bytes, number: int) -> bool:
        """Whether a line that begins a record is the first below the table."""
        fields, line, strict = self.fields(text)
        if fields[0] == self.stop:
            return True
        if not line.startswith(self.stop):
            return False
        if strict and len(fields) == self.table.fields:
            self.like = (number, fields[0])  # a row may begin with the same word
            return False
        return not line[len(self.stop) :][:1].isalnum()

    def again(self, text: bytes) -> bool:
        """Whether a line further below is one more record that would end the table."""
        fields, _, _ = self.fields(text)
        return fields[0] == self.stop and len(fields) == self.table.fields > 1

    def fields(self, text: bytes) -> tuple[list[str], str, bool]:
        """The fields of a line, the line as one text, and whether it is a record by itself."""
        dialect = self.table.dialect
        line = text.decode("utf-8-sig", errors="replace").strip("\r\n")
        try:
            record = next(read_records([line], dialect), None)
            fields, strict = record.fields if record else [""], True
        except MisquotedError:  # a note may be written as it likes
            fields, strict = line.split(dialect.separator), False
        return [fields[0].strip(), *fields[1:]], line.strip().lstrip(dialect.quote or ""), strict


def cut_below(text: IO[bytes], stop: str, table: Table) -> None:
    """Cuts off what stands below the table in a file, in bounded memory.

    Lines without any value directly above go with it.

    Args:
        text: the file in UTF-8, from the table's first line on; what remains is the table.
        stop: see `SourceFile.stop_at`.
        table: the table.

    Raises:
        SourceError: if the text never comes, for then totals might be counted as rows; or if it comes
            twice, for then rows might be left out.
    """
    below = _Below(stop, table)
    quote = (table.dialect.quote or "").encode()
    needle = b"" if table.dialect.quote and table.dialect.quote in stop else stop.encode()
    blank = b" \t\r\n" + table.dialect.separator.encode()
    place, line, inside, header = 0, 1, False, table.header
    text.seek(0)
    for block in whole_lines(text):
        if needle not in block and not header:
            if not below.line and (bare := len(block.rstrip(blank))):
                below.end = place + (block.find(b"\n", bare) + 1 or len(block))
            inside ^= bool(quote) and block.count(quote) % 2 == 1
            place, line = place + len(block), line + block.count(b"\n")
            continue
        for one in _lines(block):
            if below.line:
                if below.again(one):
                    raise _twice(below, line)
            elif not inside and not header and needle in one and below.ends(one, line):
                below.line = line
            elif one.strip(blank):
                below.end = place + len(one)
                below.quoted = below.quoted or (inside and needle in one)
            inside ^= bool(quote) and one.count(quote) % 2 == 1
            header = header and inside
            place, line = place + len(one), line + 1
    if not below.line:
        raise _never(below, text)
    text.truncate(below.end)
    text.flush()
    text.seek(0)


def _lines(block: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(block):
        end = block.find(b"\n", at) + 1 or len(block)
        yield block[at:end]
        at = end


def _never(below: _Below, text: IO[bytes]) -> SourceError:
    """Says which quote hides it, else what stands at the end of the file in its place."""
    if below.quoted:
        try:
            with lines_of(text) as lines:
                deque(read_records(lines, below.table.dialect), maxlen=0)
        except MisquotedError as error:
            return misquoted(below.table, error)
    text.seek(max(0, text.seek(0, SEEK_END) - _END_SHOWN))
    fields = {below.fields(one)[0][0] for one in text.read().split(b"\n")[-_LINES_SHOWN:]}
    near = nearest(below.stop, fields)
    hint = near and f"did you mean {near!r}?"
    shown = below.table.file.shown
    if below.like is not None:
        line, field = below.like
        hint = f"{below.table.place(line)} may be a row; if it is none, name its whole first field {field!r}"
    what = f"{shown}: no record begins with {below.stop!r}, which stop_at says stands below the table"
    return SourceError(what, hint or "write it as the file has it, or remove stop_at")


def _twice(below: _Below, line: int) -> SourceError:
    first, again = below.table.place(below.line), below.table.place(line)
    what = (
        f"{first} begins with {below.stop!r}, and so does {again}: stop_at can not tell where the table ends"
    )
    return SourceError(what, "name a text that stands below the table only")
