"""The kind ``sql``: a whole query where no other kind fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from phasegate.facts.engines.plans import READ, SLICE, Row
from phasegate.facts.engines.plans import Query as QueryPlan
from phasegate.facts.measures.base import MAX_SLICES, Context, Kind, MeasureError
from phasegate.facts.measures.batch import Batch, Table
from phasegate.facts.measures.dependencies import sources_of
from phasegate.facts.measures.kinds.amounts import pair
from phasegate.facts.measures.row_selection import Chosen
from phasegate.facts.measures.slices import NO_VALUE
from phasegate.facts.measures.to_fact import Missing, Population, Unconverted, Value
from phasegate.facts.model.fact import Fact, SourceState
from phasegate.rules.model.measure import Measure

if TYPE_CHECKING:
    from phasegate.facts.measures.unconverted import Marks


class Query(Kind):
    """One row, or one row for each slice, that the author's query returns."""

    nulls_fail = True

    def __init__(self, context: Context, id_: str, measure: Measure) -> None:
        self.context, self.id, self.measure = context, id_, measure
        self.prepare()  # its population is its query's own

    def prepare(self) -> None:
        """Runs the query over the declared sources, lazily."""
        from phasegate.facts.expressions.queries.query import read_query
        from phasegate.facts.measures.query_checks import by_slice, registered
        from phasegate.facts.measures.query_frames import frame_of, run

        assert self.measure.sql is not None
        tables = {name: self.context.tables[name] for name in sources_of(self.measure)}
        if there := [name for name, table in tables.items() if table.engine is not None]:
            what = f"a query is computed from rows that were read, and {there[0]} is computed where it is"
            raise MeasureError(f"{what}: {READ}")
        scopes = {name: table.scope for name, table in tables.items()}
        query = read_query(self.measure.sql, scopes, self.measure.unit)
        values = next(iter(tables.values())).values
        text = query.bind(values)
        frames = {
            name: frame_of(
                _read(tables[name]),
                tables[name].scope,
                query.columns,
                query.tags,
                tables[name].contract.no_value,
            )
            for name in query.tables
        }
        sliced = self.measure.by is not None
        result = run(query.sql, text, frames, sliced)
        result = by_slice(result) if sliced else result
        most = MAX_SLICES * 5
        if self.measure.by == "point":  # rows of points that the pack does not have answer nothing
            result = result.filter(pl.col(SLICE).is_in(self.context.points))
            most = max(most, len(self.context.points) * 2)
        self.checks = registered(query, self.context.batch, tables, frames, values, sliced=sliced)
        asked = QueryPlan(result.head(most), tuple(tables.values()), adds_up=query.adds_up)
        self.ticket = self.context.batch.own(asked)
        read = [tables[name] for name in query.tables]
        marked = [(table.name, self._marks(table, query.columns)) for table in read if table.exchange]
        self.marks = [(name, marks) for name, marks in marked if marks is not None]
        told = [table for table in read if table.contract.currency and _reads_amounts(table, query.columns)]
        self.fixed = [table.contract.fixed_currency for table in told if table.contract.fixed_currency]
        self.currencies = [self._currencies(table) for table in told if table.contract.currency_column]

    def _marks(self, table: Table, columns: tuple[str, ...]) -> Marks | None:
        """Registers what of a source could not be converted, over all its rows for the same reason."""
        from phasegate.facts.measures.unconverted import marks_of

        return marks_of(self.context.batch.shared(table.name, None), (), (), columns)

    def _currencies(self, table: Table) -> tuple[str, str, str, str]:
        """Registers first and last currency of a source, over all its rows.

        Which rows the query adds up only the query knows, so that one row in another currency is
        enough to doubt it.
        """
        name = table.contract.currency_column
        assert name is not None
        shared, every = self.context.batch.shared(table.name, None), table.mask()
        return table.name, shared.min(name, every), shared.max(name, every), shared.nulls(name, every)

    def facts(self, states: Mapping[str, SourceState]) -> Iterator[Fact]:
        """One fact for each slice."""
        frame = self.frame(states)
        slices = self.context.points if self.measure.by == "point" else ("",)
        fault = self.checks.fault()
        # An amount that was not converted is missing for that reason, which its facts tell.
        flawed = any(each.flaw for each in self._unconverted())
        if fault and not flawed:
            for slice_ in slices:
                yield frame.missing("error", fault, slice_)
            return
        if self.context.batch.count(self.ticket) > len(self.rows()):
            what = "more than one row" if self.measure.by is None else "a slice more than once"
            for slice_ in slices:
                yield frame.missing("error", f"the query returned {what}", slice_)
            return
        rows, beside = self.rows(), self._beside()
        for fact in super().facts(states):
            nulls = rows.get(fact.slice, {}).get("nulls") or 0
            told = fault or self.checks.fault_of(fact.slice, nulls, beside)
            kept = not told or (flawed and fact.status == "error")
            yield fact if kept else frame.missing("error", told, fact.slice)

    def _beside(self) -> frozenset[str]:
        """The slices whose rows may be of any: what names no point, and what the query did not return."""
        if self.measure.by == "point":
            return frozenset({NO_VALUE})
        return self.checks.slices - self.rows().keys() if self.measure.by is not None else frozenset()

    def _unconverted(self) -> tuple[Unconverted, ...]:
        """The rows of each source whose amounts could not be converted."""
        whole = self.context.batch.rows
        return tuple(marks.unconverted(whole((name, None))[""]) for name, marks in self.marks)

    def rows(self) -> dict[str, Row]:
        """What the query returned."""
        return self.context.batch.rows(self.ticket)

    def slices(self, rows: Mapping[str, Row]) -> list[str]:
        """The slices that the query returned, or the pack's points."""
        if self.measure.by == "point":
            return list(self.context.points)
        return sorted(rows) or [""]

    def operands(self) -> tuple[str, ...]:
        """None that an expression holds."""
        return ()

    def look_again(self, batch: Batch) -> None:
        """What is missing the query itself has to say."""

    def undetermined_rows(self, slice_: str) -> list[Chosen]:
        """None: which rows it counts only the query knows."""
        return []

    def population(self, slice_: str, row: Row | None) -> Population:
        """What the query says of it."""
        unconverted = self._unconverted()
        if row is None:
            return Population(0, unconverted=unconverted)
        newest = row.get("newest")
        found = [(self.context.batch.rows((name, None))[""], aliases) for name, *aliases in self.currencies]
        names = [one[alias] for one, aliases in found for alias in aliases[:2] if one[alias] is not None]
        names = sorted((*names, *self.fixed, *(marks.to for _, marks in self.marks)))
        return Population(
            rows=int(row["rows"] or 0),
            nulls=ceil(row.get("nulls") or 0),
            newest=newest.date() if isinstance(newest, dt.datetime) else newest,
            currencies=(names[0], names[-1]) if names else None,
            no_currency=sum(one[aliases[2]] for one, aliases in found),
            unconverted=unconverted,
        )

    def value(self, slice_: str, row: Row) -> Value:
        """Its two numbers."""
        if row["numerator"] is None:
            return Missing("error", "the query returned rows, and no numerator")
        if "denominator" not in row:
            return pair(row["numerator"], 1)
        if row["denominator"] is None:
            return Missing("error", "the query returned rows, and no denominator")
        return pair(row["numerator"], row["denominator"])


def _read(table: Table) -> pl.LazyFrame:
    assert table.frame is not None
    return table.frame


def _reads_amounts(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether a query reads decimals of a source: what a source's currency is about.

    Not so where they were converted, or the contract says that others are the amounts.
    """
    if table.exchange is not None and (table.converted(columns=columns) or table.exchange.stated):
        return False
    kinds = (table.scope.columns[name].type for name in columns if name in table.scope.columns)
    return "decimal" in kinds
