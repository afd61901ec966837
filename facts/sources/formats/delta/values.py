"""Values as a table's type has them: those of files, and those of partition columns out of their texts."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_FLOAT = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(Z?)")
_WIDER: dict[pl.DataType, frozenset[pl.DataType]] = {
    pl.Int16(): frozenset({pl.Int8()}),
    pl.Int32(): frozenset({pl.Int8(), pl.Int16()}),
    pl.Int64(): frozenset({pl.Int8(), pl.Int16(), pl.Int32()}),
    pl.Float64(): frozenset({pl.Float32(), pl.Int8(), pl.Int16(), pl.Int32()}),
}
"""What the values of a type may have been before it was made wider: nothing is lost by that."""
_NARROWED: dict[pl.DataType, frozenset[pl.DataType]] = {
    pl.Int8(): frozenset({pl.Int16(), pl.Int32()}),
    pl.Int16(): frozenset({pl.Int32()}),
}
"""Some writers store short integers as longer ones; one that is too long then raises."""


def as_table_has_it(column: pl.Expr, found: pl.DataType, kind: pl.DataType) -> pl.Expr | None:
    """A column of a file as the table's type has it; None where that could lose something.

    Args:
        column: the column.
        found: its type in the file.
        kind: its type in the table.
    """
    if found == kind:
        return column
    if isinstance(kind, pl.String) and isinstance(found, pl.Categorical | pl.Enum):
        return column.cast(pl.String)
    if isinstance(found, pl.Null):
        return pl.lit(None, kind)
    if found in _WIDER.get(kind, ()) or found in _NARROWED.get(kind, ()):
        return column.cast(kind)
    if isinstance(kind, pl.Decimal) and isinstance(found, pl.Decimal) and found.scale <= kind.scale:
        return column.cast(kind)
    if isinstance(kind, pl.Datetime) and isinstance(found, pl.Datetime):
        return _moment(column, found, kind)
    return None


def _moment(column: pl.Expr, found: pl.Datetime, kind: pl.Datetime) -> pl.Expr | None:
    if found.time_zone != kind.time_zone:
        # A moment of 96 bits has no zone in the file, and is one of UTC.
        if kind.time_zone is None or found.time_zone is not None or found.time_unit != "ns":
            return None
        column = column.dt.replace_time_zone("UTC")
    return column.dt.cast_time_unit("us")


class ValueFault(ValueError):  # noqa: N818 - it never leaves this folder
    """Why a text is no value of a type."""


def value_of(text: str | None, kind: pl.DataType) -> Any:
    """The value of a partition column; an empty text is a missing one.

    Raises:
        ValueFault: if the text says none, or not which.
    """
    if not text:
        return None
    try:
        found = _value(text, kind)
        # As polars holds it, which refuses what is too large for its type.
        pl.Series([found], dtype=kind, strict=True)
    except (ValueError, InvalidOperation, OverflowError, TypeError, pl.exceptions.PolarsError) as error:
        said = str(error) if isinstance(error, ValueFault) else f"is no {kind}"
        raise ValueFault(said) from error
    return found


def _value(text: str, kind: pl.DataType) -> Any:
    match kind:
        case pl.String():
            return text
        case pl.Boolean() if text in ("true", "false"):
            return text == "true"
        case pl.Date() if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        case pl.Decimal() if _FLOAT.fullmatch(text):
            return _decimal(text, kind)
        case pl.Datetime() if found := _MOMENT.fullmatch(text):
            moment = dt.datetime.fromisoformat(f"{found[1]}T{_six_digits(found[2])}")
            if kind.time_zone is None:
                if found[3]:
                    raise ValueFault("is a moment of UTC, and the column has none")
                return moment
            if not found[3]:
                raise ValueFault("does not say of which zone it is")
            return moment.replace(tzinfo=dt.UTC)
        case _ if kind.is_integer() and _WHOLE.fullmatch(text):
            return int(text)
        case _ if kind.is_float() and _FLOAT.fullmatch(text):
            return float(text)
    raise ValueFault(f"is no {kind}")


def _six_digits(time: str) -> str:
    whole, dot, rest = time.partition(".")
    return f"{whole}{dot}{rest.ljust(6, '0')}" if dot else whole


def _decimal(text: str, kind: pl.Decimal) -> Decimal:
    found = Decimal(text)
    _, digits, exponent = found.as_tuple()
    assert isinstance(exponent, int)
    kept = found.quantize(Decimal(1).scaleb(-kind.scale)) if len(digits) + abs(exponent) <= 76 else None
    if kept is None or kept != found:
        raise ValueFault(f"is no {kind}")
    return kept
