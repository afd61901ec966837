"""The days that the example's data hang on, all counted from one date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

DAY = dt.timedelta(days=1)
CYCLE_AGE = 49
"""The cycle began on the Monday on or before the day so many days ago: it is in its eighth week."""


@dataclass(frozen=True)
class Dates:
    """The days around an as-of date.

    Attributes:
        as_of: the date for which the data are made.
    """

    as_of: dt.date

    def ago(self, days: int) -> dt.date:
        """The day so many days before as-of; after it for negative numbers."""
        return self.as_of - days * DAY

    def month(self, back: int = 0) -> tuple[dt.date, dt.date]:
        """First and last day of a complete month: the last one, or so many before it.

        A month is complete once its last day is over. ``back=-1`` is the month that is still open.
        """
        first_of_open = self.as_of.replace(day=1)
        index = first_of_open.year * 12 + first_of_open.month - 2 - back
        first = dt.date(index // 12, index % 12 + 1, 1)
        following = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
        return first, following - DAY

    @property
    def cycle_start(self) -> dt.date:
        """The Monday on which the cycle began."""
        day = self.ago(CYCLE_AGE)
        return day - day.weekday() * DAY

    def happened(self, day: dt.date) -> dt.date | None:
        """The day, or nothing while it is still to come."""
        return day if day <= self.as_of else None
