"""What programs of others make of the formats: those that teams show results with, none of which we wrote."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from generated_record import failing
from readers_at_hand import MULTITOOL, PLACE, PYTHON, needed, run

from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report
from phasegate.reports.sarif.line_hashes import line_hashes

pytestmark = pytest.mark.slow
Saved = Callable[[str], Record]
NAMES = ["programme", "gate_with_waivers", "minimal_fail", "minimal_pass", "hostile", "undetermined"]


def written(record: Record, form: str, file: Path, **fields: Any) -> Path:
    text = FORMATS[form].render(replace(Report(record, exit_code(record["outcome"])), **fields))
    assert isinstance(text, str)
    file.write_text(text, encoding="utf-8", newline="")
    return file


def records(saved: Saved) -> dict[str, Record]:
    return {**{name: saved(name) for name in NAMES}, "many": failing(saved("minimal_fail"), 600)}


SUMMARIES = """
import sys
from sarif.cmdline.main import main

for file in sys.argv[1:]:
    sys.argv = ["sarif", "summary", file]
    main()
    print("\\f")
"""


@pytest.mark.parametrize("form", ["sarif", "code-scanning"])
def test_sarif_tools_counts_what_is_not_open(form: str, saved: Saved, tmp_path: Path) -> None:
    needed(PYTHON.with_name("sarif"))
    all_of = records(saved)
    files = [written(record, form, tmp_path / f"{name}.sarif") for name, record in all_of.items()]
    summaries = run(PYTHON, "-c", SUMMARIES, *files, folder=tmp_path).split("\f")
    for (name, record), said in zip(all_of.items(), summaries[:-1], strict=True):
        counts = {
            level: int(number)
            for level, number in re.findall(r"^(error|warning): (\d+)$", said, re.MULTILINE)
        }
        told = Counter(each["verdict"] for each in record["criteria"] if each["enforcement"] != "advisory")
        assert counts["error"] >= told["fail"] + told["error"], name
        assert bool(counts["error"] + counts["warning"]) == bool(exit_code(record["outcome"])), name


def test_results_are_matched_within_a_scope(saved: Saved, tmp_path: Path) -> None:
    """A rule that moved is the same result; one that passed meanwhile is another state of it."""
    tool = MULTITOOL / "Sarif.Multitool"
    needed(tool)
    record = saved("programme")
    before = written(record, "code-scanning", tmp_path / "before.sarif")
    for each in (*record["criteria"], *record["requirements"]):
        each["at"] = re.sub(r"\d+$", lambda found: str(int(found[0]) + 40), each["at"])
    after = written(record, "code-scanning", tmp_path / "after.sarif")
    run(tool, "match-results-forward", after, "-r", before, "-o", tmp_path / "matched.sarif", folder=tmp_path)
    (found,) = json.loads((tmp_path / "matched.sarif").read_text(encoding="utf-8"))["runs"]
    states = Counter(each["baselineState"] for each in found["results"])
    assert set(states) <= {"unchanged", "updated"}
    assert states.total() == len(json.loads(after.read_text(encoding="utf-8"))["runs"][0]["results"])


def test_the_multitool_computes_the_same_hash_of_a_line(saved: Saved, tmp_path: Path) -> None:
    tool = MULTITOOL / "Sarif.Multitool"
    needed(tool)
    record = saved("minimal_fail")
    text = "".join(f"rule_{number % 7}: {{at: 'é🚢', is: {number % 3}}}\r\n\t \n" for number in range(60))
    (tmp_path / "phasegate.yaml").write_text(text, encoding="utf-8", newline="")
    (one,) = record["criteria"]
    record["criteria"] = [
        {**one, "id": f"1/{line}", "at": f"phasegate.yaml:{line}", "requirements": []}
        for line in range(1, 121)
    ]
    written(record, "sarif", tmp_path / "plain.sarif", files=None)
    plain = json.loads((tmp_path / "plain.sarif").read_text(encoding="utf-8"))
    address = (tmp_path / "phasegate.yaml").as_uri()
    for each in plain["runs"][0]["results"]:
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = address
    (tmp_path / "plain.sarif").write_text(json.dumps(plain), encoding="utf-8")
    run(
        tool, "rewrite", tmp_path / "plain.sarif", "-o", tmp_path / "hashed.sarif",
        "--insert", "RollingHashPartialFingerprints", folder=tmp_path,
    )  # fmt: skip
    hashed = json.loads((tmp_path / "hashed.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    theirs = {
        each["ruleId"]: each["partialFingerprints"]["primaryLocationLineHash"]
        for each in hashed
        if each["ruleId"].startswith("1/")
    }
    assert theirs == {f"1/{line}": value for line, value in enumerate(line_hashes(text)[:120], 1)}


@pytest.mark.parametrize("name", [*NAMES, "many"])
def test_junit2html_shows_each_test(name: str, saved: Saved, tmp_path: Path) -> None:
    needed(PYTHON.with_name("junit2html"))
    record = records(saved)[name]
    file = written(record, "junit", tmp_path / "tests.xml")
    run(PYTHON.with_name("junit2html"), file, tmp_path / "tests.html", folder=tmp_path)
    page = unescape((tmp_path / "tests.html").read_text(encoding="utf-8"))
    root = ET.fromstring(file.read_bytes())
    told = {case.get("name", "") for case in root.iter("testcase")}
    assert [each for each in told if each not in page] == []
    assert int(root.get("failures", "0")) + int(root.get("errors", "0")) == sum(
        bool({"failure", "error"} & {mark.tag for mark in case}) for case in root.iter("testcase")
    )


def viewed(record: Record, folder: Path) -> tuple[str, Path]:
    """What xunit-viewer says of a record, and the file that it read."""
    viewer = PLACE / "junit" / "node_modules" / "xunit-viewer" / "bin" / "xunit-viewer.js"
    needed(viewer)
    file = written(record, "junit", folder / "tests.xml")
    options = ("--results", file, "--console", "--no-color", "--output", folder / "tests.html")
    return run("node", viewer, *options, folder=folder), file


@pytest.mark.parametrize("name", NAMES)
def test_xunit_viewer_counts_what_is_not_open(name: str, saved: Saved, tmp_path: Path) -> None:
    said, file = viewed(saved(name), tmp_path)
    (counts,) = re.findall(r"^\d+ (?:passed|skipped|failure|error)\b.*$", said, re.MULTILINE)
    found = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", counts)}
    marks = Counter(
        case[0].tag if len(case) else "passed" for case in ET.fromstring(file.read_bytes()).iter("testcase")
    )
    assert found == dict(marks)


def test_who_cuts_what_is_long_shows_the_gates(saved: Saved, tmp_path: Path) -> None:
    """Of 600 failures xunit-viewer prints to a pipe what fits into it, and ends."""
    said, _ = viewed(records(saved)["many"], tmp_path)
    assert "The programme gate is closed." in said
