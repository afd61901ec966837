"""Tables side by side: ON, USING, and what is refused of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope
from phasegate.facts.expressions.queries.query import read_query
from phasegate.facts.measures.query_frames import run

KINDS = {
    "team": Kind("string"), "amount": Kind("decimal", 2), "size": Kind("integer"), "rate": Kind("float", 9),
    "at": Kind("datetime"),
}  # fmt: skip
OTHER = {**KINDS, "amount": Kind("decimal", 4), "at": Kind("date")}
SCOPES = {"a": Scope("a", KINDS), "b": Scope("b", OTHER), "c": Scope("c", KINDS)}
SCHEMA = {
    "team": pl.String(), "amount": pl.Decimal(38, 2), "size": pl.Int64(), "rate": pl.Float64(),
    "at": pl.Datetime("us"),
}  # fmt: skip
NOON = dt.datetime(2026, 3, 1, 12)
A = [("x", Decimal("1.50"), 1, 0.1, NOON), ("y", Decimal(2), 2, 0.2, None), (None, None, None, None, None)]
B = [("x", Decimal("1.5"), 3, 0.1, NOON.date()), ("z", Decimal(9), 4, 0.3, None)]
C = [("x", None, 7, None, None), ("z", None, 8, None, None)]


def counted(sql: str) -> list[tuple[Any, ...]]:
    frames = {
        "a": pl.LazyFrame(A, SCHEMA, orient="row"),
        "b": pl.LazyFrame(B, {**SCHEMA, "amount": pl.Decimal(38, 4), "at": pl.Date()}, orient="row"),
        "c": pl.LazyFrame(C, SCHEMA, orient="row"),
    }
    query = read_query(sql, SCOPES)
    result = run(sql, query.bind({}), frames, sliced=False)
    found = [result.collect(engine=engine).rows() for engine in ("streaming", "in-memory")]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("side", "wanted"),
    [
        # the teams that there are, those of a and of b, and the rows
        ("", (1, 1, 1, 1)),
        ("LEFT", (2, 2, 1, 3)),
        ("RIGHT OUTER", (2, 1, 2, 2)),
        ("FULL", (3, 2, 2, 4)),
    ],
)
def test_a_column_of_using_has_the_value_that_either_table_has(side: str, wanted: tuple[int, ...]) -> None:
    sql = (
        "SELECT COUNT(team) + 0 * SUM(1) AS numerator, COUNT(a.team) AS denominator, "
        f"COUNT(b.team) AS nulls, COUNT(*) AS rows FROM a {side} JOIN b USING (team)"
    )
    assert counted(sql) == [wanted]


def test_a_third_table_is_joined_by_the_value_of_both() -> None:
    sql = (
        "SELECT SUM(c.size) AS numerator, COUNT(team) AS nulls, COUNT(*) AS rows "
        "FROM a FULL JOIN b USING (team) LEFT JOIN c USING (team)"
    )
    assert counted(sql) == [(15, 3, 4)]
    grouped = (
        "SELECT COUNT(g.k) AS numerator, SUM(g.n) AS denominator, COUNT(*) AS rows FROM "
        "(SELECT team AS k, COUNT(*) AS n FROM a FULL JOIN b USING (team) GROUP BY team) AS g"
    )
    assert counted(grouped) == [(3, 4, 4)]


@pytest.mark.parametrize(
    ("on", "rows"),
    [
        ("a.amount = b.amount", 1),
        ("a.amount = b.size", 0),
        ("b.size = a.amount + 1", 1),
        ("a.rate = b.rate", 1),
        ("a.at = b.at", 1),
        ("b.at = a.at AND a.amount = b.amount", 1),
    ],
)
def test_rows_are_joined_by_values_of_different_width(on: str, rows: int) -> None:
    assert counted(f"SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM a JOIN b ON {on}") == [(rows, rows)]


def test_floats_are_joined_by_their_decimals() -> None:
    sql = "SELECT COUNT(rate) AS numerator, COUNT(*) AS rows FROM a JOIN b USING (rate)"
    assert read_query(sql, SCOPES).columns == ("rate",)
    assert counted(sql) == [(1, 1)]


@pytest.mark.parametrize(
    ("joined", "what", "hint"),
    [
        ("a JOIN b USING (at)", "at is a datetime in a and a date in b", "ON a.at = b.at"),
        ("a JOIN b USING (amount)", "more digits in one table", "ON a.amount = b.amount"),
        ("a JOIN b USING (nothing)", "which one of both has not", ""),
        ("a CROSS JOIN c JOIN b USING (team)", "team is a column of a and of c", "write ON"),
        ("a OUTER JOIN b ON a.team = b.team", "OUTER JOIN is not allowed", "LEFT JOIN"),
        ("a LEFT INNER JOIN b ON a.team = b.team", "LEFT INNER JOIN is not allowed", "LEFT JOIN"),
        ("a, b FULL JOIN c ON b.team = c.team", "behind a comma", "CROSS JOIN"),
        ("(a JOIN b ON a.team = b.team)", "in brackets", "one table after the other"),
        (
            "a JOIN (b JOIN c ON b.team = c.team) ON a.team = b.team",
            "in brackets",
            "one table after the other",
        ),
        ("a LEFT JOIN b JOIN c ON b.team = c.team ON a.team = b.team", "within another", "one table after"),
        ("a WHERE EXISTS (SELECT 1 FROM b WHERE b.team = a.team)", "nothing is called a", "its own FROM"),
    ],
)
def test_joins_that_are_refused(joined: str, what: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_query(f"SELECT COUNT(*) AS numerator, COUNT(*) AS rows FROM {joined}", SCOPES)
    assert what in caught.value.what
    assert hint in caught.value.hint
