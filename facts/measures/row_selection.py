"""Rows that are chosen to be shown: of which source, by which conditions, and with what masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from phasegate.facts.contracts.personal import masked_apart, personal_columns
from phasegate.facts.measures.batch import Mask, Table

What = Literal["not met", "counted", "short", "newest"]
"""What the rows behind a value are: those that do not meet its condition, those that were counted and are
too many, items that fall short, or the newest row, which alone decides."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of one source.

    Attributes:
        table: the source.
        mask: the conditions that make the population.
        by, slice: the slice column and the slice; None for the whole.
        condition: the column of a further condition; None for all rows of the population.
        hold: whether that shall hold; or else it does not, or nobody knows.
    """

    table: Table
    mask: Mask
    by: str | None
    slice: str
    condition: str | None = None
    hold: bool = True

    @property
    def columns(self) -> list[str]:
        """The columns that are shown: those of the contract, without derived ones."""
        return [name for name in self.table.contract.columns if name in self.table.scope.columns]

    @property
    def reads(self) -> frozenset[str]:
        """The columns that tell which rows they are."""
        return frozenset(
            {*self.mask.names, *(name for name in (self.by, self.condition) if name is not None)}
        )

    @property
    def flag(self) -> pl.Expr:
        """True for these rows, false for all others."""
        found = self.mask.expr.fill_null(value=False) if self.mask.names else pl.lit(value=True)
        if self.by is not None:
            found = found & pl.col(self.by).eq_missing(pl.lit(self.slice))
        if self.condition is not None:
            met = pl.col(self.condition).fill_null(value=False)
            found = found & (met if self.hold else ~met)
        return found

    def frame(self) -> pl.LazyFrame:
        """The rows, with what is shown of them."""
        rows = self.table.frame_of({*self.columns, *self.reads})
        return rows.filter(self.flag).select(shown(self.table, self.columns))


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
