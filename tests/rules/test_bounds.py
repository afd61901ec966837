"""Quantities and bounds: what they mean exactly, and what is none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.rules.bounds import Bound, BoundError
from phasegate.rules.units import Quantity, QuantityError, is_currency, is_unit


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
        "1_00",
        "--5",
        "5 days ago",
        "٥",
        "5 %%",
        ".5",
        "1" + "0" * 18,
        "0." + "0" * 17 + "1",
        "0." + "0" * 15 + "1 %",
    ],
)
def test_what_is_no_quantity_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(QuantityError, match=r"write a number.*95 %"):
        Quantity.parse(text)


@given(st.integers(0, 10**6), st.integers(0, 6))
def test_a_percentage_is_the_fraction_it_stands_for(digits: int, places: int) -> None:
    written = (
        f"{digits / 1:.0f}" if places == 0 else f"{digits // 10**places}.{digits % 10**places:0{places}d}"
    )
    assert Quantity.parse(f"{written} %").value == Fraction(digits, 10**places * 100)


def test_units() -> None:
    assert all(map(is_unit, ["%", "days", "USD"]))
    assert not any(map(is_unit, ["", "usd", "US", "USDX", "day", "hours", "ÄÖÜ"]))
    assert is_currency("USD")
    assert not is_currency("%")
    assert not is_currency(None)


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
        ("in [low, 'medium']", Bound("in", "in [low, 'medium']", options=("low", "medium"))),
        (True, Bound("is", "true", expected=True)),
        ("false", Bound("is", "false", expected=False)),
    ],
)
def test_a_bound_is_read_as_people_say_it(written: str | bool, bound: Bound) -> None:
    assert Bound.parse(written) == bound


@pytest.mark.parametrize(
    "text",
    ["", "95 %", "=> 5", "= 5", ">=", ">= five", ">= 5 apples", "between 5 and 1", "between 1 % and 5 days",
     "in []", "in [a,]", "in [a, a]", "in a, b", "yes", ">= :9", ">= :", ">= failure", "between 5", "not 5"],
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
