"""What a record knows of the days on which its verdicts end: evidence ages, waivers and words run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from phasegate.records.alternatives import choice_of
from phasegate.records.basis.resettled import parts_of, word_age
from phasegate.records.basis.turns import Ahead
from phasegate.records.editions import edition_of
from phasegate.records.schema import AttestationEntry, FactEntry, Record, RequirementEntry, WaiverEntry
from phasegate.records.time_zone import validity_of
from phasegate.rules.model.verdict import HOLDING
from phasegate.rules.values.time_zones import UnknownZoneError

_RESTED_ON = HOLDING - {"not_applicable"}
"""The verdicts that hold only for as long as their evidence does."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that holds today and no longer does from a day on, if nothing is renewed.

    Attributes:
        day: the first day on which it no longer holds.
        kind: ``evidence`` that goes stale, a ``waiver``, or an ``attestation``.
        id: of the fact, the waiver or the attestation.
        criteria: those that rest on it and are not advisory.
        gates: those that rest on these criteria, by themselves or by the gates before them.
    """

    day: dt.date
    kind: Literal["evidence", "waiver", "attestation"]
    id: str
    criteria: tuple[str, ...]
    gates: tuple[str, ...]


def endings(record: Record) -> list[Ending]:
    """All that ends by itself, the next one first.

    Left out is what nothing rests on: what stands behind no passing or waived requirement, or behind an
    alternative while another one still holds, and where another statement steps in on that day. What has no
    date that can be read is left out, and so is a value that changes with the day itself, as the age of an
    open invoice does.

    Args:
        record: as it was kept.
    """
    rests, gates, ahead = _Rests(record), Gates(record), Ahead(record)
    found: list[Ending] = []
    gone: set[str] = set()
    by_day = sorted(rests.losses(), key=lambda loss: loss.day)
    for _, group in groupby(by_day, lambda loss: loss.day):
        losses = [
            loss._replace(requirements=[each for each in loss.requirements if _falls(ahead, each, loss.day)])
            for loss in group
        ]
        then = gone.union(*(loss.ids for loss in losses))
        for loss in losses:
            if criteria := rests.criteria(loss, gone, then):
                found.append(Ending(loss.day, loss.kind, loss.id, criteria, gates.of(criteria)))
        gone = then
    return sorted(found, key=lambda ending: (ending.day, ending.kind, ending.id))


class _Loss(NamedTuple):
    """Something that ends, and the requirements that no longer hold without it."""

    day: dt.date
    kind: Literal["evidence", "waiver", "attestation"]
    id: str
    requirements: list[RequirementEntry]

    @property
    def ids(self) -> set[str]:
        return {each["id"] for each in self.requirements}


def _falls(ahead: Ahead, requirement: RequirementEntry, day: dt.date) -> bool:
    """Whether a requirement no longer holds from a day on, and did not fail in this way before.

    One of which the record does not tell counts as one that does; where a statement steps in, it holds.
    """
    if not ahead.tells(requirement):
        return True
    verdicts = [ahead.verdict(requirement, each) for each in (day - _DAY, day)]
    return None in verdicts or (verdicts[0] != verdicts[1] and verdicts[1] not in HOLDING)


def _aged(fact: FactEntry | None, age: int | None) -> dt.date | None:
    """The first day on which a fact is stale; None where it does not age, or is no evidence now."""
    if fact is None or fact["status"] != "present" or not fact["newest"] or age is None:
        return None
    try:
        return dt.date.fromisoformat(fact["newest"]) + dt.timedelta(days=age) + _DAY
    except (ValueError, OverflowError):
        return None


def _without(entry: WaiverEntry | AttestationEntry, record: Record) -> dt.date | None:
    """The first day that a signed statement no longer covers as a whole."""
    try:
        return validity_of(entry, record).last_day + _DAY
    except (ValueError, OverflowError, UnknownZoneError):
        return None


def _earliest(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day), default=None)


class _Rests:
    """What the criteria of a record that count rest on."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._order = edition_of(record).alternatives
        self._facts = {each["id"]: each for each in record["facts"]}
        self._waivers = {each["id"]: each for each in record["waivers"]}
        binding = {each["id"] for each in record["criteria"] if each["enforcement"] != "advisory"}
        self._choices: dict[str, list[RequirementEntry]] = {}
        self._on_fact: dict[str, list[RequirementEntry]] = {}
        self._on_waiver: dict[str, list[RequirementEntry]] = {}
        for each in record["requirements"]:
            if each["criterion"] not in binding:
                continue
            if each["alternative"]:
                self._choices.setdefault(each["criterion"], []).append(each)
            if each["verdict"] in _RESTED_ON:
                self._on_fact.setdefault(each["fact"], []).append(each)
            if each["verdict"] == "waived" and each["waiver"]:
                self._on_waiver.setdefault(each["waiver"], []).append(each)

    def losses(self) -> Iterator[_Loss]:
        """All that ends, whether or not a criterion rests on it then."""
        answered: set[str] = set()
        words: dict[tuple[dt.date, str], list[RequirementEntry]] = {}  # one may answer several facts
        for word in self._record["attestations"]:
            if word["standing"] == "used":
                answered.add(word["fact"])
                day = _earliest(_without(word, self._record), self._stale_from(word["fact"]))
                if day:
                    words.setdefault((day, word["id"]), []).extend(self._lost(day, word["fact"]))
        for (day, name), lost in words.items():
            yield _Loss(day, "attestation", name, lost)
        for fact in self._record["facts"]:
            rested_on = fact["id"] in self._on_fact and fact["id"] not in answered
            if rested_on and (day := self._stale_from(fact["id"])):
                yield _Loss(day, "evidence", fact["id"], self._lost(day, fact["id"]))
        for waiver in self._record["waivers"]:
            if day := _without(waiver, self._record):
                yield _Loss(day, "waiver", waiver["id"], self._on_waiver.get(waiver["id"], []))

    def _stale_from(self, name: str) -> dt.date | None:
        """The first day on which a fact is stale by its age, or by that of what it is the change of."""
        fact = self._facts.get(name)
        if fact is None:
            return None
        parts = parts_of(self._record, fact["measure"])
        ages = [fact["max_age_days"], word_age(parts, fact)]
        return _aged(fact, min((age for age in ages if age is not None), default=None))

    def criteria(self, loss: _Loss, gone: Collection[str], then: Collection[str]) -> tuple[str, ...]:
        """The criteria that rest on what ends.

        Args:
            loss: what ends.
            gone: the requirements that no longer hold before that day.
            then: those that no longer hold on it.
        """
        found: dict[str, None] = {}
        for each in loss.requirements:
            choices = self._choices.get(each["criterion"], [])
            if not each["alternative"] or (self._holds(choices, gone) and not self._holds(choices, then)):
                found[each["criterion"]] = None
        return tuple(found)

    def _holds(self, requirements: Sequence[RequirementEntry], without: Collection[str]) -> bool:
        """Whether the requirements of a criterion hold together without the evidence of some."""
        return choice_of(requirements, self._order, without).verdict in HOLDING

    def _lost(self, day: dt.date, fact: str) -> list[RequirementEntry]:
        return [each for each in self._on_fact.get(fact, ()) if not self._covered(each, day)]

    def _covered(self, requirement: RequirementEntry, day: dt.date) -> bool:
        """Whether the waiver that a requirement is waived by takes stale evidence on a day too."""
        waiver = self._waivers.get(requirement["waiver"] or "")
        if requirement["verdict"] != "waived" or waiver is None or "stale" not in waiver["covers"]:
            return False
        ends = _without(waiver, self._record)
        return ends is not None and day < ends


class Gates:
    """The gates that rest on a criterion, by themselves or by those before them."""

    def __init__(self, record: Record) -> None:
        inside = {point["id"]: point["criteria"] for point in record["points"]}
        self._under: dict[str, set[str]] = {}
        for gate in record["gates"]:  # those that it comes after stand before it
            found = {*gate["targets"], *(name for point in gate["points"] for name in inside.get(point, ()))}
            self._under[gate["id"]] = found.union(*(self._under.get(each, set()) for each in gate["after"]))

    def of(self, criteria: Iterable[str]) -> tuple[str, ...]:
        """The gates that rest on one of some criteria."""
        named = set(criteria)
        return tuple(gate for gate, under in self._under.items() if under & named)
