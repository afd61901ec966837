"""The tables of a query, and the SELECTs that such a table may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phasegate.facts.expressions import Kind, Name, Part, Scope
from phasegate.facts.expressions_typed import Typed


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table of a query has: what it holds, and whether that depends on the rows."""

    kind: Kind
    varies: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in FROM under one name.

    Attributes:
        columns: its columns.
        source: the source that it is; None for another SELECT.
    """

    columns: Mapping[str, Column]
    source: Scope | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One SELECT of a query: what stands before its columns, these by name, and what stands behind."""

    head: tuple[Part, ...]
    columns: tuple[tuple[str, Typed], ...]
    tail: tuple[Part, ...]


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
    def table(self) -> Table:
        """It as a table to read from."""
        columns: dict[str, Column] = {}
        for place, (name, typed) in enumerate(self.branches[0].columns):
            varies = any(branch.columns[place][1].varies for branch in self.branches)
            columns[name] = Column(Kind(typed.type, typed.scale), varies or len(self.branches) > 1)
        return Table(columns)
