"""The page about tables that stay where they are: what it says is typed, on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from erp_database import Erp
from typed_page import SOURCES, follow, in_one_line, project_of

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = SOURCES / "push-down.md"


def test_what_the_page_says_is_so(erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    erp.run("DROP SCHEMA finance CASCADE", "DROP ROLE IF EXISTS phasegate_reader")
    monkeypatch.setenv("ERP_URL", erp.server.url(erp.name, "phasegate_reader", "change-me"))
    assert follow(PAGE, erp.run, ["change-me", "f-10"], same=in_one_line) == 3


def test_a_run_is_verified_and_measured_again_where_its_rows_are(
    erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phasegate.yaml").write_text(project_of(PAGE))
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
