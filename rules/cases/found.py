"""The values that cases expect of measures, as they are written: ``18 of 20``, ``90 %``, ``true``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from phasegate.rules.values.units import PERCENT, Quantity, QuantityError

_NUMBER = r"-?[0-9]+(?:[,_][0-9]{3})*(?:\.[0-9]+)?"
_PAIR = re.compile(rf"\s*({_NUMBER})\s+of\s+({_NUMBER})\s*")
HINT = "write such as  18 of 20,  90 %,  12,  1_250.50 EUR,  true,  or  15 of 20 to 18 of 20"


class FoundError(ValueError):
    """A text that is no number of the form that a measure has; its message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One number, and how it is made up where that is said.

    Attributes:
        value: the number; a percentage is divided by 100.
        pair: numerator and denominator as they were written; None where it is not a part of something.
        unit: its unit.
    """

    value: Fraction
    pair: tuple[Fraction, Fraction] | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """A value that is expected: a number between two ends, a truth value or a text; the others are None."""

    low: Part | None = None
    high: Part | None = None
    truth: bool | None = None
    text: str | None = None


def expected(written: str | int | bool, *, text: bool = False) -> Expected:
    """Reads a value that is expected.

    Args:
        written: it.
        text: whether the measure has texts, of which none is read as a number.

    Raises:
        FoundError: if it is of no form that is known.
    """
    if isinstance(written, bool):
        return Expected(truth=written)
    if text:
        return Expected(text=str(written))
    low, *high = re.split(r"\s+to\s+", str(written).strip(), maxsplit=1)
    first = _part(low)
    last = _part(high[0]) if high else first
    if last.pair is None and first.unit is None and last.unit is not None:  # ``25 to 45 %``
        first = _part(f"{low} {last.unit}")
    if first.value > last.value:
        raise FoundError(f"{low!r} is more than {high[0]!r}")
    return Expected(first, last)


def _part(written: str) -> Part:
    if pair := _PAIR.fullmatch(written):
        top, bottom = (Fraction(re.sub("[,_]", "", each)) for each in pair.groups())
        if not bottom:
            raise FoundError(f"{written!r} has nothing that it is a part of")
        return Part(top / bottom, (top, bottom), PERCENT)
    try:
        quantity = Quantity.parse(re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "_", written))
    except QuantityError as error:
        raise FoundError(f"{written!r} is no value of a measure") from error
    return Part(quantity.value, None, quantity.unit)
