"""What stands in the slots of an expression: the values of a run's parameters, as polars SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction

from phasegate.facts.expressions.types import (
    PARAMETER_SCALE,
    ExpressionError,
    Slot,
    UnboundParameterError,
)
from phasegate.rules.values.units import DAYS, PERCENT, Quantity

Values = Mapping[str, dt.date | Quantity | Fraction | int | None]


def date_literal(day: dt.date) -> str:
    """A date as polars SQL."""
    return f"DATE '{day.isoformat()}'"


def decimal_text(value: Fraction) -> str | None:
    """An exact number in decimal digits; None if it has no end."""
    scale, rest = 0, value.denominator
    while rest % 10 == 0:
        rest //= 10
        scale += 1
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
            scale += 1
    if rest != 1:
        return None
    digits = str(abs(value.numerator) * 10**scale // value.denominator).rjust(scale + 1, "0")
    whole = digits[:-scale] + "." + digits[-scale:].rstrip("0") if scale else digits
    return ("-" if value < 0 else "") + whole.rstrip(".")


def _number(sql: str, slot: Slot, value: Quantity | Fraction | int) -> Fraction:
    """A number as it is counted where it stands: 90 minutes beside hours are 1.5.

    Raises:
        ExpressionError: if it has another unit.
    """
    if slot.unit is None or not isinstance(value, Quantity) or value.unit in (None, PERCENT):
        return _plain(value) * slot.times
    fitted = value.within(slot.unit)
    if fitted is None:
        what = f":{slot.name} is in {value.unit}, and stands beside {slot.unit}"
        raise ExpressionError(sql, what, sql.find(f":{slot.name}"))
    return fitted.value * slot.times


def _plain(value: Quantity | Fraction | int) -> Fraction:
    if isinstance(value, int | Fraction):
        return Fraction(value)
    return value.value


def filled(sql: str, slot: Slot, values: Values) -> str:
    """What stands in a slot.

    Args:
        sql: the expression as its author wrote it, for messages.
        slot: the slot.
        values: the values of parameters.

    Raises:
        UnboundParameterError: if the parameter has no value.
        ExpressionError: if its value does not fit the slot.
    """
    value = values.get(slot.name)
    if value is None:
        raise UnboundParameterError(slot.name)
    if slot.type == "date":
        if not isinstance(value, dt.date):
            raise ExpressionError(sql, f":{slot.name} must be a date here", sql.find(f":{slot.name}"))
        for sign, days in slot.shift:
            moved = dt.timedelta(days=sign * (days if isinstance(days, int) else _days(sql, days, values)))
            try:
                value += moved
            except OverflowError:
                what = f":{slot.name} is moved to a year that no calendar has"
                raise ExpressionError(sql, what, sql.find(f":{slot.name}")) from None
        return date_literal(value)
    if isinstance(value, dt.date):
        raise ExpressionError(sql, f":{slot.name} must be a number here", sql.find(f":{slot.name}"))
    if slot.type == "days":
        return f"CAST({_days(sql, slot.name, values)} AS BIGINT)"
    text = decimal_text(_number(sql, slot, value))
    if text is None or len(text.partition(".")[2]) > PARAMETER_SCALE or len(text) > 29:
        raise ExpressionError(
            sql, f":{slot.name} has more digits than an expression takes", sql.find(f":{slot.name}")
        )
    return f"CAST({text} AS DECIMAL(38,{PARAMETER_SCALE}))"


def _days(sql: str, name: str, values: Values) -> int:
    value = values.get(name)
    if value is None:
        raise UnboundParameterError(name)
    if isinstance(value, dt.date):
        raise ExpressionError(sql, f":{name} must be a number of days here", sql.find(f":{name}"))
    if isinstance(value, Quantity) and value.unit not in (None, DAYS):
        what = f":{name} is in {value.unit}, and must be a number of days here"
        raise ExpressionError(sql, what, sql.find(f":{name}"))
    days = _plain(value)
    if days.denominator != 1 or abs(days) > 1_000_000:
        raise ExpressionError(sql, f":{name} must be whole days here", sql.find(f":{name}"))
    return int(days)
