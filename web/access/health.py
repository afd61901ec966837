"""Whether a server lives, and whether it can make pages now; neither says anything else, to anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from phasegate.web.access.answer import Answer

LIVES, READY = "/healthz", "/readyz"
_SECONDS = 2.0
"""For how long an answer holds: whoever asks often costs the ledger nothing."""
LONGEST = 5.0
"""Seconds after which no answer is one too."""


class Health:
    """Answers probes.

    Args:
        ready: asks what pages are made of whether it answers.
    """

    def __init__(self, ready: Callable[[], Awaitable[bool]]) -> None:
        self._ready = ready
        self._lock = asyncio.Lock()
        self._found = False
        self._asked: float | None = None

    async def answer(self, path: str) -> Answer | None:
        """The answer to a probe; None where the path is not one of them."""
        if path == LIVES:
            return Answer(200, "ok\n")
        if path == READY:
            return Answer(200, "ok\n") if await self._is_ready() else Answer(503, "not ready\n")
        return None

    async def _is_ready(self) -> bool:
        clock = asyncio.get_running_loop().time
        async with self._lock:
            if self._asked is None or clock() - self._asked >= _SECONDS:
                try:
                    self._found = await asyncio.wait_for(self._ready(), LONGEST)
                except Exception:  # noqa: BLE001 - whatever went wrong, pages can not be made
                    self._found = False
                self._asked = clock()
            return self._found
