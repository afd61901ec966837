"""Whether recorded verdicts follow from recorded facts: decided a third time, by the reference evaluator.

Neither engine is asked, and none of their code, nor of the code that asks them: a value is a fraction, and
a bound is what a record says of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from phasegate.engine.floors import UnfitFloorError, floor_of
from phasegate.engine.plan import Cover, Observation, Requirement, tests_of
from phasegate.engine.reference import verdict_of
from phasegate.records.editions import Edition, edition_of
from phasegate.records.facts import recorded_fact
from phasegate.records.numbers import requirement_numbers
from phasegate.records.rows_behind import NOT_READ, ends_of, limits_of, stray_rows, written
from phasegate.records.schema import RequirementNumbers
from phasegate.records.time_zone import validity_of
from phasegate.rules.model.verdict import BY_WORD, WAIVABLE, Evidence, Verdict
from phasegate.rules.values.bounds import Bound

if TYPE_CHECKING:
    from phasegate.records.schema import FactEntry


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of it.

    Attributes:
        checked: how many requirements were compared.
        against: those whose verdict does not follow, in words.
    """

    checked: int
    against: tuple[str, ...]


def follow(evidence: Mapping[str, Any]) -> Followed:
    """Holds the requirements of an evidence document, or of a whole record, against its facts.

    A waived one follows if its waiver is there, is about it, was in force on the day and covers what
    it would be otherwise. An error that the engines found for themselves is no matter of facts and
    follows from anything.

    Args:
        evidence: a document of the right shape; of a record, with the digest of its pack as ``pack``.
    """
    facts = {fact["id"]: fact for fact in evidence["facts"]}
    waivers = {waiver["id"]: waiver for waiver in evidence["waivers"]}
    hard = {each["id"] for each in evidence["criteria"] if each["enforcement"] == "hard"}
    against: list[str] = []
    for requirement in evidence["requirements"]:
        name, found = requirement["id"], requirement["verdict"]
        fact = facts.get(requirement["fact"])
        if fact is None:
            against.append(f"{name} is {found}, and there is no fact for it")
            continue
        due = due_verdict(requirement, fact)
        if found == "waived":
            why = (
                "its criterion is hard"
                if requirement["criterion"] in hard
                else _unwaived(requirement, fact, due, waivers.get(requirement["waiver"]), evidence)
            )
            if why:
                against.append(f"{name} is waived, and {why}")
        elif found not in (due, "error"):
            against.append(f"{name} is {found}, and its facts say {due}")
        if not _numbers_follow(requirement, fact, evidence["as_of"]):
            against.append(f"the numbers of {name} are not those of its fact and its bound")
    against += stray_rows(evidence, facts)
    return Followed(len(evidence["requirements"]), tuple(against))


def due_verdict(requirement: Mapping[str, Any], fact: Mapping[str, Any]) -> str:
    """What a fact says of a requirement by itself, whatever waiver there is.

    Args:
        requirement: of a record.
        fact: the fact that is held against it.
    """
    try:
        seen = _seen(fact)
        bounded = seen.evidence is Evidence.PRESENT
        return verdict_of(_asked(requirement) if bounded else _NOTHING, seen).word
    except NOT_READ:
        return Verdict.ERROR.word


def _numbers_follow(requirement: Mapping[str, Any], fact: Mapping[str, Any], as_of: str) -> bool:
    told = {name: requirement[name] for name in RequirementNumbers.__annotations__ if name in requirement}
    if not told:  # as in older records
        return True
    try:
        measured = recorded_fact(cast("FactEntry", fact))
        return told == requirement_numbers(_asked(requirement), measured, dt.date.fromisoformat(as_of))
    except NOT_READ:
        return False


def _seen(fact: Mapping[str, Any]) -> Observation:
    evidence = Evidence.of(fact["status"], fact.get("undetermined", {}).get("rows", 0))
    low, high = ends_of(fact)
    return Observation(evidence, low, high, fact["truth"], fact["text"])


_NOTHING = Requirement(id="", measure="", slice="", bound="")
"""What evidence without a value is held against."""


def _asked(requirement: Mapping[str, Any]) -> Requirement:
    """What is asked; the many requirements of a record ask few different things."""
    unit = (requirement["unit"],) if "unit" in requirement else ()
    return _read(requirement["bound"], requirement.get("limit"), unit)


@lru_cache(maxsize=1024)
def _read(written_as: str, limit: str | None, units: tuple[str | None, ...]) -> Requirement:
    bound = Bound.parse(written(written_as))
    if bound.operator not in ("is", "in"):
        told = {"limit": limit, "unit": units[0]} if units else {"limit": limit}
        bound = replace(bound, limits=limits_of(bound, told))
    return replace(
        _NOTHING,
        tests=tests_of(bound),
        expected=bound.expected,
        options=bound.options,
        unit=units[0] if units else bound.unit,
    )


def _unwaived(
    requirement: Mapping[str, Any],
    fact: Mapping[str, Any],
    due: str,
    waiver: Mapping[str, Any] | None,
    evidence: Mapping[str, Any],
) -> str | None:
    """Why a waiver does not excuse a requirement; None if it does."""
    if waiver is None:
        return "there is no waiver for it"
    name = waiver["id"]
    if waiver["requirement"] != requirement["id"]:
        return f"the waiver {name} is about {waiver['requirement']}"
    if waiver["pack_digest"] != evidence["pack"]:
        return f"the waiver {name} was granted under other rules"
    if due not in WAIVABLE or due not in waiver["covers"]:
        return f"the waiver {name} does not cover what its facts say: {due}"
    if waiver["standing"] != "used":
        return f"the waiver {name} is recorded as {waiver['standing']}"
    try:
        state, why = validity_of(waiver, evidence).on(dt.date.fromisoformat(evidence["as_of"]))
        excused = excuses(waiver, requirement, fact, edition_of(evidence))
    except NOT_READ:
        return f"the waiver {name} can not be read"
    if state != "in_force":
        return f"the waiver {name} does not count on {evidence['as_of']}: {why}"
    return None if excused else f"its value is beyond what the waiver {name} covers"


def excuses(
    waiver: Mapping[str, Any], requirement: Mapping[str, Any], fact: Mapping[str, Any], edition: Edition
) -> bool:
    """Whether a waiver covers what its floor says it does."""
    asked = _asked(requirement)
    try:
        floor = floor_of(waiver["floor"], waiver["covers"], asked.tests, fact.get("unit", asked.unit))
    except UnfitFloorError:
        return False
    covers = frozenset(BY_WORD[each] for each in waiver["covers"])
    cover = Cover(waiver["id"], covers, floor, edition.floors_unknown)
    return verdict_of(replace(asked, cover=cover), _seen(fact)) is Verdict.WAIVED
