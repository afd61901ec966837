"""Where the engines do not agree, nothing is told to open a gate."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path

import pytest
from kept_runs import DAYS, write_project

from phasegate.records.schema import Record
from phasegate.rules.loading.project import LoadedProject
from phasegate.runs.attempt import Attempt
from phasegate.runs.why_not import why_not


@pytest.fixture
def decided(tmp_path: Path) -> tuple[Record, LoadedProject]:
    """A gate that rows would open."""
    write_project(tmp_path)
    under: list[LoadedProject] = []
    moment = dt.datetime.combine(DAYS[0], dt.time(12), dt.UTC)
    attempt = Attempt(("gate", "2"), tmp_path, moment, {}, kept=False)
    record, _ = attempt.decide(None, gate="2", under=under)
    assert why_not(record, under[0]).tasks
    return record, under[0]


@pytest.mark.parametrize("kind", ["requirements", "criteria", "gates"])
def test_no_way_is_found_through_a_disagreement(kind: str, decided: tuple[Record, LoadedProject]) -> None:
    record, loaded = copy.deepcopy(decided[0]), decided[1]
    shut = next(each for each in record["requirements"] if each["verdict"] in ("fail", "unknown"))
    names = {"requirements": shut["id"], "criteria": shut["criterion"], "gates": "2"}
    record["disagreements"] = [{"id": names[kind], "inferred": "pass", "evaluated": "fail", "reason": ""}]
    found = why_not(record, loaded)
    assert found.tasks is None
    assert found.stuck
