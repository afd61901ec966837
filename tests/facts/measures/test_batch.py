"""Numbers of a frame as two integers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from phasegate.facts.measures.batch import exact


@pytest.mark.parametrize(
    ("value", "whole", "scale"),
    [
        (0, 0, 0), (-1500, -1500, 0),
        ("1.50", 15, 1), ("-1.50", -15, 1), ("1.05", 105, 2), ("0.010", 1, 2),
        ("100", 100, 0), ("100.00", 100, 0), ("0.00", 0, 0), ("1E+2", 100, 0), ("-1E+2", -100, 0),
    ],
)  # fmt: skip
def test_as_few_digits_as_there_are_and_none_less(value: int | str, whole: int, scale: int) -> None:
    number = Decimal(value) if isinstance(value, str) else value
    assert exact(number) == (whole, scale)
    assert Fraction(whole, 10**scale) == Fraction(number)
