"""Looking at each value of many columns in bounded memory: some rows at a time, some columns at a time.

One query that asks a thousand columns for ten things each takes gigabytes, because polars plans and
holds all of them at once. Asked in batches, they take as much as one batch does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

COLUMNS = 50
"""Columns that are asked together."""
_VALUES, _FEWEST_ROWS = 1_000_000, 100


def rows_at_a_time(raw: pl.LazyFrame, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Some columns of a source, some rows at a time, in any order.

    Raises:
        PolarsError, OSError: as reading the source does.
    """
    rows = max(_FEWEST_ROWS, _VALUES // max(1, len(columns)))
    yield from raw.select(columns).collect_batches(
        chunk_size=rows, maintain_order=False, lazy=True, engine="streaming"
    )


def columns_at_a_time(columns: Sequence[str]) -> Iterator[Sequence[str]]:
    """The same columns, as many together as are asked together."""
    for start in range(0, len(columns), COLUMNS):
        yield columns[start : start + COLUMNS]
