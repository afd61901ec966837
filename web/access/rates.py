"""How often somebody may ask."""

from __future__ import annotations

import math
from collections import OrderedDict

from phasegate.web.access.model import Rate

MOST = 20_000
"""So many are counted at once; whoever has not asked for longest is forgotten first."""


class Rates:
    """A bucket of tokens for each who asks: each request takes one, and they come back with the time."""

    def __init__(self, rate: Rate, most: int = MOST) -> None:
        self._per_second = rate.per_minute / 60
        self._burst = float(rate.burst)
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str, now: float) -> int:
        """Takes a token.

        Args:
            who: who asks.
            now: seconds of a clock.

        Returns:
            0, or if none is left after how many whole seconds there is one.
        """
        tokens, before = self._buckets.pop(who, (self._burst, now))
        tokens = min(self._burst, tokens + max(0.0, now - before) * self._per_second)
        allowed = tokens >= 1
        self._buckets[who] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - tokens) / self._per_second))
