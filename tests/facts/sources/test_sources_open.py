"""Sources that can be read: what the frame holds and what the state says."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from phasegate.facts.fact import SourceState
from phasegate.facts.sources import OpenSource, numbers, open_source
from phasegate.rules.contract import Column, Contract
from phasegate.rules.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
CHARGES = Contract(
    title="a charge",
    event="day",
    columns={
        "day": Column(type="date"),
        "amount": Column(type="decimal", scale=2),
        "team": Column(type="string", nullable=True),
    },
)


def settled(source: OpenSource) -> tuple[SourceState, pl.DataFrame]:
    assert source.frame is not None, source.state
    visible = source.frame.select(*source.kinds)
    *checks, rows = pl.collect_all([*source.checks, visible], engine="streaming")
    return source.settle(numbers(checks)), rows


def test_a_csv_file_becomes_typed_rows_in_force(tmp_path: Path) -> None:
    (tmp_path / "charges.csv").write_text(
        "team,day,amount,note\na,2026-01-31,1.50,x\n,2026-02-28,-0.25,y\na,2026-04-01,9,z\n"
    )
    source = open_source("charges", CHARGES, SourceFile(path="charges.csv"), tmp_path, AS_OF)
    state, rows = settled(source)
    assert rows.rows() == [
        (dt.date(2026, 1, 31), Decimal("1.50"), "a"),
        (dt.date(2026, 2, 28), Decimal("-0.25"), None),
    ]
    assert (state.status, state.rows, state.rows_in_force) == ("ok", 3, 2)
    assert state.columns == ("day", "amount", "team")


def test_focus_exports_are_read_as_they_are() -> None:
    root = Path(os.environ.get("PHASEGATE_SHARED", "../shared")) / "data" / "focus"
    if not (root / "focus_sample.csv").exists():
        pytest.skip("the FOCUS sample is not here")
    contract = Contract(
        title="a charge",
        event="ChargePeriodStart",
        columns={
            "ChargePeriodStart": Column(type="datetime"),
            "EffectiveCost": Column(type="decimal", scale=15),
            "Tags": Column(type="string", nullable=True),
        },
    )
    file = SourceFile(path="focus_sample.csv", null_values=("", "NULL"))
    state, rows = settled(open_source("costs", contract, file, root.resolve(), dt.date(2024, 9, 30)))
    assert (state.status, state.rows, state.rows_in_force) == ("ok", 1000, 1000)
    assert rows["Tags"].null_count() > 0
    assert "NULL" not in rows["Tags"].to_list()
