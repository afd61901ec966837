"""The middle of values, and the value at a share of them, exactly."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

DAY = dt.date(2026, 3, 1)


def rows(*amounts: str) -> list[dict[str, Any]]:
    return [{"amount": each, "day": DAY} for each in amounts]


@pytest.mark.parametrize(
    ("amounts", "middle"),
    [
        (["1"], "1"),
        (["1", "2"], "3/2"),
        (["1.25", "2.5"], "15/8"),
        (["1.5", "2.25"], "15/8"),
        (["1", "2.25"], "13/8"),
        (["0.25", "2"], "9/8"),
        (["-1.25", "2.5"], "5/8"),
        (["-0.5", "-0.25"], "-3/8"),
        (["3", "1", "2"], "2"),
        (["3", "1", "2", "10"], "5/2"),
        (["2", "2", "2", "9.75"], "2"),
        (["1.5", "1.5"], "3/2"),
    ],
)
def test_the_middle(one: Any, amounts: list[str], middle: str) -> None:
    assert one({"median": "amount"}, rows(*amounts)).value == Fraction(middle)


@pytest.mark.parametrize(
    ("at", "amounts", "found"),
    [
        ("90 %", ["1", "2", "3"], "3"),
        ("50 %", ["1", "2", "3", "4"], "2"),
        ("51 %", ["1", "2", "3", "4"], "3"),
        ("25 %", ["4", "3", "2", "1"], "1"),
        ("1 %", ["4", "3.25"], "13/4"),
        ("100 %", ["4", "3.25"], "4"),
    ],
)
def test_the_value_at_a_share(one: Any, at: str, amounts: list[str], found: str) -> None:
    assert one({"quantile": {"of": "amount", "at": at}}, rows(*amounts)).value == Fraction(found)
