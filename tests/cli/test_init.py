"""Projects that are started from a planning document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
MAPS = Path(__file__).parents[1] / "rules" / "maps"
DOCUMENTS = sorted(MAPS.glob("maps/*.md")) + sorted(MAPS.glob("plans/*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_becomes_a_project_that_lints_decides_and_traces(
    document: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started = run("init", "plan", "--from", document)
    assert started.exit_code == 0, started.output
    monkeypatch.chdir(tmp_path / "plan")
    linted = run("lint")
    assert (linted.exit_code, linted.output) == (0, "Found no problems.\n")
    traced = run("trace", document, "--pack", "pack")
    assert traced.exit_code == 0, traced.output
    decided = run("check")
    assert decided.exit_code == 3, decided.output
    assert "UNDECIDED" in decided.output.splitlines()[-1]
