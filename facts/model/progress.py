"""Progress: who wants to know what is being read listens here; nothing in facts prints."""

from __future__ import annotations

from threading import Lock
from typing import Protocol


class Progress(Protocol):
    """Hears which source is being read."""

    def started(self, name: str) -> None:
        """A source is about to be read."""

    def finished(self, name: str) -> None:
        """A source was read, whatever was found."""


class Silent:
    """Hears and says nothing."""

    def started(self, name: str) -> None:
        """Says nothing."""

    def finished(self, name: str) -> None:
        """Says nothing."""


class Later:
    """Remembers what it hears until there is somebody to tell."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._heard: list[tuple[bool, str]] = []
        self._listener: Progress | None = None

    def started(self, name: str) -> None:
        """A source is about to be read."""
        self._hear(True, name)

    def finished(self, name: str) -> None:
        """A source was read, whatever was found."""
        self._hear(False, name)

    def tell(self, listener: Progress) -> None:
        """Tells somebody what was heard, and from now on what is heard."""
        with self._lock:
            self._listener = listener
            heard, self._heard = self._heard, []
            for begins, name in heard:
                _say(listener, begins, name)

    def _hear(self, begins: bool, name: str) -> None:
        with self._lock:
            if self._listener is None:
                self._heard.append((begins, name))
            else:
                _say(self._listener, begins, name)


def _say(listener: Progress, begins: bool, name: str) -> None:
    if begins:
        listener.started(name)
    else:
        listener.finished(name)
