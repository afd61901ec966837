"""Ways in which gates elsewhere passed when they must not, as far as facts can prevent them."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from phasegate.facts.model.fact import Fact, FactSet

One = Callable[..., Fact]
DAY = dt.date(2026, 3, 1)
ROW = {"day": DAY, "point": "1.1", "met": True, "amount": 1, "plan": 1}


@pytest.mark.parametrize(
    "definition",
    [
        {"ratio": {"of": "met"}},
        {"share": {"of": "met", "value": "amount"}},
        {"attainment": {"actual": "amount", "expected": "plan"}},
        {"accuracy": {"actual": "amount", "forecast": "plan"}},
        {"accuracy": {"actual": "amount", "forecast": "plan"}, "grain": "point"},
        {"count": "met"},
        {"exists": "met"},
        {"sum": "amount"},
        {"distinct": "point"},
    ],
)
def test_no_data_is_not_100_percent(one: One, definition: dict[str, Any]) -> None:
    for rows in ([], [ROW | {"day": dt.date(2026, 4, 1)}]):
        fact = one(definition, rows)
        assert (fact.status, fact.value, fact.truth, fact.rows) == ("unknown", None, None, 0)


def test_a_point_without_rows_is_a_fact_without_rows(measure: Callable[..., FactSet]) -> None:
    facts = measure({"m": {"ratio": {"of": "met"}, "by": "point"}}, [ROW]).slices("m")
    assert [(fact.slice, fact.status) for fact in facts] == [
        ("1.1", "present"), ("1.2", "unknown"), ("2.1", "unknown"),
    ]  # fmt: skip


def test_a_percentage_is_not_rounded_up_to_its_threshold(one: One) -> None:
    rows = [ROW | {"amount": "94.999", "plan": 100}, ROW | {"amount": "0.00", "plan": "0.00"}]
    contracts: dict[str, Any] = {}
    fact = one({"attainment": {"actual": "amount", "expected": "plan"}}, _milli(rows), contracts=contracts)
    assert fact.value is not None
    assert fact.value < Fraction(95, 100)


def _milli(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same shares in whole units, for columns of two digits."""
    return [
        row | {"amount": Fraction(row["amount"]) * 1000, "plan": Fraction(row["plan"]) * 1000} for row in rows
    ]


def test_small_samples_prove_nothing(one: One) -> None:
    fact = one({"ratio": {"of": "met"}, "min_rows": 25}, [ROW] * 24)
    assert (fact.status, fact.value) == ("unknown", None)
    assert one({"ratio": {"of": "met"}, "min_rows": 25}, [ROW] * 25).value == 1


def test_no_baseline_is_no_improvement(measure: Callable[..., FactSet]) -> None:
    definitions = {"now": {"ratio": {"of": "met"}}, "m": {"change": {"of": "now", "as": "rise"}}}
    facts = measure(definitions, [ROW], parameters={"cycle_start": DAY}).facts
    assert (facts["now", ""].status, facts["m", ""].status) == ("present", "unknown")


def test_a_zero_is_a_value(one: One) -> None:
    """Neither a threshold of 0 nor a value of 0 is taken for one that is missing."""
    fact = one({"count": "met"}, [ROW | {"met": False}])
    assert (fact.status, fact.numerator, fact.value) == ("present", 0, 0)
    fact = one({"sum": "amount"}, [ROW | {"amount": 0}])
    assert (fact.status, fact.value) == ("present", 0)


def test_a_rule_that_fails_is_not_dropped(measure: Callable[..., FactSet]) -> None:
    facts = measure(
        {"m": {"sum": "CAST(kind AS INTEGER)"}, "n": {"count": "met"}}, [ROW | {"kind": "x"}]
    ).facts
    assert (facts["m", ""].status, facts["n", ""].status) == ("error", "present")


def test_rows_that_a_join_multiplies_are_no_success(one: One) -> None:
    sql = """SELECT SUM(l.amount) AS numerator, 2 AS denominator, COUNT(*) AS rows
             FROM lines AS l JOIN plans AS p ON p.point = l.point"""
    definition = {"sql": sql, "sources": ["plans"], "unit": "%", "valid": ["0 %", "100 %"]}
    plans = [{"point": "1.1", "team": team} for team in "abc"]
    fact = one(definition, [ROW], plans)
    assert fact.status == "error"
    assert fact.reason.endswith("150.00 % is above 100 %, the most that is valid")
