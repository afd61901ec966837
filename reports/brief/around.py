"""The data of what stands around the three questions: targets, what ends next, and who signed what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

WEEKS_AHEAD = 5
"""So many weeks the calendar shows, the first one that of the day that was decided."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed something.

    Attributes:
        role: the function for which it was signed, such as ``finance``; empty where it was for none.
        name: the signer.
        fingerprint: of the key; None where it is not known.
        day: on which.
    """

    role: str
    name: str
    fingerprint: str | None
    day: dt.date | None


@dataclass(frozen=True, slots=True)
class Advance:
    """That people took the programme through a gate.

    Attributes:
        gate: the gate.
        run: the run whose decision they signed.
        by: who signed, in the order of the ledger.
        day: the day of the first signature of the newest decision that was signed.
    """

    gate: str
    run: int
    by: tuple[Signature, ...]
    day: dt.date | None


@dataclass(frozen=True, slots=True)
class Start:
    """What a target is held against beside its bound.

    Attributes:
        kind: ``baseline`` of a change, or the ``cycle``'s first run.
        said: its figure: of a baseline that of the measure itself, of a cycle that of the target then.
        day: since when it stands, or as of which the run was; None where it is not known.
    """

    kind: Literal["baseline", "cycle"]
    said: str
    day: dt.date | None


@dataclass(frozen=True, slots=True)
class Places:
    """Numbers for places on a picture, in the unit of the target (a percentage in percent): never written.

    Attributes:
        value: what was found; the same twice where it is known.
        target: the bound's.
        start: the start's; of a baseline 0, for a change is counted from there. None where there is none.
    """

    value: tuple[float, float] | None
    target: float
    start: float | None


@dataclass(frozen=True, slots=True)
class Target:
    """A target or KPI.

    Attributes:
        id, text: of the record.
        kind: ``success``, ``kpi``, ``annual_value``, or ``programme`` for those of the programme.
        area: the id of its area; None of the programme's.
        area_title: its title; the programme's is empty.
        verdict: what was decided.
        counts: whether it closes a gate; others are advisory.
        value: the figure: ``97.5 %``; ``no value`` where there is none.
        counted: what it was counted from: ``18 of 20``; empty where it is no part.
        bound: ``>= 95 %``.
        margin: ``+2.5 points``; empty where there is none.
        unit: of value and bound; None for a bare number.
        start: what it began with.
        places: where it can be drawn; None where the bound is no number.
    """

    id: str
    text: str
    kind: str
    area: str | None
    area_title: str
    verdict: str
    counts: bool
    value: str
    counted: str
    bound: str
    margin: str
    unit: str | None
    start: Start | None
    places: Places | None


@dataclass(frozen=True, slots=True)
class EndingDay:
    """A day on which something ends.

    Attributes:
        day: the first one on which it no longer holds.
        criteria: those that rest on it and count, each once.
        shuts: the ids of the gates, open now, that it shuts.
        overdue: the ids of the gates that become overdue on it.
        said: what ends, a clause each.
        kinds: the criteria by what ends under them: ``waiver``, ``attestation`` or ``evidence``.
    """

    day: dt.date
    criteria: tuple[str, ...]
    shuts: tuple[str, ...]
    overdue: tuple[str, ...]
    said: tuple[str, ...]
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends next, if nothing is renewed.

    Attributes:
        monday: the first day of the calendar, the Monday on or before today.
        today: the day that is counted from.
        days: those on which something ends, of the weeks that the calendar shows, the next one first.
        next: the next two of all of them, as sentences: a day, then what it ends and shuts.
        sentence: what to say in place of a calendar, where nothing ends in these weeks.
        beyond: how many days after these weeks have an ending.
    """

    monday: dt.date
    today: dt.date
    days: tuple[EndingDay, ...]
    next: tuple[tuple[dt.date, str], ...]
    sentence: str = ""
    beyond: int = 0

    def weeks(self) -> Iterator[Sequence[tuple[dt.date, EndingDay | None]]]:
        """The calendar, week by week: each day with what ends on it."""
        told = {each.day: each for each in self.days}
        for week in range(WEEKS_AHEAD):
            days = (self.monday + dt.timedelta(days=7 * week + number) for number in range(7))
            yield [(day, told.get(day)) for day in days]


@dataclass(frozen=True, slots=True)
class SignLine:
    """A line that somebody is still to sign.

    Attributes:
        what: what is signed: ``approve these rules``, ``advance through gate 2``.
        role: for which function; empty for any.
        why_not: why it can not be signed yet: ``gate 2 is closed``; empty where it can.
    """

    what: str
    role: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who approved the rules and advanced through gates, and who is still to sign.

    Attributes:
        approved: those who approved the rules that were decided under.
        advanced: of each gate the newest decision that was signed in this cycle.
        lines: what is still to be signed.
        known: whether a ledger told; else only what the record has of approvals is here, and no keys.
    """

    approved: tuple[Signature, ...]
    advanced: tuple[Advance, ...]
    lines: tuple[SignLine, ...]
    known: bool
