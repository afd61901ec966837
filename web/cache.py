"""Answers that were made already, up to so many bytes of them; who asks for the same gets the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

MOST_BYTES = 48 * 1024 * 1024
"""So many bytes of answers are held."""
OVERHEAD = 1_000
"""Bytes that an answer is taken to need beside its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered.

    Attributes:
        body: the bytes.
        media_type: of what kind they are.
        status: the status.
        file: the name of the file as which it is to be kept; None of what is to be shown.
        looks: at what evidence whoever gets it looks, each with its area; None for all areas.
    """

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    file: str | None = None
    looks: tuple[tuple[str, str | None], ...] = ()


class Answers:
    """The answers that were asked for last.

    Args:
        most: bytes of them that are held.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = Lock()
        self.bytes = 0

    def get(self, key: Hashable) -> Answer | None:
        """The answer under a key; None where there is none."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: Answer) -> None:
        """Holds an answer; the ones that were asked for longest ago make room for it."""
        size = len(answer.body) + OVERHEAD
        if size > self._most // 4:
            return
        with self._lock:
            before = self._held.pop(key, None)
            self.bytes += size - (len(before.body) + OVERHEAD if before is not None else 0)
            self._held[key] = answer
            while self.bytes > self._most:
                _, gone = self._held.popitem(last=False)
                self.bytes -= len(gone.body) + OVERHEAD
