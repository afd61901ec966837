"""Every folder under ``cases/`` is a small project that once was decided wrongly, or could not be read.

``case.yaml`` says how it must end::

    why: quotes that are not RFC 4180 swallowed rows     # what the case is about
    as_of: 2026-03-01
    exit: 3                                              # of `check --no-ledger`
    says: ["t.csv:2"]                                    # what stands in its output
    never: ["OPEN"]                                      # what must not
    facts: {t.n: "4", t.ok: "50 %"}                      # as the record shows them; left out where none is
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from phasegate import cli

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yaml"))


def test_no_folder_is_without_its_case() -> None:
    folders = {path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir()}
    assert folders == set(CASES)
    assert CASES


@pytest.mark.sampled(every=12)
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_case_ends_as_it_must(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case: dict[str, Any] = YAML(typ="safe").load(folder / "case.yaml")
    assert case.keys() <= {"why", "as_of", "exit", "says", "never", "facts"}
    project = shutil.copytree(folder, tmp_path / "project")
    monkeypatch.chdir(project)
    monkeypatch.setenv("COLUMNS", "400")
    arguments = ["check", "--no-ledger", "--as-of", str(case.get("as_of", "2026-03-01")), "-o", "record.json"]
    arguments += ["-o", "told.txt"]  # what would be on the screen
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == case["exit"], result.output
    told = project / "told.txt"
    said = " ".join((result.output + (told.read_text(encoding="utf-8") if told.exists() else "")).split())
    for text in case.get("says", []):
        assert text in said
    for text in case.get("never", []):
        assert text not in said
    if "facts" in case:
        record = json.loads((project / "record.json").read_text(encoding="utf-8"))
        shown = {fact["id"]: fact["shown"] for fact in record["facts"]}
        assert {id_: shown.get(id_) for id_ in case["facts"]} == case["facts"]
