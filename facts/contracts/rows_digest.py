"""A digest of typed rows that is the same in whatever order, form and place they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import polars as pl

from phasegate.facts.contracts.clauses import HIDDEN, Clause

_OF_READING = ("type", "finite", "scale", "percent")
"""Demands on what stands in a file, whatever its contract asks of the value beyond."""


def rows_digest(rows: pl.DataFrame, columns: Sequence[str], broken: Iterable[Clause]) -> str:
    """The digest of some columns of rows, by what is read of them.

    Args:
        rows: the rows.
        columns: the columns.
        broken: demands that some rows break. Of a value that could not be read as its contract says, what
            stands there is taken too.
    """
    wanted = [_text(name, rows.schema[name]).alias(name) for name in sorted(columns)]
    stands: dict[str, pl.Expr] = {}
    for clause in broken:
        if clause.kind in _OF_READING and clause.original != clause.column:
            other = stands.get(clause.column, pl.lit(False))
            stands[clause.column] = other | clause.broken.fill_null(value=False)
    wanted += [
        pl.when(unread).then(pl.col(HIDDEN + name).cast(pl.String)).alias(HIDDEN + name)
        for name, unread in stands.items()
    ]
    text = str(rows.height)
    if wanted:
        lines = rows.select(wanted).select(pl.struct(pl.all()).struct.json_encode().sort())
        text = "\n".join(lines.to_series())
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _text(name: str, type_: pl.DataType) -> pl.Expr:
    """A column as text; a number without zeros that say nothing: how many it has is a matter of its file."""
    text = pl.col(name).cast(pl.String)
    if isinstance(type_, pl.Decimal) and type_.scale:
        return text.str.strip_chars_end("0").str.strip_chars_end(".")
    return text
