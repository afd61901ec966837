"""Ids of people: compared by what a reader sees of them, and neither the same nor others in between.

``F-101`` and ``f-101`` may be one person who signs in two ways, or two. Where a comparison hangs on that,
nobody knows what it yields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from phasegate.facts.expressions.types import hidden_person
from phasegate.rules.values.folding import folded

_IDS, _KINDS = "ids", "kinds"
_CONTROL = r"[\x00-\x1f\x7f]"


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


def of_people(expression: pl.Expr, columns: Iterable[str], people: Iterable[str]) -> pl.Expr:
    """A condition that compares ids of people, over a frame without the hidden columns that it reads.

    Args:
        expression: the condition.
        columns: the columns of the frame that it reads.
        people: those of them whose ids it compares.
    """
    read = pl.struct(*columns, *(folded_ids(pl.col(name)).alias(hidden_person(name)) for name in people))
    return read.map_batches(
        lambda rows: rows.struct.unnest().select(expression).to_series(),
        return_dtype=pl.Boolean,
        is_elementwise=True,
    )


def folded_ids(texts: pl.Expr) -> pl.Expr:
    """Ids as they are compared; see `folded`."""
    return texts.map_batches(_folded, return_dtype=pl.String, is_elementwise=True)


def counted_ids(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """How many ids of people stand in a column, and how many a reader would tell apart, in one row."""
    ids = frame.select(pl.col(name).alias(_IDS)).drop_nulls().unique()
    apart = folded_ids(pl.col(_IDS)).n_unique()
    return ids.select(pl.len().cast(pl.Int64).alias(_IDS), apart.cast(pl.Int64).alias(_KINDS))


def alike_said(row: Mapping[str, int], columns: Sequence[str]) -> str:
    """Ids that a reader takes for others, in words; empty where there are none.

    Args:
        row: what `counted_ids` found.
        columns: where they stand.
    """
    more = row[_IDS] - row[_KINDS]
    differ = f"{'differs' if more == 1 else 'differ'} from another in nothing that a reader sees"
    return f"{more:,} {'id' if more == 1 else 'ids'} in {' and '.join(columns)} {differ}" if more else ""


def _folded(texts: pl.Series) -> pl.Series:
    if len(texts) <= FEW:
        return pl.Series(
            [None if text is None else folded(text) for text in texts.to_list()], dtype=pl.String
        )
    found = texts.to_frame(_IDS).select(_PLAIN, _ODD)
    plain, odd = found.get_columns()  # of ASCII it is all that there is to do
    if not odd.any():
        return plain
    different = texts.filter(odd).unique()
    alike = pl.Series([folded(text) for text in different], dtype=pl.String)
    return pl.select(pl.when(odd).then(texts.replace(different, alike)).otherwise(plain)).to_series()


_PLAIN = pl.col(_IDS).str.strip_chars().str.to_lowercase()
_ODD = (
    (pl.col(_IDS).str.len_bytes() != pl.col(_IDS).str.len_chars()) | pl.col(_IDS).str.contains(_CONTROL)
).alias("odd")
FEW = 256
"""Texts that are looked at one by one sooner than polars is asked."""
