"""Units and exact quantities.

A quantity is an exact fraction and a unit. A percentage is the fraction it stands for
(``95 %`` is 19/20), so that values and bounds compare without conversion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

PERCENT = "%"
DAYS = "days"
_LONGEST = 60
_LARGEST = 10**18
"""Numerators and denominators stay below it: what is compared must fit 64 bits."""
_MULTIPLES = {"k": 10**3, "M": 10**6, "bn": 10**9}
_QUANTITY = re.compile(
    r"""^\s*(?P<number>[+-]?\d+(?:_\d{3})*(?:\.\d+)?)      # 17.3, -2, 1_000
        \s*(?:(?P<multiple>k|M|bn)\s+(?=[A-Z]{3}$))?        # M, only before a currency
        (?P<unit>%|days?|[A-Z]{3})?\s*$""",
    re.VERBOSE | re.ASCII,
)


class QuantityError(ValueError):
    """A text that is no quantity; its message says what one looks like.

    Attributes:
        short: the message without the examples.
        hint: the examples.
    """

    rule = "bad-quantity"
    hint = "write a number and, where there is one, its unit, such as 95 %, 31 days, 17.3 M USD or 25"

    def __init__(self, text: str, why: str = "is not a quantity") -> None:
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        self.short = f"{shown!r} {why}"
        super().__init__(f"{self.short}: {self.hint}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact number with its unit.

    Attributes:
        value: the number; a percentage is divided by 100.
        unit: ``%``, ``days``, an ISO 4217 currency code, or None for a plain number.
    """

    value: Fraction
    unit: str | None

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Reads ``95 %``, ``31 days``, ``17.3 M USD`` or ``25``.

        Raises:
            QuantityError: if the text is none of these, or has more digits than are compared exactly.
        """
        found = _QUANTITY.match(text) if len(text) <= _LONGEST else None
        if found is None:
            raise QuantityError(text)
        value = Fraction(found["number"].replace("_", ""))
        if found["multiple"]:
            value *= _MULTIPLES[found["multiple"]]
        unit = found["unit"]
        if unit in ("day", "days"):
            unit = DAYS
        if unit == PERCENT:
            value /= 100
        if max(abs(value.numerator), value.denominator) >= _LARGEST:
            raise QuantityError(text, "has more digits than are compared exactly")
        return cls(value, unit)


def days_in(text: str) -> int:
    """How many whole days a length of time such as ``31 days`` has."""
    return int(Quantity.parse(text).value)


def is_currency(unit: str | None) -> bool:
    """Whether the unit is a currency code."""
    return unit is not None and len(unit) == 3 and unit.isupper()


def is_unit(text: str) -> bool:
    """Whether the text names a unit that phasegate knows."""
    return text in (PERCENT, DAYS) or (len(text) == 3 and text.isascii() and text.isupper())
