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
from phasegate.facts.sources.passes import read_errors

_ESCAPED = {r"\b": "\b", r"\f": "\f", r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\v": "\v"}
_NULL = r"\N"
_MARK = "\ufeff".encode()  # polars takes it for no part of the first value
_DAY_LENGTH = len("2026-01-31")
_NO_YEAR = "0000"


class UnreadableRowsError(SourceError):
    """Values that can not be read as what their column is."""


def frame_of(text: bytes, rows: int, columns: Sequence[TableColumn], shown: str) -> pl.DataFrame:
    """Rows with the types of their columns.

    Args:
        text: lines as `Snapshot.rows` gives them.
        rows: how many they are.
        columns: the columns, one at least, each with a kind.
        shown: what the table is called in messages.

    Raises:
        UnreadableRowsError: if a value is lost, or a text is not UTF-8.
    """
    found = _parsed(text, columns)
    nulls = 0 if found is None else sum(found.select(_places(columns)).null_count().row(0))
    if found is None or found.height != rows or _written(found, columns, nulls) != len(text):
        raise _unparsed(text, columns, shown)
    escaped = b"\\" in text and text.count(b"\\") != nulls  # of which each has one
    typed = found.select(
        _value(pl.col(place), each, escaped=escaped).alias(each.name)
        for place, each in zip(_places(columns), columns, strict=True)
    )
    for place, each in zip(_places(columns), columns, strict=True):
        if typed.get_column(each.name).null_count() != found.get_column(place).null_count():
            what = f"{shown}: column {each.name!r} has values that no rule can be held against: {_odd(each)}"
            raise UnreadableRowsError(what, "make them null in a view, or leave such rows out there")
    longer = [
        _longer(pl.col(place), each.kind.scale).any().alias(each.name)
        for place, each in zip(_places(columns), columns, strict=True)
        if isinstance(each.kind, pl.Decimal)
    ]
    for name, lost in (found.select(longer).row(0, named=True) if longer else {}).items():
        if lost:
            what = f"{shown}: column {name!r} has other numbers each time that it is read"
            raise UnreadableRowsError(what, "its digits were counted before: round it in the view")
    return typed


def _written(found: pl.DataFrame, columns: Sequence[TableColumn], nulls: int) -> int:
    """How many bytes the values take that were found, each with the sign behind it.

    A line that lacks a value has fewer; to count the signs takes longer.
    """
    lengths = found.select(pl.col(_places(columns)).str.len_bytes().sum()).row(0)
    return int(sum(lengths)) + nulls * len(_NULL) + found.height * len(columns)


def _longer(text: pl.Expr, scale: int) -> pl.Expr:
    """Whether a number has more digits after its point than there is room for: they would be rounded off."""
    return text.str.len_bytes() > text.str.find(".", literal=True) + (scale + 1)


def _places(columns: Sequence[TableColumn]) -> list[str]:
    return [str(place) for place in range(len(columns))]


def _parsed(text: bytes, columns: Sequence[TableColumn]) -> pl.DataFrame | None:
    # As texts: polars takes an empty number for a missing one.
    schema: dict[str, pl.DataType] = dict.fromkeys(_places(columns), pl.String())
    if len(columns) == 1 or text.startswith(_MARK):  # a line without any sign would be no line
        text = b"".join(b"1\t" + line for line in text.splitlines(keepends=True))
        schema = {"": pl.String(), **schema}
    try:
        return pl.read_csv(
            io.BytesIO(text),
            separator="\t",
            has_header=False,
            schema=schema,
            quote_char=None,
            null_values=_NULL,
            empty_string_is_null=False,
            extra_columns="raise",
            glob=False,
        )
    except read_errors():
        return None


def _unparsed(text: bytes, columns: Sequence[TableColumn], shown: str) -> UnreadableRowsError:
    """Why lines could not be read, without the value, which may be personal."""
    for line in text.split(b"\n"):
        for column, value in zip(columns, line.split(b"\t"), strict=False):
            try:
                value.decode()
            except UnicodeDecodeError:
                what = f"{shown}: column {column.name!r} has texts that are not UTF-8"
                return UnreadableRowsError(
                    what, "the database keeps bytes without an encoding: mend them there"
                )
    return UnreadableRowsError(f"{shown}: the server gave rows of another form than was asked for")


def _odd(column: TableColumn) -> str:
    """What a column may have that is no value of its type elsewhere."""
    if isinstance(column.kind, pl.Date | pl.Datetime):
        return "infinity, or days before the year 1 or after 9999, or that no calendar has"
    if column.kind == pl.Int64():
        return f"numbers of {column.written} beyond 9223372036854775807"
    return f"NaN or infinity as {column.written}"


def _value(text: pl.Expr, column: TableColumn, *, escaped: bool) -> pl.Expr:
    kind = column.kind
    match kind:
        case pl.String():
            return _plain(text) if escaped else text
        case pl.Boolean():
            return pl.when(text.is_in(["t", "f"])).then(text == "t")
        case pl.Date():
            day = text.str.len_bytes().eq(_DAY_LENGTH) & ~text.str.starts_with(_NO_YEAR)
            return pl.when(day).then(text).str.to_date("%Y-%m-%d", strict=False)
        case pl.Datetime():
            four = text.str.slice(_DAY_LENGTH, 1).eq(" ") & ~text.str.starts_with(_NO_YEAR)
            moment = (
                pl.when(four).then(text).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
            )
            return moment if kind.time_zone is None else moment.dt.replace_time_zone(kind.time_zone)
        case _:
            assert kind is not None
            return text.cast(kind, strict=False)


def _plain(text: pl.Expr) -> pl.Expr:
    """Texts as they are meant: what stands between two escaped backslashes has no other backslash."""
    between = pl.element()
    for written, meant in _ESCAPED.items():
        between = between.str.replace_all(written, meant, literal=True)
    return text.str.split(r"\\").list.eval(between).list.join("\\")
