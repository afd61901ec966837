"""Trying again what may have passed: a whole snapshot, or a whole object, and never the rest of one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from phasegate.facts.connections.base import PassingFaultError

TRIES = 3
PAUSE = 1.0
"""Seconds after which it is tried again, on average; several runs do not come back all at once."""
_Found = TypeVar("_Found")


def again(read: Callable[[], _Found], pause: float = PAUSE) -> _Found:
    """What is read, where it may be read again from its beginning.

    Raises:
        PassingFaultError: if that fails three times.
        SourceError: at once, where no other try would help.
    """
    for left in reversed(range(TRIES)):
        try:
            return read()
        except PassingFaultError:
            if not left:
                raise
        time.sleep(pause * (0.5 + secrets.randbelow(1_000) / 1_000))
    raise AssertionError
