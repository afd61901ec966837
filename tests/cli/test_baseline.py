"""A baseline of what a cycle came to, as it is typed; docs/over-time.md goes through all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate import cli

Run = Callable[..., Result]
CHANGE = """\
  invoices.change:
    title: Change
    change: {of: invoices.reconciled, as: difference}
    unit: "%"
"""
SOURCE = """\
  baseline:
    title: one figure
    columns:
      measure: {type: string}
      slice: {type: string, nullable: true}
      value: {type: decimal}
      fixed_on: {type: date}
      finance_approver: {type: string, nullable: true}
      developer_approver: {type: string, nullable: true}
measures:
"""
HEADS = "measure,slice,value,fixed_on,finance_approver,developer_approver\n"
ROW = "invoices.reconciled,,0.9,2026-03-01,"


@pytest.fixture
def folder(tmp_path: Path, programme: Callable[[bool], None], run: Run) -> Path:
    """The cycle of February was decided on its last day, and that of March began the day after."""
    programme(False)
    pack = tmp_path / "pack" / "pack.yaml"
    text = pack.read_text(encoding="utf-8").replace("measures:\n", SOURCE)
    text = text.replace("title: Harbour\n", "title: Harbour\nbaseline: {source: baseline}\n")
    text = text.replace('          invoices.reconciled: ">= 80 %"\n', '          invoices.change: ">= 0 %"\n')
    pack.write_text(text + CHANGE, encoding="utf-8")
    file = tmp_path / "phasegate.yaml"
    plain = file.read_text(encoding="utf-8")
    file.write_text(f"{plain}cycle: {{id: february, start: 2026-02-02}}\n", encoding="utf-8")
    assert run("check").exit_code == 1
    file.write_text(f"{plain}cycle: {{id: march, start: 2026-03-02}}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_table_goes_to_the_screen_and_what_is_to_be_known_beside_it(run: Run) -> None:
    result = run("baseline")
    assert (result.exit_code, result.stdout) == (0, f"{HEADS}{ROW},\n")
    assert result.stderr.splitlines() == [
        "1 figure of run 1 (as of 2026-03-01, february)",
        "they count once both functions approved them: fill in both approvers",
    ]


def test_the_next_cycle_is_held_against_it(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    who = ("--finance-approver", "f-1", "--developer-approver", "d-1")
    assert run("baseline", "1", "-o", "february.csv", *who).exit_code == 0
    assert (folder / "february.csv").read_text(encoding="utf-8") == f"{HEADS}{ROW}f-1,d-1\n"
    file = folder / "phasegate.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "invoices.csv}", "invoices.csv}, baseline: {path: february.csv}"
    )
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(cli, "now", lambda: dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC))
    assert run("check").exit_code == 1
    assert run("explain", "1.2/systems").stdout.startswith("✓ 1.2/systems: pass\n")
    assert run("replay", "--all").exit_code == 0
    assert run("replay", "--from-sources").exit_code == 0
    assert run("verify").exit_code == 0
    assert run("prove", "1.2", "-o", "proof.json").exit_code == 0
    proof = (folder / "proof.json").read_text(encoding="utf-8")
    assert "february.csv" in proof  # the figures that it was held against are named, with their digest
    assert run("verify", "proof.json").exit_code == 0
    over = run("baseline", "-o", "february.csv")
    assert (over.exit_code, "choose another file" in over.stderr) == (2, True)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["9"], "the ledger has no run '9'"),
        (["--measure", "invoices.change"], "no measure of the pack is the change of invoices.change"),
    ],
)
def test_what_is_refused(args: list[str], says: str, run: Run) -> None:
    result = run("baseline", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
