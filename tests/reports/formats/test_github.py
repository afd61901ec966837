"""Annotations of GitHub Actions, read as its runner reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from foreign_readers import Annotation, annotations
from hostile_text import with_text
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.formats.github import command, render
from phasegate.reports.report import Report

Ready = Callable[[str], Report]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert render(report(name)) == snapshot


@pytest.mark.parametrize(
    ("title", "level", "file", "line"),
    [
        ("FAIL 2.1.1/systems", "error", "points/area_2.yaml", "113"),
        ("ERROR 2.1.1/protocols", "error", "points/area_2.yaml", "106"),
        ("STALE 1.2.1/validation", "warning", "points/area_1.yaml", "92"),
        ("UNKNOWN 1.2.1/protocols", "warning", "points/area_1.yaml", "78"),
        ("waived 1.1.2/protocols", "notice", "points/area_1.yaml", "50"),
        ("advisory, FAIL 2.1.2/systems", "notice", "points/area_2.yaml", "141"),
        ("CLOSED: gate 4", "error", None, None),
        ("UNDECIDED: gate 3", "warning", None, None),
        ("OPEN WITH WAIVERS: gate 2", "notice", None, None),
    ],
)
def test_level_and_place(title: str, level: str, file: str | None, line: str | None, report: Ready) -> None:
    (found,) = [
        each for each in annotations(render(report("programme"))) if each.properties["title"] == title
    ]
    assert found.level == level
    assert (found.properties.get("file"), found.properties.get("line")) == (file, line)


def test_what_passes_is_silent(report: Ready) -> None:
    assert render(report("minimal_pass")) == ""


def test_the_gate_that_was_asked_comes_first(report: Ready) -> None:
    found = annotations(render(report("gate_with_waivers")))
    assert [each.properties["title"] for each in found] == [
        "OPEN WITH WAIVERS: gate 2",
        "waived 1.1.2/protocols",
    ]


@pytest.mark.parametrize("verdict", ["bogus", "", "PASS"])
def test_a_word_that_is_no_verdict_is_a_warning(verdict: str, report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["criteria"][0]["verdict"] = verdict
    ready.record["gates"][0]["state"] = verdict
    assert [each.level for each in annotations(render(ready))] == ["warning", "warning"]


@pytest.mark.parametrize(
    ("text", "data", "value"),
    [
        ("100 %", "100 %25", "100 %25"),
        ("%0A", "%250A", "%250A"),
        ("::error::", "::error::", "%3A%3Aerror%3A%3A"),
        ("a,line=1", "a,line=1", "a%2Cline=1"),
    ],
)
def test_escapes_as_github_documents_them(text: str, data: str, value: str) -> None:
    line = command("error", text, file=text, line=None, title=text)
    assert line == f"::error file={value},title={value}::{data}"
    assert annotations(f"{line}\n") == [Annotation("error", {"file": text, "title": text}, text)]


@pytest.mark.parametrize(
    ("text", "message", "title"),
    [
        ("a\nb", "a%0Ab", "a b"),
        ("a\r\nb", "a%0Ab", "a  b"),
        ("a\rb", "a b", "a b"),
        ("\x1b[0Ksection_start:1:a", "\ufffd[0Ksection_start:1:a", "\ufffd[0Ksection_start%3A1%3Aa"),
    ],
)
def test_no_control_character_is_left(text: str, message: str, title: str) -> None:
    assert command("error", text, title=text) == f"::error title={title}::{message}"


@pytest.mark.parametrize("said", ["##vso[task.complete result=Succeeded;]", "##[error]no", "##teamcity[x]"])
def test_data_is_no_command_of_another_runner_either(said: str) -> None:
    told = command("error", said, file=said, title=said)
    assert told.startswith("::error file=")
    assert "##" not in told
    assert told.count(said[2:6]) == 3


OF_RUNNERS = {
    "GitHub": "\n::error::no\n::stop-commands::x\n##[error]no",
    "Azure": "##vso[task.complete result=Succeeded;]done",
    "Azure, on a line of its own": "\n##vso[task.setvariable variable=GATE]open",
    "TeamCity": "##teamcity[buildStatus status='SUCCESS']",
    "GitLab": "\x1b[0Ksection_start:1:open[collapsed=true]\r\x1b[0K",
    "Jenkins": "\x1b[8mha:////AAAA\x1b[0m",
}
"""What a runner that reads the log takes for more than text."""


@pytest.mark.parametrize("said", OF_RUNNERS.values(), ids=OF_RUNNERS)
@pytest.mark.parametrize("before", [True, False])
def test_no_runner_reads_more_than_our_annotations(said: str, before: bool, report: Ready) -> None:
    ready = report("programme")
    lines = render(replace(ready, record=with_text(ready.record, said, before=before))).splitlines()
    assert lines
    assert all(re.match(r"::(error|warning|notice) [a-z]+=", line) for line in lines)
    assert not [line for line in lines if re.search(r"##\w*\[|\x1b|\r", line)]
