"""Columns taken from the file as it is, for a project that brings no contract.

The whole file is looked at, not its first lines, and every value must fit: a column is a number
only if each text in it is one. Numbers with a point become decimals with as many digits as the
longest has, so that their sums are exact.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from phasegate.facts.contracts_types import DECIMAL_DIGITS, Reading, number_text, typed
from phasegate.rules.contract import Column

_SCALE_AT_MOST = 18
# A leading zero is part of a name, such as an account's, and would be lost in a number.
_INTEGER = r"\A-?(?:0|[1-9]\d{0,17})\z"
_DECIMAL = rf"\A-?(?:0|[1-9]\d{{0,{DECIMAL_DIGITS - 1}}})(?:\.\d{{0,{_SCALE_AT_MOST}}}0*)?\z"
_TRUTH = r"\A(?i:true|false)\z"
_DAY = r"\A\d{4}-\d\d-\d\d\z"


def infer_columns(raw: pl.LazyFrame, found: Mapping[str, pl.DataType], reading: Reading) -> dict[str, Column]:
    """The columns of a file, each with the narrowest type that holds all of its values.

    Columns of types that no contract knows, such as lists, are left out.

    Args:
        raw: the columns as the file has them.
        found: their types.
        reading: how texts are written.
    """
    texts = [name for name, kind in found.items() if kind == pl.String()]
    seen: dict[str, int] = {}
    if texts:
        tests = [test for name in texts for test in _tests(name, reading)]
        seen = raw.select(tests).collect(engine="streaming").row(0, named=True)
    columns = {}
    for name, kind in found.items():
        column = _from_texts(name, seen) if name in texts else _from_type(kind)
        if column is not None:
            columns[name] = column
    return columns


def _tests(name: str, reading: Reading) -> list[pl.Expr]:
    text = pl.col(name)
    number = number_text(text, reading)
    digits = number.str.extract(r"\.(\d*?)0*\z").str.len_bytes().max().fill_null(0)
    date = typed(text, pl.String(), Column(type="date"), reading)
    moment = typed(text, pl.String(), Column(type="datetime"), reading)
    whole = number.str.extract(r"\A-?(\d+)").str.len_bytes().max().fill_null(0)
    floats = number.cast(pl.Float64, strict=False)
    assert date is not None
    assert moment is not None
    day = text.is_not_null() if reading.date_format else text.str.contains(_DAY)
    counts = {
        "values": text.count(),
        "integer": text.str.contains(_INTEGER).sum(),
        "decimal": number.str.contains(_DECIMAL).sum(),
        "float": (floats.is_finite() & ~number.str.contains(r"\A[+-]?0\d")).sum(),
        "boolean": text.str.contains(_TRUTH).sum(),
        "date": (date.is_not_null() & day).sum(),
        "datetime": moment.count(),
        "digits": digits,
        "whole": whole,
    }
    return [count.cast(pl.Int64).alias(f"{what} {name}") for what, count in counts.items()]


def _from_texts(name: str, seen: Mapping[str, int]) -> Column:
    values = seen[f"values {name}"]
    if values:
        if seen[f"integer {name}"] == values:
            return Column(type="integer", nullable=True)
        # Too long for a decimal is too long for a float: it stays a text rather than lose digits.
        long = seen[f"whole {name}"] + seen[f"digits {name}"] > DECIMAL_DIGITS
        if seen[f"decimal {name}"] == values and not long:
            return Column(type="decimal", scale=seen[f"digits {name}"], nullable=True)
        if seen[f"float {name}"] == values and not long:
            return Column(type="float", nullable=True)
        if seen[f"boolean {name}"] == values:
            return Column(type="boolean", nullable=True)
        if seen[f"date {name}"] == values:
            return Column(type="date", nullable=True)
        if seen[f"datetime {name}"] == values:
            return Column(type="datetime", nullable=True)
    return Column(type="string", nullable=True)


def _from_type(kind: pl.DataType) -> Column | None:
    if kind.is_integer():
        return Column(type="integer", nullable=True)
    if isinstance(kind, pl.Decimal):
        return Column(type="decimal", scale=min(kind.scale, _SCALE_AT_MOST), nullable=True)
    if kind.is_float():
        return Column(type="float", nullable=True)
    if isinstance(kind, pl.Boolean):
        return Column(type="boolean", nullable=True)
    if isinstance(kind, pl.Date):
        return Column(type="date", nullable=True)
    if isinstance(kind, pl.Datetime):
        return Column(type="datetime", nullable=True)
    return Column(type="string", nullable=True) if isinstance(kind, pl.Null) else None
