"""The commands that look at several runs, as their users type them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate import cli

Run = Callable[..., Result]


@pytest.fixture
def ledger(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs of the starter project; before the second one a bound was lowered."""
    run("init", "--minimal")
    run("check")
    file = tmp_path / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(">= 95 %", ">= 90 %"), encoding="utf-8")
    later = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    monkeypatch.setattr(cli, "now", lambda: later)
    run("check")


@pytest.mark.usefixtures("ledger")
def test_diff_for_people_and_for_programs(run: Run) -> None:
    text = run("diff", "1")
    assert text.exit_code == 0
    assert "the rule changed: the bound was >= 95 % and is now >= 90 %, at phasegate.yaml:10" in text.stdout
    document = json.loads(run("diff", "1", "--format", "json").stdout)
    ((criterion,), (gate,)) = document["criteria"], document["gates"]
    assert (criterion["before"], criterion["after"]) == ("fail", "pass")
    assert criterion["requirements"][0]["causes"][0]["kind"] == "rule"
    assert (gate["id"], gate["before"], gate["after"]) == ("programme", "closed", "open")


@pytest.mark.usefixtures("ledger")
def test_diff_of_a_run_and_itself(run: Run) -> None:
    assert "No verdict and no gate changed." in run("diff", "2").stdout


@pytest.mark.usefixtures("ledger")
def test_trend_and_due_for_programs(run: Run) -> None:
    found = json.loads(run("trend", "project/requirements", "--format", "json").stdout)
    assert [(each["run"], each["verdict"]) for each in found["runs"]] == [(1, "fail"), (2, "pass")]
    assert json.loads(run("due", "--format", "json").stdout)["due"] == []
    assert "Nothing that counts ends by then." in run("due").stdout
    measured = json.loads(run("due", "--measure", "--within", "3d", "--format", "json").stdout)
    assert (measured["until"], measured["days"]) == ("2026-03-05", [])


@pytest.mark.sampled(every=3)
@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["diff", "7"], "7"),
        (["diff", "1", "x"], "x"),
        (["trend", "nobody"], "none of the newest 2 runs decided 'nobody'"),
        (["trend", "programme", "--last", "0"], "--last"),
        (["due", "--within", "30"], "'30' is no span of up to ten years: write it as 30d or 6w"),
        (["due", "--within", "999w"], "'999w' is no span"),
        (["due", "--run", "9"], "9"),
        (["due", "--measure", "--run", "1"], "--measure reads the sources"),
        (["runs", "--all", "--last", "3"], "--all lists everything"),
    ],
)
def test_what_is_refused(args: list[str], says: str, run: Run) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize("args", [["diff", "1"], ["trend", "1"], ["due"]])
def test_without_a_ledger(args: list[str], run: Run) -> None:
    run("init", "--minimal")
    result = run(*args)
    assert result.exit_code == 2
    assert "ledger" in result.output


def test_the_newest_runs_are_listed(run: Run) -> None:
    run("init", "--minimal")
    for _ in range(3):
        run("check")
    lines = run("runs", "--last", "2").stdout.splitlines()
    assert lines[0] == "1 earlier run left out; --last and --all show more"
    assert [line.split()[0] for line in lines[1:]] == ["2", "3"]
