"""Kinds that add amounts up: ``sum``, ``mean``, ``share``."""

from __future__ import annotations

from decimal import Decimal

from phasegate.facts.measures.base import Kind, Part
from phasegate.facts.measures.batch import Row, exact
from phasegate.facts.measures.row_selection import Chosen, What
from phasegate.facts.measures.to_fact import Number, Value


class Sum(Kind):
    """The sum of an amount over the population."""

    nulls_fail = True
    amounts = True

    def operands(self) -> tuple[str, ...]:
        """The amount."""
        assert self.measure.sum is not None
        return (self.measure.sum,)

    def prepare(self) -> None:
        """Adds the amount up and counts where it is missing."""
        (sql,) = self.operands()
        amount, self.per = self.part.table.amount(sql), self.part.table.per(sql)
        self.total = self.part.shared.sum(amount, self.part.mask)
        self.part.nulls.append(self.part.shared.nulls(amount, self.part.mask))

    def value(self, slice_: str, row: Row) -> Value:
        """The exact sum."""
        whole, digits = exact(row[self.total])
        return Number(whole, 10**digits * self.per)


class Mean(Sum):
    """The sum of an amount over the number of rows."""

    def operands(self) -> tuple[str, ...]:
        """The amount."""
        assert self.measure.mean is not None
        return (self.measure.mean,)

    def value(self, slice_: str, row: Row) -> Value:
        """Sum and count, not divided."""
        whole, digits = exact(row[self.total])
        return Number(whole, row[self.part.rows] * 10**digits * self.per)


class Share(Kind):
    """The amount of the rows that meet a condition, of the amount of all rows."""

    nulls_fail = True
    money = True

    def conditions(self) -> tuple[str | None, ...]:
        """``over`` narrows the population."""
        assert self.measure.share is not None
        return (self.measure.where, self.measure.share.over)

    def operands(self) -> tuple[str, ...]:
        """The amount and the condition."""
        assert self.measure.share is not None
        return (self.measure.share.value, self.measure.share.of)

    def added(self) -> list[tuple[Part, tuple[str, ...]]]:
        """The amount alone."""
        return [(self.part, self.operands()[:1])]

    def prepare(self) -> None:
        """Adds the amount up twice and counts where it is missing."""
        value, of = self.operands()
        part = self.part
        amount = part.table.amount(value)
        met = part.table.mask(of)
        (self.condition,) = met.names
        self.met = part.shared.sum(amount, part.mask & met)
        self.total = part.shared.sum(amount, part.mask)
        part.nulls.append(part.shared.nulls(amount, part.mask))

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen] | None:
        """The rows of the denominator that are not in the numerator; those in it, where they are too many."""
        return ("counted" if upper else "not met", self.rows_that(slice_, self.condition, hold=upper))

    def value(self, slice_: str, row: Row) -> Value:
        """Both sums."""
        return pair(row[self.met], row[self.total])


def pair(numerator: Decimal | int, denominator: Decimal | int) -> Number:
    """Two exact numbers as integers of one scale."""
    top, top_digits = exact(numerator)
    bottom, bottom_digits = exact(denominator)
    digits = max(top_digits, bottom_digits)
    return Number(top * 10 ** (digits - top_digits), bottom * 10 ** (digits - bottom_digits), digits)
