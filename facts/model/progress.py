"""Progress: who wants to know what is being read, and how far, listens here; nothing in facts prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Literal, NamedTuple, Protocol


class Come(NamedTuple):
    """How much of a source has come.

    Attributes:
        source: its name.
        done: how much there is.
        total: how much there will be; None where nobody knows.
        unit: what is counted.
        estimated: whether the total is a guess, as that of a database's catalogue is.
    """

    source: str
    done: int
    total: int | None
    unit: Literal["rows", "bytes"]
    estimated: bool = False


class Progress(Protocol):
    """Hears which source is being read; several threads may tell it."""

    def started(self, name: str) -> None:
        """A source is about to be read."""

    def came(self, so_far: Come) -> None:
        """Some more of a source has come."""

    def finished(self, name: str) -> None:
        """A source was read, whatever was found."""


class Silent:
    """Hears and says nothing."""

    def started(self, name: str) -> None:
        """Says nothing."""

    def came(self, so_far: Come) -> None:
        """Says nothing."""

    def finished(self, name: str) -> None:
        """Says nothing."""


class Later:
    """Remembers what it hears until there is somebody to tell."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._heard: list[Callable[[Progress], None]] = []
        self._listener: Progress | None = None

    def started(self, name: str) -> None:
        """A source is about to be read."""
        self._hear(lambda listener: listener.started(name))

    def came(self, so_far: Come) -> None:
        """Some more of a source has come: of no interest to who was not there."""
        with self._lock:
            if self._listener is not None:
                self._listener.came(so_far)

    def finished(self, name: str) -> None:
        """A source was read, whatever was found."""
        self._hear(lambda listener: listener.finished(name))

    def tell(self, listener: Progress) -> None:
        """Tells somebody what was heard, and from now on what is heard."""
        with self._lock:
            self._listener = listener
            heard, self._heard = self._heard, []
            for say in heard:
                say(listener)

    def _hear(self, say: Callable[[Progress], None]) -> None:
        with self._lock:
            if self._listener is None:
                self._heard.append(say)
            else:
                say(self._listener)


class Count:
    """Counts what comes of a source, and tells it.

    Args:
        source: its name.
        listener: who is told.
        unit: what is counted.
    """

    def __init__(self, source: str, listener: Progress, unit: Literal["rows", "bytes"]) -> None:
        self._lock = Lock()
        self._listener = listener
        self._so_far = Come(source, 0, None, unit)

    def expect(self, more: int, *, estimated: bool = False) -> None:
        """That so much more will come."""
        with self._lock:
            total = (self._so_far.total or 0) + more
            self._so_far = self._so_far._replace(total=total, estimated=estimated)

    def add(self, more: int) -> None:
        """That so much more has come."""
        with self._lock:
            self._so_far = so_far = self._so_far._replace(done=self._so_far.done + more)
        self._listener.came(so_far)


class _Counts(NamedTuple):
    """What is counted of the source that is being opened."""

    listener: Progress
    rows: Count
    bytes: Count


_OPENED: ContextVar[_Counts | None] = ContextVar("_OPENED", default=None)


def _counts(source: str, listener: Progress) -> _Counts:
    return _Counts(listener, Count(source, listener, "rows"), Count(source, listener, "bytes"))


def _now() -> _Counts:
    return _OPENED.get() or _counts("", Silent())


@contextmanager
def opening(source: str, listener: Progress | None = None) -> Iterator[None]:
    """Whoever opens a source inside counts what comes of it, in whatever thread it then does.

    Args:
        source: its name.
        listener: who is told; where nobody is named, whoever is told around it.
    """
    before = _OPENED.set(_counts(source, listener or _now().listener))
    try:
        yield
    finally:
        _OPENED.reset(before)


def rows_count() -> Count:
    """Counts the rows of the source that is being opened; asked for where it is opened, not later."""
    return _now().rows


def bytes_count() -> Count:
    """Likewise its bytes."""
    return _now().bytes
