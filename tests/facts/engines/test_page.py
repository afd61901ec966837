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
