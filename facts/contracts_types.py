"""How a column becomes what its contract says: from text, or from the type a file has.

Nothing is guessed and nothing is lost in silence. A value that can not be read becomes null, and
because the original stays beside it, null and unreadable can be told apart and counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from phasegate.facts.contracts_moments import (
    EVERYWHERE_UTC,
    Zones,
    day_from_text,
    moment_from_text,
    moment_from_type,
)
from phasegate.rules.contract import Column

DECIMAL_DIGITS = 38
_TRUE = ("true", "1")
_FALSE = ("false", "0")


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are written as text.

    Attributes:
        decimal_comma: whether the decimal point is a comma.
        date_format: the form of dates as ``%d.%m.%Y``; None for ISO 8601.
        datetime_format: likewise for timestamps.
        inexact_numbers: whether longer numbers passed through a binary float before they became
            text, as those of NDJSON do.
        zones: where moments without an offset were written, and whose days count.
    """

    decimal_comma: bool = False
    date_format: str | None = None
    datetime_format: str | None = None
    inexact_numbers: bool = False
    zones: Zones = EVERYWHERE_UTC


class RetypedError(ValueError):
    """A column whose type in the file can not become the contract's without loss."""


def polars_type(column: Column) -> pl.DataType:
    """The type that a column has once it was read."""
    match column.type:
        case "string":
            return pl.String()
        case "integer":
            return pl.Int64()
        case "decimal":
            return pl.Decimal(DECIMAL_DIGITS, column.scale)
        case "float":
            return pl.Float64()
        case "boolean":
            return pl.Boolean()
        case "date":
            return pl.Date()
        case "datetime":
            return pl.Datetime("us")


def typed(
    original: pl.Expr, found: pl.DataType, column: Column, reading: Reading, length: int | None = None
) -> pl.Expr | None:
    """The column's values; null where one can not be read.

    Args:
        original: the column as the file has it.
        found: its type in the file.
        column: what the contract says.
        reading: how texts are written.
        length: the bytes that each of the column's texts has, where all have as many and somebody
            looked; dates that need no other form are then read in one.

    Returns:
        The expression, or None where the file's type already is the contract's.

    Raises:
        RetypedError: if the file's type can not become the contract's without loss.
    """
    wanted = polars_type(column)
    if as_found(found, column, reading):
        return None
    if found == pl.Null():
        return original.cast(wanted)
    if isinstance(found, pl.Categorical | pl.Enum):
        original, found = original.cast(pl.String), pl.String()
        if wanted == found:
            return original
    if found == pl.String():
        return _from_text(original, column, reading, length)
    return _from_type(original, found, column, wanted, reading)


def _from_text(text: pl.Expr, column: Column, reading: Reading, length: int | None) -> pl.Expr:
    match column.type:
        case "string":
            return text
        case "integer":
            return text.cast(pl.Int64, strict=False)
        case "decimal":
            return number_text(text, reading).cast(polars_type(column), strict=False)
        case "float":
            return number_text(text, reading).cast(pl.Float64, strict=False)
        case "boolean":
            lower = text.str.to_lowercase()
            return pl.when(lower.is_in(_TRUE)).then(True).when(lower.is_in(_FALSE)).then(False)
        case "date":
            form = reading.date_format or ("%Y-%m-%d" if length == len("2026-01-31") else None)
            return day_from_text(text, form, reading.zones)
        case "datetime":
            return moment_from_text(text, reading.datetime_format, reading.zones)


def number_text(text: pl.Expr, reading: Reading) -> pl.Expr:
    """The text of a number with a decimal point.

    Where the comma is the decimal sign, a point would be a thousands separator or a mistake, and
    nobody can tell which: such a text is made unreadable.
    """
    if not reading.decimal_comma:
        return text
    return text.str.replace_all(".", "?", literal=True).str.replace_all(",", ".", literal=True)


def as_found(found: pl.DataType, column: Column, reading: Reading) -> bool:
    """Whether a column's values are in the file already what its contract says."""
    return found == polars_type(column) and (column.type != "datetime" or reading.zones.plain)


def _from_type(
    original: pl.Expr, found: pl.DataType, column: Column, wanted: pl.DataType, reading: Reading
) -> pl.Expr:
    whole = found.is_integer()
    match column.type:
        case "string" if whole:
            return original.cast(pl.String)
        case "integer" if whole:
            return original.cast(pl.Int64, strict=False)
        case "decimal" if whole or isinstance(found, pl.Decimal):
            return original.cast(wanted, strict=False)
        case "float" if whole or found.is_float() or isinstance(found, pl.Decimal):
            return original.cast(pl.Float64)
        case "date" if isinstance(found, pl.Datetime):
            return moment_from_type(original, found, reading.zones).dt.date()
        case "datetime" if isinstance(found, pl.Datetime):
            return moment_from_type(original, found, reading.zones)
        case "datetime" if found == pl.Date():
            return original.cast(wanted)
        case _:
            raise RetypedError(f"the file has it as {type_name(found)}, the contract says {column.type}")


def type_name(found: pl.DataType) -> str:
    """The name of a file's type, in the contract's words where it has one."""
    if found.is_integer():
        return "integer"
    if found.is_float():
        return "float"
    if isinstance(found, pl.Decimal):
        return "decimal"
    for kind, name in (
        (pl.String, "string"),
        (pl.Boolean, "boolean"),
        (pl.Date, "date"),
        (pl.Datetime, "datetime"),
    ):
        if isinstance(found, kind):
            return name
    return str(found).lower()


def excess_digits(
    original: pl.Expr, value: pl.Expr, found: pl.DataType, column: Column, reading: Reading
) -> pl.Expr | None:
    """True in the rows whose decimal has more digits after the point than its scale keeps.

    Returns:
        The condition, None where the file's type rules it out.
    """
    if isinstance(found, pl.Decimal):
        if found.scale <= column.scale:
            return None
        return original != value
    if found != pl.String():
        return None
    text = number_text(original, reading)
    digits = text.str.contains(rf"\.[0-9]{{{column.scale}}}[0-9]*[1-9]")
    # An exponent moves the point; floats find a loss there, since such texts come from floats.
    raised = text.str.contains("e", literal=True) | text.str.contains("E", literal=True)
    exact = pl.when(raised).then(text).cast(pl.Float64, strict=False)
    exponent = exact != pl.when(raised).then(value).cast(pl.Float64)
    if not reading.inexact_numbers:
        return digits | exponent
    many = text.str.contains(r"\A-?[0.]*[1-9](?:\.?[0-9]){15,}\z")
    rounded = many & (text.str.contains(".", literal=True) | (text.str.len_bytes() > 19))
    return digits | exponent | rounded
