"""Words that stand for nothing are no value, however they are written and however many texts there are."""

from __future__ import annotations

import polars as pl
import pytest

from phasegate.facts.expressions.no_value import without_words
from phasegate.facts.expressions.people import FEW


@pytest.mark.parametrize("rows", [1, FEW + 1], ids=["few", "many"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n/a", None),
        (" N/A ", None),
        ("\uff4e/a", None),
        ("n\u200b/a", None),
        ("na", "na"),
        ("", ""),
        (None, None),
    ],
)
def test_a_word_for_nothing_is_no_value(text: str | None, expected: str | None, rows: int) -> None:
    frame = pl.LazyFrame({"t": [text, *(f"F-{row}" for row in range(rows))]}, schema={"t": pl.String})
    found = without_words(frame, ["t"], ["n/a"]).collect()["t"].to_list()
    assert found == [expected, *(f"F-{row}" for row in range(rows))]
