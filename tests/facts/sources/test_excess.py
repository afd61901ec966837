"""Digits beyond a decimal's scale: found in texts with and without an exponent."""

from __future__ import annotations

import polars as pl
import pytest

from phasegate.facts.contracts import numbers
from phasegate.facts.contracts.numbers import decimal_from_text, excess_of_text

EXCESS = {"1.005": True, "1.500": False, "15e-1": False, "1.005e0": True, "100.5e1": False, "x": False}


def test_an_exponent_moves_the_point_in_the_rows_that_have_one() -> None:
    frame = pl.LazyFrame({"x": [*EXCESS, None]})
    number = pl.col("x")
    found = frame.select(excess_of_text(number, decimal_from_text(number, 2), 2)).collect()
    assert found.to_series().to_list() == [*EXCESS.values(), False]


def test_nothing_is_computed_for_exponents_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "_raised_width", lambda number: pytest.fail(str(number)))
    frame = pl.LazyFrame({"x": ["1.25", "3", None]})
    number = pl.col("x")
    found = frame.select(excess_of_text(number, decimal_from_text(number, 2), 2)).collect(engine="streaming")
    assert found.to_series().to_list() == [False, False, False]
