"""The numbers of recorded facts, read back as exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

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
