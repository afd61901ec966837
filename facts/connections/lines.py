r"""Rows of databases: from lines to typed columns, and every value of them or none.

A value that its column's type can not hold without loss (``NaN`` in a decimal, a day before the year 1,
infinity in a date) is an error: it must not become a missing value, of which no rule would hear.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.sources.files import SourceError

_SEPARATOR, _MISSING = b"\t", rb"\N"
_ESCAPED = {r"\b": "\b", r"\f": "\f", r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\v": "\v"}
_BACKSLASH = "\0"  # no text of a database holds it
_DAY_LENGTH = len("2026-01-31")


class UnreadableRowsError(SourceError):
    """Values that can not be read as what their column is."""


def frame_of(lines: Sequence[bytes], columns: Sequence[TableColumn], shown: str) -> pl.DataFrame:
    """Rows with the types of their columns.

    Args:
        lines: as `Snapshot.rows` gives them.
        columns: the columns, each with a kind.
        shown: what the table is called in messages.

    Raises:
        UnreadableRowsError: if a value is lost, or a text is not UTF-8.
    """
    text = b"".join(lines)
    _check_text(text, lines, columns, shown)
    fields = columns or (TableColumn("", "", pl.Int64()),)
    if text.count(_SEPARATOR) != len(lines) * (len(fields) - 1):
        raise UnreadableRowsError(f"{shown}: the server gave rows of another form than was asked for")
    if len(fields) == 1:  # a line without any sign would be no line
        text = b"".join(b"1\t" + line for line in lines)
    places = [str(place) for place in range(len(fields))]
    schema = {place: _parsed(each) for place, each in zip(places, fields, strict=True)}
    if len(fields) == 1:
        schema = {"": pl.String(), **schema}
    try:
        found = pl.read_csv(
            io.BytesIO(text),
            separator="\t",
            has_header=False,
            schema=schema,
            quote_char=None,
            null_values=r"\N",
            empty_string_is_null=False,
            extra_columns="raise",
            missing_columns="raise",
            glob=False,
        )
    except pl.exceptions.PolarsError:
        found = None
    if found is None:  # out here: what polars says quotes the value, which may be personal
        raise UnreadableRowsError(f"{shown}: a value can not be read as the type of its column")
    if found.height != len(lines):
        raise UnreadableRowsError(f"{shown}: {len(lines)} rows came, and {found.height} were read")
    escaped = text.count(b"\\") != text.count(_MISSING)
    rows = found.select(
        _value(pl.col(place), each, escaped=escaped).alias(each.name)
        for place, each in zip(places, columns, strict=False)
    )
    for place, each in zip(places, columns, strict=False):
        lost = rows.get_column(each.name).null_count() - found.get_column(place).null_count()
        if lost:
            what = f"{shown}: column {each.name!r} has values that no rule can be held against: {_odd(each)}"
            raise UnreadableRowsError(what, "make them null in a view, or leave such rows out there")
    return rows


def _odd(column: TableColumn) -> str:
    """What a column may have that is no value of its type elsewhere."""
    if isinstance(column.kind, pl.Date | pl.Datetime):
        return "infinity, or days before the year 1 or after 9999"
    return f"NaN or infinity as {column.written}"


def _parsed(column: TableColumn) -> pl.DataType:
    """What a value is read as at first."""
    return pl.Int64() if column.kind == pl.Int64() else pl.String()


def _value(text: pl.Expr, column: TableColumn, *, escaped: bool) -> pl.Expr:
    kind = column.kind
    match kind:
        case pl.String():
            return _plain(text) if escaped else text
        case pl.Boolean():
            return pl.when(text.is_in(["t", "f"])).then(text == "t")
        case pl.Date():
            return (
                pl.when(text.str.len_bytes() == _DAY_LENGTH).then(text).str.to_date("%Y-%m-%d", strict=False)
            )
        case pl.Datetime():
            four = text.str.slice(_DAY_LENGTH, 1) == " "
            moment = (
                pl.when(four).then(text).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
            )
            return moment if kind.time_zone is None else moment.dt.replace_time_zone(kind.time_zone)
        case _:
            assert kind is not None
            return text.cast(kind, strict=False)


def _plain(text: pl.Expr) -> pl.Expr:
    """Texts as they are meant."""
    text = text.str.replace_all(r"\\", _BACKSLASH, literal=True)
    for written, meant in _ESCAPED.items():
        text = text.str.replace_all(written, meant, literal=True)
    return text.str.replace_all(_BACKSLASH, "\\", literal=True)


def _check_text(text: bytes, lines: Sequence[bytes], columns: Sequence[TableColumn], shown: str) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        column = next(
            (
                column.name
                for line in lines
                for column, value in zip(columns, line.split(_SEPARATOR), strict=False)
                if not _is_utf8(value)
            ),
            "?",
        )
        what = f"{shown}: column {column!r} has texts that are not UTF-8"
        raise UnreadableRowsError(
            what, "the database keeps bytes without an encoding: mend them there"
        ) from None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
