"""Texts that stand for nothing: whoever writes ``n/a`` as an owner names nobody, nor does a blank."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import polars as pl

from phasegate.facts.expressions.people import FEW, folded_ids
from phasegate.rules.values.folding import folded

VISIBLE = r"[^\s\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\x{2800}]"
"""A character that can be seen; not so are white space, control and format characters, what is ignorable
by default (fillers, joiners, selectors), and the empty braille pattern."""


def is_word(text: pl.Expr, no_value: Collection[str]) -> pl.Expr:
    """Whether a text is one of some words as a reader sees them; see `folded`."""
    if not no_value:
        return pl.lit(value=False)
    return folded_ids(text).is_in(sorted({folded(word) for word in no_value}))


def without_words(frame: pl.LazyFrame, names: Iterable[str], no_value: Collection[str]) -> pl.LazyFrame:
    """The same rows, texts null where they are words that stand for nothing.

    Args:
        frame: the rows.
        names: the columns with the texts.
        no_value: the words.
    """
    chosen = list(names) if no_value else []
    return frame.with_columns(
        pl.col(name).map_batches(_reader(no_value), return_dtype=pl.String, is_elementwise=True)
        for name in chosen
    )


def _reader(no_value: Collection[str]) -> Callable[[pl.Series], pl.Series]:
    """Reads a batch of texts, each different one once: few of them differ, and few are such words."""
    words = {folded(word) for word in no_value}
    word = is_word(pl.col("text"), no_value)

    def said_in(texts: pl.Series) -> list[str]:
        """The texts that are such words."""
        if len(texts) <= FEW:
            return [text for text in {*texts.to_list()} if text is not None and folded(text) in words]
        return texts.unique().to_frame("text").filter(word)["text"].to_list()

    def read(texts: pl.Series) -> pl.Series:
        said = said_in(texts)
        if not said:
            return texts
        return texts.to_frame("text").select(pl.when(~pl.col("text").is_in(said)).then("text"))["text"]

    return read
