"""`sql`: whole queries over the declared sources."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from phasegate.facts.model.fact import Fact, FactSet

One = Callable[..., Fact]
DAY = dt.date(2026, 3, 1)
LINES = [
    {"day": DAY, "point": "1.1", "team": "a", "met": True, "amount": "1.25", "units": 2},
    {
        "day": DAY - dt.timedelta(days=40),
        "point": "1.1",
        "team": "b",
        "met": None,
        "amount": "2.50",
        "units": 3,
    },
    {"day": DAY, "point": "1.2", "team": "a", "met": False, "amount": "-0.75", "units": 4},
]
COUNTED = "COUNT(*) AS rows FROM lines"
EACH = "COUNT(*) AS rows FROM lines GROUP BY point, amount"
MET = "COUNT(*) AS rows FROM lines WHERE met IS TRUE"
PLANS = [{"point": "1.1", "team": "a", "planned": "4"}]


@pytest.mark.parametrize(
    ("sql", "numerator", "denominator", "rows"),
    [
        ("SELECT SUM(amount) AS numerator, " + COUNTED, 300, 100, 3),
        (
            f"SELECT COUNT(CASE WHEN met IS TRUE THEN 1 END) AS numerator, 3 AS denominator, {COUNTED}",
            1,
            3,
            3,
        ),
        ("SELECT SUM(CASE WHEN met IS NOT TRUE THEN 1 ELSE 0 END) AS numerator, " + COUNTED, 2, 1, 3),
        (f"SELECT SUM(units * 2) AS numerator, {COUNTED} WHERE day >= :as_of - 31 days", 12, 1, 2),
        (
            """SELECT SUM(LEAST(l.amount, p.planned)) AS numerator,
                      SUM(p.planned) AS denominator, COUNT(*) AS rows
               FROM lines AS l JOIN plans AS p ON p.team = l.team AND p.point = l.point""",
            125,
            400,
            1,
        ),
        (
            """WITH best AS (SELECT team, MAX(amount) AS amount FROM lines GROUP BY team)
               SELECT SUM(amount) AS numerator, COUNT(*) AS rows FROM best""",
            375,
            100,
            2,
        ),
        ("SELECT SUM(days_between(day, :as_of)) AS numerator, " + COUNTED, 130, 1, 3),
        (f"SELECT COUNT(*) AS numerator, {COUNTED} WHERE date_plus(day, 30) = :as_of", 2, 1, 2),
    ],
)
def test_value(one: One, sql: str, numerator: int, denominator: int, rows: int) -> None:
    fact = one({"sql": sql, "sources": ["plans"]}, LINES, PLANS)
    assert (fact.status, fact.reason) == ("present", "")
    assert fact.value == Fraction(numerator, denominator)
    assert fact.rows == rows


def test_slices_are_the_packs_points(measure: Callable[..., FactSet]) -> None:
    sql = f"SELECT point AS slice, SUM(amount) AS numerator, MAX(day) AS newest, {COUNTED} GROUP BY point"
    facts = measure({"m": {"sql": sql, "by": "point"}}, LINES).slices("m")
    assert [(fact.slice, fact.value, fact.newest) for fact in facts] == [
        ("1.1", Fraction(15, 4), DAY),
        ("1.2", Fraction(-3, 4), DAY),
        ("2.1", None, None),
    ]


@pytest.mark.parametrize(
    ("sql", "by", "status", "reason"),
    [
        (f"SELECT SUM(amount) AS numerator, {COUNTED} WHERE FALSE", None, "unknown", "no rows"),
        (f"SELECT NULLIF(COUNT(*), 1) AS numerator, {MET}", None, "error", "no numerator"),
        (
            f"SELECT MIN(units) AS numerator, CASE WHEN COUNT(*) > 99 THEN 1 END AS denominator, {MET}",
            None,
            "error",
            "no denominator",
        ),
        (f"SELECT MIN(units) AS numerator, 0 AS denominator, {MET}", None, "unknown", "denominator is zero"),
        (f"SELECT COUNT(*) AS numerator, -2 AS denominator, {MET}", None, "error", "negative"),
        (f"SELECT amount AS numerator, {EACH}", None, "error", "more than one row"),
        (f"SELECT point AS slice, amount AS numerator, {EACH}", "point", "error", "a slice more than once"),
        (f"SELECT amount AS numerator, {EACH}", "point", "error", "returns a column slice"),
        (f"SELECT team AS numerator, {COUNTED} GROUP BY team", None, "error", "whole or a decimal"),
        ("SELECT SUM(rate) AS numerator, COUNT(*) AS rows FROM floats", None, "error", "no source"),
        (
            "SELECT SUM(amount) AS numerator, COUNT(*) AS rows, 2 AS nulls FROM lines",
            None,
            "error",
            "no value",
        ),
    ],
)
def test_status(one: One, sql: str, by: str | None, status: str, reason: str) -> None:
    definition: dict[str, Any] = {"sql": sql, **({"by": by} if by else {})}
    fact = one(definition, LINES, of="1.1" if by else "")
    assert fact.status == status
    assert reason in fact.reason


def test_sums_do_not_wrap(one: One) -> None:
    big = [{"day": DAY, "units": 2**63 - 1}] * 4
    assert one({"sql": "SELECT SUM(units) AS numerator, " + COUNTED}, big).value == 4 * (2**63 - 1)
    sql = """WITH counted AS (SELECT day, COUNT(*) AS n FROM lines GROUP BY day)
             SELECT SUM(n * 1000000000000000000) AS numerator, SUM(n) AS rows FROM counted"""
    assert one({"sql": sql}, big * 5).value == 20 * 10**18
