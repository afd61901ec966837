"""Queries: the whole SELECT of a ``sql`` measure.

A query reads the declared sources and nothing else. Its values are read as those of an expression
are; what it returns must be what facts are made of, and must depend on the data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlglot import expressions as exp

# They register what reads the nodes of a syntax tree.
import phasegate.facts.expressions.functions
import phasegate.facts.expressions.operators
import phasegate.facts.expressions.queries.aggregates  # noqa: F401
from phasegate.facts.expressions.dialect import joined
from phasegate.facts.expressions.polars_sql import written
from phasegate.facts.expressions.queries.scope import QueryReading
from phasegate.facts.expressions.queries.select import select
from phasegate.facts.expressions.queries.tables import Branch, Check, Selected
from phasegate.facts.expressions.tokens import WORDS, hold_words, nearest, tokens_of, tree_of
from phasegate.facts.expressions.types import NUMBERS, ExpressionError, Origin, Part, Scope
from phasegate.rules.diagnostics.suggestions import with_article

if TYPE_CHECKING:
    from phasegate.rules.values.units import Quantity

MAX_TOKENS = 3000
RESULT_COLUMNS = ("numerator", "denominator", "rows", "nulls", "newest", "slice")
_WORDS = frozenset(
    "select distinct all where group by having union join left right full inner outer cross on using with "
    "exists".split()
)

_NUMBERS = ("numerator", "denominator", "rows", "nulls")


@dataclass(frozen=True, slots=True)
class Query:
    """An accepted query.

    Attributes:
        sql: the text as its author wrote it.
        parts: polars SQL, with slots where parameters go.
        tables: the sources that it reads, sorted.
        columns: the names of the columns that it may read of any of them, sorted.
        tags: the JSON columns and keys that ``tag`` reads, sorted.
        adds_up: whether it adds amounts up within groups.
        checks: what it asks of the rows that it reads, see `Check`.
        people: the texts that it compares as ids of people, sorted.
    """

    sql: str
    parts: tuple[Part, ...]
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    adds_up: bool = False
    checks: tuple[Check, ...] = ()
    people: tuple[Origin, ...] = ()

    def bind(self, values: Mapping[str, dt.date | Quantity | Fraction | int | None]) -> str:
        """The polars SQL with its parameters filled in, held to what was read.

        Raises:
            UnboundParameterError, ExpressionError: as of an expression.
        """
        return written(self.sql, self.parts, values, query=True)

    def bind_check(
        self, check: Check, values: Mapping[str, dt.date | Quantity | Fraction | int | None]
    ) -> str:
        """The polars SQL of one of its checks, likewise."""
        return written(self.sql, check.parts, values, query=True)


def read_query(sql: str, scopes: Mapping[str, Scope], unit: str | None = None) -> Query:
    """Reads the query of a ``sql`` measure.

    Args:
        sql: the text.
        scopes: the sources that it may read, by name.
        unit: what its measure is counted in.

    Raises:
        ExpressionError: if it is anything that is not carried over.
    """
    key = (sql, unit, tuple((name, scope.key) for name, scope in scopes.items()))
    if (known := _READ.get(key)) is not None:
        return known
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    found = _READ[key] = _read(sql, scopes, unit)
    return found


_READ: dict[Hashable, Query] = {}
"""What was read already: lint and run meet the same queries."""
_MOST_READ = 500


def _read(sql: str, scopes: Mapping[str, Scope], unit: str | None) -> Query:
    tokens = tokens_of(sql, MAX_TOKENS)
    tree = tree_of(sql, tokens)
    if not isinstance(tree, exp.Select | exp.Union):
        raise ExpressionError(sql, "a sql measure is one SELECT")
    reading = QueryReading(sql, next(iter(scopes.values())), sources=scopes)
    found = select(reading, tree, 0, "result")
    hold_words(sql, tokens, tree, WORDS.union(_WORDS, reading.functions))
    if not reading.read:
        raise ExpressionError(sql, "the query reads no source, so that its result is a constant")
    _hold_results(sql, found)
    _hold_unit(sql, found, unit)
    return Query(
        sql,
        joined(found.parts),
        tuple(sorted(reading.read)),
        tuple(sorted(reading.columns)),
        tuple(sorted(reading.tags)),
        bool(reading.adds_up),
        tuple(dict.fromkeys(replace(check, parts=joined(check.parts)) for check in reading.checks)),
        tuple(sorted(reading.compared)),
    )


def _hold_results(sql: str, found: Selected) -> None:
    """Holds what a query returns to what facts are made of.

    Raises:
        ExpressionError: naming the column.
    """
    columns = dict(found.branches[0].columns)
    names = [name for name, _ in found.branches[0].columns]
    for name in names:
        if name not in RESULT_COLUMNS:
            hint = nearest(name, RESULT_COLUMNS) or "it returns " + ", ".join(RESULT_COLUMNS)
            raise ExpressionError(sql, f"the query returns {name or 'a column without a name'}", 0, hint)
        if names.count(name) > 1:
            raise ExpressionError(sql, f"the query returns {name} twice")
        typed = columns[name]
        if name in _NUMBERS and typed.type not in NUMBERS | {"any", "null"}:
            raise ExpressionError(
                sql, f"{name} is {with_article(typed.type)}, and must be a whole or a decimal number"
            )
        if typed.per != 1:
            raise ExpressionError(
                sql, f"{name} is a length of time that is not exact", hint="use seconds_between"
            )
        if name == "newest" and typed.type not in ("date", "datetime", "any", "null"):
            raise ExpressionError(sql, f"newest is {with_article(typed.type)}, and must be a date")
    for name in ("numerator", "rows"):
        if name not in columns:
            raise ExpressionError(sql, f"the query returns no column {name}", 0, f"... AS {name}")
        place = names.index(name)
        if not any(branch.columns[place][1].varies for branch in found.branches):
            what = f"{name} is a constant, whatever the data say"
            raise ExpressionError(sql, what, hint="COUNT(*) AS rows" if name == "rows" else "")
    if "denominator" in columns and all(_same(branch, names) for branch in found.branches):
        what = "numerator and denominator are the same, whatever the data say"
        raise ExpressionError(sql, what, hint="the numerator counts the rows that meet what is required")


def _hold_unit(sql: str, found: Selected, unit: str | None) -> None:
    """Holds a length of time that a query returns to the unit of its measure.

    Raises:
        ExpressionError: if it is in another.
    """
    columns = dict(found.branches[0].columns)
    own = columns["numerator"].unit
    if "denominator" in columns and columns["denominator"].unit is not None:
        return  # hours by hours are a share
    if own is not None and unit not in (None, own):
        what = f"numerator is in {own}, and the measure in {unit}"
        raise ExpressionError(sql, what, hint=f"unit: {own}")


def _same(branch: Branch, names: list[str]) -> bool:
    """Whether a SELECT returns one value as both sides of a ratio."""
    top, bottom = (branch.columns[names.index(name)][1] for name in ("numerator", "denominator"))
    return top.parts == bottom.parts
