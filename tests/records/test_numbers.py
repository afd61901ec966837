"""Numbers of recorded facts and what is made of those that are none; numbers of requirements for programs."""

from __future__ import annotations

import datetime as dt
import json
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.engine import plan
from phasegate.engine.plan import Comparison, Requirement
from phasegate.facts.model.ends import Ends
from phasegate.facts.model.fact import Fact
from phasegate.records.numbers import extremes, floats, read_extremes, requirement_numbers
from phasegate.rules.values.bounds import Bound

OPERATORS: dict[str, Any] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le,
    "<": operator.lt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [
        ("18", "20", 0.9),
        ("-1", "4", -0.25),
        (None, None, None),
        ("1", "0", None),
        ("x", "1", None),
        ("1" + "0" * 400, "1", None),
        ("1", "1" + "0" * 400, 0.0),
        ("9" * 5_000, "1", None),
        ("1", 10, 0.1),
        ([], "1", None),
    ],
)
def test_a_value_that_a_plot_can_not_have_is_none(
    numerator: object, denominator: object, value: float | None
) -> None:
    ends = None if value is None else (value, value)
    assert floats({"numerator": numerator, "denominator": denominator}) == ends
    json.dumps(ends, allow_nan=False)


@pytest.mark.parametrize(
    ("undetermined", "found"),
    [
        ({"low": ["5", "20"], "high": ["9", "20"]}, (Fraction(1, 4), Fraction(9, 20))),
        ({"low": ["5", "0"], "high": ["9", "20"]}, None),
        ({"low": ["5"], "high": ["9", "20"]}, None),
        ({"low": [], "high": []}, None),
        ({"low": ["x", "1"], "high": ["9", "20"]}, None),
        ({"low": ["5", "20"]}, None),
        ({}, None),
    ],
)
def test_a_number_with_two_ends_has_both_or_none(
    undetermined: dict[str, list[str]], found: tuple[Fraction, Fraction] | None
) -> None:
    fact = {"numerator": None, "denominator": None, "undetermined": undetermined}
    assert extremes(fact) == found
    assert floats(fact) == (None if found is None else (0.25, 0.45))


def test_undetermined_rows_beside_a_known_number_change_nothing() -> None:
    fact = {"numerator": "18", "denominator": "20", "undetermined": {"rows": 2}}
    assert extremes(fact) == (Fraction(9, 10), Fraction(9, 10))


@pytest.mark.parametrize("pair", [("x", "1"), ("1", "0"), ("1", None)])
def test_who_must_have_it_exactly_is_told_that_it_is_no_number(pair: tuple[str, str | None]) -> None:
    with pytest.raises(ValueError, match=r"number|literal"):
        read_extremes({"numerator": pair[0], "denominator": pair[1]})


DAY = dt.date(2026, 3, 10)
FRESH = {"max_age_days": 31, "newest": dt.date(2026, 2, 20)}
NINE_TENTHS = {"numerator": 18, "denominator": 20}
ENDS = {"ends": Ends((5, 20), (9, 20), 4)}


@pytest.mark.parametrize(
    ("bound", "fact", "numbers"),
    [
        (
            ">= 95 %",
            NINE_TENTHS,
            {"value": "90", "limit_value": "95", "margin_value": "-5", "rounded": False},
        ),
        (
            "<= 5 %",
            {"numerator": 1, "denominator": 3},
            {
                "value": "33.333333333333",
                "limit_value": "5",
                "margin_value": "-28.333333333333",
                "rounded": True,
            },
        ),
        (
            ">= 40 %",
            ENDS,
            {
                "value_low": "25",
                "value_high": "45",
                "limit_value": "40",
                "margin_low": "-15",
                "margin_high": "5",
                "rounded": False,
            },
        ),
        (
            "between 20 and 40 %",
            NINE_TENTHS,
            {
                "value": "90",
                "limit_low": "20",
                "limit_high": "40",
                "margin_value": "-50",
                "rounded": False,
            },
        ),
        ("== 90 %", NINE_TENTHS, {"value": "90", "limit_value": "90", "rounded": False}),
        (
            "<= 31 days",
            {"unit": "days", "numerator": 29, "denominator": 2},
            {"value": "14.5", "limit_value": "31", "margin_value": "16.5", "rounded": False},
        ),
        (  # next to nothing is not nothing
            "> -1",
            {"unit": None, "numerator": 1, "denominator": 3 * 10**20},
            {
                "value": "0.000000000000000000003333",
                "limit_value": "-1",
                "margin_value": "1",
                "rounded": True,
            },
        ),
        (
            ">= 95 %",
            {**NINE_TENTHS, **FRESH},
            {"value": "90", "limit_value": "95", "margin_value": "-5", "rounded": False, "days_left": 13},
        ),
        (
            ">= 95 %",
            {**NINE_TENTHS, **FRESH, "status": "stale", "max_age_days": 10},
            {"value": "90", "limit_value": "95", "rounded": False, "days_left": -8},
        ),
        (">= 95 %", {"status": "unknown", **FRESH}, {"limit_value": "95", "rounded": False}),
        (">= 95 %", {**NINE_TENTHS, "unit": "USD"}, {"limit_value": "95", "rounded": False}),
        ("true", {"unit": None, "truth": True, **FRESH}, {"days_left": 13}),
        ("in [low, high]", {"unit": None, "text": "low"}, {}),
    ],
)
def test_what_programs_compare_of_a_requirement(
    bound: str, fact: dict[str, Any], numbers: dict[str, Any]
) -> None:
    read = Bound.parse(bound)
    tests = plan.tests_of(read)
    asked = Requirement(
        "1/a/m", "m", "", bound, read.unit, tests, expected=read.expected, options=read.options
    )
    found = Fact(**{"measure": "m", "slice": "", "status": "present", "unit": "%", **fact})
    assert requirement_numbers(asked, found, DAY) == numbers


@pytest.mark.parametrize("comparator", [">=", ">", "<=", "<", "==", "!="])
@given(
    st.fractions(0, 2), st.sampled_from([Fraction(19, 20), Fraction(2, 3), Fraction(1, 10**17)]), st.data()
)
def test_value_and_limit_decide_as_the_exact_ones_do(
    comparator: Any, value: Fraction, limit: Fraction, data: st.DataObject
) -> None:
    value = data.draw(
        st.sampled_from([value, limit, *(limit + Fraction(sign, 3 * 10**13) for sign in (1, -1))])
    )
    asked = Requirement("1/a/m", "m", "", "x", "%", (Comparison(comparator, limit),))
    fact = Fact("m", "", "present", unit="%", numerator=value.numerator, denominator=value.denominator)
    numbers = requirement_numbers(asked, fact, DAY)
    decide = OPERATORS[comparator]
    assert decide(Decimal(numbers["value"]), Decimal(numbers["limit_value"])) == decide(value, limit)
    if "margin_value" in numbers:
        met = Decimal(numbers["margin_value"])
        assert (met >= 0 if "=" in comparator else met > 0) == decide(value, limit)
