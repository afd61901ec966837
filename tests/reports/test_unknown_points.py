"""A record and its report tell of rows that name points which the pack does not have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from phasegate.records.schema import Record
from phasegate.reports.formats.terminal import terminal_text
from phasegate.runs.evaluate import evaluate
from phasegate.runs.preflight import ready_project

DAY = dt.date(2026, 3, 1)
PACK = """\
pack: harbour
title: Harbour
points:
  "1.1":
    title: Berths
    criteria: [{id: logged, text: Berths are logged, require: {logs: ">= 1"}}]
sources:
  logs: {title: a log, point: part, columns: {part: {type: string}}}
measures:
  logs: {title: Logs of the point, from: logs, by: point, count: part IS NOT NULL}
"""
Decide = Callable[..., Record]


@pytest.fixture
def decide(tmp_path: Path) -> Decide:
    """Decides a project with a log of some points."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "pack.yaml").write_text(PACK)
    (tmp_path / "phasegate.yaml").write_text("phasegate: 1\npack: rules\nsources: {logs: {path: logs.csv}}\n")

    def decide(*points: str) -> Record:
        (tmp_path / "logs.csv").write_text("\n".join(["part", *points, ""]))
        return evaluate(ready_project(tmp_path), DAY)

    return decide


@pytest.mark.parametrize(
    ("points", "line"),
    [
        (("9.9",), "1 row of logs names a point that the pack does not have: 9.9"),
        (("1.l", "9.9", "1.l"), "3 rows of logs name points that the pack does not have: 1.l, 9.9"),
        (
            tuple("gfedcba"),
            "7 rows of logs name points that the pack does not have: a, b, c, d, e, 2 more",
        ),
    ],
)
def test_they_are_told_and_change_no_verdict(decide: Decide, points: tuple[str, ...], line: str) -> None:
    plain, told = decide("1.1"), decide("1.1", *points)
    for part in ("facts", "requirements", "criteria", "points", "gates", "score", "outcome"):
        assert told[part] == plain[part]
    assert told["sources"][0]["unknown_points"] == {
        "rows": len(points),
        "points": len(set(points)),
        "sample": sorted(set(points))[:5],
    }
    report = terminal_text(told, code=0).splitlines()
    assert report[report.index("Rows that no point counts") :][:2] == [
        "Rows that no point counts",
        f"  {line}",
    ]


def test_a_record_without_them_says_nothing(decide: Decide) -> None:
    record = decide("1.1")
    assert "unknown_points" not in record["sources"][0]
    assert "Rows that no point counts" not in terminal_text(record, code=0)
