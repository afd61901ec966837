"""Kinds that put rows in order: ``median``, ``quantile``. Values stay exact decimals."""

from __future__ import annotations

import polars as pl

from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.batch import SLICE, Row, exact
from phasegate.facts.measures.to_fact import Missing, Number, Value
from phasegate.rules.values.units import Quantity


class Median(Kind):
    """The middle value; between the two in the middle where their number is even."""

    nulls_fail = True
    amounts = True

    def operands(self) -> tuple[str, ...]:
        """The value."""
        assert self.measure.median is not None
        return (self.measure.median,)

    def places(self, count: pl.Expr) -> dict[str, pl.Expr]:
        """Which of so many values in ascending order, counted from 0, by name."""
        return {"low": (count - 1) // 2, "high": count // 2}

    def prepare(self) -> None:
        """A select of its own: the values in order, and of them the two at the places."""
        table, part = self.part.table, self.part
        (sql,) = self.operands()
        name, self.per = table.amount(sql), table.per(sql)
        part.nulls.append(part.shared.nulls(name, part.mask.possible))
        slice_column = part.shared.by
        columns = [name, *([slice_column] if slice_column else [])]
        frame = part.mask.frame(table.frame_of([*columns, *part.mask.names]))
        values = frame.select(columns).drop_nulls(name)
        ordered = pl.col(name).sort()
        wanted = [
            ordered.get(place, null_on_oob=True).alias(place_name)
            for place_name, place in self.places(pl.len().cast(pl.Int64)).items()
        ]
        if slice_column:
            found = values.group_by(pl.col(slice_column).alias(SLICE)).agg(wanted)
        else:
            found = values.select(wanted)
        self.ticket = self.context.batch.own(found, [table], adds_up=False)

    def value(self, slice_: str, row: Row) -> Value:
        """Half of the sum of the two, or the one that they are."""
        found = self.context.batch.rows(self.ticket).get(slice_)
        if found is None or found["low"] is None:
            return Missing("unknown", "no row has a value")
        low, low_digits = exact(found["low"])
        if found["low"] == found.get("high", found["low"]):
            return Number(low, 10**low_digits * self.per)
        high, high_digits = exact(found["high"])
        digits = max(low_digits, high_digits)
        total = low * 10 ** (digits - low_digits) + high * 10 ** (digits - high_digits)
        return Number(total, 2 * 10**digits * self.per)


class Quantile(Median):
    """The smallest value of a row at or below which at least a stated share of the rows lies.

    This is PERCENTILE_DISC of SQL: 90 % of three rows are not two of them.
    """

    def operands(self) -> tuple[str, ...]:
        """The value."""
        assert self.measure.quantile is not None
        return (self.measure.quantile.of,)

    def places(self, count: pl.Expr) -> dict[str, pl.Expr]:
        """The one place: the ceiling of the share of the rows, less one."""
        assert self.measure.quantile is not None
        share = Quantity.parse(self.measure.quantile.at).value
        rows = (count * share.numerator + share.denominator - 1) // share.denominator
        return {"low": pl.max_horizontal(rows - 1, 0)}
