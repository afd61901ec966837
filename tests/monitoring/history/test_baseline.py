"""What a cycle came to becomes the baseline that the next one is held against."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_runs import keep

from phasegate.audit.errors import TrailError, UnknownRunError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import KeptRun, record_of
from phasegate.facts.measures.kinds.change import COLUMNS
from phasegate.monitoring.history import baseline
from phasegate.monitoring.history.baseline import (
    Figure,
    Figures,
    NoBaselineError,
    NoEarlierCycleError,
    figures,
    written,
)
from phasegate.records.schema import Record
from phasegate.reports.views.baseline import baseline_csv, baseline_said
from phasegate.rules.loading.project import load_project
from phasegate.runs.replay_all import replays

MARCH, APRIL = dt.date(2026, 3, 2), dt.date(2026, 4, 6)
END = dt.date(2026, 4, 5)
PROJECT = """\
phasegate: 1
pack: pack
cycle: {{id: c-{start}, start: {start}}}
sources:
  runs: {{path: runs.csv}}
{more}"""
PACK = """\
pack: launch
title: Launch
baseline: {source: baseline}
points:
  "1":
    title: Quality
    criteria:
      - id: better
        text: No worse than before
        require:
          runs.passed: ">= 0 %"
          runs.cost: ">= 0"
          teams.passed: ">= 0 %"
          runs.passed_change: ">= 0 %"
          runs.cost_fall: ">= 0 %"
          teams.passed_change: ">= 0 %"
          runs.days_fall: ">= 0 %"
sources:
  runs:
    title: one run
    columns:
      run: {type: string}
      team: {type: string}
      passed: {type: boolean}
      cost: {type: decimal}
      days: {type: integer}
  baseline:
    title: one figure
    columns:
      measure: {type: string}
      slice: {type: string, nullable: true}
      value: {type: decimal, scale: 4}
      fixed_on: {type: date}
      finance_approver: {type: string, nullable: true}
      developer_approver: {type: string, nullable: true}
measures:
  runs.passed: {title: passed, from: runs, ratio: {of: passed}}
  runs.passed_change: {title: change, change: {of: runs.passed, as: difference}, unit: "%"}
  runs.cost: {title: cost, from: runs, mean: cost}
  runs.cost_fall: {title: fall, change: {of: runs.cost, as: fall}, unit: "%"}
  runs.days: {title: days, from: runs, mean: days}
  runs.days_fall: {title: fall, change: {of: runs.days, as: fall}, unit: "%"}
  teams.passed: {title: by team, from: runs, by: team, ratio: {of: passed}, min_rows: 2}
  teams.passed_change: {title: change, change: {of: teams.passed, as: difference}, unit: "%", by: team}
"""
RUNS = """\
run,team,passed,cost,days
1,A,true,10.00,1
2,A,true,10.00,1
3,A,false,10.0001,1
4,B,true,10.00,1
"""


def start(folder: Path, cycle: dt.date, more: str = "") -> None:
    """Says in the project file which cycle is decided."""
    text = PROJECT.format(start=cycle, more=more)
    (folder / "phasegate.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose cycle of March has one run, recorded at its end."""
    made = tmp_path_factory.mktemp("kept")
    (made / "pack").mkdir()
    (made / "pack" / "pack.yaml").write_text(PACK, encoding="utf-8")
    (made / "runs.csv").write_text(RUNS, encoding="utf-8")
    start(made, MARCH)
    keep(made, END)
    return made


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path, dirs_exist_ok=True))


def taken(folder: Path, run: str | None = None, *measures: str) -> Figures:
    loaded = load_project(folder / "phasegate.yaml")
    cycle = loaded.project.cycle
    with Ledger.open(folder / "phasegate.db") as ledger:
        return figures(ledger, loaded.pack, cycle and cycle.start, run, measures)


def taken_over(folder: Path, finance: str = "f-1", developer: str = "d-1") -> None:
    """Begins the cycle of April with what that of March came to."""
    text = baseline_csv(taken(folder, "1"), finance, developer)
    (folder / "march.csv").write_text(text, encoding="utf-8")
    start(folder, APRIL, "  baseline: {path: march.csv}\n")


def verdicts(record: Record) -> dict[str, tuple[str, str]]:
    return {
        each["fact"]: (each["verdict"], each["reason"])
        for each in record["requirements"]
        if each["fact"].partition("[")[0].endswith(("_change", "_fall"))
    }


def test_the_figures_of_a_run(folder: Path) -> None:
    found = taken(folder, "1")
    assert found.figures == (
        Figure("runs.passed", "", "0.75"),
        Figure("runs.cost", "", "10.0001"),
        Figure("teams.passed", "A", "0.6666"),
    )
    assert found.lacking == (
        ("runs.days", "no requirement of the run was bound to it"),
        ("teams.passed[B]", "1 row, fewer than the 2 that it takes"),
    )
    assert (found.as_of, found.cycle, found.fixed_on) == ("2026-04-05", "c-2026-03-02", END)
    assert taken(folder, "1", "runs.passed").figures == found.figures[:1]


