"""Kinds that count rows: ``count``, ``ratio``, ``exists``, ``distinct``."""

from __future__ import annotations

import polars as pl

from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.batch import SLICE, Row
from phasegate.facts.measures.row_selection import Chosen, What
from phasegate.facts.measures.to_fact import Number, Truth, Value


class Count(Kind):
    """Rows of the population that meet a condition."""

    def operands(self) -> tuple[str, ...]:
        """The condition."""
        assert self.measure.count is not None
        return (self.measure.count,)

    def prepare(self) -> None:
        """Counts the rows that meet it, and those where it is null."""
        (self.sql,) = self.operands()
        of = self.part.table.mask(self.sql)
        (self.condition,) = of.names
        self.met = self.part.shared.rows(self.part.mask & of)
        self.part.nulls.append(self.part.shared.nulls(self.condition, self.part.mask))

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen] | None:
        """The rows that were counted, where they are too many."""
        return ("counted", self.rows_that(slice_, self.condition, hold=True)) if upper else None

    def value(self, slice_: str, row: Row) -> Value:
        """The count."""
        return Number(row[self.met])


class Ratio(Count):
    """Rows that meet a condition, of all rows of the population."""

    def conditions(self) -> tuple[str | None, ...]:
        """``over`` narrows the population."""
        assert self.measure.ratio is not None
        return (self.measure.where, self.measure.ratio.over)

    def operands(self) -> tuple[str, ...]:
        """The condition."""
        assert self.measure.ratio is not None
        return (self.measure.ratio.of,)

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen] | None:
        """The rows of the denominator that are not in the numerator; those in it, where they are too many."""
        return ("counted" if upper else "not met", self.rows_that(slice_, self.condition, hold=upper))

    def value(self, slice_: str, row: Row) -> Value:
        """Both counts."""
        return Number(row[self.met], row[self.part.rows])


class Exists(Count):
    """Whether a row of the population meets a condition."""

    def operands(self) -> tuple[str, ...]:
        """The condition."""
        assert self.measure.exists is not None
        return (self.measure.exists,)

    def value(self, slice_: str, row: Row) -> Value:
        """Whether there is one."""
        return Truth(row[self.met] > 0)


class Distinct(Kind):
    """Different values, nulls left out."""

    nulls_count = False

    def operands(self) -> tuple[str, ...]:
        """The value."""
        assert self.measure.distinct is not None
        return (self.measure.distinct,)

    def prepare(self) -> None:
        """A select of its own: the unique values, counted."""
        table, part = self.part.table, self.part
        name, _ = table.value(*self.operands())
        part.nulls.append(part.shared.nulls(name, part.mask))
        slice_column = part.shared.by
        columns = [name, *([slice_column] if slice_column else [])]
        frame = part.mask.frame(table.frame_of([*columns, *part.mask.names]))
        unique = frame.select(columns).drop_nulls(name).unique()
        counted = pl.len().cast(pl.Int64).alias("distinct")
        if slice_column:
            found = unique.group_by(pl.col(slice_column).alias(SLICE)).agg(counted)
        else:
            found = unique.select(counted)
        self.ticket = self.context.batch.own(found, [table], adds_up=False)

    def value(self, slice_: str, row: Row) -> Value:
        """How many there are."""
        found = self.context.batch.rows(self.ticket).get(slice_)
        return Number(found["distinct"] if found else 0)
