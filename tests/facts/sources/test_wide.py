"""A thousand columns without a contract: no query grows with their number."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from phasegate.facts.contracts.types import Reading
from phasegate.facts.sources import batches
from phasegate.facts.sources.infer import infer_columns

COLUMNS, MOST_ASKED = 400, 10


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many answers each query wanted."""
    found: list[int] = []
    select = pl.LazyFrame.select

    def counted(self: pl.LazyFrame, *exprs: Any, **named: Any) -> pl.LazyFrame:
        given = [
            one
            for several in exprs
            for one in ([several] if isinstance(several, str | pl.Expr) else list(several))
        ]
        found.append(sum(isinstance(one, pl.Expr) for one in given) + len(named))
        return select(self, *given, **named)

    monkeypatch.setattr(pl.LazyFrame, "select", counted)
    return found


@pytest.mark.slow
def test_no_query_asks_more_of_many_columns_than_of_few(
    asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_A_TIME", 10_000)
    kinds = {
        "integer": ["1", None, "20"] * 60,
        "decimal": ["1.5", "-2.25", None] * 60,
        "string": ["F-101", "7", None] * 60,
        "date": ["2026-01-31", None, "2026-02-28"] * 60,
        "boolean": ["true", "False", None] * 60,
        "datetime": ["2026-01-31 10:00:00", "2026-01-31", None] * 60,
        "float": ["0.1234567890123456789", None, "1e-3"] * 60,
    }
    names = list(kinds)
    texts = {f"c{place}": kinds[names[place % len(names)]] for place in range(COLUMNS)}
    floats = pl.Series([0.25, None, 1e-3] * 60)
    raw = pl.LazyFrame({**texts, **{f"f{place}": floats for place in range(COLUMNS)}})
    columns = infer_columns(raw, raw.collect_schema(), Reading())
    for place in range(COLUMNS):
        assert columns[f"c{place}"].type == names[place % len(names)]
        assert (columns[f"f{place}"].type, columns[f"f{place}"].scale) == ("decimal", 3)
    assert 0 < max(asked) <= MOST_ASKED
    many = [pl.col(name).count() for name in raw.collect_schema().names()]
    raw.select(many).collect()
    assert max(asked) == 2 * COLUMNS  # which is what a query of all of them would be


def test_a_column_is_what_its_last_value_lets_it_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """However early it looked like something else."""
    monkeypatch.setattr(batches, "AT_A_TIME", 300)
    last = {
        "1": ("integer", "1"), "1.25": ("decimal", "1"), "1e-2": ("decimal", "1"), "x": ("string", "1"),
        "2026-01-31": ("date", "2026-01-30"), "2026-01-31 10:00": ("datetime", "2026-01-30"),
        "007": ("string", "1"), "true": ("string", "1"), "1234567890123456789": ("decimal", "1"),
        "1" * 40: ("string", "1"), "": ("string", "2026-01-30"),
    }  # fmt: skip
    texts = {f"c{place}": [early] * 999 + [text] for place, (text, (_, early)) in enumerate(last.items())}
    raw = pl.LazyFrame(texts)
    columns = infer_columns(raw, raw.collect_schema(), Reading())
    assert [column.type for column in columns.values()] == [kind for kind, _ in last.values()]


def test_a_column_without_values_is_a_text() -> None:
    raw = pl.LazyFrame({"a": [None, None], "b": ["1", None]}, schema={"a": pl.String, "b": pl.String})
    columns = infer_columns(raw, raw.collect_schema(), Reading())
    assert [column.type for column in columns.values()] == ["string", "integer"]
    empty = raw.head(0)
    assert {column.type for column in infer_columns(empty, raw.collect_schema(), Reading()).values()} == {
        "string"
    }
