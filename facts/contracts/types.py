"""How a column becomes what its contract says: from text, or from the type a file has.

Nothing is guessed and nothing is lost in silence. A value that can not be read becomes null, and
because the original stays beside it, null and unreadable can be told apart and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from phasegate.facts.contracts.moments import (
    EVERYWHERE_UTC,
    Zones,
    day_from_text,
    moment_from_text,
    moment_from_type,
)
from phasegate.facts.contracts.numbers import (
    DECIMAL_DIGITS,
    NumberForm,
    boolean_from_text,
    decimal_from_float,
    decimal_from_text,
    excess_of_float,
    excess_of_text,
    integer_from_number,
    integer_from_text,
    number_text,
)
from phasegate.rules.model.contract import Column


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are written as text.

    Attributes:
        numbers: how numbers and truth values are written.
        date_format: the form of dates as ``%d.%m.%Y``; None for ISO 8601.
        datetime_format: likewise for timestamps.
        zones: where moments without an offset were written, and whose days count.
        crowded: the float columns whose values need more digits together than a decimal holds.
    """

    numbers: NumberForm = field(default_factory=NumberForm)
    date_format: str | None = None
    datetime_format: str | None = None
    zones: Zones = EVERYWHERE_UTC
    crowded: frozenset[str] = frozenset()


class RetypedError(ValueError):
    """A column whose type in the file can not become the contract's without loss."""


def polars_type(column: Column) -> pl.DataType:
    """The type that a column has once it was read."""
    match column.type:
        case "string":
            return pl.String()
        case "integer":
            return pl.Int64()
        case "decimal" | "float":  # of a float its data say the scale, see `sources.floats`
            return pl.Decimal(DECIMAL_DIGITS, column.scale)
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
            return integer_from_text(number_text(text, reading.numbers))
        case "decimal" | "float":
            return decimal_from_text(number_text(text, reading.numbers), column.scale)
        case "boolean":
            return boolean_from_text(text, reading.numbers)
        case "date":
            form = reading.date_format or ("%Y-%m-%d" if length == len("2026-01-31") else None)
            return day_from_text(text, form, reading.zones)
        case "datetime":
            return moment_from_text(text, reading.datetime_format, reading.zones)


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
        case "boolean" if whole:  # databases without truth values keep them as 0 and 1
            return pl.when(original.is_in([0, 1])).then(original == 1)
        case "integer" if found.is_float() or isinstance(found, pl.Decimal):
            return integer_from_number(original, found)
        case "decimal" | "float" if whole or isinstance(found, pl.Decimal):
            return original.cast(wanted, strict=False)
        case "decimal" | "float" if found.is_float():
            return decimal_from_float(original, found, column.scale)
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
    if found == pl.String():
        return excess_of_text(number_text(original, reading.numbers), value, column.scale)
    return excess_of_float(original, value, found, column.scale) if found.is_float() else None
