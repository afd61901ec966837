"""A Parquet file of which a byte is another one gives an error with its name, and never ends the process.

polars asks for as much memory as the header of a page says, and ends the process where there is not as much.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.sources.scan import READ_ERRORS

ROWS = 200
FRAME = pl.DataFrame(
    {
        "id": [f"inv-{row}" for row in range(ROWS)],
        "team": [["alpha", "beta", None][row % 3] for row in range(ROWS)],
        "amount": pl.Series([Decimal(row * row) / 100 for row in range(ROWS)], dtype=pl.Decimal(12, 2)),
        "share": [row / 7 for row in range(ROWS)],
        "day": [dt.date(2026, 1, 1) + dt.timedelta(row % 90) for row in range(ROWS)],
        "paid": [[True, False, None][row % 3] for row in range(ROWS)],
    }
)
PAGE = re.compile(rb"\x15(?P<kind>[\x00\x04])\x15.{1,3}?\x15.{1,3}?[\x2c\x4c]\x15(?P<values>.)", re.DOTALL)
"""The header of a page: whether it is of data or a dictionary, two sizes, and how many values it has."""


def written(tmp_path: Path, compression: Any) -> bytes:
    FRAME.write_parquet(tmp_path / "whole.parquet", compression=compression, row_group_size=ROWS // 2)
    return (tmp_path / "whole.parquet").read_bytes()


@pytest.mark.parametrize("compression", ["uncompressed", "snappy", "zstd"])
def test_a_page_that_claims_other_numbers_than_its_column_has_is_refused(
    tmp_path: Path, settle: Callable[..., Any], compression: Any
) -> None:
    whole = written(tmp_path, compression)
    pages = [(page.start("values"), page["kind"] == b"\x00") for page in PAGE.finditer(whole)]
    assert len(pages) >= 2 * FRAME.width
    for place, data in pages:
        other = (whole[place] ^ 2,) if data else ()  # a word more of a dictionary is nobody's value
        for changed in (whole[place] | 1, *other):  # less than none, and one more or less
            damaged = bytearray(whole)
            damaged[place] = changed
            (tmp_path / "f.parquet").write_bytes(damaged)
            state, _ = settle(None, path="f.parquet")
            assert state.status == "error"
            assert re.match(r"f\.parquet (is no whole Parquet file|can not be read): ", state.reason)


def test_the_message_says_which_column(tmp_path: Path, settle: Callable[..., Any]) -> None:
    whole = bytearray(written(tmp_path, "snappy"))
    last = [page.start("values") for page in PAGE.finditer(whole)][-1]
    whole[last] |= 1
    (tmp_path / "f.parquet").write_bytes(whole)
    state, _ = settle(None, path="f.parquet")
    assert re.fullmatch(
        r"f\.parquet is no whole Parquet file: its column 'paid' has a page at byte [0-9,]+ that can not be"
        r" read; export it anew",
        state.reason,
    )


CHANGE = st.tuples(st.integers(0, 1 << 20), st.integers(0, 255))


@settings(max_examples=examples(100), suppress_health_check=list(HealthCheck))
@given(st.lists(CHANGE, min_size=1, max_size=3))
def test_changes_by_chance_end_no_process(
    tmp_path: Path, settle: Callable[..., Any], changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(written(tmp_path, "zstd"))
    for place, byte in changes:
        damaged[4 + place % (len(damaged) - 12)] = byte
    (tmp_path / "f.parquet").write_bytes(damaged)
    with suppress(*READ_ERRORS):  # which a run makes a state of
        state, _ = settle(None, path="f.parquet")
        assert state.status in ("ok", "error")
