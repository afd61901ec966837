"""Values as cases write them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from phasegate.rules.cases.found import FoundError, expected


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("18 of 20", (Fraction(9, 10), (18, 20), "%"), None),
        ("1,234.5 of 2_000", (Fraction(12345, 20000), (Fraction(2469, 2), 2000), "%"), None),
        ("90 %", (Fraction(9, 10), None, "%"), None),
        (12, (12, None, None), None),
        ("-3 days", (-3, None, "days"), None),
        ("1,250.50 EUR", (Fraction(2501, 2), None, "EUR"), None),
        ("17.3 M USD", (17_300_000, None, "USD"), None),
        ("15 of 20 to 18 of 20", (Fraction(3, 4), (15, 20), "%"), (Fraction(9, 10), (18, 20), "%")),
        ("25 to 45 %", (Fraction(1, 4), None, "%"), (Fraction(9, 20), None, "%")),
        ("1 to 3", (1, None, None), (3, None, None)),
    ],
)
def test_numbers(written: str | int, low: tuple[object, ...], high: tuple[object, ...] | None) -> None:
    found = expected(written)
    assert found.low is not None
    assert found.high is not None
    assert (found.low.value, found.low.pair, found.low.unit) == low
    assert (found.high.value, found.high.pair, found.high.unit) == (high or low)


@pytest.mark.parametrize("written", ["", "much", "3 of 0", "of 20", "3 to 1", "1e9", "1.5.2", "nan %"])
def test_what_is_no_value(written: str) -> None:
    with pytest.raises(FoundError):
        expected(written)


def test_truth_values_and_texts() -> None:
    assert expected(True).truth is True
    assert expected("18 of 20", text=True).text == "18 of 20"
    assert expected(7, text=True).text == "7"
