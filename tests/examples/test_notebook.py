"""The notebook runs from its first cell to its last, and shows what it says."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


def shown(source: str, names: dict[str, Any]) -> object:
    """What a cell shows: the value of the expression on its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    told = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (told["nbformat"], told["nbformat_minor"]) == (4, 5)
    names: dict[str, Any] = {}
    cells = [each for each in told["cells"] if each["cell_type"] == "code"]
    found = [shown("".join(each["source"]), names) for each in cells]
    _, result, verdicts, rows, outcome = found
    assert "✗ CLOSED" in result._repr_html_()  # type: ignore[attr-defined]  # a result
    assert isinstance(verdicts, pl.DataFrame)
    assert verdicts["verdict"].to_list() == ["fail"]
    assert isinstance(rows, pl.DataFrame)
    assert rows["invoice"].to_list() == ["F-2", "F-3"]
    assert outcome == "open"
    assert [each["outputs"] for each in cells] == [[]] * len(
        cells
    )  # what ran once says nothing of this version
