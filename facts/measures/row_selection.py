"""Rows that are chosen to be shown: of which source, by which conditions, and with what masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from phasegate.facts.contracts.personal import masked_apart, personal_columns
from phasegate.facts.measures.batch import Table
from phasegate.facts.measures.slices import slice_value

What = Literal["not met", "counted", "short", "newest", "may count"]
"""What the rows behind a value are: those that do not meet its condition, those that were counted and are
too many, items that fall short, the newest row, which alone decides, or rows of which nobody knows whether
they count, because what decides that is missing."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of one source.

    Attributes:
        table: the source.
        flag: true for these rows, false for all others.
        reads: the columns that this reads.
    """

    table: Table
    flag: pl.Expr
    reads: frozenset[str]

    @property
    def columns(self) -> list[str]:
        """The columns that are shown: those of the contract, without derived ones."""
        return [name for name in self.table.contract.columns if name in self.table.scope.columns]

    def frame(self) -> pl.LazyFrame:
        """The rows, with what is shown of them."""
        rows = self.table.frame_of({*self.columns, *self.reads})
        return rows.filter(self.flag).select(shown(self.table, self.columns))


def chosen(table: Table, flag: pl.Expr, reads: frozenset[str], by: str | None, slice_: str) -> Chosen:
    """Rows of one slice.

    Args:
        table: the source.
        flag: true for them in whatever slice they are; null is false.
        reads: the columns that this reads.
        by: the slice column; None for the whole.
        slice_: the slice.
    """
    if by is None:
        return Chosen(table, flag.fill_null(value=False), reads)
    own = pl.col(by).eq_missing(pl.lit(slice_value(slice_), pl.String))
    return Chosen(table, flag.fill_null(value=False) & own, reads | {by})


def shown(table: Table, columns: Sequence[str]) -> list[pl.Expr]:
    """Columns of a source as they are shown: personal ones masked, and converted amounts named so.

    Args:
        table: the source.
        columns: some of its contract's.
    """
    hidden = personal_columns(table.contract, table.scope)
    kinds = table.scope.columns
    found = []
    for name in columns:
        alike = [each for each in columns if each in hidden and kinds[each].type == kinds[name].type]
        column = masked_apart(alike, alike.index(name)) if name in hidden else pl.col(name)
        found.append(column.alias(_named(table, name)))
    return found


def _named(table: Table, name: str) -> str:
    exchange = table.exchange
    return f"{name} in {exchange.to}" if exchange is not None and name in exchange.amounts else name
