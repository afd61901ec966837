"""When a project is decided by itself."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import model_validator

from phasegate.rules.model.base import Id, Model, Text, UnfitError

Every = Literal["day", "week", "month", "quarter", "cycle"]
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_CRON: dict[Every, str] = {
    "day": "* * *",
    "week": "* * mon",
    "month": "1 * *",
    "quarter": "1 1,4,7,10 *",
}
"""Day of the month, month and day of the week of the first day of each."""


class Schedule(Model):
    """When to decide, and what.

    Attributes:
        cron: a line of crontab: minute, hour, day of the month, month, day of the week.
        every: instead of it, the first day of each of these; of a cycle, the day on which it begins.
        at: the time of the day, for ``every``.
        zone: the time zone of both, by its name in the IANA database.
        gate: decide this phase's gate (or ``programme``) instead of everything.
        decide: the ids to decide, as ``phasegate check`` takes them; nothing for everything.
        missed: what becomes of runs that nobody was there for: ``all`` are made up for, each as of its own
            day, the ``last`` one alone, or ``none``.
    """

    cron: Text | None = None
    every: Every | None = None
    at: str = "06:00"
    zone: str = "UTC"
    gate: Id | None = None
    decide: tuple[Text, ...] = ()
    missed: Literal["all", "last", "none"] = "all"

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.cron is None) == (self.every is None):
            hint = 'write cron: "0 6 * * mon-fri", or every: month'
            lacking = ("cron", "every") if self.cron is None else ()
            raise UnfitError("missing-key", "a schedule has either 'cron' or 'every'", hint, lacking=lacking)
        if self.cron is not None and "at" in self.model_fields_set:
            raise UnfitError(
                "useless-clause", "'at' belongs to 'every'; a cron line has its time", "remove it"
            )
        if not _TIME.fullmatch(self.at):
            raise UnfitError("bad-value", f"{self.at!r} is no time of the day", 'write it as "06:00"')
        if self.gate is not None and self.decide:
            raise UnfitError(
                "useless-clause", "'decide' beside 'gate': a gate is decided whole", "remove one"
            )
        return self

    @property
    def line(self) -> str | None:
        """The schedule as a line of crontab; None for ``every: cycle``, of which there is none."""
        if self.cron is not None:
            return self.cron
        if self.every is None or self.every == "cycle":
            return None
        hour, minute = self.at.split(":")
        return f"{int(minute)} {int(hour)} {_CRON[self.every]}"
