"""Whatever a missing value were, a query that takes no offence at it returns what it returns."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from random_sql import query
from sizes import SIZE

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope
from phasegate.facts.expressions.queries.query import Query, read_query
from phasegate.facts.measures.query_frames import run, run_text

KINDS = {
    "amount": Kind("decimal", 2), "plan": Kind("decimal", 4), "units": Kind("integer"),
    "team": Kind("string"), "status": Kind("string"), "ok": Kind("boolean"), "due": Kind("date"),
    "at": Kind("datetime"),
}  # fmt: skip
SCOPES = {name: Scope(name, KINDS) for name in ("t", "u")}
SCHEMA = {
    "amount": pl.Decimal(38, 2), "plan": pl.Decimal(38, 4), "units": pl.Int64(), "team": pl.String(),
    "status": pl.String(), "ok": pl.Boolean(), "due": pl.Date(), "at": pl.Datetime("us"),
}  # fmt: skip
Rows = list[dict[str, Any]]
SEEDS = {"fast": 1, "slow": 20, "long": 200}
AUTHORS_WORD = re.compile(r"COALESCE|\bIS\b|COUNT\((?!\*|CASE|DISTINCT)")
"""What says itself what a missing value means, so that another one changes what is returned."""


def cell(dice: random.Random, column: str) -> Any:
    """A value of a column, out of few."""
    import datetime as dt

    match column:
        case "amount" | "plan":
            return Decimal(dice.choice((-1, 0, 1, 2)))
        case "units":
            return dice.choice((-1, 0, 1, 2, 3))
        case "team" | "status":
            return dice.choice(("a", "b", "ab", "A"))
        case "ok":
            return dice.random() < 0.5
        case "due":
            return dt.date(2026, dice.choice((1, 2)), dice.choice((1, 28)))
        case _:
            return dt.datetime(2026, dice.choice((1, 2)), 28, dice.choice((0, 13)))


def drawn(dice: random.Random, missing: float) -> dict[str, Rows]:
    """The rows of two tables, in which cells are missing."""
    return {
        name: [
            {column: None if dice.random() < missing else cell(dice, column) for column in SCHEMA}
            for _ in range(dice.choice((1, 2, 4)))
        ]
        for name in SCOPES
    }


def filled(dice: random.Random, tables: dict[str, Rows]) -> dict[str, Rows]:
    """The same rows, with something in each cell."""
    return {
        name: [
            {column: cell(dice, column) if value is None else value for column, value in row.items()}
            for row in rows
        ]
        for name, rows in tables.items()
    }


def frames(tables: dict[str, Rows]) -> dict[str, pl.LazyFrame]:
    return {name: pl.LazyFrame(rows, schema=SCHEMA) for name, rows in tables.items()}


def queries(dice: random.Random) -> Iterator[Query]:
    """Queries that say nothing of what is missing."""
    while True:
        sql = query(dice)[0]
        if not AUTHORS_WORD.search(sql):
            try:
                yield read_query(sql, SCOPES)
            except ExpressionError:
                continue


def lacking(read: Query, tables: dict[str, Rows]) -> int:
    """How many rows lack what decides."""
    return sum(
        sum(run_text(read.sql, read.bind_check(check, {}), frames(tables)).collect().row(0))
        for check in read.checks
    )


def result(read: Query, tables: dict[str, Rows]) -> Sequence[Any]:
    return run(read.sql, read.bind({}), frames(tables), sliced=False).collect().rows()


@pytest.mark.sampled
@pytest.mark.parametrize("seed", range(SEEDS[SIZE]))
def test_no_value_would_have_changed_what_is_returned(seed: int) -> None:
    dice, held, told = random.Random(seed), 0, 0
    drawing = queries(dice)
    while held < 15:
        read, tables = next(drawing), drawn(dice, dice.choice((0.02, 0.1)))
        if all(None not in row.values() for rows in tables.values() for row in rows):
            continue
        if lacking(read, tables):
            told += 1
            continue
        held += 1
        found = result(read, tables)
        for _ in range(3):
            others = filled(dice, tables)
            assert result(read, others) == found, (read.sql, tables, others)
    assert told
