"""`--help` and `--version` start without what only a run needs."""

from __future__ import annotations

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
