"""Progress: who wants to know what is being read listens here; nothing in facts prints."""

from __future__ import annotations

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
