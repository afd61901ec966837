"""Facts that people state: the kind ``attested``.

Of all attestations for one fact, the newest that is in force answers it; newest is the one that came
last into the ledger, whatever time it names. Where none is in force, the newest of those that were
makes the fact stale. What is attested is not compared unless somebody's signature counts for the whole
of the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

from phasegate.facts.model.fact import WHOLE, Fact, Status
from phasegate.rules.model.attestation import Attestation, NoValueError, value_of
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.pack import Pack
from phasegate.rules.values.time_zones import UTC, day_of
from phasegate.rules.values.units import days_in
from phasegate.rules.values.validity import State, Validity

Standing = Literal["used", "unused", "expired", "future", "revoked", "untrusted", "evidence_changed"]
NOBODY = "nobody has attested it"
NO_SIGNERS = "the project lists no signers, so that nobody can attest it"


@dataclass(frozen=True, slots=True)
class Given:
    """An attestation as a run was given it.

    Attributes:
        attestation: what it says.
        revoked: the instant from which it was taken back; None if it was not.
        refused: why it counts for nothing, whatever it says; None where it may count.
        zone: the time zone whose days count.
        today: whether the day is decided on that day itself, by what was signed before.
    """

    attestation: Attestation
    revoked: dt.datetime | None = None
    refused: str | None = None
    zone: str = UTC
    today: bool = False

    @property
    def signed(self) -> dt.date:
        """The day on which it was signed."""
        return day_of(self.attestation.signed, self.zone)

    @property
    def validity(self) -> Validity:
        """When it counts."""
        return replace(self.attestation.validity(self.zone), revoked=self.revoked, today=self.today)

    def on(self, day: dt.date) -> tuple[State | Literal["untrusted"], str]:
        """Whether it counts on a day, and the same in words."""
        return ("untrusted", self.refused) if self.refused is not None else self.validity.on(day)


@dataclass(frozen=True)
class Attestations:
    """All that people have attested.

    Attributes:
        signers: whether the project lists anybody whose signature counts.
        given: in the order of the ledger.
        evidence: what is wrong with the evidence of an attestation, by its id; None where it is as it was
            signed. Only that of attestations that answer a fact need be looked at, see `answering`.
    """

    signers: bool = False
    given: Sequence[Given] = ()
    evidence: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, measure: str, slice_: str) -> list[Given]:
        """Those for one fact."""
        return self._by_fact.get((measure, slice_), [])

    @cached_property
    def _by_fact(self) -> dict[tuple[str, str], list[Given]]:
        found: dict[tuple[str, str], list[Given]] = {}
        for each in self.given:
            for slice_ in each.attestation.points:
                found.setdefault((each.attestation.fact, slice_), []).append(each)
        return found

    def fault(self, id_: str) -> str | None:
        """What is wrong with the evidence of an attestation; None if it is as it was signed."""
        return self.evidence.get(id_, "nobody has looked at its evidence")


class Answer(NamedTuple):
    """What became of the attestations for one fact.

    Attributes:
        by: the one that answers it; None where none does.
        state: its state on the day: in force, or expired.
    """

    by: Given | None
    state: State | None


def answering(given: Iterable[Given], as_of: dt.date) -> Answer:
    """The attestation that answers a fact: the last in force, else the last that was.

    Args:
        given: those for one fact, in the order of the ledger.
        as_of: the date of the run.
    """
    states = [(each, each.on(as_of)[0]) for each in given]
    for wanted in ("in_force", "expired"):
        for each, state in reversed(states):
            if state == wanted:
                return Answer(each, state)
    return Answer(None, None)


def attested_facts_of(
    pack: Pack, ids: Iterable[str], as_of: dt.date, attestations: Attestations
) -> dict[tuple[str, str], Fact]:
    """The facts of those of some measures that are attested, by measure and slice."""
    found: dict[tuple[str, str], Fact] = {}
    for id_ in ids:
        measure = pack.measures[id_]
        if measure.attested is not None:
            slices = tuple(pack.points) if measure.by == "point" else (WHOLE,)
            found |= {
                (id_, fact.slice): fact for fact in attested_facts(id_, measure, slices, as_of, attestations)
            }
    return found


def attested_facts(
    id_: str, measure: Measure, slices: Iterable[str], as_of: dt.date, attestations: Attestations
) -> list[Fact]:
    """The facts of an attested measure.

    Args:
        id_: its id.
        measure: it.
        slices: the pack's points, or one empty text.
        as_of: the date of the run.
        attestations: what people have attested.
    """
    return [_fact(id_, measure, slice_, as_of, attestations) for slice_ in slices]


def standings(
    measure: Measure, given: Sequence[Given], as_of: dt.date, attestations: Attestations
) -> dict[str, tuple[Standing, str]]:
    """What became of each attestation for one fact, by its id: used, or why it was not.

    Args:
        measure: the measure that they answer.
        given: those for one fact, in the order of the ledger.
        as_of: the date of the run.
        attestations: all of them, for what is wrong with their evidence.
    """
    answer = answering(given, as_of).by
    found: dict[str, tuple[Standing, str]] = {}
    for each in given:
        id_ = each.attestation.id
        state, reason = each.on(as_of)
        if state != "in_force":
            found[id_] = (state, reason)
        elif each is not answer and answer is not None:
            found[id_] = ("unused", f"attestation {answer.attestation.id} is newer")
        elif wrong := _no_value(measure, each):
            found[id_] = ("unused", wrong)
        elif fault := attestations.fault(id_):
            found[id_] = ("evidence_changed", fault)
        elif old := _too_old(measure, each, as_of):
            found[id_] = ("unused", old)
        else:
            found[id_] = ("used", reason)
    return found


def lasts(measure: Measure, validity: Validity) -> int:
    """For how many days after its signature an attestation answers: to its end, or its greatest age."""
    days = _max_age(measure)
    until = (validity.last_day - day_of(validity.signed, validity.zone)).days
    return until if days is None else min(days, until)


def _fact(id_: str, measure: Measure, slice_: str, as_of: dt.date, attestations: Attestations) -> Fact:
    given = attestations.of(id_, slice_)
    answer = answering(given, as_of)
    if answer.by is None:
        return _missing(id_, measure, slice_, "unknown", _why_none(given, as_of, attestations.signers))
    attestation = answer.by.attestation
    name = f"attestation {attestation.id}"
    fault = attestations.fault(attestation.id)
    if answer.state == "in_force" and fault is not None:
        return _missing(id_, measure, slice_, "error", f"{name}: {fault}")
    try:
        value = value_of(measure, attestation.value)
    except NoValueError as error:
        return _missing(id_, measure, slice_, "error", f"{name}: {error}")
    status: Status = "present"
    reason = ""
    if answer.state == "expired":
        status, reason = "stale", f"{name}: {answer.by.on(as_of)[1]}"
    elif old := _too_old(measure, answer.by, as_of):
        status, reason = "stale", f"{name}: {old}"
    number = value.number.value if value.number is not None else None
    return Fact(
        id_,
        slice_,
        status,
        reason,
        unit=measure.value_unit if number is not None else None,
        numerator=number.numerator if number is not None else None,
        denominator=number.denominator if number is not None else None,
        truth=value.truth,
        text=value.text,
        rows=1,
        newest=answer.by.signed,
        max_age_days=lasts(measure, answer.by.validity),
    )


def _missing(id_: str, measure: Measure, slice_: str, status: Status, reason: str) -> Fact:
    return Fact(id_, slice_, status, reason, unit=measure.value_unit)


def _why_none(given: Sequence[Given], as_of: dt.date, signers: bool) -> str:
    if not signers:
        return NO_SIGNERS
    if not given:
        return NOBODY
    newest = given[-1]
    return f"no attestation counts; {newest.attestation.id}, the newest: {newest.on(as_of)[1]}"


def _max_age(measure: Measure) -> int | None:
    return None if measure.max_age is None else days_in(measure.max_age)


def _no_value(measure: Measure, given: Given) -> str | None:
    """That what was stated is no value of the measure; None if it is one."""
    try:
        value_of(measure, given.attestation.value)
    except NoValueError as error:
        return str(error)
    return None


def _too_old(measure: Measure, given: Given, as_of: dt.date) -> str | None:
    """That an attestation in force is older than its measure allows; None if it is not."""
    days = _max_age(measure)
    age = (as_of - given.signed).days
    if days is None or age <= days:
        return None
    return f"it was signed on {given.signed}, {age} days before, and {days} are allowed"
