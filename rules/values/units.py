"""Units and exact quantities.

A quantity is an exact fraction and a unit. A percentage is the fraction it stands for
(``95 %`` is 19/20), so that values and bounds compare without conversion. Seconds, minutes and hours
are converted among each other; days are those of the calendar, and not all of them have 24 hours.
Any other word is a unit where a measure declares it, and fits itself alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from phasegate.rules.values.currencies import CURRENCIES

PERCENT = "%"
DAYS = "days"
TIMES = {"seconds": 1, "minutes": 60, "hours": 3600}
"""The units of time that are exact multiples of each other, each with its seconds."""
KNOWN = (PERCENT, DAYS, *TIMES)
"""The units that need no declaration, but for currencies."""
_PLURALS = {name.removesuffix("s"): name for name in (DAYS, *TIMES)}
_MEANT = {
    "percent": PERCENT, "percents": PERCENT, "percentage": PERCENT, "pct": PERCENT,
    "h": "hours", "hr": "hours", "hrs": "hours", "min": "minutes", "mins": "minutes",
    "s": "seconds", "sec": "seconds", "secs": "seconds", "d": DAYS,
    "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR",
}  # fmt: skip
"""What people write for a unit that has a name of its own."""
_NEVER_ABBREVIATED = (PERCENT, "USD", "EUR")
"""Units by whose name more is decided than whether two are the same: no other word may stand for them."""
_NO_UNITS = frozenset(
    {
        "success",
        "kpi",
        "and",
        "or",
        "not",
        "between",
        "in",
        "is",
        "true",
        "false",
        "null",
        "none",
        "yes",
        "no",
    }
)
_LONGEST = 60
_LONGEST_UNIT = 30
_LARGEST = 10**18
"""Numerators and denominators stay below it: what is compared must fit 64 bits."""
_MULTIPLES = {"k": 10**3, "M": 10**6, "bn": 10**9}
_WORD = r"[^\W\d_][\w/-]*"
_NUMBER = r"[+-]?[0-9]+(?:_[0-9]{3})*(?:\.[0-9]+)?"  # 17.3, -2, 1_000
_QUANTITY = re.compile(
    rf"""^\s*(?P<number>{_NUMBER})
        \s*(?:(?P<multiple>k|M|bn)\s+(?=[A-Z]{{3}}\s*$))?   # M, only before a currency
        (?P<unit>%|(?:day|second|minute|hour)s?|[A-Z]{{3}}
           |(?<=\s){_WORD})?\s*$""",
    re.VERBOSE,
)
_MULTIPLIED = re.compile(rf"^\s*(?P<number>{_NUMBER})\s*(?P<multiple>k|M|bn)\s+(?P<unit>{_WORD})\s*$")


class QuantityError(ValueError):
    """A text that is no quantity; its message says what one looks like.

    Attributes:
        short: the message without the examples.
        hint: what was probably meant, or the examples.
        meant: what was probably meant; None where nobody can tell.
    """

    rule = "bad-quantity"
    hint = "write a number and, where there is one, its unit, such as 95 %, 31 days, 17.3 M USD or 25"

    def __init__(self, text: str, why: str = "is not a quantity", meant: str | None = None) -> None:
        examples = self.hint
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        self.short = f"{shown!r} {why}"
        self.meant = meant
        self.hint = meant or examples
        super().__init__(f"{self.short}: {f'{meant}; {examples}' if meant else examples}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact number with its unit.

    Attributes:
        value: the number; a percentage is divided by 100.
        unit: ``%``, ``days``, ``seconds``, ``minutes``, ``hours``, the code of a currency, a word
            that a measure declares, or None for a plain number.
    """

    value: Fraction
    unit: str | None

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Reads ``95 %``, ``31 days``, ``1.5 hours``, ``17.3 M USD``, ``20 points`` or ``25``.

        Raises:
            QuantityError: if the text is none of these, or has more digits than are compared exactly.
        """
        found = _QUANTITY.match(text) if len(text) <= _LONGEST else None
        if found is None:
            raise _no_quantity(text)
        value = Fraction(found["number"].replace("_", ""))
        if found["multiple"]:
            value *= _MULTIPLES[found["multiple"]]
        written: str | None = found["unit"]
        unit = None if written is None else _PLURALS.get(written, written)
        if unit is not None and (fault := unit_fault(unit)):
            meant = f"did you mean '{found['number']} {fault.meant}'?" if fault.meant else None
            raise QuantityError(text, meant=meant)
        if unit == PERCENT:
            value /= 100
        if not _is_comparable(value):
            raise QuantityError(text, "has more digits than are compared exactly")
        return cls(value, unit)

    def within(self, unit: str | None) -> Quantity | None:
        """The same quantity in another unit: ``90 minutes`` is ``1.5 hours``.

        Returns:
            None if it can not be told in that unit, or has more digits there than are compared.
        """
        if self.unit == unit:
            return self
        mine, its = TIMES.get(self.unit or ""), TIMES.get(unit or "")
        if mine is None or its is None:
            return None
        value = self.value * mine / its
        return Quantity(value, unit) if _is_comparable(value) else None


def _is_comparable(value: Fraction) -> bool:
    return max(abs(value.numerator), value.denominator) < _LARGEST


def _no_quantity(text: str) -> QuantityError:
    multiplied = _MULTIPLIED.match(text) if len(text) <= _LONGEST else None
    if multiplied is None:
        return QuantityError(text)
    value = Fraction(multiplied["number"].replace("_", "")) * _MULTIPLES[multiplied["multiple"]]
    if value.denominator != 1:
        return QuantityError(text)
    written = f"{value.numerator:_} {multiplied['unit']}"
    meant = f"{multiplied['multiple']} stands before a currency only: write '{written}'"
    return QuantityError(text, meant=meant)


@dataclass(frozen=True, slots=True)
class UnitFault:
    """Why a text names no unit.

    Attributes:
        why: in words.
        meant: the unit that was probably meant; None where nobody can tell.
    """

    why: str
    meant: str | None = None


def unit_fault(text: str) -> UnitFault | None:
    """Why a text names no unit; None where it does."""
    if text in KNOWN or text in CURRENCIES:
        return None
    if re.fullmatch(_WORD, text) is None or len(text) > _LONGEST_UNIT:
        return UnitFault("is not a unit")
    folded = text.casefold()
    if text in _PLURALS:
        return UnitFault("is not a unit", _PLURALS[text])
    if folded in _NO_UNITS or text in _MULTIPLES:
        return UnitFault("is a word of bounds, and no unit")
    # In another case it would be a word of its own, which no bound in the real unit fits.
    same = [name for name in (*KNOWN, *_PLURALS) if name == folded and name != text]
    if same or _MEANT.get(folded) in _NEVER_ABBREVIATED:
        return UnitFault("is not a unit", _PLURALS.get(folded, _MEANT.get(folded, folded)))
    if text.islower() and text.upper() in CURRENCIES:
        return UnitFault("is not a unit", text.upper())
    return None


def meant_by(word: str) -> str | None:
    """The unit that an abbreviation such as ``min`` or ``hrs`` stands for."""
    return _MEANT.get(word.casefold())


def days_in(text: str) -> int:
    """How many whole days a length of time such as ``31 days`` has.

    Raises:
        QuantityError: if it is none, or not in days.
    """
    quantity = Quantity.parse(text)
    if quantity.unit != DAYS:
        raise QuantityError(text, "is not a number of days")
    return int(quantity.value)


def is_currency(unit: str | None) -> bool:
    """Whether the unit is a currency code."""
    return unit in CURRENCIES
