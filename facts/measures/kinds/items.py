"""Kinds that compare two amounts item by item: ``attainment``, ``accuracy``.

Without a grain a row is an item. With one, rows are added up to items first, and the two amounts may
stand in two sources: their rows are put under each other, with zero for the side that has no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from phasegate.facts.contracts.personal import MASK, personal_columns, read_by
from phasegate.facts.engines.plans import ACTUAL, PLANNED, Ids, ItemRows, Items, Row
from phasegate.facts.engines.plans import Side as RowsOfSide
from phasegate.facts.expressions.expression import Name
from phasegate.facts.expressions.people import alike_said
from phasegate.facts.expressions.polars_sql import quoted
from phasegate.facts.expressions.tree import Tree, case, op
from phasegate.facts.measures.base import Kind, MeasureError
from phasegate.facts.measures.batch import Table
from phasegate.facts.measures.kinds.amounts import pair
from phasegate.facts.measures.part import Part
from phasegate.facts.measures.row_selection import Chosen, Masked, What
from phasegate.facts.measures.slices import slice_value
from phasegate.facts.measures.to_fact import Missing, Number, Population, Value
from phasegate.rules.model.measure import Elsewhere

Side = Literal["actual", "planned"]


class Attainment(Kind):
    """Sum of min(actual, expected) over the sum of expected: no item makes up for another."""

    nulls_fail = True
    money = True

    def sides(self) -> dict[Side, str | Elsewhere]:
        """The two amounts, the second of which the first is held against."""
        assert self.measure.attainment is not None
        return {"actual": self.measure.attainment.actual, "planned": self.measure.attainment.expected}

    def operands(self) -> tuple[str, ...]:
        """The amounts that stand in the measure's own source."""
        return tuple(side for side in self.sides().values() if isinstance(side, str))

    def prepare(self) -> None:
        """Registers both sums, of rows or of items."""
        self.of_side: dict[Side, Part] = {}
        grain = self.measure.grain_columns
        for side, amount in self.sides().items():
            if isinstance(amount, str):
                self.of_side[side] = self.part
            else:
                self.of_side[side] = self.part_of(amount.source, amount.where, operands=(amount.value,))
        if not grain and any(part is not self.part for part in self.of_side.values()):
            raise MeasureError("amounts of two sources are matched by a grain, and the measure names none")
        self._count_nulls()
        self.people = tuple(self._people(grain))
        if grain:
            self.ticket = self.context.batch.own(self._items(grain))
        else:
            self._rows()

    def _people(self, grain: tuple[str, ...]) -> Iterator[tuple[int, str]]:
        """Counts the ids of people that the grain tells apart, as they stand and as a reader sees them."""
        parts = list({id(part): part for part in self.of_side.values()}.values())
        for name in dict.fromkeys(grain):
            if any(part.table.scope.columns[name].personal for part in parts):
                rows = tuple((part.table, name, part.mask.possible.flag) for part in parts)
                yield self.context.batch.own(Ids(rows)), name

    def added(self) -> list[tuple[Part, tuple[str, ...]]]:
        """Each side's amount, and the grain by which it is added up."""
        by_part: dict[int, tuple[Part, list[str]]] = {}
        for side, part in self.of_side.items():
            by_part.setdefault(id(part), (part, []))[1].append(self._sql(side))
        grain = [quoted(Name(column)) for column in self.measure.grain_columns]
        return [(part, (*amounts, *grain)) for part, amounts in by_part.values()]

    def value(self, slice_: str, row: Row) -> Value:
        """Both sums; ids of people that are the same only to a reader may be one item or two."""
        for ticket, name in self.people:
            if alike := alike_said(self.context.batch.rows(ticket)[""], [name]):
                return Missing("error", f"{alike}: write them alike in the source")
        if self.measure.grain_columns:
            found = self.context.batch.rows(self.ticket).get(slice_)
            if found is None:
                return Missing("unknown", "no items")
            return self.number(pair(found["numerator"], found["denominator"]))
        return self.number(pair(row[self.totals[0]], row[self.totals[1]]))

    def number(self, sums: Number) -> Number:
        """The value of the two sums."""
        return sums

    def counted(self, slice_: str, row: Row | None) -> Population:
        """What was counted of the measure's own rows; of both sides where neither stands there."""
        own = self.population_of(self.part, row)
        others = [self.population_of(part, self.row_of(part, slice_)) for part in self._others()]
        if not others:
            return own
        counted = [own] if self.part in self.of_side.values() else others
        dates = [population.newest for population in counted]
        currencies = sorted({name for one in (own, *others) for name in one.currencies or () if name})
        return Population(
            rows=sum(population.rows for population in counted),
            nulls=sum(population.nulls for population in (own, *others)),
            newest=min((date for date in dates if date is not None), default=None),
            currencies=(currencies[0], currencies[-1]) if currencies else None,
            no_currency=sum(population.no_currency for population in (own, *others)),
            unconverted=tuple(each for population in (own, *others) for each in population.unconverted),
        )

    def slices(self, rows: Mapping[str, Row]) -> list[str]:
        """Also those that only the other source brings."""
        if self.measure.by in (None, "point"):
            return super().slices(rows)
        found = {name for name, row in rows.items() if self.part.tells(row)}
        for part in self._others():
            key = (part.table.name, part.shared.by)
            found |= {name for name, row in self.context.batch.rows(key).items() if part.tells(row)}
        return sorted(found) or [""]

    def _others(self) -> list[Part]:
        return [part for part in self.of_side.values() if part is not self.part]

    def _sql(self, side: Side) -> str:
        amount = self.sides()[side]
        return amount if isinstance(amount, str) else amount.value

    def _count_nulls(self) -> None:
        """Counts the rows of each population that lack an amount or a part of the grain."""
        for part, needed in self.added():
            lacking = part.table.mask(" OR ".join(f"({sql}) IS NULL" for sql in needed))
            part.nulls.append(part.shared.rows((part.mask & lacking).possible))

    def _rows(self) -> None:
        """Items are rows: both sums join the shared select."""
        table, shared = self.part.table, self.part.shared
        actual, planned = (self._sql(side) for side in self.of_side)
        top, bottom = self.row_sql(actual, planned)
        self.totals = (
            shared.sum(table.amount(top), self.part.mask),
            shared.sum(table.amount(bottom), self.part.mask),
        )

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen | ItemRows] | None:
        """The items that fall short of the whole."""
        if upper:
            return None
        grain = self.measure.grain_columns
        if not grain:
            actual, planned = (self._sql(side) for side in self.of_side)
            short = self.part.table.mask(f"({actual}) {self.short} ({planned})")
            return "short", self.rows_that(slice_, short.names[0])
        items, short_item = self._items(grain), op(self.short, ACTUAL, PLANNED)
        own = slice_value(slice_) if items.sliced else None
        return "short", ItemRows(items, short_item, own, tuple(self._shown(grain)))

    def _shown(self, grain: tuple[str, ...]) -> Iterator[Masked]:
        """What is shown of an item: its grain and both sums, masked where either source is personal there."""
        hidden = frozenset[str]().union(*(_personal_of(part.table) for part in self.of_side.values()))
        for place, name in enumerate(grain):
            if name not in grain[:place]:
                yield Masked(name, f"grain {place}", MASK if name in hidden else None)
        for side, part in self.of_side.items():
            personal = read_by(self._sql(side), part.table.scope) & _personal_of(part.table)
            name = f"{side} amount" if side in grain else side
            yield Masked(name, f"{side} ", MASK if personal else None)

    short: ClassVar[str] = "<"
    """How the actual amount of an item that falls short stands to the planned one."""

    def row_sql(self, actual: str, planned: str) -> tuple[str, str]:
        """Numerator and denominator of one row."""
        return f"LEAST({actual}, {planned})", planned

    def of_item(self) -> tuple[Tree, Tree]:
        """Numerator and denominator of one item."""
        return case([(op("<", ACTUAL, PLANNED), ACTUAL, False)], PLANNED), PLANNED

    def _items(self, grain: tuple[str, ...]) -> Items:
        """Rows added up to items, and what is added up of these."""
        scale = max(part.table.scale(self._sql(side)) for side, part in self.of_side.items())
        if self.of_side["actual"] is self.of_side["planned"]:
            sides = [self._side(self.part, "actual", "planned")]
        else:
            sides = [self._side(part, side) for side, part in self.of_side.items()]
        return Items(tuple(sides), grain, scale, *self.of_item())

    def _side(self, part: Part, *own: Side) -> RowsOfSide:
        amounts = {side: part.table.amount(self._sql(side)) for side in own}
        both = (amounts.get("actual"), amounts.get("planned"))
        return RowsOfSide(part.table, part.shared.by, part.mask.flag, both)


def _personal_of(table: Table) -> frozenset[str]:
    return personal_columns(table.contract, table.scope)


class Accuracy(Attainment):
    """1 - sum |actual - forecast| / sum |actual|, or over sum |forecast| where ``over`` says so."""

    def sides(self) -> dict[Side, str | Elsewhere]:
        """The two amounts."""
        assert self.measure.accuracy is not None
        return {"actual": self.measure.accuracy.actual, "planned": self.measure.accuracy.forecast}

    short = "<>"

    def of_item(self) -> tuple[Tree, Tree]:
        """Numerator and denominator of one item."""
        assert self.measure.accuracy is not None
        over = ACTUAL if self.measure.accuracy.over == "actual" else PLANNED
        return op("abs", op("-", ACTUAL, PLANNED)), op("abs", over)

    def row_sql(self, actual: str, planned: str) -> tuple[str, str]:
        """Numerator and denominator of one row."""
        assert self.measure.accuracy is not None
        over = actual if self.measure.accuracy.over == "actual" else planned
        return f"ABS(({actual}) - ({planned}))", f"ABS({over})"

    def number(self, sums: Number) -> Number:
        """What the error leaves of the whole."""
        return Number(sums.denominator - sums.numerator, sums.denominator, sums.scale)
