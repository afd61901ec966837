"""Numbers of recorded facts, and what is made of those that are none."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from phasegate.records.numbers import extremes, floats, read_extremes

Ends = dict[str, list[str]]


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
    undetermined: Ends, found: tuple[Fraction, Fraction] | None
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
