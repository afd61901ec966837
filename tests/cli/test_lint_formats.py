"""What lint found, in each format: the same findings, where programs look for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from phasegate.reports.findings import FORMATS, Findings
from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.position import Position

Run = Callable[..., Result]


@pytest.fixture
def faulty(project: Callable[..., Path], tmp_path: Path) -> Path:
    project(">= 0 %")
    file = tmp_path / "phasegate.yaml"
    file.write_text(file.read_text() + "titel: Ours\n")
    return file


def test_all_formats_tell_the_same(run: Run, faulty: Path) -> None:
    told = {form: run("lint", "--format", form) for form in FORMATS}
    assert {each.exit_code for each in told.values()} == {2}
    document = json.loads(told["json"].stdout)
    places = [(each["rule"], each["file"], each["line"], each["column"]) for each in document["findings"]]
    assert [each[0] for each in places] == ["always-true", "unknown-key"]
    assert document["errors"] + document["warnings"] == 2
    shown = re.findall(r"^(\S+):(\d+):(\d+) (\S+)", told["text"].stdout, re.MULTILINE)
    assert [(rule, file, int(line), int(column)) for file, line, column, rule in shown] == places
    annotations = re.findall(
        r"^::(?:error|warning) file=(.*?),line=(\d+),col=(\d+),title=(.*?)::",
        told["github"].stdout,
        re.MULTILINE,
    )
    assert [(rule, file, int(line), int(column)) for file, line, column, rule in annotations] == places[
        ::-1
    ]  # errors come first
    (log,) = json.loads(told["sarif"].stdout)["runs"]
    results = []
    for each in log["results"]:
        (place,) = each["locations"]
        at = place["physicalLocation"]
        region = at["region"]
        results.append(
            (each["ruleId"], at["artifactLocation"]["uri"], region["startLine"], region["startColumn"])
        )
        assert log["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
    assert results == places


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_nothing_found_is_a_document_too(form: str, run: Run, project: Callable[..., Path]) -> None:
    project()
    result = run("lint", "--format", form)
    assert result.exit_code == 0
    if form == "github":
        assert result.stdout == ""
    else:
        document = json.loads(result.stdout)
        assert (document["findings"] if form == "json" else document["runs"][0]["results"]) == []


def test_files_are_named_from_the_root_of_the_repository(
    run: Run, faulty: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    assert f"::error file={tmp_path.name}/phasegate.yaml,line=" in run("lint", "--format", "github").stdout
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    elsewhere = run("lint", "--format", "github").stdout
    assert "file=" not in elsewhere
    assert "It stands at phasegate.yaml:" in elsewhere


def test_what_files_say_steers_neither_runner_nor_reader() -> None:
    hostile = "a\n::error::b\x1b[31m ##[group] {0} [x](y) %0A"
    one = Diagnostic("bad-sql", hostile, Position("we,i:rd\n.yaml", 1, 2), hostile)
    (line,) = FORMATS["github"](Findings([one])).splitlines()
    assert line.startswith("::error file=we%2Ci%3Ard .yaml,line=1,col=2,title=bad-sql::a ::error::b")
    assert "\x1b" not in line
    assert "##[" not in line
    (result,) = json.loads(FORMATS["sarif"](Findings([one])))["runs"][0]["results"]
    assert "[x] (y)" in result["message"]["text"]
    assert "{{0}}" in result["message"]["text"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "we%2Ci%3Ard%0A.yaml"
