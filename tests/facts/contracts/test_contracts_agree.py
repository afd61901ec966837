"""The counted clauses and dataframely, which judges by the same contract, find the same rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.breaches import rule_of, schema_of
from phasegate.facts.contracts import HIDDEN, clauses, distincts
from phasegate.facts.contracts_types import Reading, typed
from phasegate.rules.contract import Column, Contract

AS_OF = dt.date(2026, 3, 31)
READING = Reading()
CONTRACT = Contract(
    title="anything",
    event="day",
    key=("id", "part"),
    columns={
        "id": Column(type="integer", min=1, max=3),
        "part": Column(type="string", nullable=True),
        "day": Column(type="date", past=True, min="2026-01-01", nullable=True),
        "at": Column(type="datetime", past=True, nullable=True),
        "amount": Column(type="decimal", scale=2, min="0", max="99.5", allowed=("0", "1.5", "99.5", "100")),
        "rate": Column(type="float", min="-1", max="1", nullable=True),
        "code": Column(type="string", pattern="[A-Z]+", unique=True, nullable=True),
        "kind": Column(type="string", allowed=("a", "b")),
        "done": Column(type="boolean"),
    },
)
TEXTS = {
    "id": ["1", "2", "3", "4", "0", "x", "1.0", "99999999999999999999"],
    "part": ["a", "b", ""],
    "day": ["2026-01-01", "2025-12-31", "2026-03-31", "2026-04-01", "2026-02-30", "2026-1-1", "today"],
    "at": ["2026-03-31T23:59:59Z", "2026-04-01 00:00:00", "2026-03-31", "noon", "2026-03-31 25:00:00"],
    "amount": ["0", "1.5", "1.50", "1.500", "1.505", "99.5", "99.51", "-0.01", "1e1", "1e-3", "NaN", "1,5"],
    "rate": ["0", "1", "-1.5", "1e9", "NaN", "inf", "-inf", "one"],
    "code": ["A", "B", "BC", "b", "B\n", ""],
    "kind": ["a", "b", "c", "A"],
    "done": ["true", "FALSE", "1", "0", "yes"],
}
VALUES = {
    "id": (pl.Int64, [1, 2, 3, 4, 0]),
    "part": (pl.String, TEXTS["part"]),
    "day": (pl.Date, [dt.date(2026, 1, 1), dt.date(2025, 12, 31), dt.date(2026, 4, 1)]),
    "at": (pl.Datetime("us"), [dt.datetime(2026, 3, 31, 23), dt.datetime(2026, 4, 1)]),
    "amount": (pl.Decimal(38, 3), [Decimal("1.5"), Decimal("1.505"), Decimal("-1"), Decimal("100")]),
    "rate": (pl.Float64, [0.5, -2.0, float("nan"), float("inf"), float("-inf")]),
    "code": (pl.String, TEXTS["code"]),
    "kind": (pl.String, TEXTS["kind"]),
    "done": (pl.Boolean, [True, False]),
}


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    size = draw(st.integers(0, 6))
    as_text = draw(st.booleans())
    columns = {}
    for name in CONTRACT.columns:
        kind, values = (pl.String, TEXTS[name]) if as_text else VALUES[name]
        cells = draw(st.lists(st.sampled_from([None, *values]), min_size=size, max_size=size))
        columns[name] = pl.Series(cells, dtype=kind)
    return pl.DataFrame(columns)


def as_opened(raw: pl.DataFrame) -> pl.DataFrame:
    """The frame as a source has it: typed, with the originals beside the values."""
    hidden = {}
    values = []
    for name, column in CONTRACT.columns.items():
        value = typed(pl.col(HIDDEN + name), raw.schema[name], column, READING)
        if value is not None:
            hidden[name] = HIDDEN + name
            values.append(value.alias(name))
    return raw.rename(hidden).with_columns(values)


@settings(max_examples=examples(150), deadline=None)
@given(frames())
def test_clauses_and_dataframely_agree(raw: pl.DataFrame) -> None:
    found = dict(raw.schema)
    frame = as_opened(raw).with_row_index(f"{HIDDEN}row", offset=1)
    failure = schema_of(CONTRACT, found, READING, AS_OF).filter(frame).failure
    theirs = failure.counts()
    ours = {
        rule_of(clause): frame.select(clause.count).item()
        for clause in clauses(CONTRACT, found, READING, AS_OF)
    }
    assert {rule: count for rule, count in ours.items() if count} == {
        rule: count for rule, count in theirs.items() if count and rule in ours
    }
    unique = {rule_of(distinct): distinct for distinct in distincts(CONTRACT)}
    assert theirs.keys() <= ours.keys() | unique.keys()
    for rule, distinct in unique.items():
        rows = frame.select(distinct.rows).item()
        kinds = frame.select(distinct.kinds).item()
        assert (rows != kinds) == (rule in theirs)
