"""What a record shows to be due by some day: what ends, and the phases whose weeks do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from phasegate.records.expirations import Ending, endings
from phasegate.records.overdue import PhaseEnd, Weeks, phase_ends
from phasegate.records.schema import Record

Days = Mapping[tuple[str, str], dt.date]
"""On which day what ends, by its kind and id."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What is due: what ends, and the phases whose weeks do while their gates are not open.

    Attributes:
        endings: the next one first; what ended since the record as well.
        phases: in the order of the gates; those that are overdue already as well.
    """

    endings: tuple[Ending, ...] = ()
    phases: tuple[PhaseEnd, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.endings or self.phases)

    @property
    def days(self) -> dict[tuple[str, str], dt.date]:
        """On which day what ends, by its kind and id."""
        ends = {(str(each.kind), each.id): each.day for each in self.endings}
        return ends | {("phase", each.gate): each.day for each in self.phases}


def coming(record: Record, weeks: Weeks, until: dt.date) -> Coming:
    """What is due up to a day.

    Args:
        record: what was decided.
        weeks: of the phases, by the rules that it was decided under.
        until: the last day that is looked at.
    """
    return Coming(
        tuple(each for each in endings(record) if each.day <= until),
        tuple(each for each in phase_ends(record, weeks) if each.day <= until),
    )