def test_the_table_is_what_the_engine_reads(folder: Path) -> None:
    found = taken(folder, "1")
    rows = list(csv.DictReader(StringIO(baseline_csv(found, "f-1", "d-1"))))
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [Figure(*list(row.values())[:3]) for row in rows] == list(found.figures)
    assert {tuple(row.values())[3:] for row in rows} == {("2026-04-05", "f-1", "d-1")}


def test_what_stays_the_same_is_no_worse_than_in_the_cycle_before(folder: Path) -> None:
    taken_over(folder)
    record, _ = keep(folder, APRIL)
    found = verdicts(record)
    assert [name for name, (verdict, _) in found.items() if verdict == "pass"] == [
        "runs.passed_change", "runs.cost_fall", "teams.passed_change[A]"
    ]  # fmt: skip
    assert found["runs.days_fall"][0] == found["teams.passed_change[B]"][0] == "unknown"


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ("4,B,true,10.00,1", "4,B,false,10.00,1", "runs.passed_change"),
        ("2,A,true,10.00,1", "2,A,true,10.01,1", "runs.cost_fall"),
        ("2,A,true,10.00,1", "2,A,false,10.00,1", "teams.passed_change[A]"),
    ],
)
def test_what_got_worse_fails_and_is_replayed(before: str, after: str, worse: str, folder: Path) -> None:
    taken_over(folder)
    (folder / "runs.csv").write_text(RUNS.replace(before, after), encoding="utf-8")
    record, kept = keep(folder, APRIL)
    assert verdicts(record)[worse][0] == "fail"
    assert "baseline" in next(each["sources"] for each in record["facts"] if each["id"] == worse)
    with Ledger.open(folder / "phasegate.db") as ledger:
        assert replays(ledger, str(kept.run), sources=folder).good
        (folder / "march.csv").write_text(
            "measure,slice,value,fixed_on,finance_approver,developer_approver\n"
        )
        assert not replays(ledger, str(kept.run), sources=folder).good


@pytest.mark.parametrize(
    ("finance", "developer", "reason"),
    [
        ("", "", "no Finance approver stands behind the baseline's figure"),
        ("f-1", "", "no Developer approver stands behind the baseline's figure"),
        ("f-1", "F-1", "the same person approved the baseline's figure for both functions"),
    ],
)
def test_figures_count_once_both_functions_approved_them(
    finance: str, developer: str, reason: str, folder: Path
) -> None:
    taken_over(folder, finance, developer)
    record, _ = keep(folder, APRIL)
    assert verdicts(record)["runs.passed_change"] == ("unknown", reason)
    assert ("fill in both approvers" in baseline_said(taken(folder, "1"), finance, developer)[-1]) is (
        not developer
    )


def test_a_run_that_was_made_up_for_afterwards_comes_too_late(folder: Path) -> None:
    late = dt.datetime(2026, 4, 7, 9, tzinfo=dt.UTC)
    keep(folder, END, now=late)
    found = taken(folder, "2")
    assert (found.as_of, found.fixed_on) == ("2026-04-05", late.date())
    (folder / "march.csv").write_text(baseline_csv(found, "f-1", "d-1"), encoding="utf-8")
    start(folder, APRIL, "  baseline: {path: march.csv}\n")
    record, _ = keep(folder, late.date())
    assert verdicts(record)["runs.passed_change"][1].endswith("after the cycle's start on 2026-04-06")


@pytest.mark.parametrize("day", [dt.date(2026, 3, 5), END - dt.timedelta(days=1), APRIL, dt.date(2027, 1, 1)])
def test_a_run_as_of_another_day_than_its_own_becomes_no_baseline(day: dt.date, folder: Path) -> None:
    """A look back finds less: the next cycle, held against that, would open a gate."""
    rows = (folder / "runs.csv").read_text(encoding="utf-8")
    (folder / "runs.csv").write_text(rows.replace("true", "false"), encoding="utf-8")
    keep(folder, day, now=dt.datetime(2026, 4, 5, 17, tzinfo=dt.UTC))
    start(folder, APRIL)
    assert taken(folder).run.number == 1
    assert taken(folder, "2").run.number == 2  # whoever names it means it


