"""Kinds that put rows in order: ``median``, ``quantile``, ``computed``. Values stay exact decimals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from phasegate.facts.engines.plans import Gathered, Places, Row
from phasegate.facts.measures.base import Kind, MeasureError
from phasegate.facts.measures.batch import exact
from phasegate.facts.measures.to_fact import Missing, Number, Value
from phasegate.rules.model.measure_kinds import KINDS
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


class Computed(Kind):
    """A number that a plugin makes of the values of a slice, exact and in ascending order.

    What is undetermined, missing or too few never gets to it, and nothing depends on how rows lie in a file:
    it decides nothing but arithmetic.
    """

    nulls_fail = True
    money = True  # whatever a plugin makes of amounts, those of two currencies are none of one

    def operands(self) -> tuple[str, ...]:
        """The value."""
        assert self.measure.computed is not None
        return (self.measure.computed.of,)

    def prepare(self) -> None:
        """The values of each slice, and what computes them."""
        assert self.measure.computed is not None
        from phasegate.rules.loading.plugins import PluginError, loaded, plugin

        try:
            self.plugin = plugin("measure", self.measure.computed.by, KINDS)
            self.function = loaded(self.plugin)
        except PluginError as error:
            raise MeasureError(error.message) from error
        table, part = self.part.table, self.part
        (sql,) = self.operands()
        name, self.per = table.amount(sql), table.per(sql)
        part.nulls.append(part.shared.nulls(name, part.mask.possible))
        self.ticket = self.context.batch.own(Gathered(table, part.shared.by, name, part.mask.flag))

    def value(self, slice_: str, row: Row) -> Value:
        """What it makes of them; the same when it is asked again, or an error."""
        found = self.context.batch.rows(self.ticket).get(slice_)
        if found is None or not found["values"]:
            return Missing("unknown", "no row has a value")
        values = tuple(Decimal(each) for each in found["values"])
        made = self._made(values)
        if isinstance(made, Number) and self._made(values) != made:
            return Missing("error", f"{self.plugin.shown} makes another value each time")
        return made

    def _made(self, values: Sequence[Decimal]) -> Value:
        from phasegate.rules.loading.plugins import reason

        by = self.plugin.shown
        try:
            made = self.function(values)
        except Exception as error:  # noqa: BLE001 - whatever somebody else's code raises
            return Missing("error", f"{by} can not compute it: {reason(error)}")
        if made is None:
            return Missing("unknown", f"{by} makes no value of these rows")
        exact = isinstance(made, int | Decimal | Fraction) and not isinstance(made, bool)
        if not exact or (isinstance(made, Decimal) and not made.is_finite()):
            told = f"a {type(made).__name__}" if not exact else "no finite number"
            return Missing("error", f"{by} makes {told}; an int, a Decimal or a Fraction is asked for")
        ratio = Fraction(made)
        return Number(ratio.numerator, ratio.denominator * self.per)
