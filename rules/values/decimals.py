"""Exact numbers as decimals that programs compare, and come to the same as with the exact ones."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

PLACES = 12
"""So many places behind the point has what is rounded, or as many more as keep numbers apart."""
MOST_PLACES = 40
"""What ends within so many is told whole."""
_ENDING = 10**MOST_PLACES


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
