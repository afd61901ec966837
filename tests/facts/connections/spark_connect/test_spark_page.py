"""The page about Spark: what it says is typed, on a server that speaks as Spark does, and comes out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from lake_corpus import secrets
from spark_servers import Lake

from phasegate import cli

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[4] / "docs" / "sources" / "spark.md"
BLOCK = re.compile(r"^(?:<!-- file: ([^\n]+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGING = (
    (re.compile(r"Spark(?: Connect server)? [0-9.]+"), "Spark VERSION"),
    (re.compile(r"\s[A-Za-z0-9+/]{43}="), " ROOT"),
)


def alike(text: str) -> str:
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text.rstrip()


def test_what_the_page_says_is_so(own_sail: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARK_REMOTE", own_sail.url)
    typed = 0
    for file, kind, block in BLOCK.findall(PAGE.read_text()):
        if file:
            Path(file).write_text(block)
        if kind == "sql":
            own_sail.run(*block.split(";\n"))
        for part in block.split("$ phasegate ")[1:] if kind == "console" else ():
            command, _, shown = part.partition("\n")
            result = CliRunner().invoke(cli.main, shlex.split(command))
            assert alike(result.output) == alike(shown), result.output
            assert not secrets(result.output, own_sail)
            typed += 1
    assert typed == 3


def test_a_run_is_measured_again_from_its_table(
    own_sail: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARK_REMOTE", own_sail.url)
    (project,) = [block for file, _, block in BLOCK.findall(PAGE.read_text()) if file]
    (tmp_path / "phasegate.yaml").write_text(project)
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
