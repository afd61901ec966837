"""Rows that are read of a file after its source was settled count only if it is still the same file."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts import assemble as assembling
from phasegate.facts import evidence_rows
from phasegate.facts.assemble import assemble
from phasegate.facts.evidence_rows import RowsBehind, Wanted
from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import passes
from phasegate.facts.sources.open import open_sources
from phasegate.facts.sources.source import OpenSource
from phasegate.facts.violations import find
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
CHANGED = "changed while it was read; run again once it is written"
WANTED = Wanted("m", "", upper=False)
CRITERION = {"id": "c", "text": "C", "require": {"m": ">= 90 %"}}
TEAM: dict[str, Any] = {"type": "string", "allowed": ["a", "b"]}


def pack(team: Mapping[str, Any]) -> Pack:
    return Pack.model_validate(
        {
            "pack": "p",
            "title": "P",
            "points": {"1": {"title": "One", "criteria": [CRITERION]}},
            "sources": {"costs": {"title": "Costs", "columns": {"team": team, "ok": {"type": "boolean"}}}},
            "measures": {"m": {"title": "M", "from": "costs", "ratio": {"of": "ok"}}},
        }
    )


def write(path: Path, team: str = "a") -> None:
    """A table of one team, and its time as it was."""
    times = (1, 1)
    table = pl.DataFrame({"team": [team] * 300, "ok": [True, False, False] * 100})
    if path.suffix == ".parquet":
        table.write_parquet(path)
    else:
        table.write_csv(path)
    os.utime(path, ns=times)


class Run:
    """A pack over one table."""

    def __init__(self, folder: Path, kind: str, team: Mapping[str, Any] | None = None) -> None:
        self.path, self.pack = folder / f"f.{kind}", pack(team or TEAM)
        write(self.path)
        file = SourceFile(path=self.path.name)
        self.opened = open_sources(self.pack.sources, {"costs": file}, folder, AS_OF)

    def state(self) -> SourceState:
        return assemble(self.pack, self.opened, AS_OF).sources["costs"]

    def behind(self) -> RowsBehind | None:
        return evidence_rows.rows_behind(self.pack, self.opened, AS_OF, {}, [WANTED], 10)[WANTED]


def then(monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: Callable[[], object]) -> None:
    """Has something done once a function has returned."""
    function = getattr(place, name)

    def done(*args: Any, **more: Any) -> Any:
        found = function(*args, **more)
        after()
        return found

    monkeypatch.setattr(place, name, done)


def test_rows_behind_a_verdict_are_not_those_of_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", -1)
    run = Run(tmp_path, "parquet")
    assert run.state().status == "ok"
    found = run.behind()
    assert found is not None
    assert found.total == 200
    write(run.path, "b")
    assert run.behind() is None


@pytest.mark.parametrize(("kind", "small"), [("parquet", passes.SMALL), ("csv", passes.SMALL), ("csv", -1)])
def test_rows_that_are_in_memory_or_stored_are_still_those_that_were_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, small: int
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    run = Run(tmp_path, kind)
    assert run.state().status == "ok"
    write(run.path, "b")
    found = run.behind()
    assert found is not None
    assert set(found.frame["team"]) == {"a"}


def test_measures_that_are_computed_again_are_not_of_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where one measure failed, and the others are tried without it."""
    monkeypatch.setattr(passes, "SMALL", -1)
    run = Run(tmp_path, "parquet")
    computed, tries = assembling.collect, []

    def collect(*args: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise pl.exceptions.ComputeError("no")
        found = computed(*args)
        write(run.path, "b")
        return found

    monkeypatch.setattr(assembling, "collect", collect)
    found = assemble(run.pack, run.opened, AS_OF)
    assert len(tries) == 2
    assert (found.sources["costs"].status, found.sources["costs"].reason) == ("error", f"f.parquet {CHANGED}")
    assert found.facts["m", ""].status == "error"


def test_the_rows_that_break_a_contract_are_not_those_of_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", -1)
    run = Run(tmp_path, "parquet", {**TEAM, "allowed": ["b"]})
    then(monkeypatch, find, "find_breaches", lambda: write(run.path, "b"))
    state = run.state()
    assert (state.status, state.reason, state.breaches) == ("error", f"f.parquet {CHANGED}", ())


def test_an_open_source_without_files_has_none_that_changed(tmp_path: Path) -> None:
    assert OpenSource("costs", Run(tmp_path, "csv").pack.sources["costs"]).recheck() is None
