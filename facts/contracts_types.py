"""How a column becomes what its contract says: from text, or from the type a file has.

Nothing is guessed and nothing is lost in silence. A value that can not be read becomes null, and
because the original stays beside it, null and unreadable can be told apart and counted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl

from phasegate.facts.contracts_numbers import (
    DECIMAL_DIGITS,
    NumberForm,
    boolean_from_text,
    decimal_from_float,
    decimal_from_text,
    excess_of_float,
    excess_of_text,
    integer_from_number,
    number_text,
)
from phasegate.rules.contract import Column

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_ODD_DATE = rf"\A{_DAY}{_CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?\z"
_ODD_DATETIME = rf"\A{_DAY}{_CLOCK}(?:Z|\+00:?00)?\z"


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are written as text.

    Attributes:
        numbers: how numbers and truth values are written.
        date_format: the form of dates as ``%d.%m.%Y``; None for ISO 8601.
        datetime_format: likewise for timestamps.
        crowded: the float columns whose values need more digits together than a decimal holds.
    """

    numbers: NumberForm = field(default_factory=NumberForm)
    date_format: str | None = None
    datetime_format: str | None = None
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
        case "decimal" | "float":  # of a float its data say the scale, see `sources_floats`
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
    if found == wanted:
        return None
    if found == pl.Null():
        return original.cast(wanted)
    if isinstance(found, pl.Categorical | pl.Enum):
        original, found = original.cast(pl.String), pl.String()
        if wanted == found:
            return original
    if found == pl.String():
        return _from_text(original, column, reading, length)
    return _from_type(original, found, column, wanted)


def _from_text(text: pl.Expr, column: Column, reading: Reading, length: int | None) -> pl.Expr:
    match column.type:
        case "string":
            return text
        case "integer":
            return number_text(text, reading.numbers).cast(pl.Int64, strict=False)
        case "decimal" | "float":
            return decimal_from_text(number_text(text, reading.numbers), column.scale)
        case "boolean":
            return boolean_from_text(text, reading.numbers)
        case "date":
            form = reading.date_format or ("%Y-%m-%d" if length == len("2026-01-31") else None)
            return _date_from_text(text, form)
        case "datetime":
            return _datetime_from_text(text, reading.datetime_format)


def _date_from_text(text: pl.Expr, form: str | None) -> pl.Expr:
    if form is not None:
        return _of_our_era(text.str.to_date(form, strict=False))
    length = text.str.len_bytes()
    day = pl.when(length == 10).then(text).str.to_date("%Y-%m-%d", strict=False)
    # A timestamp's date is the one that is written, whatever its zone.
    longer = pl.when(length > 10).then(text)
    common, odd = _clock(longer)
    written = (
        pl.when(odd.str.contains(_ODD_DATE)).then(odd.str.head(10)).str.to_date("%Y-%m-%d", strict=False)
    )
    return _of_our_era(pl.coalesce(day, common.dt.date(), written))


def _datetime_from_text(text: pl.Expr, form: str | None) -> pl.Expr:
    if form is not None:
        return _of_our_era(text.str.to_datetime(form, strict=False, time_unit="us", ambiguous="null"))
    common, odd = _clock(text)
    length = odd.str.len_bytes()
    day = pl.when(length == 10).then(odd).str.to_date("%Y-%m-%d", strict=False)
    rest = pl.when(length > 10).then(odd)
    valid = pl.when(rest.str.contains(_ODD_DATETIME)).then(rest.str.replace("T", " ", literal=True))
    plain = valid.str.replace(r"(?:Z|\+00:?00)\z", "")
    return _of_our_era(
        pl.coalesce(
            common,
            day.cast(pl.Datetime("us")),
            plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us"),
            plain.str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us"),
        )
    )


def _clock(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Timestamps in the most common forms, and the texts in all others.

    Everything else costs a regular expression or a failed reading, both slower than one that
    succeeds; where a text is null, polars is done at once.
    """
    plain = text.str.replace("T", " ", literal=True).str.strip_suffix("Z")
    moment = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    moment = pl.when(plain.str.len_bytes() == 19).then(moment)
    return moment, pl.when(moment.is_null()).then(text)


def _of_our_era(date: pl.Expr) -> pl.Expr:
    """Null where the year has fewer than four digits: ``24`` would be read as the year 24."""
    return pl.when(date >= dt.date(1000, 1, 1)).then(date)


def _from_type(original: pl.Expr, found: pl.DataType, column: Column, wanted: pl.DataType) -> pl.Expr:
    whole = found.is_integer()
    match column.type:
        case "string" if whole:
            return original.cast(pl.String)
        case "integer" if whole:
            return original.cast(pl.Int64, strict=False)
        case "integer" if found.is_float() or isinstance(found, pl.Decimal):
            return integer_from_number(original, found)
        case "decimal" | "float" if whole or isinstance(found, pl.Decimal):
            return original.cast(wanted, strict=False)
        case "decimal" | "float" if found.is_float():
            return decimal_from_float(original, found, column.scale)
        case "date" if isinstance(found, pl.Datetime):
            return original.dt.date()
        case "datetime" if isinstance(found, pl.Datetime):
            if found.time_zone is not None:
                original = original.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            return original.cast(wanted)
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
