"""The data of one page: three questions and what stands beside them, before anybody draws it.

It has no markup. Texts are as records have them and may hold anything: who draws them escapes them. Figures
are the record's own strings; the numbers beside them are for places on a picture alone, and are never
written. What is not known is None or empty, and ``Brief.unknown`` says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from phasegate.reports.brief.around import (
    WEEKS_AHEAD,
    Advance,
    EndingDay,
    Ends,
    Places,
    Signature,
    SignLine,
    SignOff,
    Start,
    Target,
)
from phasegate.reports.text.plain import counted

__all__ = [
    "MOST", "WEEKS_AHEAD", "Action", "Advance", "Answer", "Axis", "Brief", "Change", "Changed",
    "ChangedCriterion", "Count", "EndingDay", "Ends", "Gate", "GateChange", "GateTakes", "Listed", "Moved",
    "Places", "Score", "ScoreOn", "SignLine", "SignOff", "Signature", "Start", "StateOn", "Takes", "Target",
    "Week", "Why",
]  # fmt: skip

MOST = 5
"""So many rows of one list are shown; the rest are counted."""

T = TypeVar("T")


def _overdue_said(days: int) -> str:
    return f"overdue {counted(days, 'day')}" if days else ""


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """Rows, of which the first are shown.

    Attributes:
        all: every one, in the order of what matters most.
        most: so many are shown.
    """

    all: tuple[T, ...] = ()
    most: int = MOST

    @property
    def shown(self) -> tuple[T, ...]:
        """Those that are shown."""
        return self.all[: self.most]

    @property
    def more(self) -> int:
        """How many are not."""
        return len(self.all) - len(self.shown)

    @property
    def more_said(self) -> str:
        """``and 3 more``; empty where all are shown."""
        return f"and {self.more:,} more" if self.more else ""

    def __len__(self) -> int:
        """How many there are."""
        return len(self.all)


@dataclass(frozen=True, slots=True)
class Score:
    """Criteria that count: how many of those that apply pass.

    Attributes:
        passing: those that pass.
        waived: those that are waived; they do not pass.
        apply: those that apply.
        said: ``92 of 100 pass, 1 waived``.
    """

    passing: int
    waived: int
    apply: int
    said: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many criteria have a verdict: its word in records, and how many."""

    verdict: str
    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """May we advance?

    Attributes:
        state: the outcome, in the word of records: ``closed``; `state_sign` has sign and word.
        sentence: the answer: ``No. Gates 2, 3 and 4 are shut, two of them overdue.``
        because: why, where the sentence names no gate, and what a reader must know before all else, such
            as that nothing was decided or that the two engines disagree.
        counts: of the criteria that count (of a project's own rules, of its requirements) how many have
            which verdict, the worst first; those that nobody has are left out.
        counted: what is counted: ``100 criteria``.
        score: of all of them.
    """

    state: str
    sentence: str
    because: tuple[str, ...]
    counts: tuple[Count, ...]
    counted: str
    score: Score


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the cycle: its number, from 1, and its first day."""

    number: int
    first: dt.date


@dataclass(frozen=True, slots=True)
class Axis:
    """The one time axis of score, gates and histories: the cycle, or from the first run to the last one.

    Attributes:
        first, last: its ends. They hold every run that is shown and today, whatever the cycle says.
        today: the day that is counted from.
        weeks: those of the cycle, from its first one to the end of the axis; empty where there is no cycle.
        week: the one in which today lies; None before the cycle, and where there is none.
        cycle: its id; None where there is none.
        whole: whether the axis ends where the cycle does, so that its last week is the cycle's.
    """

    first: dt.date
    last: dt.date
    today: dt.date
    weeks: tuple[Week, ...] = ()
    week: int | None = None
    cycle: str | None = None
    whole: bool = False

    def at(self, day: dt.date) -> float:
        """The place of a day, 0 at the begin of the first day and 1 at the end of the last one."""
        days = (self.last - self.first).days + 1
        return min(1.0, max(0.0, (day - self.first).days / days))

    def after(self, day: dt.date) -> float:
        """The place at which a day ends."""
        days = (self.last - self.first).days + 1
        return min(1.0, max(0.0, ((day - self.first).days + 1) / days))


@dataclass(frozen=True, slots=True)
class ScoreOn:
    """The score of one run that decided everything, on its day.

    Attributes:
        run: its number; None of the run that is told, where it is not kept.
        day: the day that it decided; of several runs as of one day the last one counts.
        state: its outcome.
        score: what it found.
    """

    run: int | None
    day: dt.date
    state: str
    score: Score


@dataclass(frozen=True, slots=True)
class StateOn:
    """The state of a gate in one run, on its day.

    Attributes:
        run: its number; None of the run that is told, where it is not kept.
        day: the day that it decided.
        state: the gate's.
    """

    run: int | None
    day: dt.date
    state: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate on the axis.

    Attributes:
        id: of records; the programme's is ``programme``.
        label: ``gate 2``, ``the programme gate``.
        title: of the phase.
        state, own: what was decided, and what it were without the gates before it.
        score: of its own points and targets.
        first, last: its planned weeks, as days; None where nothing is known of them. The programme's are the
            cycle's.
        runs: its state in each run that decided it, the oldest first, today's last.
        due: the last day of its weeks, where it is shut; None where it is open or nothing is known.
        days_left: until then; less than 0 where it is overdue.
        overdue: for how many days it is; 0 where it is not.
        waits_for: the gates before it that are not open.
        advanced: who took the programme through it in this cycle; None where nobody did, or no ledger says.
        notes: what else is to be said, a clause each: ``only waits for gate 3``.
    """

    id: str
    label: str
    title: str
    state: str
    own: str
    score: Score
    first: dt.date | None = None
    last: dt.date | None = None
    runs: tuple[StateOn, ...] = ()
    due: dt.date | None = None
    days_left: int | None = None
    overdue: int = 0
    waits_for: tuple[str, ...] = ()
    advanced: Advance | None = None
    notes: tuple[str, ...] = ()

    @property
    def overdue_said(self) -> str:
        """``overdue 22 days``; empty where it is not."""
        return _overdue_said(self.overdue)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a requirement asks of, and what was found of it in the run before and in this one.

    Attributes:
        asked: ``Cost that carries an owner tag (Microsoft)``.
        before, after: as records show them; None where a run did not ask, or both found the same.
    """

    asked: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangedCriterion:
    """A criterion in a row of changes: its id and text, and what was found of its requirements."""

    id: str
    text: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """A cause in words.

    Attributes:
        kind: ``data``, ``rule``, ``waiver``, ``time``, ... as `Cause` has it.
        label: ``the data changed``, ``its rules ask for less``.
        said: the rest of it.
    """

    kind: str
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class Change:
    """Criteria that turned alike and for one cause: one row.

    Attributes:
        before, after: the verdicts; None where a run did not decide it.
        criteria: those that turned, in the order of the record.
        why: the causes.
    """

    before: str | None
    after: str | None
    criteria: tuple[ChangedCriterion, ...]
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class GateChange:
    """A gate in another state.

    Attributes:
        id, label: of the gate.
        before, after: its states; None where a run did not decide it.
        softened: whether it opened because its rules ask for less.
        why: the causes; where it opened, those of the rules first.
    """

    id: str
    label: str
    before: str | None
    after: str | None
    softened: bool
    why: Listed[Why]


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed since the last run that decided the same?

    Attributes:
        run, day: the run that it is held against.
        sentence: the answer: ``2 criteria are worse, 6 are better.``
        worse, better: criteria with a worse verdict, and with a better one, a row each cause.
        other: those that one of the runs did not decide, and those of which a requirement alone turned.
        gates: the gates in another state, those first that opened because rules ask for less.
        score: that of the run before; None where it decided nothing that counts.
        rules: what the rules say otherwise, a sentence each.
        unknown: what can not be known of why.
    """

    run: int
    day: dt.date | None
    sentence: str
    worse: Listed[Change]
    better: Listed[Change]
    other: Listed[Change]
    gates: tuple[GateChange, ...]
    score: Score | None
    rules: Listed[str] = Listed()
    unknown: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing was decided otherwise."""
        return not (self.worse.all or self.better.all or self.other.all or self.gates)


@dataclass(frozen=True, slots=True)
class Action:
    """What settles some criteria, all for one reason: one row.

    Attributes:
        verdict: theirs.
        steps: what must be done, an imperative sentence each; all of them.
        criteria: those that it settles, each in one row of the page alone.
        areas: the titles of their areas, in the order of the record.
        owners: whom it concerns, as the sources' contracts name them; empty where nobody is named.
        waivable: those of them that a waiver would settle as well.
        reason: what was found, of the first of them, as the record says it.
        at: where the rules stand.
    """

    verdict: str
    steps: tuple[str, ...]
    criteria: tuple[str, ...]
    areas: tuple[str, ...]
    owners: tuple[str, ...]
    waivable: tuple[str, ...]
    reason: str
    at: tuple[str, ...]

    @property
    def may_be_waived(self) -> bool:
        """Whether waivers would settle all of them as well."""
        return self.waivable == self.criteria


@dataclass(frozen=True, slots=True)
class GateTakes:
    """What one gate takes.

    Attributes:
        id, label: of the gate. The label is empty where the gate says no more than the outcome does, both are
            where a record has none for the criteria.
        state: the gate's.
        overdue: for how many days.
        due: the last day of its weeks; None where it is open or nothing is known.
        actions: those that no gate before it has already, in the order of `WORST_FIRST`.
        notes: what else it takes: ``Nothing of its own: it waits for gate 3.``, an approval, fewer waivers.
    """

    id: str
    label: str
    state: str
    overdue: int
    due: dt.date | None
    actions: Listed[Action]
    notes: tuple[str, ...] = ()

    @property
    def overdue_said(self) -> str:
        """``overdue 22 days``; empty where it is not."""
        return _overdue_said(self.overdue)


@dataclass(frozen=True, slots=True)
class Takes:
    """What will it take?

    Attributes:
        sentence: the answer: ``6 things, in the order of the gates.``
        gates: those that take something, in their order.
    """

    sentence: str
    gates: tuple[GateTakes, ...]

    @property
    def actions(self) -> Iterator[Action]:
        """All of them, in their order."""
        return (each for gate in self.gates for each in gate.actions.all)


@dataclass(frozen=True, slots=True)
class Brief:
    """One page.

    Attributes:
        title: the project's.
        about: what stands under it: the day, the week, the run, and what it decided, a clause each.
        run: its number; None where it is not kept.
        as_of: the day that was decided; None where the record has none that can be read.
        today: the day that is counted from: the same, unless somebody looks at the run later.
        answer: may we advance?
        axis: of all that stands on days; None where the day can not be read.
        score: over days, the oldest first, today's last; a line needs three.
        gates: on the axis, in the order of the record.
        changed: what changed; None where no run before it decided the same, or nobody knows.
        takes: what it will take.
        targets: success targets first, in the order of the record, then what is advisory.
        ends: what ends next; None where the day can not be read.
        signed: who signed what.
        unknown: what this page can not know, a sentence each.
    """

    title: str
    about: tuple[str, ...]
    run: int | None
    as_of: dt.date | None
    today: dt.date | None
    answer: Answer
    axis: Axis | None
    score: tuple[ScoreOn, ...]
    gates: tuple[Gate, ...]
    changed: Changed | None
    takes: Takes
    targets: tuple[Target, ...]
    ends: Ends | None
    signed: SignOff
    unknown: tuple[str, ...] = ()
