"""What all kinds of measures share: population, slices, newest date, currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from phasegate.facts.contracts.personal import told_by
from phasegate.facts.engines.plans import ItemRows, MeasureError, NewestRows, Row, all_of
from phasegate.facts.expressions.expression import number
from phasegate.facts.expressions.tree import Name, op
from phasegate.facts.measures.batch import Batch, Table
from phasegate.facts.measures.dependencies import sources_behind
from phasegate.facts.measures.kinds.validate import faults_of
from phasegate.facts.measures.mask import Mask
from phasegate.facts.measures.part import Part
from phasegate.facts.measures.row_selection import Chosen, What, chosen
from phasegate.facts.measures.slices import NO_VALUE
from phasegate.facts.measures.to_fact import SURE, Doubt, Frame, Missing, Population, Undecided, Value
from phasegate.facts.measures.undetermined import Doubts, undetermined
from phasegate.facts.model.fact import NO_ROWS, Fact, SourceState
from phasegate.rules.model.measure import Measure
from phasegate.rules.values.units import is_currency

if TYPE_CHECKING:
    from phasegate.facts.measures.expected import Expected

__all__ = ["MAX_SLICES", "Context", "Kind", "MeasureError"]
MAX_SLICES = 200
_CODE = 3
"""The letters of a currency's code."""


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
    has_ends: ClassVar[bool] = False
    """Whether it makes a value of undetermined rows too; without, there is none where there are such."""
    doubts: Doubts | None = None
    """What a second pass finds of undetermined rows; None where there are none."""
    expected: Expected | None = None
    """The slices that there must be; None where nobody says which."""

    def __init__(self, context: Context, id_: str, measure: Measure) -> None:
        self.context = context
        self.id = id_
        self.measure = measure
        self._tells_nobody()
        self._hold_expressions()
        self.part = self.part_of(self.source, *self.conditions())
        self.prepare()
        for part in self.parts:
            part.register(by_point=measure.by == "point")
        if measure.expects is not None:
            from phasegate.facts.measures.expected import Expected

            self.expected = Expected(measure, measure.expects, context.batch)

    def _tells_nobody(self) -> None:
        """Lint has seen to it, but for columns that only the file tells."""
        table = self.context.tables.get(self.source)
        if table is not None:
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

    @property
    def parts(self) -> list[Part]:
        """The populations, each once."""
        return [part for part, _ in self.added()]

    def prepare(self) -> None:
        """Registers what is to be computed."""
        raise NotImplementedError

    def look_again(self, batch: Batch) -> None:
        """Registers what is asked only where rows are undetermined, for a pass of its own.

        Args:
            batch: the frames of that pass.
        """
        found = False
        for part in self.parts:
            rows = self.context.batch.rows((part.table.name, part.shared.by))
            unplaced = rows.get(NO_VALUE) if self.measure.by == "point" else None
            found = found or any(part.doubtful(row, unplaced) for row in rows.values())
        if found:
            self.doubts = Doubts(self, batch)
            self.reopen(batch)

    def reopen(self, batch: Batch) -> None:
        """Registers what a kind itself asks then."""

    def value(self, slice_: str, row: Row) -> Value:
        """The value of one slice.

        Args:
            slice_: the slice.
            row: the slice's row of the shared select; the population is not empty.
        """
        raise NotImplementedError

    def behind(self, slice_: str, upper: bool) -> tuple[What, Chosen | NewestRows | ItemRows] | None:
        """The rows that keep a value from being better, and what they are.

        Args:
            slice_: the slice.
            upper: whether the value is held below a bound, so that rows that count are too many.

        Returns:
            None where no single rows are at fault.
        """
        return None

    def rows_that(self, slice_: str, condition: str | None = None, *, hold: bool = True) -> Chosen:
        """The rows of a slice's population for which a condition holds, or does not.

        Args:
            slice_: the slice.
            condition: the column with the condition; None for all rows of the population.
            hold: whether it shall hold.
        """
        part, flag = self.part, self.part.mask.flag
        if condition is not None:
            flag = all_of(flag, Name(condition) if hold else op("not", Name(condition)))
        return chosen(part.table, flag, part.shared.by, slice_)

    def undetermined_rows(self, slice_: str) -> list[Chosen]:
        """The rows of which nobody knows whether they count, of each source that may have such."""
        by_point = self.measure.by == "point"
        asked = [part for part in self.parts if by_point or any(mask.nullable for mask in part.decides)]
        return [undetermined(part, slice_, by_point=by_point) for part in asked]

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
        part = Part(shared, mask, shared.rows(mask), possible=shared.rows(mask.possible), decides=(mask,))
        contract = table.contract
        if contract.dated_by is not None:
            part.newest = shared.max(contract.dated_by, mask)
        read = [sql for sql in conditions if sql is not None]
        part.lacks = tuple(read)
        amounts = self.operands() if operands is None else operands
        if table.exchange is not None:
            from phasegate.facts.measures.unconverted import converted_to, marks_of

            part.marks = marks_of(shared, read, amounts, self.measure.grain_columns)
            part.to = converted_to(table, amounts)
        if contract.currency is not None and part.to is None and self.currency_matters(table, amounts):
            part.to, name = contract.fixed_currency, contract.currency_column
            if name is not None:
                may = mask.possible
                part.currency = (shared.min(name, may), shared.max(name, may), shared.nulls(name, may))
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
        if self.expected is not None:
            slices = self.expected.beside(slices)
        if len(slices) > MAX_SLICES and self.measure.by != "point":  # the data bring them, not the pack
            yield frame.missing(
                "error", f"{len(slices):,} slices by {self.measure.by}, more than {MAX_SLICES}"
            )
            return
        for slice_ in slices:
            refused = self.expected.refused(slice_, frame) if self.expected is not None else ()
            yield from refused or self.settle(frame, slice_, rows.get(slice_))

    def settle(self, frame: Frame, slice_: str, row: Row | None) -> Iterator[Fact]:
        """The fact, or the facts, of one slice."""
        population = self.population(slice_, row)
        value: Value = _NOTHING
        if population.rows:
            decided = self.has_ends or not population.doubt.rows
            value = self.value(slice_, row or {}) if decided else Undecided()
        yield frame.settle(slice_, population, value)

    def population(self, slice_: str, row: Row | None) -> Population:
        """What was counted of one slice, with what may belong to it."""
        return replace(self.counted(slice_, row), doubt=self.doubt(slice_))

    def counted(self, slice_: str, row: Row | None) -> Population:
        """What was counted of the rows of one slice."""
        return self.population_of(self.part, row)

    def population_of(self, part: Part, row: Row | None) -> Population:
        """What was counted of one side, with the flaws of rows that name no slice."""
        found, unplaced = part.population(row), self.unplaced(part)
        if unplaced is None or not self.nulls_fail:
            return found
        return found.beside(part.population(unplaced))

    def row_of(self, part: Part, slice_: str) -> Row | None:
        """A slice's row of the shared select of one side."""
        return self.context.batch.rows((part.table.name, part.shared.by)).get(slice_)

    def unplaced(self, part: Part) -> Row | None:
        """The row of what names no point, which may belong to each; None for other slices."""
        return self.row_of(part, NO_VALUE) if self.measure.by == "point" else None

    def doubt(self, slice_: str) -> Doubt:
        """The rows of one slice of which nobody knows whether they count."""
        return self.doubts.of(slice_) if self.doubts is not None else SURE

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


_NOTHING = Missing("unknown", NO_ROWS)
