"""Queries as polars runs them: over frames of the sources that they read, and once without any row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from phasegate.facts.expressions.expression import ExpressionError, Scope, hidden_tag
from phasegate.facts.expressions.tags import with_tags
from phasegate.facts.measures.dependencies import sources_of
from phasegate.rules.model.measure import Measure

if TYPE_CHECKING:
    from phasegate.facts.expressions.queries.query import Query
    from phasegate.facts.measures.batch import Values


def run_text(sql: str, text: str, frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """A query over some frames, lazily.

    Args:
        sql: the query as its author wrote it, for messages.
        text: it, or one beside it, as polars SQL.
        frames: the sources by name.

    Raises:
        ExpressionError: if polars does not run it.
    """
    try:
        result = pl.SQLContext(frames=frames).execute(text, eager=False)
        result.collect_schema()
    except pl.exceptions.PolarsError as error:
        first = str(error).strip().split("\n", 1)[0]
        raise ExpressionError(sql, f"polars does not run this query: {first}") from error
    return result


def run(sql: str, text: str, frames: Mapping[str, pl.LazyFrame], sliced: bool) -> pl.LazyFrame:
    """A query over some frames, lazily.

    Args:
        sql: the query as its author wrote it.
        text: it as polars SQL.
        frames: the sources by name.
        sliced: whether it must return slices.

    Raises:
        ExpressionError: if polars does not run it, or what it returns is not what facts are made of.
    """
    result = run_text(sql, text, frames)
    schema = result.collect_schema()
    if sliced and "slice" not in schema:
        raise ExpressionError(sql, "a measure with 'by' returns a column slice", hint="... AS slice")
    for name in ("numerator", "denominator", "rows", "nulls"):
        if name in schema and not (schema[name].is_integer() or schema[name].is_decimal()):
            raise ExpressionError(sql, f"{name} is {schema[name]}, and must be a whole or a decimal number")
    return result


class Trial:
    """Runs queries over sources without rows, to see whether they can run at all.

    Args:
        scopes: what they may name of each source.
    """

    def __init__(self, scopes: Mapping[str, Scope]) -> None:
        self._scopes = scopes
        self._empty: dict[str, pl.LazyFrame] = {}

    def run(self, measure: Measure) -> None:
        """Runs the query of one measure.

        Raises:
            ExpressionError: if it can not run.
        """
        from phasegate.facts.expressions.queries.query import read_query

        assert measure.sql is not None
        scopes = {name: self._scopes[name] for name in sources_of(measure)}
        query = read_query(measure.sql, scopes, measure.unit)
        sample = {
            name: dt.date(2000, 1, 1) if kind == "date" else 1
            for name, kind in next(iter(scopes.values())).parameters.items()
        }
        frames = {
            name: frame_of(self._without_rows(name), scopes[name], query.columns, query.tags)
            for name in query.tables
        }
        run(measure.sql, query.bind(sample), frames, measure.by is not None)
        for _ in check_frames(query, frames, sample):
            pass  # it runs

    def _without_rows(self, name: str) -> pl.LazyFrame:
        if name not in self._empty:
            self._empty[name] = _empty(self._scopes[name])
        return self._empty[name]


def _empty(scope: Scope) -> pl.LazyFrame:
    types: dict[str, pl.DataType] = {
        "string": pl.String(), "integer": pl.Int64(), "boolean": pl.Boolean(),
        "date": pl.Date(), "datetime": pl.Datetime("us"),
    }  # fmt: skip
    return pl.LazyFrame(
        schema={
            name: types.get(kind.type) or pl.Decimal(38, kind.scale) for name, kind in scope.columns.items()
        }
    )


def frame_of(
    frame: pl.LazyFrame,
    scope: Scope,
    columns: tuple[str, ...],
    tags: tuple[tuple[str, str], ...],
    no_value: tuple[str, ...] = (),
) -> pl.LazyFrame:
    """The columns that a query reads of one source; words that stand for nothing are no tags."""
    mine = [tag for tag in tags if tag[0] in scope.columns]
    chosen = [name for name in columns if name in scope.columns] + [hidden_tag(*tag) for tag in mine]
    return with_tags(frame, mine, no_value).select(chosen) if chosen else frame


def check_frames(query: Query, frames: Mapping[str, pl.LazyFrame], values: Values) -> Iterator[pl.LazyFrame]:
    """What counts the rows of each check, in one row."""
    for check in query.checks:
        yield run_text(query.sql, query.bind_check(check, values), frames)
