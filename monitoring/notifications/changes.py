"""What a run decided otherwise than somebody knows, and what has come to be due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from phasegate.audit.trail.runs import KeptRun
from phasegate.monitoring.history.diff import CriterionChange, Difference, GateChange
from phasegate.records.expirations import Gates
from phasegate.records.schema import Record
from phasegate.records.upcoming import Coming, Days
from phasegate.rules.model.notification import Notification

Compare = Callable[[int, KeptRun], Difference]
"""What a run decided otherwise than an earlier one, by the number of that."""


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody knows of a programme.

    Attributes:
        run: the newest run of which it is known.
        as_of: the day that this run decided.
        gates, criteria: in which run each was decided last, by id.
        due: what is known to end soon.
        left: what was, and is not due at the moment: because it was renewed, or because nothing rests on it.
    """

    run: int
    as_of: str
    gates: Mapping[str, int]
    criteria: Mapping[str, int]
    due: Days
    left: Days = field(default_factory=dict)


NOBODY_KNOWS = Known(0, "", {}, {}, {})
"""Before the first run."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What somebody does not know yet of one run.

    Attributes:
        run: the run.
        record: what it decided.
        since: the newest run that was known before.
        gates, criteria: what it decided otherwise.
        due: what will end soon, and was not known to.
    """

    run: KeptRun
    record: Record
    since: int
    gates: tuple[GateChange, ...]
    criteria: tuple[CriterionChange, ...]
    due: Coming

    @property
    def none(self) -> bool:
        """Whether there is none."""
        return not (self.gates or self.criteria or self.due)

    def of(self, notification: Notification, concern: frozenset[str] | None) -> Changes:
        """The part of it that somebody is told.

        Args:
            notification: what somebody is told of.
            concern: the ids of the criteria whose concern it is; None for all.
        """
        gates, criteria, due = self.gates, self.criteria, self.due
        if concern is not None:
            rest = {*Gates(self.record).of(concern)}
            gates = tuple(each for each in gates if each.after is None or each.id in rest)
            # Of what is gone nobody can say any more whom it concerned.
            criteria = tuple(each for each in criteria if each.after is None or each.id in concern)
            due = Coming(
                tuple(each for each in due.endings if concern.intersection(each.criteria)),
                tuple(each for each in due.phases if each.gate in rest),
            )
        about = notification.about
        return replace(
            self,
            gates=gates if "gates" in about else (),
            criteria=criteria if "verdicts" in about else (),
            due=due if "due" in about else Coming(),
        )


def known_by(run: int, record: Record, due: Coming) -> Known:
    """What is known by one run alone.

    Args:
        run: its number.
        record: what it decided.
        due: what was known to be due by it.
    """
    return Known(
        run,
        record["as_of"],
        {each["id"]: run for each in record["gates"]},
        {each["id"]: run for each in record["criteria"]},
        due.days,
    )


def changes_since(known: Known, run: KeptRun, record: Record, due: Coming, compare: Compare) -> Changes:
    """What is not known of a run.

    What ends is new where it was not known to end soon, or ends sooner: evidence that is renewed every
    day is always about to end, and that is told once.

    Args:
        known: what is known.
        run: the run.
        record: what it decided.
        due: what is due by it.
        compare: holds it against an earlier run.
    """
    gates, criteria = [], []
    origins = sorted({*known.gates.values(), *known.criteria.values()})
    for origin in origins:
        found = compare(origin, run)
        # The oldest is the one that decided everything: by it is told what is new, and what is gone.
        oldest = origin == origins[0]
        gates += [
            each
            for each in found.gates
            if known.gates.get(each.id, origins[0]) == origin or (oldest and each.after is None)
        ]
        criteria += [
            each
            for each in found.criteria
            if known.criteria.get(each.id, origins[0]) == origin or (oldest and each.after is None)
        ]
    return Changes(run, record, known.run, tuple(gates), tuple(criteria), _beyond(due, known))


def _beyond(due: Coming, known: Known) -> Coming:
    """What of it was not known, or ends sooner than was known."""

    def new(kind: str, name: str, day: dt.date) -> bool:
        key = kind, name
        # What is back with the day that it had was told: it was not renewed.
        return day < known.due.get(key, dt.date.max) and day != known.left.get(key)

    return Coming(
        tuple(each for each in due.endings if new(each.kind, each.id, each.day)),
        tuple(each for each in due.phases if new("phase", each.gate, each.day)),
    )


def then_known(known: Known, run: KeptRun, record: Record, due: Coming) -> Known:
    """What is known once somebody knows of a further run.

    Args:
        known: what was known.
        run: the run.
        record: what it decided.
        due: what is due by it.
    """
    own = known_by(run.number, record, due)
    if run.whole:
        return replace(own, left=_left(known, own))
    asked = {*_rests_on(record)}
    kept = {key: day for key, day in known.due.items() if key not in asked}
    return Known(
        own.run,
        own.as_of,
        {**known.gates, **own.gates},
        {**known.criteria, **own.criteria},
        {**kept, **own.due},
        _left(known, own),
    )


def _left(known: Known, own: Known) -> Days:
    """What was known to be due and is not any more, as long as its day has not come."""
    gone = {**known.left, **known.due}
    return {name: day for name, day in gone.items() if name not in own.due and day.isoformat() > own.as_of}


def _rests_on(record: Record) -> Iterator[tuple[str, str]]:
    """What a run of a part speaks of, and may find to be no longer due."""
    for gate in record["gates"]:
        yield "phase", gate["id"]
    for fact in record["facts"]:
        yield "evidence", fact["id"]
    for waiver in record["waivers"]:
        yield "waiver", waiver["id"]
    for word in record["attestations"]:
        yield "attestation", word["id"]
