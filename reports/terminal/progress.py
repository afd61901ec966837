"""Progress on the error stream: which source is being read, on one line that goes away again."""

from __future__ import annotations

from typing import TextIO

from phasegate.reports.text.plain import counted, encodable, visible

_CLEAR = "\r\x1b[K"


class ReadingLine:
    """Shows what is being read on a terminal.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._reading: list[str] = []
        self._read = 0

    def started(self, name: str) -> None:
        """A source is about to be read."""
        self._reading.append(name)
        self._show()

    def finished(self, name: str) -> None:
        """A source was read, whatever was found."""
        if name in self._reading:
            self._reading.remove(name)
            self._read += 1
        self._show()

    def _show(self) -> None:
        text = ""
        if self._reading:
            text = f"reading {visible(self._reading[-1])} ({counted(self._read, 'source')} read)"
        self._stream.write(f"{_CLEAR}{encodable(text, self._stream.encoding)}")
        self._stream.flush()


class CountingLine:
    """Shows on a terminal how far something has come; the line goes away at its end.

    Args:
        stream: the terminal.
        what: what is done, such as ``verifying``.
        of: what is counted.
    """

    def __init__(self, stream: TextIO, what: str, of: str) -> None:
        self._stream = stream
        self._what = what
        self._of = of

    def __call__(self, done: int, total: int) -> None:
        """Hears how many of how many are done."""
        text = "" if done >= total else f"{self._what} {self._of}: {done:,} of {total:,}"
        self._stream.write(f"{_CLEAR}{encodable(text, self._stream.encoding)}")
        self._stream.flush()
