"""The page about MySQL: what it says is typed, on a real server, and prints what it shows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from mariadb_server import MariaServer
from typed_page import SOURCES, follow, project_of

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = SOURCES / "mysql.md"


def test_what_the_page_says_is_so(
    maria: MariaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOKS_URL", maria.url("finance", "phasegate_reader", "change-me"))
    try:
        assert follow(PAGE, partial(maria.execute, None), ["change-me"]) == 3
    finally:
        maria.execute(None, "DROP DATABASE IF EXISTS finance", "DROP USER IF EXISTS phasegate_reader")


def test_a_run_is_measured_again_from_its_table(
    maria: MariaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows that stand in another order are the same rows; another one is told by its source."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phasegate.yaml").write_text(project_of(PAGE).replace("finance.", "again."))
    monkeypatch.setenv("BOOKS_URL", maria.url("again", "reader_again", "change-me"))
    maria.execute(None, "CREATE DATABASE again")
    maria.execute(
        "again",
        "CREATE TABLE again.invoices (inv_no varchar(20) PRIMARY KEY, amount decimal(12,2) NOT NULL, "
        "status varchar(20), paid boolean NOT NULL)",
        "INSERT INTO again.invoices SELECT CONCAT('A-', seq), seq, 'reconciled', 1 FROM seq_1_to_500",
        "CREATE USER reader_again IDENTIFIED BY 'change-me'",
        "GRANT SELECT ON again.* TO reader_again",
    )

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, words)
        return result.exit_code, result.output

    assert run("check", "--as-of", "2026-03-31")[0] == 0
    maria.execute("again", "ALTER TABLE invoices DROP PRIMARY KEY, ADD PRIMARY KEY (amount)")
    again = run("replay", "1", "--from-sources")
    assert again[0] == 0, again[1]
    maria.execute("again", "UPDATE invoices SET amount = 7.5 WHERE inv_no = 'A-8'")
    code, told = run("replay", "1", "--from-sources")
    assert code == 1
    assert "other content in books:again.invoices (500 rows then, 500 now)" in " ".join(told.split())
