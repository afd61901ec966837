"""durable-rules on each Python: its import warns of nothing, and where it fails one sentence says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

IMPORT = (
    "import phasegate.engine.inference.rule_base, phasegate.engine.columnar.evaluate, phasegate.runs.evaluate"
)


def test_nothing_that_decides_warns_when_it_is_imported() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("library", "why"),
    [
        (
            "raise ModuleNotFoundError(\"No module named 'durable'\", name='durable')",
            "No module named 'durable'",
        ),
        ("from durable import engine", "undefined symbol: PyEval_CallObject"),
    ],
    ids=["not installed", "built without what newer Pythons need"],
)
def test_a_rule_engine_that_does_not_import_is_one_sentence(tmp_path: Path, library: str, why: str) -> None:
    """Instead of the library, something on the path before it fails as it does."""
    fake = tmp_path / "path" / "durable"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text(library if library.startswith("raise") else "")
    (fake / "engine.py").write_text(f"raise ImportError({why!r}, name='durable_rules_engine')")
    phasegate = [sys.executable, "-m", "phasegate"]
    project = tmp_path / "project"
    project.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(fake.parent)}
    made = subprocess.run([*phasegate, "init", "--minimal"], cwd=project, env=environment, check=False)
    assert made.returncode == 0
    found = subprocess.run(
        [*phasegate, "check"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 2
    assert found.stderr.startswith(f"error: durable-rules is needed, and can not be loaded: {why}\nhelp: ")
    assert "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject" in found.stderr
    assert "Traceback" not in found.stderr
