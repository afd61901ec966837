"""Rows that are proven different by their order, and those that are not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.contracts.clauses import Distinct
from phasegate.facts.sources import passes
from phasegate.rules.model.contract import Contract

Settle = Callable[..., Any]
DAY = dt.date(2026, 1, 1)


def contract(**more: Any) -> Contract:
    kind = more.pop("type", "integer")
    return Contract(title="costs", columns={"id": {"type": kind, "nullable": True, **more}})  # type: ignore[dict-item]


def write(folder: Path, values: list[Any], dtype: Any = pl.Int64) -> None:
    pl.DataFrame({"id": pl.Series(values, dtype=dtype)}).write_parquet(folder / "costs.parquet")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("values", "alike", "empty"),
    [
        ([], 0, 0),
        ([7], 0, 0),
        ([None], 0, 0),
        ([1, 2, 5], 0, 0),
        ([5, 2, 1], 0, 0),  # in another order, and all different
        ([1, 2, 2, 3], 2, 0),
        ([1, 2, 1], 2, 0),
        ([1, None, 2], 0, 1),  # which may be one of the others
        ([None, None], 0, 2),  # nulls are not alike in a column, and not different either
        ([1, None, 1], 2, 1),
    ],
)
@pytest.mark.parametrize("small", [-1, passes.SMALL])
def test_rows_alike(
    values: list[int | None],
    alike: int,
    empty: int,
    small: int,
    settle: Settle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    write(tmp_path, values)
    state, _ = settle(contract(unique=True), path="costs.parquet")
    due = {"id: unique": alike, "id: unique, and nowhere empty": empty}
    assert {each.clause: each.rows for each in state.breaches} == {name: n for name, n in due.items() if n}


@pytest.mark.parametrize("values", [[1, None, 2], [None, None]])
def test_a_null_in_a_key_is_alike_another_and_may_be_any(
    values: list[int | None], settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, values)
    keyed = contract().model_copy(update={"key": ("id",)})
    held, _ = settle(keyed, path="costs.parquet")
    monkeypatch.setattr(passes, "SMALL", -1)
    read, _ = settle(keyed, path="costs.parquet")
    assert read == replace(held, content=None)  # which is of what is held alone
    found = {each.clause: each.rows for each in read.breaches}
    assert found.get("key id: unique", 0) == (2 if values.count(None) > 1 else 0)
    assert found["key id: unique, and nowhere empty"] == values.count(None)


def test_dates_in_order_are_not_counted(
    settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", -1)
    monkeypatch.setattr(Distinct, "kinds", None)
    write(tmp_path, [DAY + dt.timedelta(days=n) for n in range(50)], pl.Date)
    state, _ = settle(contract(type="date", unique=True), path="costs.parquet")
    assert state.status == "ok"


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), max_size=6), st.booleans())
def test_order_proves_only_what_is_so(values: list[int | None], in_order: bool) -> None:
    if in_order:
        values = sorted(values, key=lambda value: (value is None, value))
    frame = pl.DataFrame({"id": pl.Series(values, dtype=pl.Int64)})
    proof = Distinct("id: unique", ("id",), nulls_count=True).ascending
    assert proof is not None
    if frame.select(proof).item():
        assert len(set(values)) == len(values)
        assert None not in values[1:]
