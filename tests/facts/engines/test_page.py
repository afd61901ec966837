"""The page about tables that stay where they are: what it says is typed, on a real server."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from erp_database import Erp

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[3] / "docs" / "sources" / "push-down.md"
BLOCK = re.compile(r"^(?:<!-- file: ([^\n]+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGING = (
    (re.compile(r"PostgreSQL\s+[0-9.]+"), "PostgreSQL VERSION"),
    (re.compile(r"\s[A-Za-z0-9+/]{43}="), " ROOT"),
)


def alike(text: str) -> str:
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return " ".join(text.split())  # a terminal may be narrower


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
            assert "f-10" not in result.output
            typed += 1
    assert typed == 3


def test_a_run_is_verified_and_measured_again_where_its_rows_are(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (project,) = [block for file, _, block in BLOCK.findall(PAGE.read_text()) if file]
    (tmp_path / "phasegate.yaml").write_text(project)
    erp.run(
        "CREATE TABLE finance.payments (id bigint, amount numeric(12,2), due date, paid date, approver text, "
        "note text)",
        "INSERT INTO finance.payments SELECT i, i, '2026-03-01', '2026-03-02', 'f-10', NULL "
        "FROM generate_series(1, 500) i",
    )

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, words)
        return result.exit_code, " ".join(result.output.split())

    assert run("check", "--as-of", "2026-03-31")[0] == 1
    assert run("verify")[0] == 0
    code, told = run("report", "1", "--format", "html")
    assert code == 0
    assert "computed in PostgreSQL" in told
    assert "f-10" not in told
    erp.run(
        "CREATE INDEX by_amount ON finance.payments (amount DESC)", "CLUSTER finance.payments USING by_amount"
    )
    again = run("replay", "1", "--from-sources")
    assert again[0] == 0, again[1]
    erp.run("UPDATE finance.payments SET note = 'x' WHERE id = 8")
    code, told = run("replay", "1", "--from-sources")
    assert code == 1
    assert "other content in erp:finance.payments (500 rows then, 500 now)" in told
