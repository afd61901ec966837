"""Words that stand for nothing: whoever writes ``n/a`` as an owner names nobody."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from phasegate.rules.model.contract import Contract


def without_words(frame: pl.LazyFrame, names: Iterable[str], contract: Contract) -> pl.LazyFrame:
    """The same rows, some texts null where they are words that the contract says stand for nothing.

    Args:
        frame: the rows.
        names: the columns with the texts.
        contract: the contract.
    """
    chosen = list(names)
    if not contract.no_value or not chosen:
        return frame
    words = sorted({word.strip().lower() for word in contract.no_value})
    text = pl.col(chosen)
    return frame.with_columns(
        pl.when(~text.str.strip_chars().str.to_lowercase().is_in(words)).then(text).name.keep()
    )
