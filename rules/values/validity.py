"""When a signed statement counts: the one place that decides it, for waivers and for attestations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from phasegate.rules.values.time_zones import UTC, begin_of, day_of

State = Literal["in_force", "future", "expired", "revoked"]
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Validity:
    """The span of a signed statement.

    Attributes:
        start: the instant from which it counts, included.
        end: the instant from which it no longer counts.
        signed: when it was signed; it does not reach back behind that.
        revoked: the instant from which it was taken back; None if it was not.
        zone: the time zone whose days count.
        today: whether a day is decided on that day itself, by what stood signed before the decision: what
            was said first is told by the place in the ledger then, and not by the clocks of who signed.
    """

    start: dt.datetime
    end: dt.datetime
    signed: dt.datetime
    revoked: dt.datetime | None = None
    zone: str = UTC
    today: bool = False

    def on(self, day: dt.date) -> tuple[State, str]:
        """Whether it counts on a day, and the same in words.

        It counts on a day only if it covers that whole day: it has started when the day begins and
        neither ends nor is revoked before the day is over. It never counts before it was signed. Where the
        day is decided on that day itself, it has started if its first day has come.
        """
        begins, over = begin_of(day, self.zone), begin_of(day + _DAY, self.zone)
        if self.revoked is not None and self.revoked < over:
            return "revoked", f"it was revoked at {in_words(self.revoked)}"
        if self._begins >= over or (self._begins > begins and not self.today):
            return "future", f"it starts at {in_words(self._begins)}"
        if self.end < over:
            if self.end > begins:
                return "expired", f"it ends at {in_words(self.end)}, before the day is over"
            return "expired", f"it ended at {in_words(self.end)}"
        return "in_force", f"in force until {in_words(self.end)}"

    @property
    def first_day(self) -> dt.date:
        """The first day on which it counts, if it counts on one."""
        day = day_of(self._begins, self.zone)
        return day if self.today or self._begins <= begin_of(day, self.zone) else day + _DAY

    @property
    def last_day(self) -> dt.date:
        """The last day on which it counts; before `first_day` if it counts on none."""
        ends = self.end if self.revoked is None else min(self.end, self.revoked)
        return day_of(ends, self.zone) - _DAY

    @property
    def _begins(self) -> dt.datetime:
        return max(self.start, self.signed)


def in_words(when: dt.datetime) -> str:
    """An instant for people, in UTC."""
    return when.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
