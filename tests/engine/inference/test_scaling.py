"""Fractions as integers of 64 bits that compare as the fractions do."""

import operator
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import limits, values

from phasegate.engine.inference.scaling import LARGEST, choose_scale, scaled_limit, scaled_value

MEANING = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
COMPARATORS = tuple(MEANING)


@pytest.mark.parametrize(
    ("limit", "scale"),
    [
        (Fraction(95, 100), 10**12),
        (Fraction(0), 10**12),
        (Fraction(17_300_000), 10**11),
        (Fraction(10**18), 1),
        (Fraction(-(10**16), 1), 100),
        (Fraction(1, 3), 3),
        (Fraction(LARGEST), None),
        (Fraction(1, 10**19), 10**19),
        (Fraction(10**18 * 3 + 1, 3), None),
    ],
    ids=[
        "95 %",
        "zero",
        "17.3 M USD",
        "10^18",
        "negative",
        "a third",
        "too large",
        "finer than 10^-12",
        "a third, too large",
    ],
)
def test_the_scale_is_the_largest_that_fits(limit: Fraction, scale: int | None) -> None:
    assert choose_scale(limit) == scale


@given(data=st.data(), limit=limits, comparator=st.sampled_from(COMPARATORS))
def test_scaled_integers_compare_as_the_fractions_do(data, limit, comparator) -> None:
    numerator, denominator = data.draw(values(limit))
    scale = choose_scale(limit)
    assume(scale is not None)
    value = scaled_value(numerator, denominator, comparator, scale)
    meaning = MEANING[comparator]
    assert meaning(value, scaled_limit(limit, scale)) == meaning(Fraction(numerator, denominator), limit)
    assert -LARGEST <= value <= LARGEST


@pytest.mark.parametrize("comparator", COMPARATORS)
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_value_beyond_64_bits_keeps_its_side(comparator, sign) -> None:
    limit = Fraction(sign * (LARGEST // 2 - 1))
    value = scaled_value(sign * 10**60, 7, comparator, 1)
    meaning = MEANING[comparator]
    assert abs(value) == LARGEST
    assert meaning(value, scaled_limit(limit, 1)) == meaning(sign * 10**60, limit)
