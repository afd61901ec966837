"""Quantities and bounds: what they mean exactly, and what is none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.values.bounds import Bound, BoundError
from phasegate.rules.values.units import Quantity, QuantityError, days_in, is_currency, meant_by, unit_fault


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("25", Fraction(25), None),
        ("0", Fraction(0), None),
        ("-2.5", Fraction(-5, 2), None),
        ("+3", Fraction(3), None),
        ("1_000_000", Fraction(10**6), None),
        ("95 %", Fraction(95, 100), "%"),
        ("95%", Fraction(95, 100), "%"),
        ("94.999 %", Fraction(94999, 100000), "%"),
        ("31 days", Fraction(31), "days"),
        ("1 day", Fraction(1), "days"),
        ("17.3 M USD", Fraction(17_300_000), "USD"),
        ("2 k EUR", Fraction(2000), "EUR"),
        ("1 bn USD", Fraction(10**9), "USD"),
        ("0.1", Fraction(1, 10), None),
        ("  5   % ", Fraction(5, 100), "%"),
        ("90 minutes", Fraction(90), "minutes"),
        ("90minutes", Fraction(90), "minutes"),
        ("1 minute", Fraction(1), "minutes"),
        ("1.5 hours", Fraction(3, 2), "hours"),
        ("1 hour", Fraction(1), "hours"),
        ("10_000_000_000 seconds", Fraction(10**10), "seconds"),
        ("1 second", Fraction(1), "seconds"),
        ("20 points", Fraction(20), "points"),
        ("-20 points", Fraction(-20), "points"),
        ("1 point", Fraction(1), "point"),
        ("3 FTE", Fraction(3), "FTE"),
        ("2 k FTE", Fraction(2000), "FTE"),
        ("12.5 USD/hour", Fraction(25, 2), "USD/hour"),
        ("5 person-days", Fraction(5), "person-days"),
        ("5 story_points", Fraction(5), "story_points"),
        ("5 m2", Fraction(5), "m2"),
        ("5 Stück", Fraction(5), "Stück"),
        ("5 apples", Fraction(5), "apples"),
        ("5 " + "x" * 30, Fraction(5), "x" * 30),
        ("5 " + " " * 53 + "USD/h", Fraction(5), "USD/h"),
        ("9" * 18, Fraction(10**18 - 1), None),
        ("-" + "9" * 18, Fraction(1 - 10**18), None),
        ("0." + "0" * 16 + "1", Fraction(1, 10**17), None),
    ],
)
def test_a_quantity_is_exact(text: str, value: Fraction, unit: str | None) -> None:
    assert Quantity.parse(text) == Quantity(value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "5 M",
        "5 M %",
        "1e5",
        "1,5",
        "nan",
        "inf",
        "5 usd",
        "five",
        "five points",
        "20points",
        "20 story points",
        "20 points per day",
        "20 k points",
        "20 and",
        "20 success",
        "20 True",
        "20 k",
        "5 Days",
        "5 HOURS",
        "95 percent",
        "95 Pct",
        "5 dollars",
        "5 Euro",
        "5 €",
        "5 _points",
        "5 /day",
        "5 2points",
        "5 " + "x" * 31,
        "1_00 points",
        "1,200 points",
        "1_00",
        "--5",
        "5 days ago",
        "٥",
        "5 %%",
        ".5",
        "1" + "0" * 18,
        "0." + "0" * 17 + "1",
        "0." + "0" * 15 + "1 %",
        "-1" + "0" * 18,
        "5 " + " " * 54 + "USD/h",
        "5 " + "x" * 59,
    ],
)
def test_what_is_no_quantity_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(QuantityError, match=r"write a number.*95 %"):
        Quantity.parse(text)


@pytest.mark.parametrize(
    ("text", "shown", "meant"),
    [
        ("x" * 60, "x" * 60, None),
        ("x" * 61, "x" * 60 + "...", None),
        ("5 usd", "5 usd", "did you mean '5 USD'?"),
        ("95 percent", "95 percent", "did you mean '95 %'?"),
        ("95 Pct", "95 Pct", "did you mean '95 %'?"),
        ("5 dollars", "5 dollars", "did you mean '5 USD'?"),
        ("5 Euro", "5 Euro", "did you mean '5 EUR'?"),
        ("5 HOURS", "5 HOURS", "did you mean '5 hours'?"),
        ("5 Day", "5 Day", "did you mean '5 days'?"),
        ("20 kpi", "20 kpi", None),
        ("20 k points", "20 k points", "k stands before a currency only: write '20_000 points'"),
        ("1.5 M rows", "1.5 M rows", "M stands before a currency only: write '1_500_000 rows'"),
        ("1_000.5k rows", "1_000.5k rows", "k stands before a currency only: write '1_000_500 rows'"),
        ("2.0005 k rows", "2.0005 k rows", None),
        ("2 k " + "x" * 57, "2 k " + "x" * 56 + "...", None),
    ],
)
def test_what_is_no_quantity_is_told_with_what_was_meant(text: str, shown: str, meant: str | None) -> None:
    with pytest.raises(QuantityError) as caught:
        Quantity.parse(text)
    error = caught.value
    assert (error.short, error.meant) == (f"{shown!r} is not a quantity", meant)
    assert error.hint == (meant or QuantityError.hint)
    assert str(error) == f"{error.short}: {f'{meant}; ' if meant else ''}{QuantityError.hint}"


@pytest.mark.parametrize(("text", "days"), [("31 days", 31), ("1 day", 1), ("0 days", 0), ("-2 days", -2)])
def test_a_number_of_days(text: str, days: int) -> None:
    assert days_in(text) == days


@pytest.mark.parametrize("text", ["31", "31 hours", "31 %", "31 USD", "31 weeks"])
def test_what_is_no_number_of_days(text: str) -> None:
    with pytest.raises(QuantityError, match="is not a number of days"):
        days_in(text)


@pytest.mark.parametrize(
    ("word", "unit"),
    [("min", "minutes"), ("HRS", "hours"), ("d", "days"), ("pct", "%"), ("Euro", "EUR"), ("points", None)],
)
def test_what_an_abbreviation_stands_for(word: str, unit: str | None) -> None:
    assert meant_by(word) == unit


@given(st.integers(0, 10**6), st.integers(0, 6))
def test_a_percentage_is_the_fraction_it_stands_for(digits: int, places: int) -> None:
    written = (
        f"{digits / 1:.0f}" if places == 0 else f"{digits // 10**places}.{digits % 10**places:0{places}d}"
    )
    assert Quantity.parse(f"{written} %").value == Fraction(digits, 10**places * 100)


def test_units() -> None:
    known = ["%", "days", "USD", "hours", "minutes", "seconds", "points", "GB", "USD/hour", "FTE"]
    assert [unit for unit in known if unit_fault(unit)] == []
    none = ["", "usd", "day", "hour", "Hours", "k", "M", "bn", "kpi", "and", "two words", "5x"]
    assert [unit for unit in none if not unit_fault(unit)] == []
    assert all(map(is_currency, ["USD", "EUR", "XAU", "DEM"]))
    assert not any(map(is_currency, ["%", "days", None, "FTE", "SLA", "USD/hour", "points"]))


_SECONDS = {"seconds": Fraction(1), "minutes": Fraction(60), "hours": Fraction(3600)}
_TIMES = st.sampled_from(sorted(_SECONDS))


@given(st.integers(-(10**10), 10**10), st.integers(0, 6), _TIMES, _TIMES)
def test_a_time_in_another_unit_is_the_same_time(digits: int, places: int, unit: str, other: str) -> None:
    sign, whole = "-" if digits < 0 else "", abs(digits)
    text = f"{sign}{whole // 10**places}.{whole % 10**places:0{places}d}" if places else f"{sign}{whole}"
    written = Quantity.parse(f"{text} {unit}")
    assert written.value == Fraction(digits, 10**places)
    found = written.within(other)
    assert found is not None
    assert found.unit == other
    assert found.value * _SECONDS[other] == written.value * _SECONDS[unit]
    assert found.within(unit) == written


@given(_TIMES, st.sampled_from(["days", "points", "USD", "%", None, "hour"]))
def test_nothing_else_is_converted(time: str, other: str | None) -> None:
    assert Quantity(Fraction(24), time).within(other) is None
    assert Quantity(Fraction(24), other).within(time) is None
    assert Quantity(Fraction(24), other).within(other) == Quantity(Fraction(24), other)


def test_a_time_with_too_many_digits_in_another_unit_is_not_converted() -> None:
    assert Quantity.parse("999999999999999 hours").within("seconds") is None
    assert Quantity.parse("999999999999999 hours").within("hours") is not None


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        (">= 95 %", Bound(">=", ">= 95 %", (Fraction(19, 20),), "%")),
        ("<=  31   days", Bound("<=", "<= 31 days", (Fraction(31),), "days")),
        (">0", Bound(">", ">0", (Fraction(0),))),
        ("< -1", Bound("<", "< -1", (Fraction(-1),))),
        ("== 3", Bound("==", "== 3", (Fraction(3),))),
        ("!= 0", Bound("!=", "!= 0", (Fraction(0),))),
        (">= success", Bound(">=", ">= success", name="success")),
        ("> kpi", Bound(">", "> kpi", name="kpi")),
        ("<= :window", Bound("<=", "<= :window", name=":window")),
        ("between 1 and 5", Bound("between", "between 1 and 5", (Fraction(1), Fraction(5)))),
        (
            "between 85 and 95 %",
            Bound("between", "between 85 and 95 %", (Fraction(17, 20), Fraction(19, 20)), "%"),
        ),
        (
            "between 1 and 2 days",
            Bound("between", "between 1 and 2 days", (Fraction(1), Fraction(2)), "days"),
        ),
        (
            "between 2 and 5 hours",
            Bound("between", "between 2 and 5 hours", (Fraction(2), Fraction(5)), "hours"),
        ),
        (
            "between 90 minutes and 2 hours",
            Bound("between", "between 90 minutes and 2 hours", (Fraction(3, 2), Fraction(2)), "hours"),
        ),
        (">= 20 points", Bound(">=", ">= 20 points", (Fraction(20),), "points")),
        (
            "between 2 and 5 points",
            Bound("between", "between 2 and 5 points", (Fraction(2), Fraction(5)), "points"),
        ),
        ("in [low, 'medium']", Bound("in", "in [low, 'medium']", options=("low", "medium"))),
        (True, Bound("is", "true", expected=True)),
        ("false", Bound("is", "false", expected=False)),
    ],
)
def test_a_bound_is_read_as_people_say_it(written: str | bool, bound: Bound) -> None:
    assert Bound.parse(written) == bound


@pytest.mark.parametrize(
    "text",
    ["", "95 %", "=> 5", "= 5", ">=", ">= five", ">= 5 sour apples", "between 5 and 1",
     "between 1 % and 5 days",
     "in []", "in [a,]", "in [a, a]", "in a, b", "yes", ">= :9", ">= :", ">= failure", "between 5", "not 5",
     "between 1 points and 5 tickets", "between 3 hours and 90 minutes", "between 1 day and 36 hours"],
)  # fmt: skip
def test_what_is_no_bound_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(BoundError, match="write for example"):
        Bound.parse(text)


def test_a_name_is_replaced_by_what_it_stands_for() -> None:
    bound = Bound.parse(">= success").resolve({"success": Quantity(Fraction(19, 20), "%")})
    assert (bound.limits, bound.unit, bound.name, bound.text) == (
        (Fraction(19, 20),),
        "%",
        None,
        ">= success",
    )
    with pytest.raises(KeyError):
        Bound.parse(">= kpi").resolve({})


@pytest.mark.parametrize("text", ["9" * 5000, ">= " + "9" * 5000, "between 1 and " + "9" * 5000, "x" * 5000])
def test_an_endless_text_is_refused_shortly(text: str) -> None:
    with pytest.raises(BoundError) as caught:
        Bound.parse(text)
    assert len(str(caught.value)) < 500


def test_a_threshold_of_0_is_a_threshold() -> None:
    assert Bound.parse("<= 0").limits == (Fraction(0),)


@pytest.mark.parametrize(
    ("text", "meant"), [(">= sucess", "success"), ("<= Success", "success"), ("> kpis", "kpi")]
)
def test_a_target_that_is_misspelt_is_named(text: str, meant: str) -> None:
    with pytest.raises(BoundError) as caught:
        Bound.parse(text)
    assert caught.value.hint == f"did you mean {meant!r}?"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("5 usd", "did you mean '5 USD'?"),
        ("5 Hours", "did you mean '5 hours'?"),
        ("95 percent", "did you mean '95 %'?"),
        ("20 k points", "k stands before a currency only: write '20_000 points'"),
        ("1.5 M tickets", "M stands before a currency only: write '1_500_000 tickets'"),
    ],
)
def test_a_unit_that_is_misspelt_is_named(text: str, meant: str) -> None:
    with pytest.raises(QuantityError) as quantity:
        Quantity.parse(text)
    assert quantity.value.hint == meant
    with pytest.raises(BoundError) as bound:
        Bound.parse(f">= {text}")
    assert bound.value.hint == meant


@pytest.mark.parametrize(
    ("written", "unit", "limits"),
    [
        ("<= 90 minutes", "hours", (Fraction(3, 2),)),
        ("<= 100 seconds", "hours", (Fraction(1, 36),)),
        ("between 2 and 5 hours", "seconds", (Fraction(7200), Fraction(18000))),
        (">= 20 points", "points", (Fraction(20),)),
        ("<= 2 days", "hours", None),
        ("<= 48 hours", "days", None),
        (">= 20 points", "tickets", None),
        (">= 20", "hours", None),
    ],
)
def test_a_bound_is_told_in_the_unit_of_its_fact(
    written: str, unit: str, limits: tuple[Fraction, ...] | None
) -> None:
    found = Bound.parse(written).within(unit)
    assert (found and found.limits) == limits
    assert found is None or (found.unit, found.text) == (unit, written)
