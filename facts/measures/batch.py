"""What measures are computed from, shared wherever it can be.

A source's distinct conditions and amounts become columns once. All counts, sums and maxima over
one source and one slicing share one select; what needs rows side by side (distinct values,
quantiles, items, the newest row) gets a plan of its own. Nothing is computed here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from phasegate.facts.engines import polars
from phasegate.facts.engines.plans import (
    READ,
    SLICE,
    Aggregate,
    Engine,
    EngineError,
    MeasureError,
    Plan,
    Row,
    Select,
    There,
    is_null,
    tables_of,
)
from phasegate.facts.expressions.expression import Expression, Name, Scope, condition, number, parse
from phasegate.facts.expressions.tree import Text, Tree, case, op
from phasegate.facts.measures.mask import Mask, unknown_in
from phasegate.facts.measures.slices import slice_name
from phasegate.rules.model.contract import Contract
from phasegate.rules.values.units import Quantity

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.model.exchange import Exchange

Values = Mapping[str, dt.date | Quantity | Fraction | int | None]


@dataclass
class Table:
    """One source, with the columns that expressions add to it.

    Attributes:
        name: the source's name.
        contract: its contract.
        scope: what expressions over it may name.
        frame: its rows in force; None where an engine computes over them where they are.
        values: the values of parameters.
        held: whether the rows are in memory already.
        exchange: how its amounts were converted, where they were.
        there: it where it is; None where its rows were read.
        added: the added columns: of each how the engine computes it, and the expression that it is.
    """

    name: str
    contract: Contract
    scope: Scope
    frame: pl.LazyFrame | None
    values: Values
    held: bool = False
    exchange: Exchange | None = None
    there: There | None = None
    added: dict[str, tuple[Any, Expression | None]] = field(default_factory=dict)
    _known: dict[str, tuple[str, Expression]] = field(default_factory=dict)

    @property
    def engine(self) -> Engine | None:
        """What computes over its rows; None for polars."""
        return self.there.engine if self.there is not None else None

    def mask(self, *conditions: str | None) -> Mask:
        """The rows that meet all of these conditions; None stands for none.

        Raises:
            ExpressionError, UnboundParameterError: see `expression`.
        """
        found = Mask()
        for sql in conditions:
            if sql is not None:
                read = condition(sql, self.scope)
                found = found & Mask((self._add(read),), read.nullable)
        return found

    def amount(self, sql: str) -> str:
        """The name of a column with an amount, a decimal."""
        return self._add(number(sql, self.scope))

    def per(self, sql: str) -> int:
        """By what an amount is divided to be in its unit, see `Expression.per`."""
        return number(sql, self.scope).per

    def value(self, sql: str) -> tuple[str, Expression]:
        """The name of a column with a value of any type, and what it is."""
        expression = parse(sql, self.scope)
        return self._add(expression), expression

    def scale(self, *amounts: str) -> int:
        """The digits after the point that the widest of some amounts has."""
        return max(number(sql, self.scope).scale for sql in amounts)

    def add(self, name: str, column: Tree) -> str:
        """Names a further column, computed from those of the source; the same name is the same column."""
        name = self._free(name)
        if name not in self.added:
            self.added[name] = ((self.there or polars).added(column), None)
        return name

    def slice_column(self, by: str) -> str:
        """The name of the column with the slices of a measure ``by`` a column, as text."""
        column, type_ = Name(by), self.scope.columns[by].type
        if type_ != "string":
            words = {"date": "text of day", "boolean": "text of truth"}.get(type_, "text of number")
            return self.add(f"slice by {by}", op(words, column))
        return self.add(f"slice by {by}", case([(op("<>", column, Text("")), column, False)], None))

    def converted(self, *expressions: str, columns: Iterable[str] = ()) -> frozenset[str]:
        """The converted amounts that some expressions and columns rest on."""
        if self.exchange is None:
            return frozenset()
        read = [parse(sql, self.scope) for sql in expressions]
        named = {name for each in read for name in (*each.columns, *(column for column, _ in each.tags))}
        return self.exchange.behind({*named, *columns})

    def _free(self, name: str) -> str:
        """A name that no column of the source has, whatever a file calls its columns."""
        while name in self.scope.columns:
            name += " "
        return name

    def _add(self, expression: Expression) -> str:
        match expression.meaning:
            case Name(text=name) if name in self.scope.columns and expression.type != "integer":
                return name
        key = expression.bind(self.values)
        known = self._known.get(key)
        if known is None:
            name = self._free(f"{expression.type} {len(self._known)}")
            self.added[name] = ((self.there or polars).column(expression, self.values), expression)
            known = self._known[key] = (name, expression)
        return known[0]


@dataclass
class Shared:
    """The counts, sums and maxima over one source and one slicing, in one select.

    Attributes:
        table: the source.
        by: the name of its slice column, None for the whole.
    """

    table: Table
    by: str | None
    _wanted: dict[str, Aggregate] = field(default_factory=dict)
    _kept: dict[str, Tree] = field(default_factory=dict)

    @property
    def plan(self) -> Select:
        """All that is asked."""
        return Select(self.table, self.by, self._wanted, tuple(self._kept.values()))

    def rows(self, mask: Mask) -> str:
        """How many rows a mask has; like all of these, the alias under which the result stands."""
        return self.want(f"rows|{mask}", Aggregate("rows", "", mask.flag))

    def sum(self, amount: str, mask: Mask) -> str:
        """The sum of an amount."""
        return self.want(f"sum|{amount}|{mask}", Aggregate("sum", amount, mask.flag))

    def nulls(self, column: str, mask: Mask) -> str:
        """How many rows have no value."""
        return self.want(f"nulls|{column}|{mask}", Aggregate("nulls", column, mask.flag))

    def min(self, column: str, mask: Mask) -> str:
        """The smallest value."""
        return self.want(f"min|{column}|{mask}", Aggregate("min", column, mask.flag))

    def max(self, column: str, mask: Mask) -> str:
        """The greatest value."""
        return self.want(f"max|{column}|{mask}", Aggregate("max", column, mask.flag))

    def undetermined(self, masks: Sequence[Mask]) -> str | None:
        """In how many rows nobody knows whether they are in one of some masks; None where that is known."""
        asked = [mask for mask in masks if mask.nullable]
        if not asked:
            return None
        alias = f"undetermined|{' '.join(map(str, asked))}"
        return self.want(alias, Aggregate("rows", "", unknown_in(asked)))

    def among(self, masks: Sequence[Mask], *, unplaced: bool) -> None:
        """Leaves out all rows but undetermined ones; asked more than once, those of each are kept.

        Args:
            masks: a row is kept of which nobody knows whether it is in one of these.
            unplaced: whether rows without a slice are kept too.
        """
        self._kept.update({f"{mask}": mask.unknown for mask in masks if mask.nullable})
        if unplaced and self.by is not None:
            self._kept["unplaced"] = is_null(self.by)

    def want(self, alias: str, found: Aggregate) -> str:
        """A result of any form.

        Args:
            alias: the name under which it shall stand; what it says is the same wherever that is.
            found: what it is.
        """
        if self.table.there is not None and alias not in self._wanted:
            self.table.there.hold(Select(self.table, self.by, {alias: found}))
        self._wanted.setdefault(alias, found)
        return alias


Key = int | tuple[str, str | None]
"""A ticket, or which shared select."""


@dataclass
class Batch:
    """All plans of one pass, and afterwards their rows by slice."""

    tables: Mapping[str, Table]
    by_point: dict[tuple[str, str | None], str] = field(default_factory=dict)
    """For each shared select by point, under which alias it counts all rows of a slice."""
    _shared: dict[tuple[str, str | None], Shared] = field(default_factory=dict)
    _own: list[Plan] = field(default_factory=list)
    _results: dict[Key, dict[str, Row]] = field(default_factory=dict)
    _counts: dict[Key, int] = field(default_factory=dict)

    def shared(self, source: str, by: str | None) -> Shared:
        """The shared select of a source and a slice column."""
        return self._shared.setdefault((source, by), Shared(self.tables[source], by))

    def own(self, plan: Plan) -> int:
        """A plan that is not shared; the ticket under which its rows will stand.

        Raises:
            MeasureError: if the rows that it reads are not in one place, or are where it is not computed.
        """
        first, *others = tables_of(plan)
        for other in others:
            if other.engine is not first.engine:
                there, here = sorted((first, other), key=lambda table: table.engine is None)
                what = f"{there.name} is computed where it is, and {here.name} is not there"
                raise MeasureError(f"{what}: {READ}")
        for table in (first, *others):
            if table.there is not None:
                table.there.hold(plan)
        self._own.append(plan)
        return len(self._own) - 1

    def frames(self) -> list[pl.LazyFrame]:
        """What polars computes, in the order in which `take` wants the results."""
        return [polars.frame(plan) for _, plan in self._of(None)]

    def small(self) -> list[bool]:
        """For each of the frames, whether the engine for data in memory may compute it."""
        return [polars.is_small(plan) for _, plan in self._of(None)]

    def take(self, results: Iterable[pl.DataFrame]) -> None:
        """Keeps the results of `frames`, and has the other engines answer what they are asked.

        Raises:
            EngineError: if one does not.
        """
        own = [key for key, _ in self._of(None)]
        found: dict[Key, Sequence[Row]] = {
            key: result.rows(named=True) for key, result in zip(own, results, strict=True)
        }
        for engine in self._engines():
            asked = list(self._of(engine))
            answers = engine.run([plan for _, plan in asked])
            if len(answers) != len(asked):
                raise EngineError(f"{len(asked)} answers were asked for, and {len(answers)} given")
            found |= {key: rows for (key, _), rows in zip(asked, answers, strict=True)}
        self._results = {key: _by_slice(rows) for key, rows in found.items()}
        self._counts = {key: len(rows) for key, rows in found.items()}

    def count(self, key: Key) -> int:
        """How many rows a ticket has, those of one slice counted each."""
        return self._counts[key]

    def rows(self, key: Key) -> dict[str, Row]:
        """The rows of a ticket or of a shared select, by slice (empty text for the whole)."""
        return self._results[key]

    def _plans(self) -> Iterator[tuple[Key, Plan]]:
        yield from ((key, shared.plan) for key, shared in self._shared.items())
        yield from enumerate(self._own)

    def _of(self, engine: Engine | None) -> Iterator[tuple[Key, Plan]]:
        return ((key, plan) for key, plan in self._plans() if tables_of(plan)[0].engine is engine)

    def _engines(self) -> list[Engine]:
        engines = {id(engine): engine for _, plan in self._plans() if (engine := tables_of(plan)[0].engine)}
        return list(engines.values())


def _by_slice(rows: Sequence[Row]) -> dict[str, Row]:
    if not rows or SLICE not in rows[0]:
        return {"": rows[0]} if rows else {}
    return {slice_name(row[SLICE]): row for row in rows}


def exact(value: Decimal | int) -> tuple[int, int]:
    """A number as digits and how many of them stand after the point, without closing zeros."""
    if isinstance(value, int):
        return value, 0
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "decimals of a frame are finite"
    whole = int("".join(map(str, digits)))
    while exponent < 0 and whole % 10 == 0:
        whole //= 10
        exponent += 1
    if exponent > 0:
        whole, exponent = whole * 10**exponent, 0
    return (-whole if sign else whole), -exponent
