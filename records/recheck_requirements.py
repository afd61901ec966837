"""Whether recorded verdicts follow from recorded facts: decided a third time, by the reference evaluator.

Neither engine is asked, and none of their code, nor of the code that asks them: a value is a fraction, and
a bound is what a record says of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from phasegate.engine.floors import UnfitFloorError, floor_of
from phasegate.engine.plan import Cover, Observation, Requirement, tests_of
from phasegate.engine.reference import verdict_of
from phasegate.facts.model.ends import Pair
from phasegate.records.editions import Edition, edition_of
from phasegate.records.time_zone import zone_of
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.verdict import BY_WORD, WAIVABLE, Evidence, Verdict
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import Quantity
from phasegate.rules.values.validity import Validity

_NOT_READ = (PhasegateError, ValueError, TypeError, ZeroDivisionError, OverflowError, IndexError)
"""What a part of a record that nobody can read raises."""
HAVE_ROWS = frozenset({"fail", "waived", "unknown"})
"""Verdicts behind which rows may stand."""


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
    against += _rows(evidence, facts)
    return Followed(len(evidence["requirements"]), tuple(against))


def _rows(evidence: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with the rows behind the verdicts."""
    requirements = {each["id"]: each for each in evidence["requirements"]}
    told: set[str] = set()
    for rows in evidence.get("rows", ()):
        name = rows["requirement"]
        requirement = requirements.get(name)
        fact = facts.get(requirement["fact"]) if requirement is not None else None
        if requirement is None or fact is None:
            yield f"there are rows behind {name}, which is not there"
        elif requirement["verdict"] not in HAVE_ROWS:
            yield f"there are rows behind {name}, which is {requirement['verdict']}"
        elif name in told:
            yield f"there are rows behind {name} twice"
        elif fault := miscounted(rows, fact):
            yield f"of the rows behind {name}, {fault}"
        told.add(name)


def held_below(requirement: Mapping[str, Any], fact: Mapping[str, Any]) -> bool:
    """Whether a value must not be greater: rows that count towards it are too many rather than too few.

    Where a bound has two ends, the end that the value is beyond tells; within them, whether the
    greatest that is allowed is nothing.

    Args:
        requirement: of a record.
        fact: the present fact that it is held against.
    """
    bound = Bound.parse(_written(requirement["bound"]))
    if bound.operator == "is":
        return bound.expected is False
    if bound.operator in ("==", "between"):
        limits, (low, high) = _limits(bound, requirement), _ends(fact)
        if low is None or high is None:
            return False
        if low != high and Fraction(*low) < limits[0]:  # what may count keeps it from being greater, too
            return not limits[-1]
        return Fraction(*high) > limits[-1] or not limits[-1]
    return bound.operator in ("<", "<=")


def miscounted(rows: Mapping[str, Any], fact: Mapping[str, Any]) -> str | None:
    """What is wrong with the number of the rows behind a fact; None if nothing is.

    Args:
        rows: what a record says of them.
        fact: the fact that they stand behind.
    """
    what, total, unsure = rows["what"], rows["total"], rows.get("undetermined", 0)
    undetermined = fact.get("undetermined", {}).get("rows", 0)
    if fact["status"] != "present" and (fact["status"], what) != ("unknown", "may count"):
        return "no value was held against its bound"
    try:
        due = _due_rows(what, fact)
    except _NOT_READ:
        return "its fact has no number"
    if due is not None and total - unsure != due:
        return f"there are {total - unsure}, and its fact says {due}"
    known = unsure if due is None and not unsure else undetermined  # of some kinds they are not shown
    if unsure != known or (what == "may count" and unsure != total):
        return f"{unsure} of {total} are undetermined, and of its fact {undetermined}"
    if what != "short" and total > fact["rows"] + undetermined:
        return f"there are {total} of {fact['rows'] + undetermined}"
    if not len(rows["sample"]) <= rows["held"] <= total or (total and not rows["sample"]):
        return f"{len(rows['sample'])} are shown and {rows['held']} are held of {total}"
    return None


def _due_rows(what: str, fact: Mapping[str, Any]) -> int | None:
    """How many rows surely stand behind a fact; None where it does not tell."""
    low, high = _ends(fact)
    if low is None or high is None:
        return None
    if what == "not met" and fact["kind"] == "ratio":
        return high[1] - high[0]  # at the best end, only what is sure not to be met is missing
    return low[0] if what == "counted" and fact["kind"] in ("count", "ratio") else None


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
    except _NOT_READ:
        return Verdict.ERROR.word


def _seen(fact: Mapping[str, Any]) -> Observation:
    evidence = Evidence.of(fact["status"], fact.get("undetermined", {}).get("rows", 0))
    low, high = _ends(fact)
    return Observation(evidence, low, high, fact["truth"], fact["text"])


def _ends(fact: Mapping[str, Any]) -> tuple[Pair | None, Pair | None]:
    """The least and the greatest that a recorded number can be.

    Raises:
        ValueError: if it says both what its value is and that nobody knows it.
    """
    open_: Mapping[str, Any] = fact.get("undetermined") or {}
    n, d = fact["numerator"], fact["denominator"]
    if "low" not in open_ and "high" not in open_:
        known = None if n is None or d is None else (int(n), int(d))
        return known, known
    if n is not None or d is not None:
        raise ValueError("a number that is known has no ends")
    (low, below), (high, above) = (map(int, open_.get(name, ())) for name in ("low", "high"))
    return (low, below), (high, above)


_NOTHING = Requirement(id="", measure="", slice="", bound="")
"""What evidence without a value is held against."""


def _asked(requirement: Mapping[str, Any]) -> Requirement:
    bound = Bound.parse(_written(requirement["bound"]))
    if bound.operator not in ("is", "in"):
        bound = replace(bound, limits=_limits(bound, requirement))
    return replace(
        _NOTHING,
        tests=tests_of(bound),
        expected=bound.expected,
        options=bound.options,
        unit=requirement.get("unit", bound.unit),
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
        state, why = _validity(waiver, evidence).on(dt.date.fromisoformat(evidence["as_of"]))
        excused = _excuses(waiver, requirement, fact, edition_of(evidence))
    except _NOT_READ:
        return f"the waiver {name} can not be read"
    if state != "in_force":
        return f"the waiver {name} does not count on {evidence['as_of']}: {why}"
    return None if excused else f"its value is beyond what the waiver {name} covers"


def _validity(waiver: Mapping[str, Any], evidence: Mapping[str, Any]) -> Validity:
    start, end, granted = (dt.datetime.fromisoformat(waiver[name]) for name in ("start", "end", "granted"))
    revoked = dt.datetime.fromisoformat(waiver["revoked"]) if waiver["revoked"] else None
    return Validity(start, end, granted, revoked, zone_of(evidence), today="statements" in evidence)


def _excuses(
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


def _limits(bound: Bound, requirement: Mapping[str, Any]) -> tuple[Fraction, ...]:
    # A bound by name, such as the area's target, is recorded with the limit that it stood for.
    unit = requirement.get("unit", bound.unit)
    fitted = bound.within(unit) or bound
    return fitted.limits or tuple(_limit(each, unit) for each in (requirement["limit"] or "").split(" and "))


def _limit(shown: str, unit: str | None) -> Fraction:
    limit = Quantity.parse(shown.replace(",", ""))
    return (limit.within(unit) or limit).value


def _written(bound: str) -> str | bool:
    return {"true": True, "false": False}.get(bound.lower(), bound)
