"""A text of which nothing can be seen is missing, in every text column and from every file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.rules.model.contract import Column, Contract

FORMATS = ["csv", "ndjson", "parquet"]
BLANK = [
    " ", "  \t", "\n", "\u00a0", "\u3000\u2003", "\u200b", "\u2060\ufeff \u200d", "\u00ad", "\u202e",
    "\u3164", "\u2800", "\u034f\ufe0f", "\x7f",
]  # fmt: skip
SEEN = [".", " x ", "-", "0", "\u200bf", "é", "e\u0301", "者", "🙂", "\u00a0–", "~", "!", "ﷺ"]
NOTES = Contract(
    title="a note",
    columns={"id": Column(type="integer"), "note": Column(type="string", nullable=True)},
)


def put(folder: Path, ending: str, texts: list[str]) -> None:
    """Writes texts, one a row."""
    frame = pl.DataFrame({"id": range(len(texts)), "note": texts})
    write = {"csv": frame.write_csv, "ndjson": frame.write_ndjson, "parquet": frame.write_parquet}
    write[ending](folder / f"n.{ending}")


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("words", [(), ("",), ("NA",)], ids=str)
def test_what_nobody_sees_is_missing(
    tmp_path: Path, settle: Callable[..., Any], ending: str, words: tuple[str, ...]
) -> None:
    put(tmp_path, ending, [*BLANK, *SEEN, *BLANK])
    state, rows = settle(NOTES, path=f"n.{ending}", null_values=words)
    assert state.status == "ok"
    assert rows["note"].to_list() == [*[None] * len(BLANK), *SEEN, *[None] * len(BLANK)]


def test_blanks_are_missing_where_all_else_is_ordinary(tmp_path: Path, settle: Callable[..., Any]) -> None:
    put(tmp_path, "csv", ["x", "   ", "y"])
    _, rows = settle(NOTES, path="n.csv")
    assert rows["note"].to_list() == ["x", None, "y"]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("texts", [SEEN, ["x", "y"]], ids=["some begin oddly", "none does"])
def test_what_is_seen_stays_as_it_is(
    tmp_path: Path, settle: Callable[..., Any], ending: str, texts: list[str]
) -> None:
    put(tmp_path, ending, texts)
    _, rows = settle(NOTES, path=f"n.{ending}")
    assert rows["note"].to_list() == texts


@pytest.mark.parametrize("ending", FORMATS)
def test_a_blank_is_a_breach_where_a_text_must_be(
    tmp_path: Path, settle: Callable[..., Any], ending: str
) -> None:
    put(tmp_path, ending, ["x", "\u200b"])
    columns = NOTES.columns | {"note": Column(type="string")}
    state, _ = settle(NOTES.model_copy(update={"columns": columns}), path=f"n.{ending}")
    assert state.reason.startswith("1 row breaks the contract: note: not null")


@pytest.mark.parametrize("ending", FORMATS)
def test_so_is_it_where_nobody_said_what_the_columns_are(
    tmp_path: Path, settle: Callable[..., Any], ending: str
) -> None:
    put(tmp_path, ending, ["x", " "])
    _, rows = settle(Contract(title="a note", infer=True), path=f"n.{ending}")
    assert rows["note"].to_list() == ["x", None]
