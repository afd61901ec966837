"""Sums of many digits after the point, of which missing values leave both ends open."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from phasegate.engine.plan import Requirement
from phasegate.engine.plan import tests_of as comparisons_of
from phasegate.engine.resolve import misfit
from phasegate.facts.model.fact import Fact
from phasegate.rules.values.bounds import Bound

DIGITS = 15
LINES: dict[str, Any] = {
    "title": "A cost",
    "columns": {
        "day": {"type": "date"},
        "owner": {"type": "string", "nullable": True},
        "cost": {"type": "decimal", "scale": DIGITS},
    },
}
COSTS = [Decimal("9999999.123456789012345"), Decimal("0.500000000000001"), Decimal("-3.25")]


@pytest.mark.parametrize("times", [1, 1000])
def test_ends_of_one_scale_are_compared(one: Callable[..., Fact], times: int) -> None:
    owners = ("a", None, None)
    rows = [
        {"day": dt.date(2026, 3, 1), "owner": owner, "cost": cost}
        for owner, cost in zip(owners, COSTS, strict=True)
    ] * times
    fact = one({"sum": "cost", "where": "owner <> 'x'"}, rows, contracts={"lines": LINES})
    certain, more, less = (times * Fraction(cost) for cost in COSTS)
    assert fact.extremes == (certain + less, certain + more)
    assert fact.ends is not None
    assert fact.ends.low[1] == fact.ends.high[1]
    bound = Bound.parse(">= 10.125")
    assert misfit(Requirement("r", "m", "", bound.text, tests=comparisons_of(bound)), fact) is None