def test_the_last_run_of_everything_before_the_cycle_is_taken(folder: Path) -> None:
    keep(folder, END)  # run 2: of the same day, and newer
    keep(folder, END, ids=("1",))
    start(folder, APRIL)
    keep(folder, APRIL)
    assert taken(folder).run.number == 2
    assert taken(folder, "latest").run.number == 4
    start(folder, MARCH)
    with pytest.raises(NoEarlierCycleError, match="before the cycle began on 2026-03-02"):
        taken(folder)
    file = folder / "phasegate.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "cycle" not in line), encoding="utf-8")
    with pytest.raises(NoEarlierCycleError, match="names no cycle"):
        taken(folder)


def test_what_is_refused(folder: Path) -> None:
    with pytest.raises(NoBaselineError, match=r"the change of runs\.cost_fall"):
        taken(folder, "1", "runs.cost", "runs.cost_fall")
    with pytest.raises(UnknownRunError):
        taken(folder, "9")
    text = "".join(
        line for line in PACK.splitlines(keepends=True) if "_change" not in line and "_fall" not in line
    )
    (folder / "pack" / "pack.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(NoBaselineError, match="no measure of the kind 'change'"):
        taken(folder, "1")


def test_evidence_that_is_stale_is_no_figure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def old(ledger: Ledger, run: KeptRun) -> Record:
        record = record_of(ledger, run)
        facts = [{**each, "status": "stale", "reason": "too old"} for each in record["facts"]]
        return {**record, "facts": facts}  # type: ignore[typeddict-item]

    monkeypatch.setattr(baseline, "record_of", old)
    found = taken(folder, "1", "runs.passed")
    assert (found.figures, found.lacking) == ((), (("runs.passed", "too old"),))


def test_a_number_with_two_ends_is_no_figure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def left_open(ledger: Ledger, run: KeptRun) -> Record:
        record = record_of(ledger, run)
        undetermined = {
            "rows": 3, "lacking": [{"column": "passed", "rows": 3}], "fix": "write `(passed) IS TRUE`",
            "low": ["5", "20"], "high": ["8", "20"],
        }  # fmt: skip
        told = {"numerator": None, "denominator": None, "shown": "25 % to 40 %", "undetermined": undetermined}
        return {**record, "facts": [{**each, **told} for each in record["facts"]]}  # type: ignore[typeddict-item]

    monkeypatch.setattr(baseline, "record_of", left_open)
    found = taken(folder, "1", "runs.passed")
    why = "it is 25 % to 40 %: 3 rows have no `passed`: write `(passed) IS TRUE`"
    assert (found.figures, found.lacking) == ((), (("runs.passed", why),))
    assert f"none for runs.passed: {why}" in baseline_said(found, "f", "d")


def test_undetermined_rows_beside_a_known_number_keep_no_figure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = taken(folder, "1", "runs.passed").figures

    def beside(ledger: Ledger, run: KeptRun) -> Record:
        record = record_of(ledger, run)
        undetermined = {"undetermined": {"rows": 3, "lacking": [], "fix": ""}}
        return {**record, "facts": [{**each, **undetermined} for each in record["facts"]]}  # type: ignore[typeddict-item]

    monkeypatch.setattr(baseline, "record_of", beside)
    assert taken(folder, "1", "runs.passed").figures == plain != ()


@pytest.mark.parametrize("change", [{"numerator": "many"}, {"denominator": "9" * 5_000}])
def test_a_figure_that_is_no_number_is_refused(
    change: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forged(ledger: Ledger, run: KeptRun) -> Record:
        record = record_of(ledger, run)
        return {**record, "facts": [{**each, **change} for each in record["facts"]]}  # type: ignore[typeddict-item]

    monkeypatch.setattr(baseline, "record_of", forged)
    with pytest.raises(TrailError, match="run 1: a figure or a date of it can not be read"):
        taken(folder, "1")


def test_figures_of_other_rules_are_named_as_such(folder: Path) -> None:
    assert not taken(folder, "1").other_rules
    text = PACK.replace("mean: cost", "quantile: {of: cost, at: 50 %}")
    (folder / "pack" / "pack.yaml").write_text(text, encoding="utf-8")
    found = taken(folder, "1")
    assert found.other_rules
    assert "that run was decided under other rules than the project has now" in baseline_said(found, "f", "d")


@given(st.fractions(), st.integers(0, 18), st.booleans())
def test_a_figure_is_cut_to_its_digits(value: Fraction, places: int, up: bool) -> None:
    """The oracle is the decimal arithmetic of Python, which knows the direction by name."""
    exact = Context(prec=400)
    quotient = exact.divide(Decimal(value.numerator), Decimal(value.denominator))
    direction = ROUND_CEILING if up else ROUND_FLOOR
    cut = quotient.quantize(Decimal(1).scaleb(-places), rounding=direction, context=exact)
    text = written(value, places, up=up)
    assert Decimal(text) == cut
    assert Decimal(text) >= quotient if up else Decimal(text) <= quotient
    assert text == "0" or not text.endswith(".")
    assert "." not in text or not text.endswith("0")
