"""Kinds that count rows: ``count``, ``ratio``, ``exists``, ``distinct``."""

from __future__ import annotations

from typing import NamedTuple, Self

from phasegate.facts.engines.plans import Aggregate, Ids, Row, all_of
from phasegate.facts.engines.plans import Distinct as DistinctPlan
from phasegate.facts.expressions.people import alike_said
from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.batch import Batch
from phasegate.facts.measures.mask import Mask
from phasegate.facts.measures.part import Part
from phasegate.facts.measures.row_selection import Chosen, What
from phasegate.facts.measures.slices import NO_VALUE
from phasegate.facts.measures.to_fact import Missing, Number, Truth, Undecided, Value
from phasegate.facts.model.ends import Ends, Tally


class Count(Kind):
    """Rows of the population that meet a condition."""

    has_ends = True

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
        self.part.decides = self.decides(of)
        self.part.lacks += (self.sql,)
        self.cells = Cells.of(self.part, of)

    def decides(self, of: Mask) -> tuple[Mask, ...]:
        """A row that surely does not meet the condition is not counted, wherever it belongs."""
        return (self.part.mask & of,)

    def tally(self, slice_: str) -> Tally:
        """The rows of a slice by what is known of them, with those that may belong to it."""
        return self.cells.tally(self.row_of(self.part, slice_), self.unplaced(self.part), self.met)

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen] | None:
        """The rows that were counted, where they are too many."""
        return ("counted", self.rows_that(slice_, self.condition, hold=True)) if upper else None

    def value(self, slice_: str, row: Row) -> Value:
        """The count."""
        return Number(row[self.met], ends=self.tally(slice_).counted())


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

    def decides(self, of: Mask) -> tuple[Mask, ...]:
        """A row that may belong to the whole moves it, whether it meets the condition or not."""
        return (self.part.mask, self.part.mask & of)

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen] | None:
        """The rows of the denominator that are not in the numerator; those in it, where they are too many."""
        return ("counted" if upper else "not met", self.rows_that(slice_, self.condition, hold=upper))

    def value(self, slice_: str, row: Row) -> Value:
        """Both counts."""
        return Number(row[self.met], row[self.part.rows], ends=self.tally(slice_).ratio())


class Exists(Count):
    """Whether a row of the population meets a condition."""

    def operands(self) -> tuple[str, ...]:
        """The condition."""
        assert self.measure.exists is not None
        return (self.measure.exists,)

    def value(self, slice_: str, row: Row) -> Value:
        """Whether there is one."""
        tally = self.tally(slice_)
        if (ends := tally.counted()) is not None and not tally.tt:
            return Undecided(f"none is sure to count, {ends.rows:,} may")
        return Truth(tally.tt > 0)


class Distinct(Kind):
    """Different values; a row without one may have any."""

    nulls_count = False
    has_ends = True

    def operands(self) -> tuple[str, ...]:
        """The value."""
        assert self.measure.distinct is not None
        return (self.measure.distinct,)

    def prepare(self) -> None:
        """Counts the unique values, and the rows that have none."""
        table, part = self.part.table, self.part
        (sql,) = self.operands()
        self.name, read = table.value(sql)
        part.nulls.append(part.shared.nulls(self.name, part.mask))
        self.valueless = part.shared.nulls(self.name, part.mask.possible)
        if read.nullable:
            known = table.mask(f"CASE WHEN ({sql}) IS NOT NULL THEN TRUE END")
            part.decides = (part.mask, part.mask & known)
            part.lacks += (sql,)
        self.ticket = self.context.batch.own(self._different(part.mask))
        self.ids: int | None = None
        if read.personal:
            self.ids = self.context.batch.own(Ids(((table, self.name, part.mask.possible.flag),)))

    def reopen(self, batch: Batch) -> None:
        """Counts them once more, with those of the rows that may be among them."""
        self.second = batch
        self.further = batch.own(self._different(self.part.mask.possible))

    def _different(self, mask: Mask) -> DistinctPlan:
        """The unique values, counted."""
        return DistinctPlan(self.part.table, self.part.shared.by, self.name, mask.flag)

    def value(self, slice_: str, row: Row) -> Value:
        """How many there are, and at most; ids of people that are the same only to a reader are an error."""
        if self.ids is not None:
            (sql,) = self.operands()
            if alike := alike_said(self.context.batch.rows(self.ids)[""], [sql.strip()]):
                return Missing("error", f"{alike}: write them alike in the source")
        least = _distinct(self.context.batch.rows(self.ticket).get(slice_))
        if not self.doubt(slice_).rows:
            return Number(least)
        found, unplaced = self.second.rows(self.further), self.unplaced(self.part)
        most = _distinct(found.get(slice_)) + row[self.valueless]
        if unplaced is not None:
            most += _distinct(found.get(NO_VALUE)) + unplaced[self.valueless]
        return Number(least, ends=Ends((least, 1), (most, 1), most - least))


def _distinct(found: Row | None) -> int:
    return int(found["distinct"]) if found is not None else 0


class Cells(NamedTuple):
    """The aliases of rows by what is known of them.

    Attributes:
        part: the population.
        open: rows of it of which nobody knows whether they count.
        possible, both: rows that may belong to it and count, and of which nobody knows either; None
            where it is known of each row whether it belongs.
    """

    part: Part
    open: str
    possible: str | None
    both: str | None

    @classmethod
    def of(cls, part: Part, of: Mask) -> Self:
        """Has rows counted by what is known of them."""
        (condition,) = of.names
        shared = part.shared
        open_ = shared.nulls(condition, part.mask)
        if not part.mask.nullable:
            return cls(part, open_, None, None)
        counted = [
            shared.want(f"{what}|{part.mask}|{of}", Aggregate("rows", "", all_of(part.mask.unknown, flag)))
            for what, flag in (("possible", of.flag), ("both", of.unknown))
        ]
        return cls(part, open_, *counted)

    def tally(self, row: Row | None, unplaced: Row | None, met: str) -> Tally:
        """The rows of a slice, with those that name none."""
        found = self._tally(row, met) if row is not None else Tally()
        return found if unplaced is None else found.plus(self._tally(unplaced, met).displaced())

    def _tally(self, row: Row, met: str) -> Tally:
        may = row[self.part.possible] - row[self.part.rows]
        nt, nn = (row[self.possible], row[self.both]) if self.possible and self.both else (0, 0)
        open_ = row[self.open]
        return Tally(row[met], row[self.part.rows] - row[met] - open_, open_, nt, may - nt - nn, nn)
