"""A share of amounts of which some may count, where the range would let in more than all of it."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

DAY = dt.date(2026, 3, 1)


def rows(*amounts: tuple[str, bool | None]) -> list[dict[str, Any]]:
    return [{"amount": amount, "met": met, "day": DAY} for amount, met in amounts]


@pytest.mark.parametrize("valid", [None, ["-100 %", "200 %"]])
@pytest.mark.parametrize(
    ("amounts", "least", "greatest"),
    [
        ([("5", True), ("5", False), ("2", None)], "5/12", "7/12"),
        ([("5", False), ("5", None)], "0", "1/2"),
        ([("5", True), ("5", None)], "1/2", "1"),
        ([("0.50", True), ("0.25", None), ("0.25", False)], "1/2", "3/4"),
    ],
)
def test_both_ends(
    one: Any, valid: list[str] | None, amounts: list[tuple[str, bool | None]], least: str, greatest: str
) -> None:
    fact = one({"share": {"of": "met", "value": "amount"}, "valid": valid}, rows(*amounts))
    assert (fact.status, fact.undetermined) == ("present", 1)
    assert (fact.ends.least, fact.ends.greatest) == (Fraction(least), Fraction(greatest))
