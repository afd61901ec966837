"""What the columns of Spark are read as, and their values as Arrow gives them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.lines import UnreadableRowsError
from phasegate.facts.connections.spark_connect.faults import BrokenOffError
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.sources.passes import read_errors

_KINDS: dict[str, tuple[str, pl.DataType | None]] = {
    "boolean": ("boolean", pl.Boolean()),
    "byte": ("tinyint", pl.Int64()),
    "short": ("smallint", pl.Int64()),
    "integer": ("int", pl.Int64()),
    "long": ("bigint", pl.Int64()),
    "float": ("float", pl.Float32()),
    "double": ("double", pl.Float64()),
    "string": ("string", pl.String()),
    "date": ("date", pl.Date()),
    "timestamp": ("timestamp", pl.Datetime("us", "UTC")),
    "timestamp_ntz": ("timestamp_ntz", pl.Datetime("us")),
    "null": ("void", None),
    "calendar_interval": ("interval", None),
    "year_month_interval": ("interval year to month", None),
    "day_time_interval": ("interval day to second", None),
    "udt": ("user-defined type", None),
}
_PADDED = "char("
_BY_BYTES = "UTF8_BINARY"
"""The collation that each text has of which nothing else is said."""
_WRITTEN = "__CHAR_VARCHAR_TYPE_STRING"
"""Where Spark keeps that a text was declared as ``char`` or ``varchar``."""
_FIRST, _LAST = (pl.Series([dt.date.min, dt.date.max]).dt.epoch("d")).to_list()


def column(field: Any) -> TableColumn:
    """A column by its field of a schema."""
    sort = next((part.name for part, _ in field.data_type.ListFields()), "")
    written, kind = _KINDS.get(sort, (sort or "unknown", None))
    if sort == "decimal":
        precision, scale = field.data_type.decimal.precision, field.data_type.decimal.scale
        written = f"decimal({precision},{scale})"
        if 0 <= scale <= precision <= DECIMAL_DIGITS:
            kind = pl.Decimal(DECIMAL_DIGITS, scale)
    elif sort in ("char", "var_char"):
        length = getattr(field.data_type, sort).length
        written, kind = f"{sort.replace('_', '')}({length})", pl.String()
    elif sort == "string":
        written = _declared(field.metadata) or written
        collation = field.data_type.string.collation
        if collation not in ("", _BY_BYTES):
            written = f"{written} collate {collation}"
    return TableColumn(field.name, written, kind, filled=not field.nullable)


def _declared(metadata: str) -> str:
    with suppress(ValueError):
        found = json.loads(metadata or "{}").get(_WRITTEN)
        return found if isinstance(found, str) else ""
    return ""


def untyped(arrow: bytes, rows: int, shown: str) -> pl.DataFrame:
    """Rows as they came.

    Raises:
        BrokenOffError: if they are not as many as the server says.
        UnreadableRowsError: if texts are not UTF-8.
    """
    try:
        found = pl.read_ipc_stream(io.BytesIO(arrow))
    except read_errors() as error:
        if "utf8" in str(error).lower().replace("-", ""):
            what = f"{shown} has texts that are not UTF-8"
            raise UnreadableRowsError(what, "mend them there, or leave their column out") from None
        raise BrokenOffError from None
    if found.height != rows:
        raise BrokenOffError
    return found


def frame_of(arrow: bytes, rows: int, columns: Sequence[TableColumn], shown: str) -> pl.DataFrame:
    """Rows with the types of their columns.

    Args:
        arrow: rows as a stream of Arrow's IPC format, the columns in the order asked for.
        rows: how many they are.
        columns: the columns, each with a kind.
        shown: what the table is called in messages.

    Raises:
        BrokenOffError: if they are not what was asked for.
        UnreadableRowsError: if a value is lost.
    """
    found = untyped(arrow, rows, shown)
    if found.width != max(len(columns), 1):
        raise BrokenOffError
    return pl.DataFrame(
        [
            _typed(values, each, shown).alias(each.name)
            for values, each in zip(found.get_columns(), columns, strict=True)
        ]
    )


def _typed(values: pl.Series, column: TableColumn, shown: str) -> pl.Series:
    kind = column.kind
    assert kind is not None
    given = values.dtype
    if not _holds(kind, given):
        raise BrokenOffError
    if given.is_temporal() and _outside(values):
        what = f"{shown}: column {column.name!r} has values that no rule can be held against: "
        hint = "make them null in a view, or leave such rows out there"
        raise UnreadableRowsError(f"{what}days before the year 1 or after 9999", hint)
    typed = values if given == kind else values.cast(kind, strict=True)
    return typed.str.strip_chars_end(" ") if column.written.startswith(_PADDED) else typed


def _holds(kind: pl.DataType, given: pl.DataType) -> bool:
    """Whether a type holds each value of the one that came."""
    match kind, given:
        case pl.Int64(), _:
            return given in (pl.Int8, pl.Int16, pl.Int32, pl.Int64)
        case pl.Decimal(), pl.Decimal():
            return kind.scale == given.scale
        case pl.Datetime(), pl.Datetime():
            return given.time_unit == "us" and (kind.time_zone is None) == (given.time_zone is None)
        case _:
            return kind == given


def _outside(values: pl.Series) -> bool:
    return not bool(values.dt.epoch("d").is_between(_FIRST, _LAST).drop_nulls().all())
