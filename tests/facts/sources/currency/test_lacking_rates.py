"""Which rate a row lacks is told however its batch comes: whole, in pieces, or with a piece that is empty."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from phasegate.facts.sources.currency.rates import LACKS, RateTable, rate_finder

RATES = pl.DataFrame(
    {"currency": ["EUR"], "day": [dt.date(2026, 1, 1)], "rate": ["1.10"]},
    schema={"currency": pl.String, "day": pl.Date, "rate": pl.String},
).with_columns(pl.col("rate").cast(pl.Decimal(38, 2)))
ROWS = [
    ({"currency": "USD", "day": dt.date(2026, 3, 1)}, None),
    ({"currency": "EUR", "day": dt.date(2026, 1, 2)}, None),
    ({"currency": "CHF", "day": dt.date(2026, 1, 3)}, "CHF of 2026-01-03"),
    (
        {"currency": "EUR", "day": dt.date(2026, 3, 1)},
        "EUR of 2026-03-01, where the newest is of 2026-01-01, 59 days old",
    ),
]


@pytest.mark.parametrize("skipped", [0, 1, 2])
@pytest.mark.parametrize("pieces", [1, 2])
def test_which_rate_a_row_lacks(pieces: int, skipped: int) -> None:
    _, look_up = rate_finder(RateTable("USD", 2, RATES), "USD", [2], oldest=31)
    table = pl.DataFrame([row for row, _ in ROWS])
    parts = [table] if pieces == 1 else [table[:skipped], table[skipped:]]
    kept = pl.concat(parts, rechunk=False).with_row_index().filter(pl.col("index") >= skipped)
    found = look_up(kept.select(pl.struct("currency", "day").alias("row"))["row"])
    assert found.struct.field(LACKS).to_list() == [lacks for _, lacks in ROWS][skipped:]
