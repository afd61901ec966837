"""Ids of people: compared by what a reader sees of them, and neither the same nor others in between.

``F-101`` and ``f-101`` may be one person who signs in two ways, or two. Where a comparison hangs on that,
nobody knows what it yields.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from phasegate.facts.expressions.types import hidden_person
from phasegate.rules.values.people import folded


def with_people(frame: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
    """A frame with a hidden column for each of some text columns: its ids as they are compared.

    Args:
        frame: the frame.
        columns: the columns.
    """
    names = sorted(set(columns))
    if not names:
        return frame
    return frame.with_columns(folded_ids(pl.col(name)).alias(hidden_person(name)) for name in names)


def folded_ids(texts: pl.Expr) -> pl.Expr:
    """Ids as they are compared; see `folded`."""
    return texts.map_batches(_folded, return_dtype=pl.String, is_elementwise=True)


def _folded(texts: pl.Series) -> pl.Series:
    plain = texts.str.strip_chars().str.to_lowercase()  # of ASCII it is all that there is to do
    odd = texts.str.len_bytes() != texts.str.len_chars()
    if not odd.any():
        return plain
    different = texts.filter(odd).unique()
    alike = pl.Series([folded(text) for text in different], dtype=pl.String)
    return pl.select(pl.when(odd).then(texts.replace(different, alike)).otherwise(plain)).to_series()
