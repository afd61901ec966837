"""What a record knows of the days on which its verdicts end: evidence ages, waivers and words run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from phasegate.audit.record.document import AttestationEntry, FactEntry, Record, RequirementEntry, WaiverEntry
from phasegate.rules.validity import Validity

_HOLDS = ("pass", "waived")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
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
    alternative where another one is enough, or where a waiver that is used today covers stale evidence
    and lasts longer. An older attestation, or another waiver, that would step in is not looked for: the
    list rather names too much than too little. What has no date that can be read is left out.

    Args:
        record: as it was kept.
    """
    return sorted(_found(record))


def _found(record: Record) -> Iterator[Ending]:
    rests, gates = _Rests(record), _Gates(record)
    answered: set[str] = set()
    for word in record["attestations"]:
        if word["standing"] == "used":
            answered.add(word["fact"])
            ends = _earliest(_without(word, word["signed"]), _aged(rests.facts.get(word["fact"])))
            if ends and (criteria := rests.on_fact(word["fact"], ends)):
                yield Ending(ends, "attestation", word["id"], criteria, gates.of(criteria))
    for fact in record["facts"]:
        ends = _aged(fact)
        if ends and fact["id"] not in answered and (criteria := rests.on_fact(fact["id"], ends)):
            yield Ending(ends, "evidence", fact["id"], criteria, gates.of(criteria))
    for waiver in record["waivers"]:
        ends = _without(waiver, waiver["granted"])
        if ends and (criteria := rests.on_waiver(waiver["id"])):
            yield Ending(ends, "waiver", waiver["id"], criteria, gates.of(criteria))


def _aged(fact: FactEntry | None) -> dt.date | None:
    """The first day on which a fact is stale; None where it does not age, or is no evidence now."""
    if fact is None or fact["status"] != "present" or not fact["newest"] or fact["max_age_days"] is None:
        return None
    try:
        return dt.date.fromisoformat(fact["newest"]) + dt.timedelta(days=fact["max_age_days"]) + _DAY
    except (ValueError, OverflowError):
        return None


def _without(entry: WaiverEntry | AttestationEntry, signed: str) -> dt.date | None:
    """The first day that a signed statement no longer covers as a whole."""
    try:
        revoked = _instant(entry["revoked"]) if entry["revoked"] else None
        span = Validity(_instant(entry["start"]), _instant(entry["end"]), _instant(signed), revoked)
        return span.last_day + _DAY
    except (ValueError, OverflowError):
        return None


def _instant(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _earliest(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day), default=None)


class _Rests:
    """What the criteria of a record that count rest on."""

    def __init__(self, record: Record) -> None:
        self.facts = {each["id"]: each for each in record["facts"]}
        self._waivers = {each["id"]: each for each in record["waivers"]}
        binding = {each["id"] for each in record["criteria"] if each["enforcement"] != "advisory"}
        self._own: dict[str, list[RequirementEntry]] = {}
        self._on_fact: dict[str, list[RequirementEntry]] = {}
        self._on_waiver: dict[str, list[RequirementEntry]] = {}
        for each in record["requirements"]:
            if each["criterion"] not in binding:
                continue
            self._own.setdefault(each["criterion"], []).append(each)
            if each["verdict"] in _HOLDS:
                self._on_fact.setdefault(each["fact"], []).append(each)
            if each["verdict"] == "waived" and each["waiver"]:
                self._on_waiver.setdefault(each["waiver"], []).append(each)

    def on_fact(self, fact: str, day: dt.date) -> tuple[str, ...]:
        """The criteria that no longer hold once a fact is stale, or no longer would but for others."""
        return self._lost([each for each in self._on_fact.get(fact, ()) if not self._covered(each, day)])

    def on_waiver(self, waiver: str) -> tuple[str, ...]:
        """The criteria that no longer hold without a waiver, or no longer would but for others."""
        return self._lost(self._on_waiver.get(waiver, ()))

    def _covered(self, requirement: RequirementEntry, day: dt.date) -> bool:
        """Whether the waiver that a requirement is waived by takes stale evidence on a day too."""
        waiver = self._waivers.get(requirement["waiver"] or "")
        if requirement["verdict"] != "waived" or waiver is None or "stale" not in waiver["covers"]:
            return False
        ends = _without(waiver, waiver["granted"])
        return ends is not None and day < ends

    def _lost(self, requirements: Iterable[RequirementEntry]) -> tuple[str, ...]:
        without: dict[str, set[str]] = {}
        for each in requirements:
            without.setdefault(each["criterion"], set()).add(each["id"])
        return tuple(name for name, ids in without.items() if self._rests(self._own[name], ids))

    @staticmethod
    def _rests(own: Sequence[RequirementEntry], without: Collection[str]) -> bool:
        if _holds(own, ()):
            return not _holds(own, without)
        return any(each["alternative"] is None for each in own if each["id"] in without)


def _holds(requirements: Sequence[RequirementEntry], without: Collection[str], depth: int = 0) -> bool:
    """Whether requirements hold together, one alternative of several being enough.

    Args:
        requirements: those of one criterion, or of one of its alternatives.
        without: the ids of those that are taken not to hold.
        depth: within how many alternatives they stand.
    """
    groups: dict[str, list[RequirementEntry]] = {}
    for each in requirements:
        numbers = each["alternative"].split(".", 50) if each["alternative"] else []
        if len(numbers) > depth:
            groups.setdefault(numbers[depth], []).append(each)
        elif each["id"] in without or each["verdict"] not in (*_HOLDS, "not_applicable"):
            return False
    return not groups or any(_holds(group, without, depth + 1) for group in groups.values())


class _Gates:
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
