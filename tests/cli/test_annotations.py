"""Annotations stand on the line of the rule, by its path from the root of the repository."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate.commands.report import files_in_repository

Run = Callable[..., Result]
AT = re.compile(r"file=([^,:]+),line=([0-9]+)")


def places(result: Result) -> list[tuple[str, str]]:
    return AT.findall(result.stdout)


@pytest.fixture
def harbour(tmp_path: Path, programme: Callable[[bool], None]) -> Path:
    """The repository of a project in a folder of its own, with its pack in one below."""
    programme(False)
    inner = tmp_path / "plans" / "harbour"
    inner.mkdir(parents=True)
    for name in ("phasegate.yaml", "invoices.csv", "pack"):
        (tmp_path / name).rename(inner / name)
    return tmp_path


@pytest.mark.parametrize(
    ("workspace", "file"),
    [
        (".", "plans/harbour/pack/pack.yaml"),
        ("plans/harbour", "pack/pack.yaml"),
        ("", "pack/pack.yaml"),  # where no repository is named: as the record has it
    ],
)
def test_the_path_from_the_root_of_the_repository(
    workspace: str, file: str, harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workspace:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(harbour / workspace))
    result = run("gate", "2", "--project", "plans/harbour", "--format", "github", "--no-ledger")
    assert result.exit_code == 1
    lines = (harbour / "plans" / "harbour" / "pack" / "pack.yaml").read_text(encoding="utf-8").splitlines()
    ((found, line),) = places(result)
    assert found == file
    assert lines[int(line) - 1].strip() == 'invoices.reconciled: ">= 95 %"'


@pytest.mark.parametrize("form", ["sarif", "code-scanning"])
def test_code_scanning_has_the_path_and_what_github_knows_the_line_by(
    form: str, harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phasegate.reports.sarif.line_hashes import line_hashes

    monkeypatch.setenv("GITHUB_WORKSPACE", str(harbour))
    told = run("gate", "2", "--project", "plans/harbour", "--format", form, "--no-ledger").stdout
    (result,) = [each for each in json.loads(told)["runs"][0]["results"] if each["level"] == "error"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "plans/harbour/pack/pack.yaml"
    text = (harbour / place["artifactLocation"]["uri"]).read_text(encoding="utf-8")
    found = line_hashes(text)[place["region"]["startLine"] - 1]
    assert result["partialFingerprints"]["primaryLocationLineHash"] == found


def test_past_runs_have_the_same_paths(harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(harbour))
    monkeypatch.chdir(harbour / "plans" / "harbour")
    then = run("check", "--format", "github")
    assert places(then)
    which, _, told = run("report", "--format", "github").stdout.partition("\n")
    assert which.startswith("A check, which opens no gate, as of 2026-03-01. ")
    assert told == then.stdout


def test_a_rule_in_no_file_of_the_repository_is_named_in_the_message(
    harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(harbour / "plans" / "elsewhere"))
    result = run("check", "--project", "plans/harbour", "--format", "github", "--no-ledger")
    assert places(result) == []
    assert "%0AThe rule stands at pack/pack.yaml:11\n" in result.stdout


def test_a_record_without_its_project_names_no_file(
    harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("check", "--project", "plans/harbour", "--no-ledger", "-o", "run.json")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(harbour))
    result = run("report", "--record", "run.json", "--format", "github")
    assert (result.exit_code, places(result)) == (0, [])
    assert "The rule stands at pack/pack.yaml:11" in result.stdout


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "name", ["../../outside.yaml", "/etc/hosts", "pack", "no.yaml", "a\0b", "x" * 5000, "", "."]
)
def test_a_name_that_leads_to_no_file_of_the_repository(name: str, harbour: Path, run: Run) -> None:
    from phasegate.records.reader import load_record

    (harbour / "outside.yaml").touch()
    run("check", "--project", "plans/harbour", "--no-ledger", "-o", "run.json")
    record = load_record(harbour / "run.json")
    for each in (*record["criteria"], *record["requirements"]):
        each["at"] = f"{name}:3"
    workspace = {"GITHUB_WORKSPACE": os.fspath(harbour / "plans")}
    assert files_in_repository(record, harbour / "plans" / "harbour", workspace) == {}


def test_a_line_of_rules_that_are_others_by_now_is_no_place(
    harbour: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(harbour))
    monkeypatch.chdir(harbour / "plans" / "harbour")
    assert places(run("check", "--format", "github"))
    pack = Path("pack", "pack.yaml")
    pack.write_text("# One more line.\n" + pack.read_text(encoding="utf-8"), encoding="utf-8")
    result = run("report", "--format", "github")
    assert places(result) == []
    assert "The rule stands at pack/pack.yaml:11" in result.stdout


@pytest.mark.slow
def test_a_file_that_is_called_as_one_of_a_built_in_pack_is_not_its_place(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    run("init")
    Path("points").mkdir()
    for number in range(1, 5):
        Path("points", f"area_{number}.yaml").write_text("mine\n" * 300)
    result = run("check", "--format", "github", "--no-ledger")
    assert "The rule stands at points/area_1.yaml:" in result.stdout
    assert places(result) == []
