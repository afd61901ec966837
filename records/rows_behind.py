"""The rows behind recorded verdicts: behind which there are any, on which side of a bound, and how many.

What a record says of them is held against its own facts; a value is a fraction, and a bound is what the
record says of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from phasegate.facts.model.ends import Pair
from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import Quantity

NOT_READ = (PhasegateError, ValueError, TypeError, ZeroDivisionError, OverflowError, LookupError)
"""What a part of a record that nobody can read raises."""
HAVE_ROWS = frozenset({"fail", "waived", "unknown"})
"""Verdicts behind which rows may stand."""


def stray_rows(evidence: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
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
    bound = Bound.parse(written(requirement["bound"]))
    if bound.operator == "is":
        return bound.expected is False
    if bound.operator in ("==", "between"):
        limits, (low, high) = limits_of(bound, requirement), ends_of(fact)
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
    except NOT_READ:
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
    low, high = ends_of(fact)
    if low is None or high is None:
        return None
    if what == "not met" and fact["kind"] == "ratio":
        return high[1] - high[0]  # at the best end, only what is sure not to be met is missing
    return low[0] if what == "counted" and fact["kind"] in ("count", "ratio") else None


def ends_of(fact: Mapping[str, Any]) -> tuple[Pair | None, Pair | None]:
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


def limits_of(bound: Bound, requirement: Mapping[str, Any]) -> tuple[Fraction, ...]:
    """The limits of a recorded bound, in the unit of its requirement."""
    # A bound by name, such as the area's target, is recorded with the limit that it stood for.
    unit = requirement.get("unit", bound.unit)
    fitted = bound.within(unit) or bound
    return fitted.limits or tuple(_limit(each, unit) for each in (requirement["limit"] or "").split(" and "))


def _limit(shown: str, unit: str | None) -> Fraction:
    limit = Quantity.parse(shown.replace(",", ""))
    return (limit.within(unit) or limit).value


def written(bound: str) -> str | bool:
    """A recorded bound as an author writes it."""
    return {"true": True, "false": False}.get(bound.lower(), bound)
