"""Phases whose weeks have passed while their gate is not open. It tells of a record and decides nothing.

A record holds the cycle and the states of its gates; how many weeks a phase has stands in its rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phasegate.records.schema import GateEntry, Record
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.rules.loading.pack import LoadedPack
    from phasegate.rules.model.pack import Pack

Weeks = Mapping[str, int]
"""The last week of the cycle that each phase takes, by its id; a phase without weeks is not in it."""


@dataclass(frozen=True, slots=True)
class PhaseEnd:
    """The end of the weeks of a phase whose gate is not open.

    Attributes:
        gate: the phase's id, which is its gate's.
        title: the phase's.
        last: the last day of its weeks.
    """

    gate: str
    title: str
    last: dt.date

    @property
    def day(self) -> dt.date:
        """The first day on which it is overdue."""
        return self.last + dt.timedelta(days=1)

    def days(self, today: dt.date) -> int:
        """For how many days it is overdue on a day; 0 where it is not."""
        return max(0, (today - self.last).days)


@dataclass(frozen=True, slots=True)
class Overdue:
    """That a phase is overdue.

    Attributes:
        days: for how many days, 1 on the first day after its weeks.
        last: the last day of its weeks.
    """

    days: int
    last: dt.date


def last_weeks(pack: Pack) -> dict[str, int]:
    """The last week of each phase that has weeks."""
    return {name: phase.weeks[1] for name, phase in pack.phases.items() if phase.weeks is not None}


def weeks(pack: Pack) -> dict[str, tuple[int, int]]:
    """The first and the last week of each gate: of a phase its own, of the programme all of the cycle."""
    from phasegate.rules.model.pack import PROGRAMME

    found = {name: phase.weeks for name, phase in pack.phases.items() if phase.weeks is not None}
    return {**found, PROGRAMME: (1, pack.cycle.weeks)} if pack.cycle is not None else found


def weeks_recorded(record: Record) -> dict[str, tuple[int, int]]:
    """The same as a record has it; what is no pair of weeks is left out."""
    told = ((gate["id"], gate.get("weeks", [])) for gate in record["gates"])
    return {name: (pair[0], pair[1]) for name, pair in told if len(pair) == 2}


def weeks_if_same(record: Record | None, pack: LoadedPack) -> dict[str, int]:
    """The last week of each phase by a pack, if a record was decided under it; else none is known."""
    if record is None or not pack.is_named(record["pack"]["digest"]):
        return {}
    return last_weeks(pack.pack)


def may_be_overdue(record: Record) -> bool:
    """Whether a record could show an overdue phase at all: it is of a cycle, and a phase's gate is shut."""
    return bool(record["cycle"]) and any(_shut(gate) for gate in record["gates"])


def phase_ends(record: Record, weeks: Weeks) -> list[PhaseEnd]:
    """The phases whose gates a record does not show open, in its order, with the end of their weeks.

    Args:
        record: what was decided. Without a cycle, or with a start that is no date, nothing is known.
        weeks: those of the rules that it was decided under. Nothing is known of a phase that is not in it,
            and the programme's gate has no weeks.
    """
    try:
        start = dt.date.fromisoformat((record["cycle"] or {})["start"])
    except (KeyError, ValueError):
        return []
    found = []
    for gate in record["gates"]:
        if _shut(gate) and (last := _last_day(start, weeks.get(gate["id"]))) is not None:
            found.append(PhaseEnd(gate["id"], gate["title"], last))
    return found


def overdue(record: Record, weeks: Weeks) -> dict[str, Overdue]:
    """The phases that are overdue on the day that a record decided, by the ids of their gates.

    A phase of the weeks 1 and 2 of a cycle that began on March 2 has time up to and including March 15.

    Args:
        record: what was decided.
        weeks: those of the rules that it was decided under.
    """
    try:
        as_of = dt.date.fromisoformat(record["as_of"])
    except ValueError:
        return {}
    found = ((end, end.days(as_of)) for end in phase_ends(record, weeks))
    return {end.gate: Overdue(days, end.last) for end, days in found if days}


def _shut(gate: GateEntry) -> bool:
    return gate["state"] not in OPEN_STATES


def _last_day(start: dt.date, week: int | None) -> dt.date | None:
    """The last day of a week of the cycle, which is counted from 1."""
    if week is None:
        return None
    try:
        last = start + dt.timedelta(days=7 * week - 1)
    except OverflowError:
        return None
    return last if last < dt.date.max else None
