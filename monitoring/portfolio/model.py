"""Many projects at once: a row each, and what they come to together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from phasegate.monitoring.portfolio.standing import Standing
from phasegate.records.schema import Score


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate as it stands today.

    Attributes:
        id: the phase's, or ``programme``.
        title: the phase's.
        standing: today's; never better than what was decided.
        decided: what the newest run said that decided it.
        run: the number of that run.
        as_of: the day that it decided.
        score: of its own criteria, by their verdicts of today.
        overdue_days: for how many days its phase is overdue; 0 where it is not.
        why: what holds today and did not when it was decided, in sentences.
    """

    id: str
    title: str
    standing: Standing
    decided: str
    run: int
    as_of: str
    score: Score
    overdue_days: int = 0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndsNext:
    """What ends next by itself, if nothing is renewed.

    Attributes:
        day: the first day on which it no longer holds; of a phase, the first on which it is overdue.
        kind: ``evidence`` that goes stale, a ``waiver``, an ``attestation``, or the weeks of a ``phase``.
        id: of the fact, the statement or the phase.
        title: what people call it.
        gates: those that rest on it.
    """

    day: dt.date
    kind: str
    id: str
    title: str
    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run that stands for its day.

    Attributes:
        number: its number.
        kind: ``check`` or ``gate``.
        as_of: the day that it decided.
        recorded_at: when it was recorded, an instant.
        evaluator: by whose key.
        age_days: so many days ago was the day that it decided.
    """

    number: int
    kind: str
    as_of: str
    recorded_at: str
    evaluator: str
    age_days: int


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """The newest checkpoint of the ledger, which all entries were held against.

    Attributes:
        size: how many entries it covers.
        root: the hash over them, in base64.
        signed_by: the names under it.
        at: when the entries were read and hashed; where some were so before others, the first of them.
    """

    size: int
    root: str
    signed_by: tuple[str, ...]
    at: dt.datetime


class ListedBy(StrEnum):
    """Where it stands whose signatures count for a project."""

    PORTFOLIO = "portfolio"
    PROJECT = "project"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """How a project stands today, by what its ledger holds.

    Attributes:
        name: what the project is called here.
        standing: of the gate that is asked for, or the worst of all that was decided.
        ledger: the ledger's address, without a password; empty where it is not known.
        project: the id of the project; None for one without.
        weight: what it counts in a roll-up by weight.
        cycle: the id of the cycle that was decided; None for none.
        gates: in the order of the rules.
        score: of the gate that is asked for by itself, or of all criteria that count, by their verdicts of
            today; None where nothing is known.
        counts: how many of the criteria that the standing rests on have which verdict today, the worst
            first.
        last_run: None where there is none that counts.
        ends_next: None where nothing ends that is known of.
        verified: None where the ledger could not be verified.
        listed_by: where it stands whose signatures count: pinned in the portfolio file, in the project's
            file, or in the ledger alone; None where the ledger could not be read.
        why: why it is not simply open, in sentences; of an error, what is wrong.
        hints: what to do about an error.
        notes: what is worth knowing beside.
    """

    name: str
    standing: Standing
    ledger: str = ""
    project: str | None = None
    weight: int = 1
    cycle: str | None = None
    gates: tuple[GateRow, ...] = ()
    score: Score | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    last_run: LastRun | None = None
    ends_next: EndsNext | None = None
    verified: VerifiedCheckpoint | None = None
    listed_by: ListedBy | None = None
    why: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def overdue_days(self) -> int:
        """For how many days the gate is overdue that is so longest; 0 where none is."""
        return max((each.overdue_days for each in self.gates), default=0)


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What the rows come to together.

    Attributes:
        standing: of all of them.
        rule: what it takes to be open, in words.
        why: why it comes to that, in a sentence.
    """

    standing: Standing
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Rows, the worst first, and what they come to.

    Attributes:
        title: what the portfolio is called.
        now: when it was read.
        gate: the gate that is asked for; None for all.
        rows: the worst first.
        rolled_up: what they come to.
    """

    title: str
    now: dt.datetime
    gate: str | None
    rows: tuple[PortfolioRow, ...]
    rolled_up: RolledUp
