"""That a phase is overdue is told beside the state of its gate, and changes nothing else in any format."""

from __future__ import annotations

import datetime as dt
import difflib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.records.overdue import Overdue
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report

Ready = Callable[[str], Report]
LATE = {"3": Overdue(12, dt.date(2026, 2, 17)), "4": Overdue(1, dt.date(2026, 2, 28))}
SAID = ["by 12 days: its weeks ended on 2026-02-17", "by 1 day: its weeks ended on 2026-02-28"]
ANSWERING = ("html", "markdown", "excel")
"""Those that say it once more where they tell what it takes."""
SILENT = ("json", "csv", "sarif", "code-scanning", "oscal")


def told(report: Report, name: str) -> str:
    rendered = FORMATS[name].render(report)
    if isinstance(rendered, str):
        return rendered
    with zipfile.ZipFile(io.BytesIO(rendered)) as packed:
        return packed.read("xl/sharedStrings.xml").decode()


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>|\*\*|\\", " ", text).split())


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in SILENT])
def test_each_format_for_people_tells_it_of_the_gates_alone(name: str, report: Ready) -> None:
    without = told(report("programme"), name)
    text = told(replace(report("programme"), overdue=LATE), name)
    assert "overdue" not in without
    told_whole = [plain(text).count(f"overdue {each}") for each in SAID]
    assert told_whole == ([0, 0] if name == "html" else [1, 1])  # the page has it beside each gate's weeks
    again = len(re.findall(r"overdue (?:12 days|1 day)\b|of them overdue", plain(text)))
    assert bool(again) == (name in ANSWERING)
    assert plain(text).count("overdue") == sum(told_whole) + again


@pytest.mark.parametrize("name", SILENT)
def test_what_programs_read_is_the_same(name: str, report: Ready) -> None:
    assert told(replace(report("programme"), overdue=LATE), name) == told(report("programme"), name)


@pytest.mark.parametrize("name", ["text", "markdown", "github"])
def test_as_people_read_it(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    before = told(report("programme"), name).splitlines()
    after = told(replace(report("programme"), overdue=LATE), name).splitlines()
    changed = difflib.unified_diff(before, after, lineterm="", n=1)
    assert "\n".join(changed) == snapshot


def test_a_check_of_one_phase_shows_its_gate_where_it_is_overdue(report: Ready) -> None:
    whole = report("programme")
    gates = [each for each in whole.record["gates"] if each["id"] == "3"]
    one = replace(whole, record={**whole.record, "gates": [{**each, "reasons": []} for each in gates]})  # type: ignore[typeddict-item]
    for name in ("text", "markdown", "html", "excel"):
        assert "overdue" not in told(one, name)
        said = "overdue 12 days" if name == "html" else f"overdue {SAID[0]}"
        assert said in plain(told(replace(one, overdue=LATE), name))


def test_the_counts_of_a_test_report_stay_as_they_are(report: Ready) -> None:
    documents = [
        ET.fromstring(told(each, "junit"))
        for each in (report("programme"), replace(report("programme"), overdue=LATE))
    ]
    assert documents[0].attrib == documents[1].attrib
