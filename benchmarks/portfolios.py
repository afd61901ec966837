"""Portfolios: what a project of many costs against one that is read alone."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

from yardstick import Measured, Row, in_turn, seconds, time_ratio, timed

from phasegate.monitoring.portfolio.places import Place, place_of_project
from phasegate.monitoring.portfolio.read import read_rows
from phasegate.monitoring.portfolio.row import Asked
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.runs.attempt import Attempt

PROJECTS = 200
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PROJECT = """\
phasegate: 1
id: project-{number:04d}
ledger: {ledger}
sources: {{invoices: {{path: invoices.csv}}}}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {{of: status = 'reconciled'}}
require: {{invoices.reconciled: ">= 95 %"}}
"""


def made(scratch: Path, shared: bool) -> list[Place]:
    """So many projects with a run each, in ledgers of their own or in one."""
    folder = scratch / f"portfolio-{'shared' if shared else 'own'}"
    done = folder / "done"
    environ = {"LEDGER": str(folder / "shared.db")}
    places = [folder / f"p{number}" for number in range(PROJECTS)]
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        for number, place in enumerate(places):
            place.mkdir(parents=True)
            ledger = "env:LEDGER" if shared else "phasegate.db"
            (place / "phasegate.yaml").write_text(PROJECT.format(number=number, ledger=ledger), "utf-8")
            (place / "invoices.csv").write_text("invoice,status\nF-1,reconciled\n", "utf-8")
            if shared and number:  # one key signs for all
                shutil.copytree(places[0] / ".phasegate", place / ".phasegate")
            Attempt(("check",), place, NOW, environ).decide(None)
        done.touch()
    return [place_of_project(place, environ) for place in places]


def rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """A row for projects with ledgers of their own, and one for projects that share one."""
    alone = made(scratch, shared=False)[:1]

    def read(places: list[Place], times: int = 1) -> Measured:
        def rows_of() -> None:
            for _ in range(times):
                assert {each.standing for each in read_rows(places, NOW, Asked())} == {Standing.OPEN}

        return timed(rows_of)

    for shared in (False, True):
        places = made(scratch, shared)
        many, single = in_turn(
            lambda places=places: read(places),  # type: ignore[misc]
            lambda: read(alone, PROJECTS),
            rounds,
        )
        yield Row(
            f"a portfolio of {PROJECTS} projects {'in one ledger' if shared else 'with a ledger each'}",
            "one of them, as often by itself",
            4.0,
            time_ratio(many, single),
            f"{seconds(many)} against {seconds(single)}",
        )
