"""Whole queries: what a `sql` measure may be."""

from typing import Any

import polars as pl
import pytest

from phasegate.facts.expressions.expression import ExpressionError, Kind, Scope
from phasegate.facts.expressions.queries.query import read_query
from phasegate.facts.measures.query_frames import run

SCOPES = {
    "costs": Scope(
        "costs",
        {"amount": Kind("decimal", 2), "day": Kind("date"), "team": Kind("string"), "Tags": Kind("string")},
    ),
    "teams": Scope("teams", {"team": Kind("string"), "size": Kind("integer")}),
}  # fmt: skip
HEAD = "SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM costs"


@pytest.mark.parametrize(
    "sql",
    [
        HEAD,
        f"{HEAD} WHERE day >= :as_of - 31 days",
        f"WITH paid AS (SELECT amount FROM costs WHERE amount > 0) {HEAD.replace('costs', 'paid')}",
        f"{HEAD} WHERE team IN (SELECT team FROM teams WHERE size > 3)",
        """SELECT SUM(c.amount) AS numerator, COUNT(DISTINCT t.team) AS denominator, COUNT(*) AS rows
           FROM costs AS c LEFT JOIN teams AS t ON t.team = c.team GROUP BY t.team HAVING COUNT(*) > 1""",
        "SELECT 0 AS numerator, COUNT(*) AS rows FROM teams UNION SELECT SUM(amount), COUNT(*) FROM costs",
        f"WITH costs AS (SELECT amount FROM costs) {HEAD} UNION ALL SELECT 0, COUNT(*) FROM costs",
    ],
)
def test_accepted(sql: str) -> None:
    import datetime as dt

    assert read_query(sql, SCOPES).bind({"as_of": dt.date(2026, 3, 31)})


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM read_csv('/etc/passwd')", "reads files"),
        ("SELECT 1 AS numerator, 1 AS rows FROM '/etc/passwd'", "no source that this measure declares"),
        ("SELECT 1 AS numerator, 1 AS rows FROM budgets", "no source that this measure declares"),
        ("SELECT 1 AS numerator, 1 AS rows FROM other.costs", "without a schema"),
        (f"{HEAD} WHERE day < now()", "changes with the clock"),
        (f"{HEAD} WHERE team IN (SELECT a FROM glob('*'))", ""),
        (f"{HEAD}; DROP TABLE costs", "';'"),
        (f"{HEAD} -- all of it", "comments"),
        (f"{HEAD} LIMIT 1", "limit"),
        (f"{HEAD} ORDER BY 1", "order"),
        ("SELECT * FROM costs", "COUNT(*) only"),
        ("SELECT AVG(amount) AS numerator, COUNT(*) AS rows FROM costs", "rounds"),
        ("SELECT SUM(amount) / 2 AS numerator, COUNT(*) AS rows FROM costs", "division"),
        ("SELECT SUM(amount) OVER () AS numerator, 1 AS rows FROM costs", "window"),
        ("SELECT SUM(amount) AS numerator FROM costs", "no column rows"),
        ("SELECT COUNT(*) AS rows FROM costs", "no column numerator"),
        ("SELECT SUM(amount) AS total, COUNT(*) AS rows FROM costs", "returns total"),
        ("SELECT SUM(amout) AS numerator, COUNT(*) AS rows FROM costs", "no column amout"),
        ("SELECT SUM(CAST(amount AS DOUBLE)) AS numerator, COUNT(*) AS rows FROM costs", "CAST to DOUBLE"),
        ("SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM costs NATURAL JOIN teams", "method"),
        ("SELECT SUM(amount) FILTER (WHERE TRUE) AS numerator, COUNT(*) AS rows FROM costs", "not allowed"),
        ("SELECT 1e5 AS numerator, 1 AS rows", "exactly"),
        ("SELECT 1 AS numerator, 1 AS rows", "reads no source"),
        ("WITH x AS (SELECT 1 AS n) SELECT SUM(n) AS numerator, COUNT(*) AS rows FROM x", "reads no source"),
        ("SELECT COUNT(*) AS numerator, 9 AS rows FROM costs", "rows is a constant"),
        ("SELECT 9 AS numerator, COUNT(*) AS rows FROM costs", "numerator is a constant"),
        ("SELECT 9 AS numerator, 9 AS rows FROM costs UNION SELECT 1, COUNT(*) FROM costs", "numerator"),
        (f"{HEAD} GROUP BY", "GROUP BY names nothing"),
        (f"{HEAD} UNION ALL SELECT 1_000, COUNT(*) FROM costs", "1_000 is no number"),
        (f"(WITH costs AS (SELECT size AS amount FROM teams) {HEAD}) UNION ALL {HEAD}", "in brackets before"),
        ("DELETE FROM costs", "one SELECT"),
        ("FROM costs", ""),
        ("PRAGMA x", ""),
    ],
)  # fmt: skip
def test_refused(sql: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_query(sql, SCOPES)
    assert said.lower() in caught.value.what.lower()


def test_counts_and_whole_numbers_are_widened() -> None:
    sql = "SELECT SUM(CASE WHEN amount > 1 THEN 1 ELSE 0 END) AS numerator, COUNT(*) AS rows FROM costs"
    written = read_query(sql, SCOPES).bind({})
    assert "SUM(CAST(CASE WHEN" in written
    assert "THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS DECIMAL(38,0)))" in written
    assert "CAST(COUNT(*) AS DECIMAL(38,0))" in written


def test_dates_are_folded() -> None:
    import datetime as dt

    query = read_query(f"{HEAD} WHERE day >= :as_of - 31 days", SCOPES)
    assert """"day" >= DATE '2026-02-28'""" in query.bind({"as_of": dt.date(2026, 3, 31)})


def test_tags_are_read() -> None:
    query = read_query(f"{HEAD} WHERE tag('owner') IS NOT NULL", SCOPES)
    assert query.tags == (("Tags", "owner"),)
    assert "Tags" in query.columns


@pytest.mark.parametrize(
    "numerator",
    [
        "9",
        "COUNT(*) * 0 + 100",
        "SUM(amount) - SUM(amount) + 5",
        "MAX(7)",
        "COUNT(DISTINCT 7)",
        "COUNT(NULL)",
        "SUM(0 * amount)",
        "COUNT(CASE WHEN amount IS NULL OR amount IS NOT NULL THEN 1 END)",
        "COUNT(CASE WHEN TRUE OR amount > 0 THEN 1 END)",
        "SUM(CASE WHEN amount > 0 THEN 3 ELSE 3 END)",
        "COUNT(CASE WHEN amount = amount THEN 1 END)",
        "NULLIF(SUM(amount), SUM(amount))",
        "COALESCE(7, COUNT(*))",
        "GREATEST(100, 100)",
        "(SELECT MAX(7) FROM teams)",
        "CASE WHEN TRUE THEN 100 ELSE COUNT(*) END",
        "CASE WHEN 1 = 1 THEN 100 ELSE COUNT(*) END",
        "CASE WHEN 1 + 1 = 3 OR 'a' IN ('b') THEN COUNT(*) ELSE 100 END",
        "CASE 1 WHEN 2 THEN COUNT(*) WHEN 1 THEN 100 END",
        "COUNT(CASE WHEN amount > 0 OR NOT (2 < 1) THEN 1 END)",
        "COUNT(CASE WHEN (amount > 0) IS TRUE OR (amount > 0) IS NOT TRUE THEN 1 END)",
        "CASE WHEN COUNT(*) > 5 THEN 1 ELSE 1.0 END",
        "CASE WHEN EXISTS (SELECT 1) THEN 100 ELSE COUNT(*) * 0 END",
        "CASE WHEN EXISTS (SELECT COUNT(*) FROM teams) THEN 100 ELSE 0 END",
        "CASE WHEN 1 IN (SELECT 1) THEN 100 ELSE 0 END",
    ],
)
def test_a_numerator_that_is_the_same_whatever_the_rows_is_refused(numerator: str) -> None:
    with pytest.raises(ExpressionError, match="numerator is a constant"):
        read_query(f"SELECT {numerator} AS numerator, COUNT(*) AS rows FROM costs", SCOPES)
    within = f"SELECT {numerator} AS n, COUNT(*) AS c FROM costs"
    with pytest.raises(ExpressionError, match="numerator is a constant"):
        read_query(f"SELECT x.n AS numerator, x.c AS rows FROM ({within}) AS x", SCOPES)


@pytest.mark.parametrize(
    ("numerator", "within"),
    [
        ("COUNT(*)", "SELECT COUNT(*) AS n FROM costs"),
        ("COUNT(*)", "SELECT 1 AS n UNION ALL SELECT 2"),
        ("SUM(g.n)", "SELECT 1 AS n UNION ALL SELECT 2"),
        ("SUM(1)", "SELECT MAX(amount) AS n FROM costs"),
        ("COUNT(*)", "SELECT DISTINCT 7 AS n FROM costs"),
        ("MAX(g.n)", "SELECT 7 AS n, team FROM costs"),
    ],
)
def test_a_count_of_rows_that_are_always_as_many_is_refused(numerator: str, within: str) -> None:
    rows = "(SELECT COUNT(*) FROM costs) AS rows"
    with pytest.raises(ExpressionError, match="numerator is a constant"):
        read_query(f"SELECT {numerator} AS numerator, {rows} FROM ({within}) AS g", SCOPES)
    with pytest.raises(ExpressionError, match="numerator is a constant"):
        read_query(f"WITH g AS ({within}) SELECT {numerator} AS numerator, {rows} FROM g", SCOPES)


@pytest.mark.parametrize(
    "within",
    [
        "SELECT COUNT(*) AS n FROM costs GROUP BY team",
        "SELECT COUNT(*) AS n FROM costs HAVING COUNT(*) > 5",
        "SELECT 1 AS n UNION SELECT size FROM teams",
        "SELECT COUNT(*) AS n FROM costs UNION SELECT COUNT(*) FROM teams",
        "SELECT DISTINCT team AS n FROM costs",
        "SELECT 1 AS n WHERE EXISTS (SELECT 1 FROM teams)",
        """SELECT a.n FROM (SELECT COUNT(*) AS n FROM costs) AS a
           JOIN (SELECT MAX(size) AS m FROM teams) AS b ON a.n > b.m""",
    ],
)
def test_rows_that_the_data_say_are_counted(within: str) -> None:
    rows = "(SELECT COUNT(*) FROM costs) AS rows"
    read_query(f"SELECT COUNT(*) AS numerator, {rows} FROM ({within}) AS g", SCOPES)


@pytest.mark.parametrize(
    ("top", "bottom"),
    [
        ("SUM(amount)", "(SUM((amount)))"),
        ("SUM(amount)", "SUM(c.amount)"),
        ("SUM(amount)", "SUM(amount) * 1"),
        ("SUM(amount)", "0 + 1 * SUM(amount) - 0"),
    ],
)
def test_one_number_that_is_written_in_two_ways_is_no_ratio(top: str, bottom: str) -> None:
    results = f"{top} AS numerator, {bottom} AS denominator, COUNT(*) AS rows"
    with pytest.raises(ExpressionError, match="numerator and denominator are the same"):
        read_query(f"SELECT {results} FROM costs AS c", SCOPES)
    within = f"SELECT {top} AS n, {bottom} AS d, COUNT(*) AS r FROM costs AS c GROUP BY team"
    outer = f"SELECT SUM(g.n) AS numerator, SUM(g.d) AS denominator, SUM(g.r) AS rows FROM ({within}) AS g"
    with pytest.raises(ExpressionError, match="numerator and denominator are the same"):
        read_query(outer, SCOPES)


@pytest.mark.parametrize("denominator", ["COUNT(*)", "COUNT(1)"])
def test_a_ratio_that_is_always_one_is_refused(denominator: str) -> None:
    sql = f"SELECT COUNT(*) AS numerator, {denominator} AS denominator, COUNT(*) AS rows FROM costs"
    with pytest.raises(ExpressionError, match="numerator and denominator are the same"):
        read_query(sql, SCOPES)


@pytest.mark.parametrize(
    ("numerator", "said"),
    [
        ("SUM(CAST(amount AS INTEGER))", "a decimal is not cast to INT"),
        ("SUM(CAST(amount AS DECIMAL(38, 1)))", "would round"),
        ("SUM(amount * 0.000000001 * 0.000000001 * 0.000000001)", "digits after the point"),
        ("SUM(DISTINCT amount)", "SUM(DISTINCT ...) drops amounts"),
        ("SUM(SUM(amount))", "within another sum"),
        ("SUM(team)", "arithmetic needs numbers"),
        ("amount", "neither grouped by nor added up"),
        ("COUNT(DISTINCT team, day)", "takes one value"),
        ("(SELECT size FROM teams)", "one value, whatever the rows"),
        ("COUNT()", "COUNT counts nothing here"),
        ("COUNT(CASE WHEN CAST(team AS VARCHAR(1)) = 'a' THEN 1 END)", "would cut"),
        ("SUM(CAST(amount AS DECIMAL(38 team, 2)))", "needs its digits"),
        ("SUM(1_000 * amount)", "1_000 is no number"),
        ("SUM(0x1F * amount)", "0x1F is no number"),
        ("(SELECT COUNT(*) FROM teams GROUP BY team)", "one value, whatever the rows"),
        ("COUNT(CASE WHEN team = 5 THEN 1 END)", "compared with"),
        ("COUNT(CASE WHEN team IN (SELECT size FROM teams) THEN 1 END)", "compared with"),
        ("COUNT(CASE WHEN day > 'soon' THEN 1 END)", "no date"),
        ("MAX(team)", "must be a whole or a decimal number"),
    ],
)
def test_a_value_is_read_as_in_a_condition(numerator: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_query(f"SELECT {numerator} AS numerator, COUNT(*) AS rows FROM costs", SCOPES)
    assert said in caught.value.what


def test_a_column_that_two_tables_have_is_named_with_its_table() -> None:
    joined = "FROM costs AS c JOIN teams AS t ON c.team = t.team"
    with pytest.raises(ExpressionError, match="team is a column of c and of t") as caught:
        read_query(f"SELECT COUNT(team) AS numerator, COUNT(*) AS rows {joined}", SCOPES)
    assert caught.value.hint == "write c.team or t.team"
    read_query(f"SELECT COUNT(t.team) AS numerator, COUNT(*) AS rows {joined}", SCOPES)
    using = joined.replace("ON c.team = t.team", "USING (team)")
    read_query(f"SELECT COUNT(team) AS numerator, COUNT(*) AS rows {using}", SCOPES)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
@pytest.mark.parametrize(
    "same",
    [
        "CASE WHEN amount > 1000 THEN 5 ELSE 3 END",
        "CASE WHEN amount > 1000 THEN NULL ELSE 2.5 END",
        "COALESCE(CASE WHEN amount > 1000 THEN 5 END, 7)",
        "GREATEST(CASE WHEN amount > 1000 THEN 5 ELSE 3 END, 2)",
        "NULLIF(7, amount)",
    ],
)
@pytest.mark.parametrize("test", ["1 < {}", "{} > 1", "2 BETWEEN 1 AND {}", "NOT (1 >= {})"])
def test_a_constant_on_either_side_is_compared_with_every_row(test: str, same: str, engine: Any) -> None:
    """polars answers once where all values of a column are known to be the same."""
    frame = pl.concat([pl.LazyFrame({"amount": pl.Series(["1.00"] * 4).cast(pl.Decimal(38, 2))})] * 3)
    condition = test.format(same)
    for sql in (
        f"SELECT COUNT(CASE WHEN {condition} THEN 1 END) AS numerator, COUNT(*) AS rows FROM costs",
        f"SELECT COUNT(*) + 0 AS numerator, COUNT(*) AS rows FROM costs WHERE {condition}",
    ):
        query = read_query(sql, SCOPES)
        result = run(sql, query.bind({}), {"costs": frame}, sliced=False)
        assert result.collect(engine=engine).row(0) == (12, 12)
