"""A column becomes what its contract says, each value of it or none."""

from __future__ import annotations

import polars as pl
import pytest

from phasegate.facts.contracts.types import Reading, RetypedError, typed
from phasegate.rules.model.contract import Column


@pytest.mark.parametrize("found", [pl.Int8(), pl.Int64(), pl.UInt8()])
def test_whole_numbers_are_truth_values_where_they_are_0_or_1(found: pl.DataType) -> None:
    """Databases without truth values keep them so; any other number can not be read, and is no false."""
    expression = typed(pl.col("ok"), found, Column(type="boolean"), Reading())
    assert expression is not None
    numbers = pl.DataFrame({"ok": [1, 0, None, 2, 100]}, schema={"ok": found})
    assert numbers.select(expression)["ok"].to_list() == [True, False, None, None, None]


@pytest.mark.parametrize("found", [pl.Float64(), pl.Decimal(38, 2), pl.Date()])
def test_nothing_else_is_a_truth_value(found: pl.DataType) -> None:
    with pytest.raises(RetypedError, match="the contract says boolean"):
        typed(pl.col("ok"), found, Column(type="boolean"), Reading())
