"""A table that a program gives in place of a source's file: copied once, and read from that copy alone.

Whoever gives it may go on writing into it, from another thread too. So its rows are first written into a file
without a name; digest and facts are of these bytes.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.types import type_name
from phasegate.facts.frames.errors import GivenTableError
from phasegate.facts.sources.content import Own
from phasegate.facts.sources.files import words
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.facts.sources.rewritten import rows_kept

_TAKEN = "give a DataFrame or LazyFrame of polars, a DataFrame of pandas, or a table of Arrow"


@dataclass(frozen=True, slots=True)
class GivenTable:
    """The copy of a table.

    Attributes:
        made_by: what it was, such as ``pandas.DataFrame``.
        columns: its columns, by name; one without a kind is not read.
        held: its rows as Parquet.
    """

    made_by: str
    columns: tuple[TableColumn, ...]
    held: Own

    @property
    def rows(self) -> IO[bytes]:
        """Its rows as Parquet, from the beginning."""
        rows = self.held.text
        assert not isinstance(rows, Path)
        return rows


def given_table(source: str, table: object) -> GivenTable:
    """Copies a table.

    Args:
        source: the name of the source that it stands for.
        table: a frame of polars or pandas, or whatever has the stream interface of Arrow.

    Raises:
        GivenTableError: if it is none, or can not be read as one.
    """
    pandas = sys.modules.get("pandas")
    types: Mapping[str, str] = {}
    left_out: Mapping[str, str] = {}
    if pandas is not None and isinstance(table, pandas.DataFrame):
        from phasegate.facts.frames.pandas_columns import from_pandas

        _refuse_doubles(source, [*map(str, table.columns)])
        columns, types, left_out = from_pandas(source, table)
        rows = pl.DataFrame(columns).lazy()
    elif isinstance(table, pl.DataFrame | pl.LazyFrame):
        rows = table.lazy()
    else:
        rows = _from_arrow(source, table).lazy()
    kinds = _computed(source, rows.collect_schema)
    types = types or {name: str(kind) for name, kind in kinds.items()}
    read = {name: _read_as(pl.col(name), kind) for name, kind in kinds.items()}
    found = [
        TableColumn(name, types[name], None, left_out[name])
        if name in left_out
        else TableColumn(name, types[name], *_kind(kinds[name], read[name] is not None))
        for name in sorted(types)
    ]
    if all(each.kind is None for each in found):
        why = f": {found[0].name!r}, for one: {found[0].left_out}" if found else ""
        raise GivenTableError(source, f"has no column that can be read{why}", None if found else _TAKEN)
    named = rows.select(expression.alias(name) for name, expression in read.items() if expression is not None)
    return GivenTable(_called(table), tuple(found), Own(_kept(source, named)))


def _called(table: object) -> str:
    kind = type(table)
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def _from_arrow(source: str, table: object) -> pl.DataFrame:
    if isinstance(table, pl.Series) or not hasattr(table, "__arrow_c_stream__"):
        raise GivenTableError(source, f"is a {_called(table)}, and no table", _TAKEN)
    names = getattr(table, "column_names", None) or getattr(getattr(table, "schema", None), "names", None)
    _refuse_doubles(source, [*map(str, names or ())])
    made: pl.DataFrame = _computed(source, lambda: pl.DataFrame(table))
    return made


def _refuse_doubles(source: str, names: list[str]) -> None:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        hint = "which of them counts can not be told: rename one of them"
        raise GivenTableError(source, f"has the column {twice!r} more than once", hint)


def _computed(source: str, compute: Any) -> Any:
    """What polars makes of a table; what it can not make is told without the values that it quotes."""
    try:
        return compute()
    except (*read_errors(), TypeError, ValueError) as error:  # type: ignore[misc]  # some, and some more
        raise GivenTableError(source, f"can not be read: {cause(error)}") from None


def _kind(kind: pl.DataType, read: bool) -> tuple[pl.DataType | None, str]:
    """What a column is read as, and why it is not where it is not."""
    if not read:
        return None, f"it is of the type {type_name(kind)}, of which nothing is measured: give it as a text"
    match kind:
        case pl.Categorical() | pl.Enum():
            return pl.String(), ""
        case pl.Datetime():
            unit = "us" if kind.time_unit == "ms" else kind.time_unit
            return pl.Datetime(unit, None if kind.time_zone is None else "UTC"), ""
        case pl.Int128() | pl.UInt128():
            return pl.Decimal(38, 0), ""
        case pl.Float16():
            return pl.Float32(), ""
        case _:
            return kind, ""


def _read_as(column: pl.Expr, kind: pl.DataType) -> pl.Expr | None:
    """A column as it is kept, without any loss; None where it is of no type that a contract knows."""
    known = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Decimal, pl.Null, pl.Categorical, pl.Enum)
    if not (kind.is_integer() or kind.is_float() or isinstance(kind, known)):
        return None
    wanted, _ = _kind(kind, read=True)
    assert wanted is not None
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        column = column.dt.convert_time_zone("UTC")
    return column if wanted == kind else column.cast(wanted)


def _kept(source: str, rows: pl.LazyFrame) -> io.FileIO:
    try:
        return rows_kept(rows)
    except OSError as error:
        why = words(error)
    except read_errors() as error:
        why = cause(error)
    hint = "its rows are kept for the time of the run in TMPDIR, else in /var/tmp or /tmp"
    raise GivenTableError(source, f"can not be read: {why}", hint)
