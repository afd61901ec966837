"""The page about Spark: what it says is typed, on a server that speaks as Spark does, and comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from lake_corpus import SECRET, secrets
from spark_servers import Lake
from typed_page import SOURCES, follow, in_one_line, project_of

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = SOURCES / "spark.md"


def test_what_the_page_says_is_so(own_sail: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARK_REMOTE", own_sail.url)
    hidden = (SECRET, "127.0.0.1", str(own_sail.port))
    assert follow(PAGE, own_sail.run, hidden, same=in_one_line) == 4


def test_a_run_is_measured_again_from_its_table(
    own_sail: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARK_REMOTE", own_sail.url)
    (tmp_path / "phasegate.yaml").write_text(project_of(PAGE))
    own_sail.run(
        "CREATE SCHEMA finops",
        "CREATE TABLE finops.costs (cost_centre string, amount decimal(12,2), status string) USING parquet",
        "INSERT INTO finops.costs SELECT CAST(id AS string), id + 1, 'allocated' FROM range(500)",
    )

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.main, words)
        assert not secrets(result.output, own_sail)
        return result.exit_code, result.output

    assert run("check", "--as-of", "2026-03-31")[0] == 0
    again = run("replay", "1", "--from-sources")
    assert again[0] == 0, again[1]
    own_sail.run("INSERT INTO finops.costs VALUES ('new', 1, 'open')")
    code, told = run("replay", "1", "--from-sources")
    assert code == 1
    assert "other content in lake:finops.costs (500 rows then, 501 now)" in " ".join(told.split())
