"""Kinds that put rows in order: ``median``, ``quantile``. Values stay exact decimals."""

from __future__ import annotations

from phasegate.facts.engines.plans import Places, Row
from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.batch import exact
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

    def share(self) -> tuple[int, int] | None:
        """Of which share of the values the one at its end is meant; None for the middle."""
        return None

    def prepare(self) -> None:
        """The values in order, and of them the two at the places."""
        table, part = self.part.table, self.part
        (sql,) = self.operands()
        name, self.per = table.amount(sql), table.per(sql)
        part.nulls.append(part.shared.nulls(name, part.mask.possible))
        places = Places(table, part.shared.by, name, part.mask.flag, self.share())
        self.ticket = self.context.batch.own(places)

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

    def share(self) -> tuple[int, int]:
        """The share of the rows."""
        assert self.measure.quantile is not None
        share = Quantity.parse(self.measure.quantile.at).value
        return share.numerator, share.denominator
