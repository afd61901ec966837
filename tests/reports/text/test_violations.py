"""Broken cells are told by file, line, column and value, wherever sources are told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hostile_text import TEXTS, with_text

from phasegate import cli
from phasegate.records.schema import Record
from phasegate.reports.formats.terminal import terminal_text
from phasegate.reports.text.violations import broken_clauses

Saved = Callable[[str], Record]
PROJECT = """\
phasegate: 1
sources:
  t:
    path: t.csv
    contract:
      title: an invoice
      columns:
        inv: {type: string}
        amount: {type: decimal, scale: 2}
        by: {type: string, personal: true, pattern: "F-[0-9]{3}"}
measures:
  s: {title: Billed, from: t, sum: amount}
require: {s: ">= 22"}
"""
ESCAPE = "\x1b[31mred\x1b[0m\u202e"
WORD = "smith-of-the-harbour"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs commands in a project of which one cell steers a terminal and one is a person."""
    (tmp_path / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    rows = f'A,1.00,F-101\n"B\nb",{ESCAPE},F-102\nC,1,{WORD}\n'
    (tmp_path / "t.csv").write_text(f"inv,amount,by\n{rows}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


SHOWN = 'amount "\ufffd[31mred\ufffd[0m\ufffd"'


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("form", ["text", "html", "markdown", "junit", "sarif", "github", "oscal", "csv"])
def test_every_format_names_the_first_cell(run: Callable[..., Result], tmp_path: Path, form: str) -> None:
    result = run("check", "--no-ledger", "--as-of", "2026-03-01", "--format", form, "-o", "told")
    assert result.exit_code == 3
    told = (tmp_path / "told").read_text(encoding="utf-8")
    assert "t.csv:3" in told
    assert WORD not in told
    assert "\x1b" not in told


def test_evidence_tells_the_cells_where_there_is_no_value(run: Callable[..., Result]) -> None:
    run("check", "--as-of", "2026-03-01")
    result = run("evidence", "project/requirements/s")
    told = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert f"t.csv:3 {SHOWN}" in told
    assert 't.csv:5 by "***"' in told
    assert WORD not in told
    document = json.loads(run("evidence", "project/requirements/s", "--format", "json").stdout)
    assert [cell["line"] for one in document[0]["breaches"]["t"] for cell in one["cells"]] == [3, 5]
    assert document[0]["reason"].startswith("t: rows break the contract")


def test_what_is_kept_says_as_much_as_a_report(run: Callable[..., Result], tmp_path: Path) -> None:
    run("check", "--no-ledger", "--as-of", "2026-03-01", "-o", "record.json")
    record: dict[str, Any] = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    (source,) = record["sources"]
    assert source["breaches"][0]["cells"] == [
        {"file": "t.csv", "line": 3, "column": "amount", "value": ESCAPE}
    ]
    assert source["breaches"][1]["cells"][0]["value"] == "***"
    assert all(each["hint"] for each in source["breaches"])


def test_a_very_long_value_is_cut(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"inv,amount,by\nA,{'x' * 100_000},F-101\n", encoding="utf-8")
    run("check", "--no-ledger", "--as-of", "2026-03-01", "-o", "record.json")
    assert (tmp_path / "record.json").stat().st_size < 20_000


def test_older_records_without_cells_are_told_as_before(saved: Saved) -> None:
    (tariffs,) = [each for each in saved("programme")["sources"] if each["name"] == "tariffs"]
    told = broken_clauses(tariffs)
    assert [each.clause for each in told] == [
        "amount: not null (3 rows)",
        "currency: matches [A-Z]{3} (1 row)",
    ]
    assert {(*each.cells, each.more, each.hint) for each in told} == {(None, None)}


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_cells_stay_text_on_a_terminal(saved: Saved, text: str) -> None:
    record = with_text(saved("broken_cells"), TEXTS[text], before=True)
    told = terminal_text(record, width=200, colour=False, code=3)
    assert all(char.isprintable() or char == "\n" for char in told)
    assert len(re.findall(r"amount \"", told)) == 5  # three cells, and two reasons with the first
