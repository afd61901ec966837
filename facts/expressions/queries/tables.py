"""The tables of a query, and the SELECTs that such a table may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from phasegate.facts.expressions.types import Kind, Name, Origin, Part, Scope, Typed


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table of a query has.

    Attributes:
        kind: what it holds.
        varies: whether that depends on the data.
        texts: the texts that it is made of.
        written: another column that holds the same, and is read in its place.
    """

    kind: Kind
    varies: bool = True
    texts: frozenset[Origin] = frozenset()
    written: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in FROM under one name.

    Attributes:
        columns: its columns.
        source: the source that it is; None for another SELECT.
        counted: whether the data say how many rows it has.
    """

    columns: Mapping[str, Column]
    source: Scope | None = None
    counted: bool = True

    @property
    def outer(self) -> Table:
        """It behind an outer JOIN, which may have no row of it."""
        columns = {
            name: replace(column, kind=replace(column.kind, nullable=True))
            for name, column in self.columns.items()
        }
        return replace(self, columns=columns)


@dataclass(frozen=True, slots=True)
class Check:
    """What a SELECT asks of the rows that it reads: that nothing is missing that decides.

    Attributes:
        names: the columns, as they are told to people.
        parts: polars SQL of one row, with the number of rows for each that lack it.
        excusable: whether the query counts them itself, as ``nulls``. The row ends then with the number of
            rows that lack any of them: only so many ``nulls`` excuse them.
        sliced: whether it begins with the slice of the rows that it counts.
    """

    names: tuple[str, ...]
    parts: tuple[Part, ...]
    excusable: bool = False
    sliced: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """One SELECT of a query.

    Attributes:
        head, tail: what stands before its columns, and behind them.
        columns: these by name.
        counted: whether the data say how many rows it has.
    """

    head: tuple[Part, ...]
    columns: tuple[tuple[str, Typed], ...]
    tail: tuple[Part, ...]
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Selected:
    """A query that was read: one SELECT, or several joined by UNION.

    Attributes:
        common: its WITH.
        branches: its SELECTs, whose columns have the same names and types.
        words: what stands between them.
        single: whether it always returns one row.
    """

    common: tuple[Part, ...]
    branches: tuple[Branch, ...]
    words: tuple[str, ...] = ()
    single: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """It as polars SQL."""
        parts: list[Part] = [*self.common]
        for branch, word in zip(self.branches, ("", *self.words), strict=True):
            parts += [word, *branch.head]
            for index, (name, typed) in enumerate(branch.columns):
                parts += [", "] if index else []
                parts += [*typed.parts, " AS ", Name(name)] if name else typed.parts
            parts += branch.tail
        return tuple(parts)

    @property
    def counted(self) -> bool:
        """Whether the data say how many rows it has."""
        varies = any(typed.varies for branch in self.branches for _, typed in branch.columns)
        return any(branch.counted for branch in self.branches) or (varies and " UNION " in self.words)

    @property
    def table(self) -> Table:
        """It as a table to read from."""
        columns: dict[str, Column] = {}
        first: dict[tuple[tuple[Part, ...], ...], str] = {}
        for place, (name, typed) in enumerate(self.branches[0].columns):
            values = [branch.columns[place][1] for branch in self.branches]
            parts = tuple(value.parts for value in values)
            varies = any(value.varies for value in values) or (len(set(parts)) > 1 and self.counted)
            nullable = any(value.nullable for value in values)
            personal = any(value.personal for value in values)
            computed = any(value.computed for value in values)
            kind = Kind(typed.type, typed.scale, typed.unit, True, nullable, personal, computed)
            texts = frozenset[Origin]().union(*(value.texts or () for value in values))
            columns[name] = Column(kind, varies, texts, first.setdefault(parts, name))
        return Table(columns, counted=self.counted)
