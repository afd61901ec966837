"""The frames that measures are computed from, shared wherever they can be.

A source's distinct conditions and amounts become columns once. All counts, sums and maxima over
one source and one slicing share one select; what needs rows side by side (distinct values,
quantiles, items, the newest row) gets a frame of its own. Nothing is collected here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from phasegate.facts.expressions.expression import Expression, Name, Scope, condition, number, parse
from phasegate.facts.expressions.people import with_people
from phasegate.facts.expressions.tags import with_tags
from phasegate.facts.expressions.tree import NULL
from phasegate.facts.measures.mask import Mask, unknown_in
from phasegate.facts.measures.slices import slice_name
from phasegate.rules.model.contract import Contract
from phasegate.rules.values.units import Quantity

if TYPE_CHECKING:
    from phasegate.facts.model.exchange import Exchange

SLICE = "slice "
"""The column that names the slice; the space keeps it apart from every column of a contract."""
Values = Mapping[str, dt.date | Quantity | Fraction | int | None]


@dataclass
class Table:
    """One source, with the columns that expressions add to it.

    Attributes:
        name: the source's name.
        contract: its contract.
        scope: what expressions over it may name.
        frame: its rows in force.
        values: the values of parameters.
        held: whether the rows are in memory already.
        exchange: how its amounts were converted, where they were.
    """

    name: str
    contract: Contract
    scope: Scope
    frame: pl.LazyFrame
    values: Values
    held: bool = False
    exchange: Exchange | None = None
    _added: dict[str, tuple[str, Expression]] = field(default_factory=dict)
    _columns: dict[str, tuple[pl.Expr, Expression]] = field(default_factory=dict)

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

    def add(self, name: str, column: pl.Expr) -> str:
        """Names a further column that `frame_of` provides; the same name is the same column."""
        name = self._free(name)
        self._columns.setdefault(name, (column, _NOTHING))
        return name

    def slice_column(self, by: str) -> str:
        """The name of the column with the slices of a measure ``by`` a column, as text."""
        column = pl.col(by)
        if self.scope.columns[by].type != "string":
            return self.add(f"slice by {by}", column.cast(pl.String))
        return self.add(f"slice by {by}", pl.when(column != "").then(column))

    def converted(self, *expressions: str, columns: Iterable[str] = ()) -> frozenset[str]:
        """The converted amounts that some expressions and columns rest on."""
        if self.exchange is None:
            return frozenset()
        read = [parse(sql, self.scope) for sql in expressions]
        named = {name for each in read for name in (*each.columns, *(column for column, _ in each.tags))}
        return self.exchange.behind({*named, *columns})

    def frame_of(self, columns: Iterable[str]) -> pl.LazyFrame:
        """The source's rows with some of its own and of the added columns, and no others."""
        wanted = sorted(set(columns))
        chosen = [(name, *self._columns[name]) for name in wanted if name in self._columns]
        tags = sorted({tag for _, _, expression in chosen for tag in expression.tags})
        people = {name for _, _, expression in chosen for name in expression.people}
        frame = with_people(with_tags(self.frame, tags, self.contract.no_value), people)
        if chosen:
            frame = frame.with_columns(column.alias(name) for name, column, _ in chosen)
        return frame.select(wanted) if wanted else frame

    def _free(self, name: str) -> str:
        """A name that no column of the source has, whatever a file calls its columns."""
        while name in self.scope.columns:
            name += " "
        return name

    def _add(self, expression: Expression) -> str:
        match expression.parts:
            case (Name(text=name),) if name in self.scope.columns and expression.type != "integer":
                return name
        key = expression.bind(self.values)
        known = self._added.get(key)
        if known is None:
            name = self._free(f"{expression.type} {len(self._added)}")
            column = expression.compile(self.values)
            if expression.type == "integer":
                column = column.cast(pl.Decimal(38, 0))
            self._columns[name] = (column, expression)
            known = self._added[key] = (name, expression)
        return known[0]


_NOTHING = Expression("", "null", 0, NULL, (), ())


