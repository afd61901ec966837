"""Numbers in words: never rounded to a limit, and a distance that tells what to do."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.engine.formatting import distance, exact, margin, number, observed
from phasegate.engine.plan import Comparison, Requirement
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.verdict import Verdict

DAY = dt.date(2026, 3, 10)
F = Fraction


@pytest.mark.parametrize(
    ("value", "unit", "near", "text"),
    [
        (F(95, 100), "%", [], "95 %"),
        (F(94999, 100000), "%", [F(95, 100)], "94.999 %"),
        (F(949999, 1000000), "%", [F(95, 100)], "94.9999 %"),
        (F(2, 3), "%", [], "66.67 %"),
        (F(1234567), "USD", [], "1,234,567.00 USD"),
        (F(-5, 2), "USD", [], "-2.50 USD"),
        (F(31), "days", [], "31 days"),
        (F(1), "days", [], "1 day"),
        (F(1), "hours", [], "1 hour"),
        (F(-1), "minutes", [], "-1 minute"),
        (F(1), "seconds", [], "1 second"),
        (F(7, 2), "hours", [], "3.5 hours"),
        (F(10**10), "seconds", [], "10,000,000,000 seconds"),
        (F(1, 36), "hours", [F(3, 100)], "0.028 hours"),
        (F(1200), "points", [], "1,200 points"),
        (F(1), "points", [], "1 points"),
        (F(1), "FTE", [], "1 FTE"),
        (F(5, 2), "FTE", [], "2.5 FTE"),
        (F(1, 3), None, [], "0.33"),
        (F(-1, 1000), "%", [F(0)], "-0.1 %"),
        (F(-1, 10**7), "%", [F(0)], "-0.00001 %"),
        (F(12345), None, [], "12,345"),
        (F(95, 100) - F(1, 10**30), "%", [F(95, 100)], "94.9999999999999999999999999999 %"),
    ],
)
def test_a_number_is_written_as_people_write_it(value, unit, near, text):
    assert number(value, unit, near) == text


@given(
    st.fractions(min_value=0, max_value=2, max_denominator=10**6),
    st.sampled_from([F(85, 100), F(9, 10), F(95, 100), F(92, 100)]),
)
def test_a_value_beside_a_limit_is_never_shown_as_the_limit(value, limit):
    same = number(value, "%", [limit]) == number(limit, "%", [limit])
    assert same == (value == limit)


LIMIT = F(95, 100)


def ask(comparator: str = ">=", limit: Fraction = LIMIT, unit: str | None = "%") -> Requirement:
    return Requirement("1/a/m", "m", "", f"{comparator} x", unit, (Comparison(comparator, limit),))


def fact(numerator: int, denominator: int, unit: str | None = "%", **more: object) -> Fact:
    return Fact("m", "", "present", unit=unit, numerator=numerator, denominator=denominator, **more)


LINES = Measure.model_validate(
    {"title": "reconciled", "from": "a", "ratio": {"of": "x"}, "items": "lines", "must": "reconcile"}
)
AMOUNTS = Measure.model_validate(
    {"title": "tagged", "from": "a", "share": {"of": "x", "value": "y"}, "items": "cost", "must": "be tagged"}
)
ACCURACY = Measure.model_validate(
    {"title": "plan", "from": "a", "accuracy": {"actual": "x", "forecast": "y"}, "items": "USD spent"}
)
CHANGE = Measure.model_validate({"title": "change", "change": {"of": "m", "as": "difference"}})
COUNT = Measure.model_validate({"title": "open", "from": "a", "count": "x"})


@pytest.mark.parametrize(
    ("requirement", "found", "measure", "text"),
    [
        (ask(), fact(252, 280), LINES, "14 more of 280 lines must reconcile"),
        (ask(">"), fact(266, 280), LINES, "1 more of 280 lines must reconcile"),
        (ask(), fact(1, 12_001), LINES, "11,400 more of 12,001 lines must reconcile"),
        (ask(">"), fact(1, 12_000), LINES, "11,400 more of 12,000 lines must reconcile"),
        (ask("<=", F(5, 100)), fact(12_000, 12_001), LINES, "11,400 fewer of 12,001 lines may reconcile"),
        (ask("<=", F(5, 100)), fact(20, 280), LINES, "6 fewer of 280 lines may reconcile"),
        (ask("<", F(5, 100)), fact(14, 280), LINES, "1 fewer of 280 lines may reconcile"),
        (ask(), fact(9000, 10000, scale=2), AMOUNTS, "5 more of 100 (cost) must be tagged"),
        (ask(), fact(189999, 199999, scale=2), AMOUNTS, "0.01 more of 1,999.99 (cost) must be tagged"),
        (ask(">"), fact(9500, 10000, scale=2), AMOUNTS, "0.01 more of 100 (cost) must be tagged"),
        (
            ask(),
            fact(9000, 10000, scale=2),
            ACCURACY,
            "the differences must shrink by 5, measured on 100 (USD spent)",
        ),
        (ask(), fact(9000, 10000), CHANGE, "it must rise by 5 percentage points"),
        (ask(">=", F(3), None), fact(1, 1, None), COUNT, "it must rise by 2"),
        (ask("<=", F(3), "USD"), fact(30001, 10000, "USD"), COUNT, "it must fall by 0.0001 USD"),
        (ask("<=", F(3), None), fact(7, 1, None), COUNT, "it must fall by 4"),
        (ask("<=", F(31), "days"), fact(33, 1, "days"), COUNT, "it must fall by 2 days"),
        (ask("<", F(31), "days"), fact(31, 1, "days"), COUNT, "it must fall below 31 days"),
    ],
)
def test_the_distance_says_what_is_missing(requirement, found, measure, text):
    assert distance(requirement, found, measure, Verdict.FAIL, DAY) == text


@given(st.integers(1, 2000), st.data(), st.sampled_from([F(85, 100), F(9, 10), F(92, 100), F(95, 100)]))
def test_the_distance_is_enough_and_not_one_more(denominator, data, limit):
    numerator = data.draw(st.integers(0, denominator))
    text = distance(ask(">=", limit), fact(numerator, denominator), LINES, Verdict.FAIL, DAY)
    if F(numerator, denominator) >= limit:
        assert text is None
        return
    more = int(text.split()[0].replace(",", ""))
    assert F(numerator + more, denominator) >= limit > F(numerator + more - 1, denominator)


def test_a_pass_tells_how_long_it_lasts():
    fresh = fact(1, 1, newest=dt.date(2026, 3, 1), max_age_days=31)
    assert distance(ask(), fresh, LINES, Verdict.PASS, DAY) == "22 days until it goes stale"


@pytest.mark.parametrize(
    ("requirement", "found", "text"),
    [
        (ask(), fact(252, 280), "-5 points"),
        (ask(), fact(280, 280), "+5 points"),
        (ask("<=", F(31), "days"), fact(33, 1, "days"), "-2 days"),
        (ask("<=", F(31), "days"), fact(32, 1, "days"), "-1 day"),
        (ask(), fact(94, 100), "-1 point"),
        (ask(">=", F(3), "USD"), fact(7, 2, "USD"), "+0.50 USD"),
        (ask("==", F(1), None), fact(1, 1, None), None),
    ],
)
def test_the_margin_has_the_sign_of_the_verdict(requirement, found, text):
    assert margin(requirement, found) == text


@pytest.mark.parametrize(
    ("found", "kind", "text"),
    [
        (fact(266, 280), "ratio", "266 of 280 = 95 %"),
        (fact(123456, 200000, scale=2), "share", "1,234.56 of 2,000 = 61.73 %"),
        (fact(-5, 100, scale=1), "accuracy", "-0.5 of 10 = -5 %"),
        (fact(1, 1), "ratio", "100 %"),
        # what a change or a mean is divided by is no whole that people could know
        (fact(52_853_627, 698_662_100), "change", "7.56 %"),
        (fact(475, 500), "mean", "95 %"),
        (Fact("m", "", "present", truth=True), "exists", "yes"),
        (Fact("m", "", "present", text="high"), "latest", "high"),
        (Fact("m", "", "unknown"), None, "no value"),
    ],
)
def test_what_was_observed_is_told_with_its_parts(found, kind, text):
    assert observed(ask(), found, kind) == text


@given(st.integers(-(10**40), 10**40), st.integers(0, 18))
def test_an_exact_amount_loses_no_digit(numerator, scale):
    whole, _, fraction = exact(numerator, scale).replace(",", "").partition(".")
    sign = -1 if whole.startswith("-") else 1
    assert int(whole) * 10**scale + sign * int(fraction.ljust(scale, "0") or 0) == numerator


@pytest.mark.parametrize(
    ("verdict", "more", "text"),
    [
        (Verdict.PASS, {"newest": dt.date(2026, 3, 1), "max_age_days": 31}, "22 days until it goes stale"),
        (Verdict.PASS, {"newest": dt.date(2026, 3, 1), "max_age_days": 10}, "1 day until it goes stale"),
        (Verdict.PASS, {"newest": dt.date(2026, 3, 1), "max_age_days": 9}, "0 days until it goes stale"),
        (Verdict.PASS, {"newest": dt.date(2026, 3, 1), "max_age_days": 8}, None),
        (Verdict.PASS, {"newest": dt.date(2026, 3, 1)}, None),
        (Verdict.PASS, {"max_age_days": 31}, None),
        (Verdict.NOT_APPLICABLE, {"newest": dt.date(2026, 3, 1), "max_age_days": 31}, None),
        (Verdict.STALE, {"status": "stale"}, "newer evidence is needed"),
        (Verdict.UNKNOWN, {"status": "unknown"}, "evidence is needed"),
        (Verdict.ERROR, {"status": "error"}, "the evidence must be mended"),
    ],
)
def test_the_distance_of_what_is_not_compared(verdict, more, text):
    found = Fact("m", "", **{"status": "present", "unit": "%", "numerator": 1, "denominator": 9, **more})
    assert distance(ask(), found, LINES, verdict, DAY) == text
