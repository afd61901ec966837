"""Phases that are overdue, from a fresh run and from the ledger, as commands tell of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from metrics_page import of, read

from phasegate import cli

Run = Callable[..., Result]
SAID = "overdue    by 14 days: its weeks ended on 2026-02-15"
PLAIN = " ".join(SAID.split())


@pytest.fixture
def pack(tmp_path: Path, programme: Callable[[bool], None]) -> Path:
    """The cycle began on 2026-02-02: week 2 ends on February 15, week 4 on March 1, which is today."""
    programme(False)
    file = tmp_path / "phasegate.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}cycle: {{id: c-1, start: 2026-02-02}}\n", encoding="utf-8")
    pack = tmp_path / "pack" / "pack.yaml"
    text = pack.read_text(encoding="utf-8").replace("{title: Berths,", "{title: Berths, weeks: [1, 2],")
    pack.write_text(text.replace("{title: Cranes,", "{title: Cranes, weeks: [3, 4],"), encoding="utf-8")
    return pack


def extend(pack: Path) -> None:
    """Gives the first phase a week more."""
    text = pack.read_text(encoding="utf-8")
    assert "[1, 2]" in text
    pack.write_text(text.replace("[1, 2]", "[1, 3]"), encoding="utf-8")


@pytest.mark.usefixtures("pack")
@pytest.mark.parametrize("args", [["check"], ["gate", "1"], ["check", "phase:1"]])
def test_a_fresh_run_and_the_kept_one_tell_it(args: list[str], run: Run) -> None:
    fresh = run(*args)
    assert (fresh.exit_code, fresh.stdout.count(SAID), fresh.stdout.count("overdue")) == (1, 1, 1)
    for later in (["report"], ["report", "1"], ["show"], ["show", "1"]):
        assert run(*later).stdout.count(SAID) == 1
    for form in ("markdown", "html", "junit", "github"):
        told = run("report", "--format", form).stdout
        assert ("overdue 14 days" if form == "html" else "its weeks ended on 2026-02-15") in told


def test_a_kept_run_tells_what_held_then(pack: Path, run: Run) -> None:
    run("check")
    extend(pack)
    now = run("check").stdout
    assert "overdue    by 7 days: its weeks ended on 2026-02-22" in now
    assert SAID in run("report", "1").stdout
    assert SAID not in run("report", "2").stdout


def test_a_record_alone_tells_it_by_the_weeks_of_then(pack: Path, run: Run) -> None:
    run("check", "--format", "json", "-o", "record.json")
    assert "overdue" not in Path("record.json").read_text(encoding="utf-8")
    extend(pack)
    assert run("report", "--record", "record.json").stdout.count(SAID) == 1


@pytest.mark.usefixtures("pack")
def test_a_gate_that_opens_is_overdue_no_more(run: Run, tmp_path: Path) -> None:
    assert SAID in run("gate", "1").stdout
    invoices = tmp_path / "invoices.csv"
    invoices.write_text(invoices.read_text(encoding="utf-8").replace("open", "reconciled"), encoding="utf-8")
    opened = run("gate", "1")
    assert (opened.exit_code, "overdue" in opened.stdout) == (0, False)


@pytest.mark.usefixtures("pack")
def test_due_lists_the_weeks_too(run: Run) -> None:
    run("check")
    told = json.loads(run("due", "--within", "30d", "--format", "json").stdout)["due"]
    assert [(each["kind"], each["id"], each["day"]) for each in told] == [
        ("phase", "1", "2026-02-16"),
        ("phase", "2", "2026-03-02"),
    ]
    assert told[1]["says"] == (
        "gate 2, Cranes, becomes overdue: its weeks end on 2026-03-01 and it is not open"
    )
    assert [
        each["id"] for each in json.loads(run("due", "--within", "0d", "--format", "json").stdout)["due"]
    ] == ["1"]
    measured = run("due", "--measure", "--within", "2d").stdout
    assert "2026-03-02  tomorrow\n  overdue  gate 2, Cranes: its weeks ended on 2026-03-01\n" in measured


@pytest.fixture
def scheduled(tmp_path: Path, pack: Path) -> Path:
    with (tmp_path / "phasegate.yaml").open("a", encoding="utf-8") as file:
        file.write("schedules: {daily: {every: day}}\n")
    return pack


def metrics(run: Run) -> dict[tuple[str, ...], float]:
    """For how many days each phase is overdue."""
    result = run("schedule", "run", "--once", "--metrics", "phasegate.prom")
    assert result.exit_code == 0, result.output
    found = read(Path("phasegate.prom").read_text(encoding="utf-8"))
    told = of(found, "phasegate_gate_overdue_seconds", "gate")
    return {gate: value / 86_400 for gate, value in told.items()}


@pytest.mark.usefixtures("scheduled")
def test_metrics_of_a_schedule(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert metrics(run) == {("1",): 14, ("2",): 0}
    later = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(cli, "now", lambda: later)
    assert metrics(run) == {("1",): 15, ("2",): 1}
    assert metrics(run) == {("1",): 15, ("2",): 1}  # this one made no run
