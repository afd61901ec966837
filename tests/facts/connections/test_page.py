"""The page about databases: what it says is typed, on a real server, and prints what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from erp_database import Erp

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[3] / "docs" / "sources.md"
BLOCK = re.compile(r"^(?:<!-- file: ([^\n]+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGING = (
    (re.compile(r"PostgreSQL [0-9.]+"), "PostgreSQL VERSION"),
    (re.compile(r"\s[A-Za-z0-9+/]{43}="), " ROOT"),
)


def alike(text: str) -> str:
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text.rstrip()


def test_what_the_page_says_is_so(erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    erp.run("DROP SCHEMA finance CASCADE", "DROP ROLE IF EXISTS phasegate_reader")
    monkeypatch.setenv("ERP_URL", erp.server.url(erp.name, "phasegate_reader", "change-me"))
    typed = 0
    for file, kind, block in BLOCK.findall(PAGE.read_text()):
        if file:
            Path(file).write_text(block)
        if kind == "sql":
            erp.run(*(statement for statement in block.split(";\n") if statement.strip()))
        for part in block.split("$ phasegate ")[1:] if kind == "console" else ():
            command, _, shown = part.partition("\n")
            result = CliRunner().invoke(cli.main, shlex.split(command))
            assert alike(result.output) == alike(shown), result.output
            assert "change-me" not in result.output
            typed += 1
    assert typed == 3


def test_a_run_is_measured_again_from_its_table(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows that stand in another order are the same rows; another one is told by its source."""
    monkeypatch.chdir(tmp_path)
    (project,) = [block for file, _, block in BLOCK.findall(PAGE.read_text()) if file]
    (tmp_path / "phasegate.yaml").write_text(project)
    erp.run(
        "CREATE TABLE finance.invoices (inv_no text, amount numeric(12,2) NOT NULL, status text)",
        "INSERT INTO finance.invoices SELECT 'A-' || i, i, 'reconciled' FROM generate_series(1, 500) i",
    )

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, words)
        return result.exit_code, result.output

    assert run("check", "--as-of", "2026-03-31")[0] == 0
    erp.run(
        "CREATE INDEX by_amount ON finance.invoices (amount DESC)",
        "CLUSTER finance.invoices USING by_amount",
    )
    again = run("replay", "1", "--from-sources")
    assert again[0] == 0, again[1]
    erp.run("UPDATE finance.invoices SET amount = 7 WHERE inv_no = 'A-8'")
    code, told = run("replay", "1", "--from-sources")
    assert code == 1
    assert "other content in erp:finance.invoices (500 rows then, 500 now)" in " ".join(told.split())
