"""The lines on which objects of NDJSON files stand."""

from __future__ import annotations

from collections.abc import Sequence


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
