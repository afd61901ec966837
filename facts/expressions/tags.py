"""Tags: values out of JSON text columns, as FOCUS exports have them.

Few of the texts of such a column differ, and parsing JSON is the dearest thing that a measure does.
So each batch of rows parses each different text once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import polars as pl

from phasegate.facts.expressions.no_value import VISIBLE, is_word
from phasegate.facts.expressions.types import hidden_tag

_NO_TAG = r"(?i)^\s*(null|\[\s*\]|\{\s*\})?\s*$"


def with_tags(
    frame: pl.LazyFrame, tags: Iterable[tuple[str, str]], no_value: Collection[str] = ()
) -> pl.LazyFrame:
    """A frame with a hidden column for each tag of its JSON text columns.

    A tag that is missing, blank, ``null`` or an empty container is null, and so is a word that stands for
    nothing, and every tag of a text that is no JSON.

    Args:
        frame: the frame.
        tags: columns and keys.
        no_value: words that stand for nothing, as a contract has them.
    """
    by_column: dict[str, list[str]] = {}
    for column, key in sorted(set(tags)):
        by_column.setdefault(column, []).append(key)
    for column, keys in by_column.items():
        names = {hidden_tag(column, key): key for key in keys}
        found = pl.col(column).map_batches(
            _reader(names, no_value),
            return_dtype=pl.Struct(dict.fromkeys(names, pl.String)),
            is_elementwise=True,
        )
        frame = frame.with_columns(found.struct.unnest())
    return frame


def _reader(names: dict[str, str], no_value: Collection[str]) -> Callable[[pl.Series], pl.Series]:
    """Reads tags out of a batch of texts; `names` holds keys by the name of their field."""
    fields = []
    for name, key in names.items():
        text = pl.col("text").str.json_path_match(f'$["{key}"]')
        nothing = text.str.contains(_NO_TAG) | ~text.str.contains(VISIBLE) | is_word(text, no_value)
        fields.append(pl.when(~nothing).then(text).alias(name))
    struct = pl.struct(fields).alias("tags")

    def read(texts: pl.Series) -> pl.Series:
        different = texts.unique()
        if 2 * len(different) > len(texts):
            return texts.to_frame("text").select(struct)["tags"]
        parsed = different.to_frame("text").with_columns(struct)
        rows = texts.to_frame("text").join(
            parsed, on="text", how="left", nulls_equal=True, maintain_order="left"
        )
        return rows["tags"]

    return read
