"""What `phasegate facts` shows: the facts that ids name, and no slices that nobody asked for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from phasegate.engine.scope import UnknownIdError
from phasegate.runs.evaluate import measure
from phasegate.runs.preflight import ready_project

DAY = dt.date(2026, 3, 1)
PACK = """\
pack: harbour
title: Harbour
areas:
  "1":
    title: Quays
    success: {name: Ships on time, measure: ships.on_time, bound: ">= 50 %"}
points:
  "1.1":
    title: Berths
    area: "1"
    criteria: [{id: logged, text: Berths are logged, require: {logs: ">= 1", ships.by_quay: ">= 50 %"}}]
  "1.2":
    title: Cranes
    area: "1"
    criteria: [{id: logged, text: Cranes are logged, require: {logs: ">= 1"}}]
sources:
  logs: {title: a log, point: part, columns: {part: {type: string}}}
  ships: {title: a ship, columns: {quay: {type: string}, late: {type: boolean}}}
measures:
  logs: {title: Logs of the point, from: logs, by: point, count: part IS NOT NULL}
  ships.on_time: {title: Ships on time, from: ships, ratio: {of: NOT late}}
  ships.by_quay: {title: Ships on time, from: ships, by: quay, ratio: {of: NOT late}}
"""
FILES = {
    "rules/pack.yaml": PACK,
    "logs.csv": "part\n1.1\n1.1\n1.2\n",
    "ships.csv": "quay,late\nE,false\nW,false\nW,true\n",
    "phasegate.yaml": "phasegate: 1\npack: rules\n"
    "sources: {logs: {path: logs.csv}, ships: {path: ships.csv}}\n",
}


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


EVERYTHING = ["logs[1.1]", "logs[1.2]", "ships.by_quay[E]", "ships.by_quay[W]", "ships.on_time"]


@pytest.mark.parametrize(
    ("ids", "facts"),
    [
        ([], EVERYTHING),
        (["1.1"], ["logs[1.1]", "ships.by_quay[E]", "ships.by_quay[W]"]),
        (["1.2/logged"], ["logs[1.2]"]),
        (["1/success"], ["ships.on_time"]),
        (["1"], EVERYTHING),
        (["logs"], ["logs[1.1]", "logs[1.2]"]),
        (["1.2", "ships.on_time"], ["logs[1.2]", "ships.on_time"]),
    ],
)
def test_only_what_was_asked_for_is_shown(ids, facts, harbour):
    assert [each["id"] for each in measure(ready_project(harbour), DAY, ids)] == facts


def test_what_is_no_id_is_refused(harbour):
    with pytest.raises(UnknownIdError):
        measure(ready_project(harbour), DAY, ["logs", "1.3"])
