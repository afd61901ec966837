"""Numbers of which only a table's rows tell how many digits they have."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS


def exact_decimal(given: TableColumn, scale: int, greatest: str) -> TableColumn:
    """A column of numbers without a stated precision, by the digits that its rows have.

    Args:
        given: the column.
        scale: the most digits after the point, zeros at the end aside.
        greatest: the greatest number before the point, as text.
    """
    if not greatest.isdecimal():
        why = "it has numbers that are none, NaN or infinity: make them null in a view"
        return replace(given, why=why)
    digits = len(greatest.lstrip("0")) + scale
    if digits > DECIMAL_DIGITS:
        why = f"its numbers need {digits} digits, and {DECIMAL_DIGITS} are exact: round them in a view"
        return replace(given, why=why)
    return replace(given, kind=pl.Decimal(DECIMAL_DIGITS, scale))
