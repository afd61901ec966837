"""The page about MySQL: what it says is typed, on a real server, and prints what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from mariadb_server import MariaServer

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[4] / "docs" / "sources" / "mysql.md"
BLOCK = re.compile(r"^(?:<!-- file: ([^\n]+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGING = (
    (re.compile(r"MariaDB [0-9.]+"), "MariaDB VERSION"),
    (re.compile(r"\s[A-Za-z0-9+/]{43}="), " ROOT"),
)


def alike(text: str) -> str:
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text.rstrip()


def test_what_the_page_says_is_so(
    maria: MariaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOKS_URL", maria.url("finance", "phasegate_reader", "change-me"))
    typed = 0
    try:
        for file, kind, block in BLOCK.findall(PAGE.read_text()):
            if file:
                Path(file).write_text(block)
            if kind == "sql":
                maria.execute(None, *(each for each in block.split(";\n") if each.strip()))
            for part in block.split("$ phasegate ")[1:] if kind == "console" else ():
                command, _, shown = part.partition("\n")
                result = CliRunner().invoke(cli.main, shlex.split(command))
                assert alike(result.output) == alike(shown), result.output
                assert "change-me" not in result.output
                typed += 1
    finally:
        maria.execute(None, "DROP DATABASE IF EXISTS finance", "DROP USER IF EXISTS phasegate_reader")
    assert typed == 3


def test_a_run_is_measured_again_from_its_table(
    maria: MariaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows that stand in another order are the same rows; another one is told by its source."""
    monkeypatch.chdir(tmp_path)
    (project,) = [block for file, _, block in BLOCK.findall(PAGE.read_text()) if file]
    (tmp_path / "phasegate.yaml").write_text(project.replace("finance.", "again."))
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
