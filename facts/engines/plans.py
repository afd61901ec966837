"""What is asked of the rows of tables, as data: five aggregates, and the plans that measures are computed by.

A kind of measure says what it wants and an engine computes it: polars over rows that were read, a database
over its own. Columns are named, conditions are trees over boolean columns, and the answer is rows of plain
values: whole numbers, decimals, truth values, texts, days and moments. None of it knows of a measure.

A plan with ``by`` gives a row for each of its values, which stands under `SLICE`; without, it gives one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from phasegate.facts.expressions.tree import FALSE, TRUE, Name, Op, Tree, op

if TYPE_CHECKING:
    import polars as pl

    from phasegate.facts.expressions.expression import Expression
    from phasegate.facts.expressions.slots import Values
    from phasegate.facts.measures.batch import Table
    from phasegate.facts.measures.row_selection import Chosen, Masked

SLICE = "slice "
"""The column that names the slice; the space keeps it apart from every column of a contract."""
Row = Mapping[str, Any]
READ = "remove `compute: engine`, and the table is read row by row"
"""What helps wherever nothing else computes what is asked."""


class MeasureError(ValueError):
    """A measure that can not be computed, whatever the data; its message says why."""


class EngineError(Exception):
    """What an engine did not compute, or not all of it; its message says why, and quotes no value."""


class Aggregate(NamedTuple):
    """One number or value over some rows.

    Attributes:
        what: how many rows there are; or the sum of a column's values, how many are missing, or the smallest
            or greatest.
        column: the column; empty where rows are counted.
        among: true in the rows that are meant; null is false.
    """

    what: Literal["rows", "sum", "nulls", "min", "max"]
    column: str = ""
    among: Tree = TRUE

    @property
    def reads(self) -> set[str]:
        """The columns that it reads."""
        return names_in(self.among) | ({self.column} if self.column else set())


@dataclass(frozen=True)
class Select:
    """Many aggregates over one table.

    Attributes:
        table: the table.
        by: the slice column; None for the whole.
        wanted: the aggregates, by the names under which they stand in the answer.
        kept: the rows that are looked at, those of which one is true; all where none is named.
    """

    table: Table
    by: str | None
    wanted: Mapping[str, Aggregate]
    kept: tuple[Tree, ...] = ()

    @property
    def reads(self) -> set[str]:
        """The columns that it reads."""
        read = {name for each in self.wanted.values() for name in each.reads}
        read |= {name for flag in self.kept for name in names_in(flag)}
        return read | ({self.by} if self.by else set())


@dataclass(frozen=True)
class Distinct:
    """How many different values there are, missing ones aside: ``distinct``."""

    table: Table
    by: str | None
    column: str
    among: Tree


@dataclass(frozen=True)
class Ids:
    """How many ids of people there are, and how many a reader would tell apart: ``ids`` and ``kinds``.

    Attributes:
        rows: of each table the column that holds them, and which rows are meant.
    """

    rows: tuple[tuple[Table, str, Tree], ...]


@dataclass(frozen=True)
class Places:
    """The values at places in ascending order, missing ones aside; a slice without any has no row, or nulls.

    Attributes:
        share: the numerator and denominator of a quantile, whose one value is ``low``; None for the median,
            whose two are ``low`` and ``high``.
    """

    table: Table
    by: str | None
    column: str
    among: Tree
    share: tuple[int, int] | None = None


@dataclass(frozen=True)
class Gathered:
    """All values of a column in ascending order, missing ones aside, as ``values``."""

    table: Table
    by: str | None
    column: str
    among: Tree


class Side(NamedTuple):
    """Rows that are added up to items.

    Attributes:
        amounts: the columns of both amounts, ``actual`` and ``planned``; None where it is zero in each row.
    """

    table: Table
    by: str | None
    among: Tree
    amounts: tuple[str | None, str | None]


ACTUAL, PLANNED = Name("actual "), Name("planned ")
"""Both amounts of an item."""


@dataclass(frozen=True)
class Items:
    """Rows added up to items, and two sums over these: ``numerator`` and ``denominator``.

    Attributes:
        sides: the rows, put under each other.
        grain: the columns that make an item; each side has them.
        scale: the digits after the point of both amounts.
        top, bottom: what is added up of each item, over `ACTUAL` and `PLANNED`.
    """

    sides: tuple[Side, ...]
    grain: tuple[str, ...]
    scale: int
    top: Tree
    bottom: Tree

    @property
    def sliced(self) -> bool:
        """Whether there are slices."""
        return self.sides[0].by is not None


@dataclass(frozen=True)
class Newest:
    """The newest rows: how many, ``tied ``, and of each field ``min``, ``max`` and ``nulls`` with its name.

    Newest is what has the latest event, and of those what was recorded last; what does not say when it was
    recorded may be. It has a row for each slice that has rows, and without ``by`` one under the empty slice.

    Attributes:
        event, recorded: the columns that tell when; the second may be missing.
        fields: the columns of fields, by their names.
    """

    table: Table
    by: str | None
    among: Tree
    event: str
    recorded: str | None
    fields: Mapping[str, str]


@dataclass(frozen=True)
class MayBeNewest:
    """Rows that may be among the newest ones, and are as new as these or newer, told as `Newest` does.

    Attributes:
        newest: the rows of which it is known.
        among: true in rows of which it is not.
        unplaced: true in rows that may be of every slice; None where there are none.
        tied: whether is told, instead, on which fields rows of one date disagree, those of which it is known
            included: ``field`` and the name.
    """

    newest: Newest
    among: Tree
    unplaced: Tree | None
    tied: bool


@dataclass(frozen=True)
class Query:
    """A query of an author's, as polars runs it; nothing else does.

    Attributes:
        frame: what polars computes.
        tables: the sources that it reads.
        adds_up: whether it adds decimals up within groups.
    """

    frame: pl.LazyFrame
    tables: tuple[Table, ...]
    adds_up: bool = False


Plan = Select | Distinct | Ids | Places | Gathered | Items | Newest | MayBeNewest | Query


def tables_of(plan: Plan) -> tuple[Table, ...]:
    """The tables that a plan reads."""
    match plan:
        case Ids():
            return tuple(table for table, _, _ in plan.rows)
        case Items():
            return tuple(side.table for side in plan.sides)
        case MayBeNewest():
            return (plan.newest.table,)
        case Query():
            return plan.tables
        case _:
            return (plan.table,)


@dataclass(frozen=True)
class NewestRows:
    """The newest rows of one slice, as they are shown."""

    chosen: Chosen


@dataclass(frozen=True)
class ItemRows:
    """Items for which something is true, as they are shown.

    Attributes:
        items: the items.
        short: what is true, over `ACTUAL` and `PLANNED`.
        slice: the value of their slice; None where they have none, or there are no slices.
        shown: the columns, of ``grain 0`` and so on, `ACTUAL` and `PLANNED`.
    """

    items: Items
    short: Tree
    slice: str | None
    shown: tuple[Masked, ...]


def engine_of(rows: Chosen | NewestRows | ItemRows) -> Engine | None:
    """What tells some rows; None for polars."""
    match rows:
        case NewestRows():
            return rows.chosen.table.engine
        case ItemRows():
            return tables_of(rows.items)[0].engine
    return rows.table.engine


class Engine(Protocol):
    """What computes over tables that are where they are. It tells everything of one moment."""

    def run(self, plans: Sequence[Plan]) -> list[list[Row]]:
        """The answer of each plan.

        Raises:
            EngineError: if one is missing, or is not whole: no answer is not an empty one.
        """

    def rows(
        self, wanted: Sequence[Chosen | NewestRows | ItemRows], most: int
    ) -> list[tuple[int, pl.DataFrame]]:
        """Of each of some rows how many there are, and the first ones in the order of their values.

        Args:
            wanted: which; what is personal is masked before it leaves.
            most: how many of each are given.

        Raises:
            EngineError: likewise.
        """


class There(Protocol):
    """A table where it is.

    Attributes:
        engine: what computes over it.
    """

    engine: Engine | None

    def column(self, expression: Expression, values: Values) -> object:
        """An expression in the engine's words.

        Raises:
            ExpressionError: if it has none that mean the same, naming the place.
            UnboundParameterError: if a parameter has no value.
        """

    def added(self, tree: Tree) -> object:
        """A column that is computed from those of the table, in its words."""

    def hold(self, plan: Plan) -> None:
        """Refuses a plan that the engine would compute otherwise.

        Raises:
            MeasureError: saying why.
        """


def names_in(tree: Tree) -> set[str]:
    """The columns that a condition reads."""
    if isinstance(tree, Op):
        return set[str]().union(*map(names_in, tree.of))
    return {tree.text} if isinstance(tree, Name) else set()


def all_of(*flags: Tree) -> Tree:
    """True where all are; what is always true is left out."""
    asked = tuple(dict.fromkeys(flag for flag in flags if flag != TRUE))
    if len(asked) < 2:
        return asked[0] if asked else TRUE
    return op("and", *asked)


def any_of(*flags: Tree) -> Tree:
    """True where one is; what never is is left out."""
    asked = tuple(dict.fromkeys(flag for flag in flags if flag != FALSE))
    if len(asked) < 2:
        return asked[0] if asked else FALSE
    return op("or", *asked)


def is_null(name: str) -> Op:
    """Whether a column has no value."""
    return op("is null", Name(name))


def known(flag: Tree) -> Tree:
    """The same, false where it is null."""
    return flag if flag in (TRUE, FALSE) else op("is true", flag)
