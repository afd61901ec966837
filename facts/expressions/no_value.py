"""Words that stand for nothing: whoever writes ``n/a`` as an owner names nobody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import polars as pl


def is_word(text: pl.Expr, no_value: Collection[str]) -> pl.Expr:
    """Whether a text is one of some words, whatever their case and the white space around them."""
    if not no_value:
        return pl.lit(value=False)
    words = sorted({word.strip().lower() for word in no_value})
    return text.str.strip_chars().str.to_lowercase().is_in(words)


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
    word = is_word(pl.col("text"), no_value)

    def read(texts: pl.Series) -> pl.Series:
        found = texts.unique().to_frame("text").filter(word)
        if not found.height:
            return texts
        said = ~pl.col("text").is_in(found["text"].to_list())
        return texts.to_frame("text").select(pl.when(said).then("text"))["text"]

    return read
