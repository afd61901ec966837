"""The page about databases: what it says is typed, on a real server, and prints what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from erp_database import Erp
from typed_page import SOURCES, follow, project_of

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = SOURCES.with_suffix(".md")


def test_what_the_page_says_is_so(erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    erp.run("DROP SCHEMA finance CASCADE", "DROP ROLE IF EXISTS phasegate_reader")
    monkeypatch.setenv("ERP_URL", erp.server.url(erp.name, "phasegate_reader", "change-me"))
    assert follow(PAGE, erp.run, ["change-me"]) == 3


def test_a_run_is_measured_again_from_its_table(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows that stand in another order are the same rows; another one is told by its source."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phasegate.yaml").write_text(project_of(PAGE))
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
