"""Whoever listens hears how much of a source has come, whatever its format."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from phasegate.facts.model.progress import Come, Later
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

CONTRACT = Contract.model_validate(
    {"title": "t", "columns": {"team": {"type": "string"}, "amount": {"type": "integer"}}}
)
ROWS = pl.DataFrame({"team": ["a", "b", "c"], "amount": [1, 2, 3]})
OBJECTS = "".join(json.dumps(row) + "\n" for row in ROWS.to_dicts())


def sqlite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (team TEXT, amount INTEGER)")
        database.executemany("INSERT INTO t VALUES (?, ?)", ROWS.rows())
    database.close()


FILES: dict[str, Callable[[Path], object]] = {
    "t.csv": ROWS.write_csv,
    "t.csv.gz": lambda path: path.write_bytes(gzip.compress(ROWS.write_csv().encode())),
    "t.ndjson": lambda path: path.write_text(OBJECTS),
    "t.parquet": ROWS.write_parquet,
    "t.json": lambda path: path.write_text(json.dumps(ROWS.to_dicts())),
    "t.sqlite": sqlite,
}
COUNTED = {"t.json", "t.sqlite"}
"""Files whose rows a reader of ours takes one by one."""


class Listener:
    """What it hears, in the order in which it does."""

    def __init__(self) -> None:
        self.heard: list[str | Come] = []

    def started(self, name: str) -> None:
        self.heard.append(f"{name} begins")

    def came(self, so_far: Come) -> None:
        self.heard.append(so_far)

    def finished(self, name: str) -> None:
        self.heard.append(f"{name} ends")


@pytest.mark.parametrize("name", FILES)
def test_each_format_tells_its_bytes_and_its_rows(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / name)
    listener = Listener()
    opened = open_source(
        "teams", CONTRACT, SourceFile(path=name), tmp_path, dt.date(2026, 6, 1), progress=listener
    )
    reading = Reading(["teams"], {"teams": opened})
    reading.read_small()
    assert reading.states["teams"].status == "ok"
    come = [each for each in listener.heard if isinstance(each, Come)]
    whole = [each for each in come if each.unit == "bytes" and each.done == each.total]
    assert [each.source for each in whole] == ["teams"]
    assert [each for each in come if each.unit == "rows"] == [Come("teams", 3, None, "rows")] * (
        name in COUNTED
    )
    assert [each for each in listener.heard if isinstance(each, str)] == ["teams begins", "teams ends"]


def test_bytes_are_those_of_all_files_of_a_source(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        ROWS.write_csv(tmp_path / name)
    size, listener = (tmp_path / "a.csv").stat().st_size, Listener()
    file = SourceFile(path="*.csv")
    opened = open_source("teams", CONTRACT, file, tmp_path, dt.date(2026, 6, 1), progress=listener)
    Reading(["teams"], {"teams": opened}).read_small()
    assert [each for each in listener.heard if isinstance(each, Come)][-1] == Come(
        "teams", 2 * size, 2 * size, "bytes"
    )


def test_how_far_it_was_is_of_no_interest_later() -> None:
    later, listener = Later(), Listener()
    later.started("a")
    later.came(Come("a", 1, 3, "rows"))
    later.tell(listener)
    later.came(Come("a", 2, 3, "rows"))
    assert listener.heard == ["a begins", Come("a", 2, 3, "rows")]
