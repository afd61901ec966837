"""The lines on which records of CSV files begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


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


class Records:
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
