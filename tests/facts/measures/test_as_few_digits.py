"""A share that is open has as few digits as it needs, whatever was added up beside it."""

from __future__ import annotations

import pytest

from phasegate.facts.measures.kinds.amounts import _shortened
from phasegate.facts.measures.to_fact import Number
from phasegate.facts.model.ends import Ends


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (Number(50, 50, 1), Number(5, 5, 0)),
        (Number(0, 0, 2), Number(0, 0, 0)),
        (Number(505, 1000, 2), Number(505, 1000, 2)),
        (Number(50, 100, 0), Number(50, 100, 0)),
        (
            Number(500, 1000, 2, Ends((400, 1000), (600, 1000), 1)),
            Number(5, 10, 0, Ends((4, 10), (6, 10), 1)),
        ),
        (
            Number(500, 1000, 2, Ends((450, 1000), (600, 1000), 1)),
            Number(50, 100, 1, Ends((45, 100), (60, 100), 1)),
        ),
    ],
)
def test_digits_that_nothing_needs_are_left_out(number: Number, told: Number) -> None:
    assert _shortened(number) == told
