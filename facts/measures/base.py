"""What all kinds of measures share: population, slices, newest date, currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from phasegate.facts.contracts.personal import told_by
from phasegate.facts.expressions.expression import number
from phasegate.facts.measures.batch import Batch, Mask, Row, Shared, Table
from phasegate.facts.measures.dependencies import sources_behind
from phasegate.facts.measures.kinds.validate import faults_of
from phasegate.facts.measures.row_selection import Chosen, What
from phasegate.facts.measures.to_fact import Frame, Missing, Population, Value
from phasegate.facts.model.fact import Fact, SourceState
from phasegate.rules.model.measure import Measure
from phasegate.rules.values.units import is_currency

if TYPE_CHECKING:
    from phasegate.facts.measures.unconverted import Marks

MAX_SLICES = 200
_CODE = 3
"""The letters of a currency's code."""


class MeasureError(ValueError):
    """A measure that can not be computed, whatever the data; its message says why."""


@dataclass
class Context:
    """What measures are compiled against.

    Attributes:
        as_of: the date of the run.
        points: the ids of the pack's points, in its order.
        batch: the frames of the pass.
    """

    as_of: dt.date
    points: tuple[str, ...]
    batch: Batch

    @property
    def tables(self) -> Mapping[str, Table]:
        """The sources that can be read."""
        return self.batch.tables


@dataclass
class Part:
    """A population: the rows of one source that one side of a measure is computed from.

    Attributes:
        shared: the shared select over the source and its slicing.
        mask: the rows.
        rows, newest, currency, nulls: the aliases of what is counted of them.
        read: the expressions that are read of them.
        marks: the same of the rows whose amounts were not converted, where such are read.
        to: the one currency of its amounts: to which they were converted, or in which all of them are.
    """

    shared: Shared
    mask: Mask
    rows: str = ""
    newest: str | None = None
    currency: tuple[str, str, str] | None = None
    nulls: list[str] = field(default_factory=list)
    read: tuple[str, ...] = ()
    marks: Marks | None = None
    to: str | None = None

    @property
    def table(self) -> Table:
        """The source."""
        return self.shared.table

    def population(self, row: Row | None) -> Population:
        """What was counted, of one row of the shared select."""
        if row is None:
            return Population(0)
        newest = row[self.newest] if self.newest else None
        currencies = (self.to, self.to) if self.to else None
        return Population(
            rows=row[self.rows],
            nulls=sum(row[alias] for alias in self.nulls),
            newest=newest.date() if isinstance(newest, dt.datetime) else newest,
            currencies=(row[self.currency[0]], row[self.currency[1]]) if self.currency else currencies,
            no_currency=row[self.currency[2]] if self.currency else 0,
            unconverted=(self.marks.unconverted(row),) if self.marks else (),
        )

    def tells(self, row: Row) -> bool:
        """Whether a slice has rows, or could have if their amounts were converted."""
        return bool(row[self.rows]) or (
            self.marks is not None and self.marks.unconverted(row).flaw is not None
        )


