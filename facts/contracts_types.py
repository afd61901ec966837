"""How a column becomes what its contract says: from text, or from the type a file has.

Nothing is guessed and nothing is lost in silence. A value that can not be read becomes null, and
because the original stays beside it, null and unreadable can be told apart and counted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from phasegate.rules.contract import Column

DECIMAL_DIGITS = 38
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_ODD_DATE = rf"\A{_DAY}{_CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?\z"
_ODD_DATETIME = rf"\A{_DAY}{_CLOCK}(?:Z|\+00:?00)?\z"
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
    """

    decimal_comma: bool = False
    date_format: str | None = None
    datetime_format: str | None = None
    inexact_numbers: bool = False


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
            return _date_from_text(text, form)
        case "datetime":
            return _datetime_from_text(text, reading.datetime_format)


def number_text(text: pl.Expr, reading: Reading) -> pl.Expr:
    """The text of a number with a decimal point.

    Where the comma is the decimal sign, a point would be a thousands separator or a mistake, and
    nobody can tell which: such a text is made unreadable.
    """
    if not reading.decimal_comma:
        return text
    return text.str.replace_all(".", "?", literal=True).str.replace_all(",", ".", literal=True)


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
        case "decimal" if whole or isinstance(found, pl.Decimal):
            return original.cast(wanted, strict=False)
        case "float" if whole or found.is_float() or isinstance(found, pl.Decimal):
            return original.cast(pl.Float64)
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
