"""Amounts, people and rows, as all tables of the example have them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

Row = dict[str, Any]
USD = "USD"
CENT = Decimal("0.01")


def money(random: Random, low: int, high: int) -> Decimal:
    """An amount between two, to the cent."""
    return Decimal(random.randint(low * 100, high * 100)).scaleb(-2)


def near(amount: Decimal, random: Random, percent: int) -> Decimal:
    """An amount that is off by up to so many per cent."""
    factor = Decimal(1000 + random.randint(-10 * percent, 10 * percent)).scaleb(-3)
    return (amount * factor).quantize(CENT, ROUND_HALF_UP)


def pair(random: Random) -> tuple[str, str]:
    """A person of Finance and one of a Developer team."""
    return f"f-{random.randint(101, 109)}", f"d-{random.randint(110, 139)}"