class Kind:
    """One measure of one kind, compiled.

    A kind registers in `prepare` what is to be computed, and makes a value of it in `value`.
    """

    nulls_fail: ClassVar[bool] = False
    nulls_count: ClassVar[bool] = True
    money: ClassVar[bool] = False
    """Whether amounts are added up, so that their currency matters."""
    amounts: ClassVar[bool] = False
    """Whether its operands are amounts, unless its unit says that they count something else."""

    def __init__(self, context: Context, id_: str, measure: Measure) -> None:
        self.context = context
        self.id = id_
        self.measure = measure
        self._tells_nobody()
        self._hold_expressions()
        self.part = self.part_of(self.source, *self.conditions())
        self.prepare()

    def _tells_nobody(self) -> None:
        """Lint has seen to it, but for columns that only the file tells."""
        for name in self.sources:
            table = self.context.tables.get(name)
            if table is not None and (name == self.measure.source or self.measure.sql is not None):
                for _, message, _ in told_by(self.measure, table.contract, table.scope):
                    raise MeasureError(message)

    def _hold_expressions(self) -> None:
        """Likewise: each is whole by itself, and what decides depends on the rows."""
        scopes = {name: table.scope for name, table in self.context.tables.items()}
        for fault in faults_of(self.id, self.measure, scopes):
            raise MeasureError(fault.message + (f" ({fault.hint})" if fault.hint else ""))

    @property
    def source(self) -> str:
        """The source of the measure's own rows."""
        assert self.measure.source is not None
        return self.measure.source

    @property
    def sources(self) -> tuple[str, ...]:
        """All sources that the measure rests on."""
        contracts = {name: table.contract for name, table in self.context.tables.items()}
        return sources_behind(self.measure, contracts)

    def conditions(self) -> tuple[str | None, ...]:
        """The conditions that make its population."""
        return (self.measure.where,)

    def operands(self) -> tuple[str, ...]:
        """The expressions that it adds up or compares, beside its conditions."""
        raise NotImplementedError

    def added(self) -> list[tuple[Part, tuple[str, ...]]]:
        """The populations, and of each the expressions that must have a value in every row."""
        return [(self.part, self.operands())]

    def prepare(self) -> None:
        """Registers what is to be computed."""
        raise NotImplementedError

    def value(self, slice_: str, row: Row) -> Value:
        """The value of one slice.

        Args:
            slice_: the slice.
            row: the slice's row of the shared select; the population is not empty.
        """
        raise NotImplementedError

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen | pl.LazyFrame] | None:
        """The rows that keep a value from being better, and what they are.

        Args:
            slice_: the slice.
            upper: whether the value is held below a bound, so that rows that count are too many.

        Returns:
            None where no single rows are at fault. What is personal is masked in a frame.
        """
        return None

    def rows_that(self, slice_: str, condition: str | None = None, *, hold: bool = True) -> Chosen:
        """The rows of a slice's population for which a condition holds; or else does not, or is not known.

        Args:
            slice_: the slice.
            condition: the column with the condition; None for all rows of the population.
            hold: whether it shall hold.
        """
        return Chosen(self.part.table, self.part.mask, self.part.shared.by, slice_, condition, hold)

    def part_of(self, source: str, *conditions: str | None, operands: tuple[str, ...] | None = None) -> Part:
        """A population, with all that is counted of every population.

        Raises:
            ExpressionError, UnboundParameterError: see `facts.expressions.expression`.
            MeasureError: if the source can not be sliced so.
        """
        table = self.context.tables[source]
        shared = self.context.batch.shared(source, self.slice_column(table))
        if self.measure.by == "point":
            self.context.batch.by_point[source, shared.by] = shared.rows(Mask())
        mask = table.mask(*conditions)
        part = Part(shared, mask, rows=shared.rows(mask))
        contract = table.contract
        if contract.dated_by is not None:
            part.newest = shared.max(contract.dated_by, mask)
        read = [sql for sql in conditions if sql is not None]
        amounts = self.operands() if operands is None else operands
        if table.exchange is not None:
            from phasegate.facts.measures.unconverted import converted_to, marks_of

            part.marks = marks_of(shared, read, amounts, self.measure.grain_columns)
            part.to = converted_to(table, amounts)
        if contract.currency is not None and part.to is None and self.currency_matters(table, amounts):
            part.to, name = contract.fixed_currency, contract.currency_column
            if name is not None:
                part.currency = (shared.min(name, mask), shared.max(name, mask), shared.nulls(name, mask))
        part.read = (*read, *amounts)
        return part

    def currency_matters(self, table: Table, operands: tuple[str, ...]) -> bool:
        """Whether two currencies in a population are an error, where its amounts were not converted."""
        unit = self.measure.unit
        if is_currency(unit):
            return True
        if table.exchange is not None and table.exchange.stated:
            return False  # the contract says which columns are amounts, and these are none
        if self.money:
            return True
        odd = unit is not None and len(unit) == _CODE and unit.isupper()  # it may be a currency after all
        if not self.amounts or (unit is not None and not odd):
            return False
        return any(number(sql, table.scope).type == "decimal" for sql in operands)

    def slice_column(self, table: Table) -> str | None:
        """The slice column in a source, None for the whole.

        Raises:
            MeasureError: if the source has no such column.
        """
        by = self.measure.by
        if by is None:
            return None
        name = table.contract.point if by == "point" else by
        if name is None:
            raise MeasureError(f"the source {table.name} names no point column, so nothing can be by point")
        if name not in table.scope.columns:
            raise MeasureError(f"the source {table.name} has no column {name} to slice by")
        if table.scope.columns[name].type in ("decimal", "datetime"):
            raise MeasureError(f"{name} is a {table.scope.columns[name].type}, which makes no slices")
        if table.converted(columns=[name]):
            raise MeasureError(f"{name} depends on amounts that are converted, which makes no slices")
        return table.slice_column(name)

    def facts(self, states: Mapping[str, SourceState]) -> Iterator[Fact]:
        """One fact for each slice, from the results of the pass."""
        frame = self.frame(states)
        rows = self.rows()
        slices = self.slices(rows)
        if len(slices) > MAX_SLICES and self.measure.by != "point":  # the data bring them, not the pack
            yield frame.missing(
                "error", f"{len(slices):,} slices by {self.measure.by}, more than {MAX_SLICES}"
            )
            return
        for slice_ in slices:
            yield from self.settle(frame, slice_, rows.get(slice_))

    def settle(self, frame: Frame, slice_: str, row: Row | None) -> Iterator[Fact]:
        """The fact, or the facts, of one slice."""
        population = self.population(slice_, row)
        value = self.value(slice_, row or {}) if population.rows else _NOTHING
        yield frame.settle(slice_, population, value)

    def population(self, slice_: str, row: Row | None) -> Population:
        """What was counted of one slice."""
        return self.part.population(row)

    def frame(self, states: Mapping[str, SourceState]) -> Frame:
        """What all of its facts share."""
        complete = all(states[name].complete is True for name in self.sources)
        return Frame(
            self.id,
            self.measure,
            self.context.as_of,
            self.sources,
            complete,
            self.nulls_fail,
            self.nulls_count,
        )

    def rows(self) -> dict[str, Row]:
        """The rows of the shared select by slice."""
        return self.context.batch.rows((self.source, self.part.shared.by))

    def slices(self, rows: Mapping[str, Row]) -> list[str]:
        """The slices: the pack's points, what the data bring, or the whole."""
        if self.measure.by == "point":
            return list(self.context.points)
        if self.measure.by is None:
            return [""]
        return sorted(name for name, row in rows.items() if self.part.tells(row)) or [""]


_NOTHING = Missing("unknown", "no rows")
