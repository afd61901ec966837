"""The kind ``computed``: a number that a plugin makes of the values of a slice, in ascending order.

The values come in order, exact, and each row's alone; what is undetermined, missing or too few never gets to
the plugin. So nothing depends on how rows lie in a file, and a plugin decides nothing but arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from phasegate.facts.engines.plans import Gathered, Row
from phasegate.facts.measures.base import Kind, MeasureError
from phasegate.facts.measures.to_fact import Missing, Number, Value
from phasegate.rules.loading.plugins import PluginError, loaded, plugin, reason
from phasegate.rules.model.measure_kinds import KINDS


class Computed(Kind):
    """A number that somebody else's function makes of values."""

    nulls_fail = True
    money = True  # whatever a plugin makes of amounts, those of two currencies are none of one

    def operands(self) -> tuple[str, ...]:
        """The value."""
        assert self.measure.computed is not None
        return (self.measure.computed.of,)

    def prepare(self) -> None:
        """The values of each slice, and what computes them."""
        assert self.measure.computed is not None
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
