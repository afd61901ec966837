"""A Parquet file of which a byte is another one gives an error with its name, and never ends the process.

polars asks for as much memory as the header of a page says, and ends the process where there is not as much.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sizes import examples, first_seed

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


@pytest.mark.filterwarnings("ignore")
def test_changes_by_chance_end_no_process(
    tmp_path: Path, settle: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    whole = written(tmp_path, "zstd")
    draw = random.Random(first_seed())
    ends = {"ok": 0, "error": 0}
    for _ in range(examples(500)):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 1, 1, 3))):
            place = draw.randrange(4, len(whole) - 8)
            damaged[place] = draw.randrange(256)
        (tmp_path / "f.parquet").write_bytes(damaged)
        try:
            state, _ = settle(None, path="f.parquet")
        except READ_ERRORS:  # what a run makes a state of
            state = None
        ends["error" if state is None else state.status] += 1
    assert min(ends.values()) > 0
    capfd.readouterr()  # what polars says of its panics
