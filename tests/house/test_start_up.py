"""Commands start without what they do not need."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ("dataframely", "durable", "markdown_it", "numpy", "polars", "pydantic", "rich", "sqlglot", "yaml")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_light_start(option: str) -> None:
    code = f"""
import sys
from phasegate.cli import main
try:
    main([{option!r}])
finally:
    print("loaded:", *sorted(set(sys.modules) & set({HEAVY!r})))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "loaded:"


PLUGIN = """[pydantic]
theirs = theirs:plugin
"""
RUN = """
import os, sys
def leave(code):
    ours = [name for name in sys.modules if name.partition(".")[0] == "phasegate"]
    sys.stderr.write(f"{len(ours)} {' '.join(sorted(set(sys.modules) & set(WATCHED)))}\\n")
    sys.exit(code)
os._exit = leave
from phasegate.__main__ import main
main()
"""
NOT_FOR_A_CHECK = (
    "dataframely",
    "markdown_it",
    "numpy",
    "rich",
    "sqlglot.dialects.postgres",
    "theirs",
    "xlsxwriter",
)
PROJECT = """\
phasegate: 1
sources: {invoices: {path: invoices.csv}}
measures:
  invoices.reconciled:
    title: Invoices that were reconciled
    from: invoices
    ratio: {of: status = 'reconciled'}
require:
  invoices.reconciled: ">= 95 %"
"""
MOST_MODULES = 295
"""Of ours; each takes a third of a millisecond. This check took 289 when this was written."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[str]]:
    """How many modules of ours a check of a small project loads, and which that it does not need.

    A package that would have a say in how models are built is at hand.
    """
    folder = tmp_path_factory.mktemp("start")
    about = folder / "theirs-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(PLUGIN, encoding="utf-8")
    (folder / "theirs.py").write_text("plugin = None\n", encoding="utf-8")
    (folder / "phasegate.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "invoices.csv").write_text("invoice,status\nF-1,reconciled\nF-2,open\n", encoding="utf-8")
    code = f"WATCHED = {NOT_FOR_A_CHECK!r}\n{RUN}"
    ended = subprocess.run(
        [sys.executable, "-c", code, "check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    assert ended.returncode == 1, ended.stderr
    count, *others = ended.stderr.splitlines()[-1].split()
    return int(count), others


def test_a_check_loads_few_modules(loaded: tuple[int, list[str]]) -> None:
    assert loaded[0] <= MOST_MODULES


def test_a_check_loads_nothing_that_it_does_not_need(loaded: tuple[int, list[str]]) -> None:
    """Nor anything that somebody else would add to how rules are read."""
    assert loaded[1] == []
