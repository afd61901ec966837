"""Progress on the error stream: what is being read and how far, on one line that goes away again."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from phasegate.reports.text.plain import counted, encodable, visible

if TYPE_CHECKING:
    from phasegate.facts.model.progress import Come

_CLEAR = "\r\x1b[K"
_PAUSE = 0.2
"""Seconds for which a line stands at least: one that changes more often can not be read."""
_SOON = 2.0
"""Seconds after which it can be told how long it takes altogether."""
_MINUTE, _MEGABYTE = 60, 1_000_000


class ReadingLine:
    """Shows what is being read on a terminal.

    Args:
        stream: the terminal.
        clock: seconds that only grow.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._lock = Lock()
        self._reading: list[str] = []
        self._read = 0
        self._come: dict[str, tuple[Come, float]] = {}
        self._shown_at = 0.0

    def started(self, name: str) -> None:
        """A source is about to be read."""
        with self._lock:
            self._reading.append(name)
            self._show(name)

    def came(self, so_far: Come) -> None:
        """Some more of a source has come."""
        with self._lock:
            now = self._clock()
            before, began = self._come.get(so_far.source, (so_far, now))
            if (before.unit, before.done) > (so_far.unit, so_far.done):  # it is read anew
                began = now
            self._come[so_far.source] = so_far, began
            if so_far.source in self._reading and now - self._shown_at >= _PAUSE:
                self._show(so_far.source)

    def finished(self, name: str) -> None:
        """A source was read, whatever was found."""
        with self._lock:
            if name in self._reading:
                self._reading.remove(name)
                self._read += 1
            self._show(self._reading[-1] if self._reading else None)

    def _show(self, name: str | None) -> None:
        text, self._shown_at = "", self._clock()
        if name is not None:
            text = f"reading {visible(name)}{self._far(name)} ({counted(self._read, 'source')} read)"
        self._stream.write(f"{_CLEAR}{encodable(text, self._stream.encoding)}")
        self._stream.flush()

    def _far(self, name: str) -> str:
        """How far a source has come, and how long it will take."""
        if name not in self._come:
            return ""
        so_far, began = self._come[name]
        done, total = so_far.done, so_far.total
        if total is None or done >= total:
            # Its bytes are all there, and polars still computes with them; or the guess was too low.
            return f": {done:,} rows" if so_far.unit == "rows" else ""
        some = "some " if so_far.estimated else ""
        text = f": {done:,} of {some}{total:,} rows"
        if so_far.unit == "bytes":
            text = f": {done // _MEGABYTE:,} of {-(-total // _MEGABYTE):,} MB"
        took = self._shown_at - began
        return f"{text}, {_left(took * (total - done) / done)} left" if took >= _SOON and done else text


def _left(seconds: float) -> str:
    """A time in words."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    return counted(round(seconds / _MINUTE), "minute")


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
