"""Tags of a whole column: what is parsed once is right for each row."""

import polars as pl
import pytest

from phasegate.facts.expressions.expression import hidden_tag
from phasegate.facts.expressions.tags import with_tags

TEXTS = [
    '{"owner": "a", "env": "x"}',
    None,
    '{"owner": ""}',
    "torn",
    '{"env": "y", "owner": "null"}',
    '{"owner": 5}',
    '{"owner": " b "}',
]
OWNERS = ["a", None, None, None, None, "5", " b "]
ENVS = ["x", None, None, None, "y", None, None]


@pytest.mark.parametrize("times", [1, 3, 1000])
@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_each_row_has_its_own_tags(times: int, engine: str) -> None:
    frame = pl.LazyFrame({"Tags": TEXTS * times, "n": list(range(len(TEXTS) * times))})
    found = with_tags(frame, [("Tags", "owner"), ("Tags", "env")]).collect(engine=engine).sort("n")
    assert found[hidden_tag("Tags", "owner")].to_list() == OWNERS * times
    assert found[hidden_tag("Tags", "env")].to_list() == ENVS * times


def test_two_columns_do_not_mix() -> None:
    frame = pl.LazyFrame({"Tags": ['{"k": "1"}'] * 4, "Labels": ['{"k": "2"}'] * 4})
    found = with_tags(frame, [("Labels", "k"), ("Tags", "k")]).collect()
    assert found.select(hidden_tag("Tags", "k"), hidden_tag("Labels", "k")).unique().row(0) == ("1", "2")


def test_no_rows_and_only_nulls() -> None:
    for texts in ([], [None] * 5):
        frame = pl.LazyFrame({"Tags": pl.Series(texts, dtype=pl.String)})
        found = with_tags(frame, [("Tags", "owner")]).collect()
        assert found[hidden_tag("Tags", "owner")].to_list() == texts


@pytest.mark.parametrize(
    "said", ["\u200b", "\u3164", "\u00a0 \u2800", "n/a", "N/A ", "n/a\u200b", "ｎ／ａ"], ids=ascii
)
def test_a_tag_that_says_nothing_to_a_reader_is_none(said: str) -> None:
    frame = pl.LazyFrame({"Tags": [f'{{"owner": "{said}"}}', '{"owner": "n"}']})
    found = with_tags(frame, [("Tags", "owner")], ("n/a",)).collect()
    assert found[hidden_tag("Tags", "owner")].to_list() == [None, "n"]
