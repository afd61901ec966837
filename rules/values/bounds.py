"""Bounds: what a measured value is held against.

A bound is written as people say it: ``>= 95 %``, ``>= success``, ``between 1 and 2 days``,
``in [low, medium]``, ``true``, ``>= :tolerance``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from phasegate.rules.diagnostics.suggestions import nearest
from phasegate.rules.values.units import Quantity, QuantityError

Operator = Literal[">=", "<=", ">", "<", "==", "!=", "between", "in", "is"]
COMPARISONS: tuple[Operator, ...] = (">=", "<=", "==", "!=", ">", "<")
TARGET_NAMES = ("success", "kpi")
_BETWEEN = re.compile(r"^between\s+(?P<low>.+?)\s+and\s+(?P<high>.+)$")
_IN = re.compile(r"^in\s*\[(?P<options>.*)\]$", re.DOTALL)
_LONGEST = 120
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class BoundError(ValueError):
    """A text that is no bound; its message shows the forms a bound can take.

    Attributes:
        short: the message without the forms.
        hint: the forms.
    """

    rule = "bad-bound"
    hint = (
        "write for example '>= 95 %', '<= 31 days', '>= success', 'between 1 and 5', "
        "'in [low, medium]', true or false"
    )

    def __init__(self, text: str, why: str, hint: str | None = None) -> None:
        self.hint = hint or self.hint
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        self.short = f"{shown!r} is not a bound: {why}"
        super().__init__(f"{self.short}; {self.hint}")


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound, read but perhaps still naming a target or a parameter.

    Attributes:
        operator: how the value is held against the bound; ``is`` takes true or false.
        limits: one exact number, or two for ``between``; empty while a name stands in their place.
        unit: the unit of the limits, None for plain numbers.
        options: the texts of ``in [..]``.
        expected: the truth value of ``is``.
        name: ``success``, ``kpi`` or ``:parameter`` that must be resolved before the bound is used.
        text: the bound as its author wrote it.
    """

    operator: Operator
    text: str
    limits: tuple[Fraction, ...] = ()
    unit: str | None = None
    options: tuple[str, ...] = ()
    expected: bool | None = None
    name: str | None = None

    @classmethod
    def parse(cls, written: str | bool) -> Bound:
        """Reads a bound.

        Raises:
            BoundError: if the text is no bound.
        """
        return _read(written)

    def resolve(self, names: Mapping[str, Quantity]) -> Bound:
        """The same bound with its name replaced by the quantity that it stands for.

        Args:
            names: quantities by ``success``, ``kpi`` and ``:parameter``.

        Raises:
            KeyError: if the bound's name is not among them.
        """
        if self.name is None:
            return self
        quantity = names[self.name]
        return replace(self, limits=(quantity.value,), unit=quantity.unit, name=None)

    def within(self, unit: str | None) -> Bound | None:
        """The same bound with its limits in another unit: ``<= 90 minutes`` in hours.

        Returns:
            None if they can not be told in that unit.
        """
        if self.unit == unit or not self.limits:
            return self
        limits = tuple(Quantity(limit, self.unit).within(unit) for limit in self.limits)
        values = tuple(limit.value for limit in limits if limit is not None)
        return replace(self, limits=values, unit=unit) if len(values) == len(limits) else None


@lru_cache(maxsize=4096)
def _read(written: str | bool) -> Bound:
    if isinstance(written, bool):
        return Bound("is", text=str(written).lower(), expected=written)
    text = " ".join(written.split())
    if text in ("true", "false"):
        return Bound("is", text=text, expected=text == "true")
    if found := _IN.match(text):
        return Bound("in", text=text, options=_options(text, found["options"]))
    if found := _BETWEEN.match(text):
        return _between(text, found["low"], found["high"])
    for operator in COMPARISONS:
        if text.startswith(operator):
            return _comparison(text, operator, text[len(operator) :].strip())
    raise BoundError(text, "it starts with no operator")


def _options(text: str, inside: str) -> tuple[str, ...]:
    options = tuple(option.strip().strip("'\"") for option in inside.split(","))
    if not all(options):
        raise BoundError(text, "the list is empty or has an empty entry")
    if len(set(options)) != len(options):
        raise BoundError(text, "the list names an entry twice")
    return options


def _between(text: str, low: str, high: str) -> Bound:
    upper = _quantity(text, high)
    lower = _quantity(text, low)
    if lower.unit is None and upper.unit == "%":  # "between 85 and 95 %"
        lower = Quantity(lower.value / 100, upper.unit)
    elif lower.unit is None:
        lower = Quantity(lower.value, upper.unit)
    same = lower.within(upper.unit)
    if same is None:
        raise BoundError(text, "its two ends have different units")
    lower = same
    if lower.value > upper.value:
        raise BoundError(text, "its first end is above its second")
    return Bound("between", text=text, limits=(lower.value, upper.value), unit=upper.unit)


def _comparison(text: str, operator: Operator, right: str) -> Bound:
    if right in TARGET_NAMES or (right.startswith(":") and _NAME.match(right[1:])):
        return Bound(operator, text=text, name=right)
    if right.isalpha() and (meant := nearest(right, TARGET_NAMES)):
        raise BoundError(text, f"there is no target {right!r}", f"did you mean {meant!r}?")
    quantity = _quantity(text, right)
    return Bound(operator, text=text, limits=(quantity.value,), unit=quantity.unit)


def _quantity(text: str, part: str) -> Quantity:
    try:
        return Quantity.parse(part)
    except QuantityError as error:
        raise BoundError(text, error.short, error.meant) from error
