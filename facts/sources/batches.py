"""Looking at each value of many columns in bounded memory and without a plan that grows with them.

One query that asks a thousand columns for ten things each takes gigabytes: polars plans ten thousand
answers, and computes them at once. Here some rows are read at a time, and their columns are put below
each other, so that each thing is asked once of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

VALUE = pl.col("value")
"""What is asked about."""
AT_A_TIME = 1_000_000
"""Values that are asked together."""
_FEWEST_ROWS = 100


def rows_at_a_time(raw: pl.LazyFrame, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Some columns of a source, some rows at a time, in any order.

    Raises:
        PolarsError, OSError: as reading the source does.
    """
    rows = max(_FEWEST_ROWS, AT_A_TIME // max(1, len(columns)))
    batches = raw.select(columns).collect_batches(
        chunk_size=rows, maintain_order=False, lazy=True, engine="streaming"
    )
    yield from (batch for batch in batches if batch.height)


def greatest(
    rows: pl.DataFrame, columns: Sequence[str], asked: Mapping[str, pl.Expr]
) -> dict[str, dict[str, Any]]:
    """For each column the greatest answer that its values give, where true is greater than false.

    Args:
        rows: some rows, one at least.
        columns: columns of one type.
        asked: what is asked of each `VALUE`; numbers and truth values.

    Returns:
        By column, and by the name of what was asked; None where no value gives an answer.
    """
    found: dict[str, dict[str, Any]] = {}
    together = max(1, AT_A_TIME // rows.height)
    for start in range(0, len(columns), together):
        some = columns[start : start + together]
        values = pl.concat([rows.get_column(name).alias("value") for name in some]).to_frame()
        answers = values.select(answer.cast(pl.Int64).alias(what) for what, answer in asked.items())
        most = answers.select(pl.all().reshape((len(some), rows.height)).arr.max())
        found |= dict(zip(some, most.iter_rows(named=True), strict=True))
    return found
