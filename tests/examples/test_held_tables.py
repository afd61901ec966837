"""Small tables are held in memory, large ones are not; nothing may depend on which of the two."""

from __future__ import annotations

import datetime as dt

import pytest
from example_runs import generator, place

from phasegate.facts.sources import passes
from phasegate.records.build import to_json
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

DAY = dt.date(2026, 3, 1)


@pytest.mark.slow
def test_a_run_that_holds_no_table_decides_the_same_to_the_byte(tmp_path, monkeypatch) -> None:
    place("developer_finance", tmp_path)
    generator("developer_finance").main(["--out", str(tmp_path), "--as-of", DAY.isoformat()])
    loaded = ready_project(tmp_path)
    held = evaluate(loaded, DAY)
    monkeypatch.setattr(passes, "SMALL", -1)
    unheld = evaluate(loaded, DAY)
    for source in held["sources"]:
        source.pop("content", None)  # a digest of lines in any order, of what is held alone
    assert to_json(unheld) == to_json(held)
