"""What a Parquet file says of its values, wrongly, leaves out none of its rows."""

from __future__ import annotations

import datetime as dt
import struct
from pathlib import Path

import polars as pl
import pytest

from phasegate.facts.sources import passes
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
CONTRACT = Contract.model_validate(
    {"title": "a charge", "event": "day", "columns": {"day": {"type": "date"}, "amount": {"type": "integer"}}}
)


def days(day: dt.date) -> bytes:
    return struct.pack("<i", (day - dt.date(1970, 1, 1)).days)


@pytest.mark.parametrize("small", [passes.SMALL, -1])
def test_rows_that_its_statistics_deny_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    path = tmp_path / "t.parquet"
    first = dt.date(2026, 1, 1)
    frame = pl.DataFrame({"day": [first + dt.timedelta(row) for row in range(20)], "amount": range(20)})
    frame.write_parquet(path, compression="uncompressed", statistics=True)
    written = path.read_bytes()
    footer = len(written) - 8 - int.from_bytes(written[-8:-4], "little")
    lied = written[footer:].replace(days(first), days(dt.date(2027, 1, 1)))
    assert lied != written[footer:]
    path.write_bytes(written[:footer] + lied)
    source = open_source("costs", CONTRACT, SourceFile(path="t.parquet"), tmp_path, AS_OF)
    assert source.frame is not None
    *checks, rows = pl.collect_all([*source.checks, source.frame.select(pl.len())], engine="streaming")
    state = source.settle(numbers(checks))
    assert (state.status, state.rows, state.rows_in_force, rows.item()) == ("ok", 20, 20, 20)
