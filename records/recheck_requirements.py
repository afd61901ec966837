"""Whether recorded verdicts follow from recorded facts: decided a third time, by the reference evaluator.

Neither engine is asked, and none of their code, nor of the code that asks them: a value is a fraction, and
a bound is what a record says of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

from phasegate.engine.plan import Comparator, Comparison, Observation, Requirement
from phasegate.engine.reference import all_hold, verdict_of
from phasegate.records.time_zone import zone_of
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.verdict import BY_WORD, EVIDENCE_BY_WORD, WAIVABLE, Evidence, Verdict
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import Quantity
from phasegate.rules.values.validity import Validity

_NOT_READ = (PhasegateError, ValueError, TypeError, ZeroDivisionError, OverflowError, IndexError)
"""What a part of a record that nobody can read raises."""


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
        elif requirement["verdict"] not in ("fail", "waived"):
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
        greatest = _limits(bound, requirement)[-1]
        return Fraction(int(fact["numerator"]), int(fact["denominator"])) > greatest or not greatest
    return bound.operator in ("<", "<=")


def miscounted(rows: Mapping[str, Any], fact: Mapping[str, Any]) -> str | None:
    """What is wrong with the number of the rows behind a fact; None if nothing is.

    Args:
        rows: what a record says of them.
        fact: the fact that they stand behind.
    """
    what, total = rows["what"], rows["total"]
    if fact["status"] != "present":
        return "no value was held against its bound"
    due = None
    if what == "not met" and fact["kind"] == "ratio":
        due = int(fact["denominator"]) - int(fact["numerator"])
    if what == "counted" and fact["kind"] in ("count", "ratio"):
        due = int(fact["numerator"])
    if due is not None and total != due:
        return f"there are {total}, and its fact says {due}"
    if what != "short" and total > fact["rows"]:
        return f"there are {total} of {fact['rows']}"
    if not len(rows["sample"]) <= rows["held"] <= total or (total and not rows["sample"]):
        return f"{len(rows['sample'])} are shown and {rows['held']} are held of {total}"
    return None


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
    n, d = (None if fact[name] is None else int(fact[name]) for name in ("numerator", "denominator"))
    evidence = EVIDENCE_BY_WORD.get(fact["status"], Evidence.ERROR)
    return Observation(evidence, n, d, fact["truth"], fact["text"])


_NOTHING = Requirement(id="", measure="", slice="", bound="")
"""What evidence without a value is held against."""


def _asked(requirement: Mapping[str, Any]) -> Requirement:
    bound = Bound.parse(_written(requirement["bound"]))
    tests: tuple[Comparison, ...] = ()
    if bound.operator not in ("is", "in"):
        limits = _limits(bound, requirement)
        signs = (">=", "<=") if bound.operator == "between" else (bound.operator,)
        tests = tuple(Comparison(cast("Comparator", sign), limits[place]) for place, sign in enumerate(signs))
    return replace(_NOTHING, tests=tests, expected=bound.expected, options=bound.options)


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
        floored = _reaches_floor(requirement, fact, waiver, due)
    except _NOT_READ:
        return f"the waiver {name} can not be read"
    if state != "in_force":
        return f"the waiver {name} does not count on {evidence['as_of']}: {why}"
    return None if floored else f"its value is beyond what the waiver {name} covers"


def _validity(waiver: Mapping[str, Any], evidence: Mapping[str, Any]) -> Validity:
    start, end, granted = (dt.datetime.fromisoformat(waiver[name]) for name in ("start", "end", "granted"))
    revoked = dt.datetime.fromisoformat(waiver["revoked"]) if waiver["revoked"] else None
    return Validity(start, end, granted, revoked, zone_of(evidence), today="statements" in evidence)


def _reaches_floor(
    requirement: Mapping[str, Any], fact: Mapping[str, Any], waiver: Mapping[str, Any], due: str
) -> bool:
    """A number that fails is excused down to a floor only; one that is stale, where there is a floor."""
    if not BY_WORD[due].valued:  # there is no value that any floor could be held against
        return True
    bound = Bound.parse(_written(requirement["bound"]))
    if waiver["floor"] is None:
        return bound.operator in ("is", "in") or "fail" not in waiver["covers"]
    if bound.operator not in (">=", ">", "<=", "<"):
        return False
    upward = bound.operator in (">=", ">")
    written = Quantity.parse(waiver["floor"])
    floor = written.within(fact.get("unit", written.unit))
    return floor is not None and bool(
        all_hold([Comparison(">=" if upward else "<=", floor.value)], _seen(fact))
    )


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
