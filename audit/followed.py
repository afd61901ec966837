"""Whether recorded verdicts follow from recorded facts: decided a third time, by itself.

Neither engine is asked, and none of their code: a value is a fraction, a bound is a sign and a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from phasegate.rules.bounds import Bound
from phasegate.rules.errors import PhasegateError
from phasegate.rules.units import Quantity

_EVIDENCE = {"unknown": "unknown", "stale": "stale", "error": "error", "not_applicable": "not_applicable"}


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
    """Holds the requirements of an evidence document against its facts.

    A waived one follows if it names a waiver that the document has; an error that the engines found
    for themselves is no matter of facts and follows from anything.
    """
    facts = {fact["id"]: fact for fact in evidence["facts"]}
    waivers = {waiver["id"] for waiver in evidence["waivers"]}
    against: list[str] = []
    for requirement in evidence["requirements"]:
        due = _verdict(requirement, facts[requirement["fact"]])
        found = requirement["verdict"]
        waived = (
            found == "waived" and requirement["waiver"] in waivers and due in ("fail", "stale", "unknown")
        )
        if found not in (due, "error") and not waived:
            against.append(f"{requirement['id']} is {found}, and its facts say {due}")
    return Followed(len(evidence["requirements"]), tuple(against))


def _verdict(requirement: Mapping[str, Any], fact: Mapping[str, Any]) -> str:
    if fact["status"] in _EVIDENCE:
        return _EVIDENCE[fact["status"]]
    try:
        return "pass" if _holds(requirement, fact) else "fail"
    except (PhasegateError, ValueError, ZeroDivisionError):
        return "error"


def _holds(requirement: Mapping[str, Any], fact: Mapping[str, Any]) -> bool:
    bound = Bound.parse(_written(requirement["bound"]))
    if bound.operator == "is":
        return fact["truth"] is bound.expected
    if bound.operator == "in":
        return fact["text"] in bound.options
    value = Fraction(int(fact["numerator"]), int(fact["denominator"]))
    # A bound by name, such as the area's target, is recorded with the limit that it stood for.
    limits = bound.limits or tuple(_limit(each) for each in requirement["limit"].split(" and "))
    if bound.operator == "between":
        return limits[0] <= value <= limits[1]
    return {
        ">=": value >= limits[0],
        "<=": value <= limits[0],
        ">": value > limits[0],
        "<": value < limits[0],
        "==": value == limits[0],
        "!=": value != limits[0],
    }[bound.operator]


def _limit(shown: str) -> Fraction:
    return Quantity.parse(shown.replace(",", "")).value


def _written(bound: str) -> str | bool:
    return {"true": True, "false": False}.get(bound.lower(), bound)
