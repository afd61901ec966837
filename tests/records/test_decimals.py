"""Decimals for programs: whole where they end, and never on the wrong side of each other."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.records.numbers import decimal_text, decimals

F = Fraction
THIRD = "0.333333333333"


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ([F(0)], ["0"]),
        ([F(90)], ["90"]),
        ([F(-5)], ["-5"]),
        ([F(1234567)], ["1234567"]),
        ([F(94999, 1000)], ["94.999"]),
        ([F(-1, 8)], ["-0.125"]),
        ([F(1, 10**40)], ["0." + "0" * 39 + "1"]),
        ([F(1, 2**30), F(1, 3)], ["0.000000000931322574615478515625", THIRD]),
        ([F(1, 10**41)], ["0"]),
        ([F(1, 10**41), F(0)], ["0." + "0" * 40 + "1", "0"]),
        ([F(10**30, 7)], ["142857142857142857142857142857.142857142857"]),
        ([F(1, 3)], [THIRD]),
        ([F(2, 3)], ["0.666666666667"]),
        ([F(-2, 3)], ["-0.666666666667"]),
        ([F(1, 3), F(1, 3)], [THIRD, THIRD]),
        ([F(1, 3), F(THIRD)], [THIRD * 1 + "3" * 12, THIRD]),
        ([F(1, 3), F(THIRD + "2")], [THIRD + "3" * 12, THIRD + "2"]),
        ([F(2, 3), F(2, 3) - F(1, 10**20)], ["0." + "6" * 23 + "7", "0." + "6" * 19 + "5" + "6" * 3 + "7"]),
    ],
)
def test_decimals(numbers: list[Fraction], texts: list[str]) -> None:
    assert [decimal_text(each) for each in decimals(numbers)] == texts


NUMBERS = st.one_of(
    st.fractions(max_denominator=10**6),
    st.sampled_from([F(19, 20), F(2, 3), F(0), F(1, 7), F(10**17, 3)]),
)
NUDGES = st.sampled_from(
    [F(0), *(sign * F(1, 10**at) for sign, at in product((1, -1), (3, 11, 12, 13, 25, 60)))]
)


@given(st.lists(st.builds(lambda number, nudge: number + nudge, NUMBERS, NUDGES), min_size=1, max_size=5))
def test_whoever_compares_decimals_finds_what_the_exact_numbers_say(numbers: list[Fraction]) -> None:
    exactly = Context(prec=400)
    told = [Decimal(decimal_text(each)) for each in decimals(numbers)]
    for (one, its), (other, others) in product(zip(numbers, told, strict=True), repeat=2):
        assert (one > other, one == other) == (its > others, its == others)
    for number, decimal in zip(numbers, told, strict=True):
        off = exactly.subtract(
            exactly.multiply(decimal, Decimal(number.denominator)), Decimal(number.numerator)
        )
        assert abs(off) <= Decimal(number.denominator) * Decimal("0.5e-12")
