"""Where the rows of a source stand: in which file, and there on which line.

A row has a number only: how many rows of its source come before it. The line on which it begins is
looked for where somebody has to find the row, by a slower look at the bytes, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from phasegate.facts.sources.file import Part
from phasegate.facts.sources.formats.pieces import pieces
from phasegate.facts.sources.passes import read_errors


class Place(NamedTuple):
    """Where a row stands.

    Attributes:
        file: its file, relative to the project.
        line: the line of a file of text on which it begins, counted from 1.
        row: which row it is of a file without lines, counted from 1.
    """

    file: str
    line: int | None = None
    row: int | None = None


class Head(NamedTuple):
    """What stands before the first row of a CSV file, and how its records are told apart.

    Attributes:
        above: lines of the file that are above the text that is read.
        records: records of that text which are no rows; each may be longer than a line.
        quote: what stands around texts with line ends in them; None for nothing.
    """

    above: int
    records: int
    quote: str | None


def head_of(part: Part) -> Head:
    """What stands before the first row of a CSV file."""
    assert part.header is not None
    assert part.dialect is not None
    return Head(part.above, int(part.header.written), part.dialect.quote)


def places(parts: Sequence[Part], rows: Iterable[int]) -> dict[int, Place]:
    """The places of some rows.

    Args:
        parts: all files of the source, in the order in which they are read.
        rows: the rows, counted from 1 over all files.

    Returns:
        The place of each row; one that is in no file, or in one that is gone, has none.
    """
    waiting = sorted(set(rows))
    found: dict[int, Place] = {}
    before = 0
    for part in parts:
        if len(found) == len(waiting):
            break
        here = [row - before for row in waiting if row > before]
        try:
            own, held = _places_in(part, here)
        except read_errors():  # the run says so itself
            break
        found |= {row + before: place for row, place in own.items()}
        before += held
    return found


def _places_in(part: Part, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
    """The places of those rows that are in a file, and how many rows it has.

    The look ends at the last of the rows: where all are found the number is not a whole one.
    """
    shown = part.file.shown
    if part.format == "parquet":
        import polars as pl

        held = int(pl.scan_parquet(part.text, glob=False).select(pl.len()).collect().item())
        return {row: Place(shown, row=row) for row in rows if row <= held}, held
    look = _Objects() if part.format == "ndjson" else _Records(head_of(part))
    with part.open() as text:
        for piece in pieces(text):
            look.see(piece, rows)
            if look.lines.keys() >= {*rows}:
                break
        else:
            look.end(rows)
    return {row: Place(shown, line) for row, line in look.lines.items()}, look.held


class _Records:
    """Finds the lines on which records of a CSV file begin.

    A line feed ends a record where it stands outside of quotes, which is told by how many quotes come
    before it: of two in a row the second undoes what the first did.

    Attributes:
        lines: the line of each row that was found.
        held: how many rows have ended.
    """

    def __init__(self, head: Head) -> None:
        self.lines: dict[int, int] = {}
        self.held = -head.records
        self._quote = None if head.quote is None else head.quote.encode()
        self._quoted, self._line = False, 1 + head.above
        self._ended = True
        """Whether the next byte, if there is one, begins a record."""

    def see(self, chunk: bytes, rows: Sequence[int]) -> None:
        """The next bytes."""
        if self._ended and self.held + 1 in rows:
            self.lines[self.held + 1] = self._line
        parts = chunk.split(self._quote) if self._quote else [chunk]
        ends = sum(part.count(b"\n") for part in parts[self._quoted :: 2])
        if any(self.held + 1 < row <= self.held + ends + 1 for row in rows):
            self._walk(parts, len(chunk), rows)
        else:
            self.held += ends
            self._line += chunk.count(b"\n")
        self._quoted ^= len(parts) % 2 == 0
        self._ended = not self._quoted and chunk.endswith(b"\n")

    def end(self, rows: Sequence[int]) -> None:
        """No more bytes: a record that has begun ends here, without a line feed."""
        self.held += not self._ended

    def _walk(self, parts: Sequence[bytes], length: int, rows: Sequence[int]) -> None:
        """The same, line by line, where one of the rows begins in these bytes."""
        wanted, quoted, at = {*rows}, self._quoted, 0
        for part in parts:
            lines = part.count(b"\n")
            end = -1
            for _ in range(0 if quoted else lines):
                end = part.index(b"\n", end + 1)
                self.held += 1
                self._line += 1
                if self.held + 1 in wanted and at + end + 1 < length:
                    self.lines[self.held + 1] = self._line
            if quoted:
                self._line += lines
            quoted, at = not quoted, at + len(part) + 1


class _Objects:
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
