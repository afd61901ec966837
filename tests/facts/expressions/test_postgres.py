"""Conditions and queries mean in phasegate what they mean in a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import polars as pl
import pytest
from postgres_server import server  # noqa: F401
from random_sql import Both, over, query
from sizes import seed_of_run

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope, add_columns, parse
from phasegate.facts.expressions.queries.query import read_query
from phasegate.facts.measures.query_frames import run

pytestmark = pytest.mark.slow
SEED = seed_of_run()
COUNT = int(os.environ.get("PHASEGATE_TEST_COUNT", "400"))
"""How many conditions, and how many queries."""
ENGINES: tuple[Literal["streaming", "in-memory"], ...] = ("streaming", "in-memory")
"""Large tables are computed by the one, those that are held by the other."""
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
TYPES = ("numeric(38,2)", "numeric(38,4)", "numeric(38,0)", "text", "text", "boolean", "date", "timestamp")


def _rows(dice: random.Random, count: int) -> list[tuple[Any, ...]]:
    """Rows with few different values, so that they meet, and with many missing ones."""
    texts = ("a", "b", "ab", "a-b", "A", " a ", "é-x", "it's", "100%", "")
    days = [dt.date(2026, 1, 31), dt.date(2026, 2, 1), dt.date(2026, 2, 28), dt.date(2024, 2, 29)]
    moments = [
        dt.datetime(2026, 2, 28, 13, 30),
        dt.datetime(2026, 2, 28),
        dt.datetime(2026, 1, 31, 23, 59, 59, 5),
    ]

    def maybe(value: Any) -> Any:
        return None if dice.random() < 0.2 else value

    return [
        (
            maybe(Decimal(dice.choice((-725, 0, 1, 250, 99999))) / 100),
            maybe(Decimal(dice.choice((-50, 0, 25000, 10000, 1))) / 10000),
            maybe(dice.choice((-1, 0, 1, 2, 3, 2**40))),
            maybe(dice.choice(texts)),
            maybe(dice.choice(texts[:4])),
            maybe(dice.random() < 0.5),
            maybe(dice.choice(days)),
            maybe(dice.choice(moments)),
        )
        for _ in range(count)
    ]


class Databases:
    """The same two tables, in polars and in PostgreSQL."""

    def __init__(self, url: str, dice: random.Random) -> None:
        import psycopg

        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("SET TimeZone = 'UTC'")
        self.frames: dict[str, pl.LazyFrame] = {}
        for name, count in (("t", 25), ("u", 12)):
            rows = _rows(dice, count)
            columns = ", ".join(f'"{column}" {type_}' for column, type_ in zip(SCHEMA, TYPES, strict=True))
            self.connection.execute(f"CREATE TABLE {name} (place int, {columns})")  # type: ignore[call-overload]
            marks = ", ".join(["%s"] * (len(SCHEMA) + 1))
            with self.connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {name} VALUES ({marks})",  # type: ignore[arg-type]
                    [(place, *row) for place, row in enumerate(rows)],
                )
            self.frames[name] = pl.LazyFrame(rows, schema=SCHEMA, orient="row")

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def databases(server: Any) -> Iterator[Databases]:  # noqa: F811
    server.execute(
        "postgres", "CREATE DATABASE expressions TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )
    made = Databases(server.url("expressions"), random.Random(SEED))
    yield made
    made.connection.close()


def _number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def test_conditions(databases: Databases) -> None:
    dice, agreed, refused = random.Random(SEED + 1), 0, 0
    while agreed < COUNT:
        draw = over(dice, "")
        both: Both = draw.condition() if dice.random() < 0.7 else draw.number(3)
        try:
            frame = add_columns(databases.frames["t"], {"found": parse(both[0], SCOPES["t"])}, {})
        except ExpressionError as error:
            refused += 1
            if not any(word in error.what for word in _REFUSED):
                pytest.fail(f"{both}: {error}")
            continue
        wanted = [_number(row[0]) for row in databases.asked(f"SELECT {both[1]} FROM t ORDER BY place")]
        for engine in ENGINES:
            found = frame.collect(engine=engine)["found"].to_list()
            assert [_number(value) for value in found] == wanted, (engine, both)
        agreed += 1
    assert refused < agreed


def test_queries(databases: Databases) -> None:
    dice, agreed, refused = random.Random(SEED + 2), 0, 0
    while agreed < COUNT:
        both = query(dice)
        try:
            read = read_query(both[0], SCOPES)
            result = run(both[0], read.bind({}), databases.frames, sliced=False)
        except ExpressionError as error:
            refused += 1
            if not any(word in error.what for word in _REFUSED):
                pytest.fail(f"{both}: {error}")
            continue
        wanted = [tuple(map(_number, row)) for row in databases.asked(both[1])]
        for engine in ENGINES:
            found = [tuple(map(_number, row)) for row in result.collect(engine=engine).rows()]
            assert found == wanted, (engine, both)
        agreed += 1
    assert refused < agreed


_REFUSED = ("digits after the point", "too large an expression", "a constant", "these are ")
"""Why a random text may be refused: it is exact, says nothing, or mixes days and seconds."""
DIFFERENCES: list[tuple[str, str, Any, Any]] = [
    # what is asked, of phasegate and of PostgreSQL, and what each answers
    ("COUNT(CASE WHEN at = '2026-02-28' THEN 1 END)", "a moment is its day", 2, 1),
    ("COUNT(CASE WHEN LEAST(units, 5) = 5 THEN 1 END)", "the smaller of nothing and 5 is not known", 0, 1),
    ("COUNT(CASE WHEN GREATEST(units, 0) = 0 THEN 1 END)", "nor is the greater of both", 0, 1),
    ("SUM(CASE WHEN units > 5 THEN 1 ELSE 2 END)", "a CASE goes not on where nobody knows", 2, 4),
    ("COUNT(CASE WHEN CASE units WHEN 5 THEN FALSE ELSE TRUE END THEN 1 END)", "nor here", 1, 2),
    ("SUM(CASE WHEN (units > 5) IS TRUE THEN 1 ELSE 2 END)", "it does where the author says so", 4, 4),
    ("COUNT(NULLIF(7, units))", "whether 7 is nothing is not known", 1, 2),
]


@pytest.mark.parametrize(
    ("numerator", "why", "ours", "theirs"), DIFFERENCES, ids=[each[1] for each in DIFFERENCES]
)
def test_what_differs_by_intent(
    databases: Databases, numerator: str, why: str, ours: Any, theirs: Any
) -> None:
    rows = [(None, None, None, None, None, None, None, dt.datetime(2026, 2, 28, hour)) for hour in (0, 13)]
    rows[1] = (*rows[1][:2], 1, *rows[1][3:])
    frame = pl.LazyFrame(rows, schema=SCHEMA, orient="row")
    read = read_query(f"SELECT {numerator} AS numerator, COUNT(*) AS rows FROM t", SCOPES)
    result = run(read.sql, read.bind({}), {"t": frame}, sliced=False)
    assert result.collect()["numerator"].to_list() == [ours]
    rows_there = "(NULL::numeric, timestamp '2026-02-28 00:00'), (1, timestamp '2026-02-28 13:00')"
    values = f"(VALUES {rows_there}) AS t(units, at)"
    assert databases.asked(f"SELECT {numerator} FROM {values}")[0][0] == theirs


def test_people_differ_by_intent(databases: Databases) -> None:
    scope = Scope("people", {name: Kind("string", personal=True) for name in ("fin", "dev")})
    pairs = [("f-1", "f-1"), ("f-1", "F-1"), ("f-1", "f\u200b-1"), ("f-1", "f-2"), ("f-1", None)]
    frame = pl.LazyFrame(pairs, schema={"fin": pl.String, "dev": pl.String}, orient="row")
    found = add_columns(frame, {"apart": parse("fin <> dev", scope)}, {}).collect()["apart"].to_list()
    theirs = [databases.connection.execute("SELECT %s::text <> %s::text", pair).fetchall() for pair in pairs]
    assert found == [False, None, None, True, None]
    assert [rows[0][0] for rows in theirs] == [False, True, True, True, None]
