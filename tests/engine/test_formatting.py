"""Numbers in words: never rounded to a limit, and a distance that tells what to do."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.engine.formatting import distance, exact, judged, margin, number, observed, why_unknown
from phasegate.engine.plan import Comparison, Requirement
from phasegate.facts.model.ends import Ends, Lacking
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


FIX = "write `(closed <= due) IS TRUE` if no date means not met"


def between(low: tuple[int, int], high: tuple[int, int], unit: str | None = "%", rows: int = 3) -> Fact:
    """A number that rows leave open, all but one of which lack their ``closed``."""
    lacking = (Lacking("closed", rows - 1),) if rows > 1 else ()
    ends = Ends(low, high, rows)
    return Fact("m", "", "present", unit=unit, ends=ends, rows=4, undetermined=rows, lacking=lacking, fix=FIX)


THREE = ": 3 rows lack what decides whether they count"
OPEN = between((0, 4), (3, 4))
BAND = Requirement(
    "1/a/m", "m", "", "between 2 and 5", None, (Comparison(">=", F(2)), Comparison("<=", F(5)))
)


@pytest.mark.parametrize(
    ("requirement", "found", "verdict", "seen", "told", "gap", "missing"),
    [
        (
            ask(limit=F(1, 2)),
            OPEN,
            Verdict.UNKNOWN,
            "0 % to 75 %: 3 rows lack what decides whether they count",
            f"{FIX}; found 0 % to 75 %, where >= x (50 %) is required{THREE}",
            "-50 points",
            f"give 2 rows their `closed`, or {FIX}; at worst 2 more of 4 lines must reconcile",
        ),
        (
            ask(),
            OPEN,
            Verdict.FAIL,
            "0 % to 75 %: 3 rows lack what decides whether they count",
            "0 % to 75 %, where >= x (95 %) is required: 3 rows lack what decides whether they count",
            "-95 points",
            f"give 2 rows their `closed`, or {FIX}; at worst 4 more of 4 lines must reconcile",
        ),
        (
            ask("<="),
            OPEN,
            Verdict.PASS,
            "0 % to 75 %: 3 rows lack what decides whether they count",
            "0 % to 75 %, as required (<= x (95 %)): 3 rows lack what decides whether they count",
            "+20 points",
            None,
        ),
        (
            ask("==", F(3), None),
            between((3, 1), (4, 1), None, 1),
            Verdict.UNKNOWN,
            "3 to 4: 1 row lacks what decides whether it counts",
            f"{FIX}; found 3 to 4, where == x (3) is required: 1 row lacks what decides whether it counts",
            None,
            f"{FIX}; it must equal 3",
        ),
        (
            BAND,
            between((1, 1), (6, 1), None, 5),
            Verdict.UNKNOWN,
            "1 to 6: 5 rows lack what decides whether they count",
            f"{FIX}; found 1 to 6, where between 2 and 5 is required{THREE.replace('3', '5')}",
            "-1",
            f"give 4 rows their `closed`, or {FIX}; at worst it must rise by 1 and it must fall by 1",
        ),
        (
            ask(limit=F(949_999, 10**6)),
            between((95, 100), (96, 100)),
            Verdict.PASS,
            "95 % to 96 %: 3 rows lack what decides whether they count",
            "95 % to 96 %, as required (>= x (95 %)): 3 rows lack what decides whether they count",
            "+0.0001 points",
            None,
        ),
    ],
)
def test_a_number_that_rows_leave_open_is_told_with_what_to_do(
    requirement, found, verdict, seen, told, gap, missing
):
    assert observed(requirement, found, "ratio") == seen
    assert judged(requirement, found, verdict, "ratio") == told
    assert margin(requirement, found) == gap
    assert distance(requirement, found, LINES, verdict, DAY) == missing


def test_a_truth_value_that_rows_leave_open_is_told_with_what_to_do():
    found = Fact("m", "", "unknown", "no or yes", undetermined=2, lacking=(Lacking("closed", 2),), fix=FIX)
    assert why_unknown(found) == f"{FIX}; no or yes"
    asked = Requirement("r", "m", "", "true", expected=True)
    assert distance(asked, found, None, Verdict.UNKNOWN, DAY) == f"give 2 rows their `closed`, or {FIX}"


@given(st.integers(-(10**40), 10**40), st.integers(0, 18))
def test_an_exact_amount_loses_no_digit(numerator, scale):
    whole, _, fraction = exact(numerator, scale).replace(",", "").partition(".")
    sign = -1 if whole.startswith("-") else 1
    assert int(whole) * 10**scale + sign * int(fraction.ljust(scale, "0") or 0) == numerator