@dataclass
class Shared:
    """The counts, sums and maxima over one source and one slicing, in one select.

    Attributes:
        table: the source.
        by: the name of its slice column, None for the whole.
    """

    table: Table
    by: str | None
    _wanted: dict[str, pl.Expr] = field(default_factory=dict)
    _columns: set[str] = field(default_factory=set)
    _kept: dict[str, pl.Expr] = field(default_factory=dict)
    _adds_up: bool = False

    @property
    def small(self) -> bool:
        """Whether the engine for data in memory may compute it, see `Batch.own`."""
        return self.table.held and (self.by is None or not self._adds_up)

    def rows(self, mask: Mask) -> str:
        """How many rows a mask has; like all of these, the alias under which the result stands."""
        return self._want(f"rows|{mask}", mask.rows(), mask)

    def sum(self, amount: str, mask: Mask) -> str:
        """The sum of an amount."""
        self._adds_up = True
        return self._want(f"sum|{amount}|{mask}", mask.of(pl.col(amount)).sum(), mask, amount)

    def nulls(self, column: str, mask: Mask) -> str:
        """How many rows have no value."""
        missing = mask.of(pl.col(column)).null_count().cast(pl.Int64)
        return self._want(f"nulls|{column}|{mask}", missing, mask, column)

    def min(self, column: str, mask: Mask) -> str:
        """The smallest value."""
        return self._want(f"min|{column}|{mask}", mask.of(pl.col(column)).min(), mask, column)

    def max(self, column: str, mask: Mask) -> str:
        """The greatest value."""
        return self._want(f"max|{column}|{mask}", mask.of(pl.col(column)).max(), mask, column)

    def undetermined(self, masks: Sequence[Mask]) -> str | None:
        """In how many rows nobody knows whether they are in one of some masks; None where that is known."""
        asked = [mask for mask in masks if mask.nullable]
        if not asked:
            return None
        found = asked[0].expr.null_count() if len(asked) == 1 else unknown_in(asked).sum()
        alias = f"undetermined|{' '.join(map(str, asked))}"
        return self.want(alias, found.cast(pl.Int64), *(name for mask in asked for name in mask.names))

    def among(self, masks: Sequence[Mask], *, unplaced: bool) -> None:
        """Leaves out all rows but undetermined ones; asked more than once, those of each are kept.

        Args:
            masks: a row is kept of which nobody knows whether it is in one of these.
            unplaced: whether rows without a slice are kept too.
        """
        self._kept.update({f"{mask}": mask.unknown for mask in masks if mask.nullable})
        if unplaced and self.by is not None:
            self._kept["unplaced"] = pl.col(self.by).is_null()
        self._columns.update(name for mask in masks for name in mask.names)

    def want(self, alias: str, found: pl.Expr, *columns: str, adds_up: bool = False) -> str:
        """A result of any form.

        Args:
            alias: the name under which it shall stand; what it says is the same wherever that is.
            found: what computes it.
            columns: the columns that this reads.
            adds_up: whether it adds decimals up.
        """
        self._adds_up = self._adds_up or adds_up
        self._wanted.setdefault(alias, found)
        self._columns.update(columns)
        return alias

    def frame(self) -> pl.LazyFrame:
        """One row, or one row for each slice."""
        wanted = [expr.alias(alias) for alias, expr in self._wanted.items()]
        frame = self.table.frame_of({*self._columns, *([self.by] if self.by else [])})
        if self._kept:
            frame = frame.filter(pl.any_horizontal(self._kept.values()))
        if self.by is None:
            return frame.select(wanted)
        return frame.group_by(pl.col(self.by).alias(SLICE)).agg(wanted)

    def _want(self, alias: str, expr: pl.Expr, mask: Mask, *columns: str) -> str:
        return self.want(alias, expr, *mask.names, *columns)


Row = Mapping[str, Any]


@dataclass
class Batch:
    """All frames of one pass, and afterwards their rows by slice."""

    tables: Mapping[str, Table]
    by_point: dict[tuple[str, str | None], str] = field(default_factory=dict)
    """For each shared select by point, under which alias it counts all rows of a slice."""
    _shared: dict[tuple[str, str | None], Shared] = field(default_factory=dict)
    _own: list[pl.LazyFrame] = field(default_factory=list)
    _small: list[bool] = field(default_factory=list)
    _results: dict[int | tuple[str, str | None], dict[str, Row]] = field(default_factory=dict)
    _counts: dict[int | tuple[str, str | None], int] = field(default_factory=dict)

    def shared(self, source: str, by: str | None) -> Shared:
        """The shared select of a source and a slice column."""
        return self._shared.setdefault((source, by), Shared(self.tables[source], by))

    def own(self, frame: pl.LazyFrame, tables: Iterable[Table], *, adds_up: bool) -> int:
        """A frame that is not shared; the ticket under which its rows will stand.

        Args:
            frame: the frame.
            tables: the sources that it reads.
            adds_up: whether it adds decimals up within groups. Polars' engine for data in memory,
                three times as fast on small tables, overflows there without a word; the streaming
                engine raises.
        """
        self._own.append(frame)
        self._small.append(not adds_up and all(table.held for table in tables))
        return len(self._own) - 1

    def frames(self) -> list[pl.LazyFrame]:
        """All frames, in the order in which `take` wants their results."""
        return [shared.frame() for shared in self._shared.values()] + self._own

    def small(self) -> list[bool]:
        """For each of the frames, whether the engine for data in memory may compute it."""
        return [shared.small for shared in self._shared.values()] + self._small

    def take(self, results: Iterable[pl.DataFrame]) -> None:
        """Keeps the results of `frames`."""
        keys: list[int | tuple[str, str | None]] = [*self._shared, *range(len(self._own))]
        found = dict(zip(keys, results, strict=True))
        self._results = {key: _by_slice(result) for key, result in found.items()}
        self._counts = {key: result.height for key, result in found.items()}

    def count(self, key: int | tuple[str, str | None]) -> int:
        """How many rows a ticket has, those of one slice counted each."""
        return self._counts[key]

    def rows(self, key: int | tuple[str, str | None]) -> dict[str, Row]:
        """The rows of a ticket or of a shared select, by slice (empty text for the whole)."""
        return self._results[key]


def _by_slice(result: pl.DataFrame) -> dict[str, Row]:
    rows = result.rows(named=True)
    if SLICE not in result.columns:
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
