"""Whole queries: what a `sql` measure may be."""

import pytest

from phasegate.facts.expressions import ExpressionError, Kind, Scope
from phasegate.facts.expressions_query import read_query

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
    ],
)
def test_accepted(sql: str) -> None:
    assert read_query(sql, SCOPES).sql == sql


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
