"""The numbers of requirements as decimals, and those of recorded facts read back as exact fractions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from phasegate.engine.formatting import days_left, margin_ends
from phasegate.records.schema import RequirementNumbers
from phasegate.rules.values.units import PERCENT

if TYPE_CHECKING:
    from phasegate.engine.plan import Requirement
    from phasegate.facts.model.fact import Fact

PLACES = 12
"""So many places behind the point has what is rounded, or as many more as keep numbers apart."""
MOST_PLACES = 40
"""What ends within so many is told whole."""
_ENDING = 10**MOST_PLACES
Extremes = tuple[Fraction, Fraction]
"""The least and the greatest that a number can be: the same twice where it is known."""


def read_extremes(fact: Mapping[str, Any]) -> Extremes | None:
    """The least and the greatest that a fact's number can be; None where it has no number.

    Args:
        fact: as a record has it.

    Raises:
        ValueError: if what stands there is no number.
    """
    undetermined = fact.get("undetermined") or {}
    known = [fact["numerator"], fact["denominator"]]
    low, high = (undetermined.get(end, known) for end in ("low", "high"))
    return None if low[0] is None else (_fraction(*low), _fraction(*high))


def _fraction(numerator: str, denominator: str) -> Fraction:
    try:
        return Fraction(int(numerator), int(denominator))
    except (TypeError, ZeroDivisionError) as error:
        raise ValueError(f"{numerator} / {denominator} is no number") from error


def extremes(fact: Mapping[str, Any]) -> Extremes | None:
    """The same; None too where nobody can read it."""
    try:
        return read_extremes(fact)
    except (ValueError, TypeError, IndexError):
        return None


def floats(fact: Mapping[str, Any]) -> tuple[float, float] | None:
    """The same as a plot has them: the only place where numbers are not exact."""
    if (found := extremes(fact)) is None:
        return None
    try:
        return float(found[0]), float(found[1])
    except OverflowError:
        return None


def requirement_numbers(requirement: Requirement, fact: Fact, as_of: dt.date) -> RequirementNumbers:
    """The numbers of a requirement that programs compare; without those that it has not.

    Args:
        requirement: what is asked; only a bound of numbers has any.
        fact: what was found; of another unit than the bound, it has no value that is told.
        as_of: the day that is decided.
    """
    found = RequirementNumbers()
    if (left := days_left(fact, as_of)) is not None:
        found["days_left"] = left
    if not requirement.tests:
        return found
    fits = fact.unit == requirement.unit
    values = _in_unit(requirement, fact.extremes if fits else None)
    limits = _in_unit(requirement, (test.limit for test in requirement.tests))
    margins = _in_unit(requirement, margin_ends(requirement, fact) if fits else None)
    compared = iter(decimals([*values, *limits, Fraction(0)]))
    gaps = iter(decimals([*margins, Fraction(0)]))
    found["rounded"] = False
    for names, exact, told in (
        (("value", "value_low", "value_high"), values, compared),
        (("limit_value", "limit_low", "limit_high"), limits, compared),
        (("margin_value", "margin_low", "margin_high"), margins, gaps),
    ):
        for name, number, decimal in zip(names[len(exact) > 1 :], exact, told, strict=False):
            found[name] = decimal_text(decimal)  # type: ignore[literal-required]
            found["rounded"] |= decimal != number
    return found


def _in_unit(requirement: Requirement, found: Iterable[Fraction] | None) -> list[Fraction]:
    """Numbers as their unit has them, each once."""
    times = 100 if requirement.unit == PERCENT else 1
    return [each * times for each in dict.fromkeys(found or ())]


def decimals(numbers: Sequence[Fraction]) -> list[Fraction]:
    """Numbers that have an end in decimals, each for one of those given, in the same order by size.

    Two of them are equal only where those that they stand for are.
    """
    if all(_ENDING % each.denominator == 0 for each in numbers):
        return [*numbers]
    places = PLACES
    by_size = sorted(set(numbers))
    while True:
        told = {each: _rounded(each, places) for each in by_size}
        if all(told[less] < told[more] for less, more in pairwise(by_size)):
            return [told[each] for each in numbers]
        places *= 2


def _rounded(value: Fraction, places: int) -> Fraction:
    """The number itself where it ends within `MOST_PLACES`; else rounded, half away from zero."""
    if _ENDING % value.denominator == 0:
        return value
    scaled = (2 * abs(value.numerator) * 10**places + value.denominator) // (2 * value.denominator)
    return Fraction(scaled if value > 0 else -scaled, 10**places)


def decimal_text(value: Fraction) -> str:
    """A number with an end as digits, a point only before others: ``-5``, ``94.999``.

    Args:
        value: one of which the denominator has no factors but 2 and 5.
    """
    if value.denominator == 1:
        return str(value.numerator)
    places = 1
    while 10**places % value.denominator:
        places += 1
    whole, rest = divmod(abs(value.numerator) * 10**places // value.denominator, 10**places)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}"
