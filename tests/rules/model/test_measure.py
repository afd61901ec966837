"""What a measure says of its values."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from phasegate.rules.model.measure import Measure

PART: dict[str, Any] = {"ratio": {"of": "paid"}}
SPENT: dict[str, Any] = {"sum": "hours", "unit": "hours"}


@pytest.mark.parametrize(
    ("kind", "valid", "ends"),
    [
        (PART, None, None),
        (PART, ["0 %", "100 %"], (0, 1)),
        (PART, ["0", "100 %"], (0, 1)),  # the unit of the second stands for both
        (PART, ["20", "100 %"], (Fraction(1, 5), 1)),
        (PART, ["0", "1"], (0, 1)),
        (SPENT, ["0", "24 hours"], (0, 24)),
        (SPENT, ["30 minutes", "24 hours"], (Fraction(1, 2), 24)),
        ({"count": "paid"}, ["5", "9"], (5, 9)),
    ],
)
def test_the_ends_of_what_is_valid(
    kind: dict[str, Any], valid: list[str] | None, ends: tuple[Fraction, Fraction] | None
) -> None:
    measure = Measure.model_validate({"title": "M", "from": "t", **kind, "valid": valid})
    assert measure.valid_ends == ends
