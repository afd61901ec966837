"""JUnit XML: what Jenkins, GitLab and their like make of a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.formats.junit import render
from phasegate.reports.report import Report

Ready = Callable[[str], Report]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert render(report(name)) == snapshot


def cases(text: str) -> dict[tuple[str, str], ET.Element]:
    found = [
        (each.get("classname", ""), each.get("name", ""), each)
        for each in ET.fromstring(text).iter("testcase")
    ]
    assert len({each[:2] for each in found}) == len(found), "a reader that keeps history needs unique names"
    return {(classname, name): case for classname, name, case in found}


@pytest.mark.parametrize(
    ("criterion", "mark", "kind"),
    [
        ("1.1.1/framework", None, None),
        ("2.1.1/systems", "failure", "fail"),
        ("2.1.1/protocols", "error", "error"),
        ("1.2.1/validation", "error", "stale"),
        ("1.2.1/protocols", "error", "unknown"),
        ("1.1.2/protocols", "skipped", "waived"),
        ("1.1.2/systems", "skipped", "not_applicable"),
        ("2.1.2/systems", "skipped", "advisory"),
    ],
)
def test_only_a_pass_is_green(criterion: str, mark: str | None, kind: str | None, report: Ready) -> None:
    case = cases(render(report("programme")))[criterion.partition("/")[0], criterion]
    assert [each.tag for each in case] == ([mark] if mark else [])
    assert [each.get("type") for each in case] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("gate", "mark"),
    [("1", None), ("2", "skipped"), ("3", "error"), ("4", "failure"), ("programme", "failure")],
)
def test_a_gate_is_a_test(gate: str, mark: str | None, report: Ready) -> None:
    case = cases(render(report("programme")))["gates", gate]
    assert [each.tag for each in case] == ([mark] if mark else [])


def test_a_failure_says_what_was_asked_and_found_and_where(report: Ready) -> None:
    failure = cases(render(report("programme")))["2.1.1", "2.1.1/systems"][0]
    assert failure.get("message") == (
        "Systems in production >= 100 %: found 2 of 3 = 66.67 %, margin -33.33 points; "
        "to pass: 1 more of 3 systems must be in production"
    )
    assert "points/area_2.yaml:113" in (failure.text or "")


def test_a_waiver_is_told_with_who_carries_the_risk(report: Ready) -> None:
    skipped = cases(render(report("programme")))["1.1.2", "1.1.2/protocols"][0]
    assert skipped.get("message") == (
        "waived: waiver W-7: quay-lead carries the risk up to and including 2026-03-31, not below 93 %. "
        "One crane is being rebuilt until March."
    )


def several(report: Ready) -> Report:
    """A project without a pack that asks for four things, of which one fails and one is unknown."""
    ready = report("minimal_fail")
    (criterion,), (one,) = ready.record["criteria"], ready.record["requirements"]
    verdicts = {"a": "fail", "b": "pass", "c": "unknown", "d": "waived"}
    asked = [
        {**one, "id": f"{criterion['id']}/{name}", "verdict": verdict} for name, verdict in verdicts.items()
    ]
    criterion["requirements"] = [each["id"] for each in asked]
    return replace(ready, record={**ready.record, "requirements": asked})


def test_without_a_pack_each_requirement_is_a_test(report: Ready) -> None:
    found = cases(render(several(report)))
    told = {name: [mark.tag for mark in case] for (of, name), case in found.items() if "/" in of}
    assert told == {
        "project/requirements/a": ["failure"],
        "project/requirements/b": [],
        "project/requirements/c": ["error"],
        "project/requirements/d": ["skipped"],
    }
    (failure,) = found["project/requirements", "project/requirements/a"]
    asked = "Invoices that were reconciled >= 95 %: found 18 of 20 = 90 %"
    assert failure.get("message", "").startswith(asked)


def test_one_of_several_alternatives_that_fails_fails_no_test(report: Ready) -> None:
    """A criterion with ``any_of`` passes by one of them: it stays one test."""
    ready = several(report)
    ready.record["criteria"][0]["verdict"] = "pass"
    found = cases(render(ready))
    assert [mark.tag for mark in found["project", "project/requirements"]] == []
    assert all("/" not in of for of, _ in found)


@pytest.mark.parametrize("name", NAMES)
def test_gates_come_before_what_a_reader_may_cut(name: str, report: Ready) -> None:
    assert ET.fromstring(render(report(name)))[0].get("name") == "gates"


def test_sums_are_those_of_the_cases(report: Ready) -> None:
    root = ET.fromstring(render(report("programme")))
    for part in (root, *root):
        assert part.get("tests") == str(len(list(part.iter("testcase"))))
        for count, mark in (("failures", "failure"), ("errors", "error")):
            assert part.get(count) == str(len(list(part.iter(mark))))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("35", "6", "4")


@pytest.mark.parametrize("verdict", ["bogus", "", "PASS"])
def test_a_word_that_is_no_verdict_is_an_error(verdict: str, report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["criteria"][0]["verdict"] = verdict
    ready.record["gates"][0]["state"] = verdict
    found = cases(render(ready))
    assert found["project", "project/requirements"][0].tag == "error"
    assert found["gates", "programme"][0].tag == "error"


def test_what_forbidden_characters_become(report: Ready) -> None:
    ready = report("minimal_fail")
    ready.record["criteria"][0]["id"] = ready.record["requirements"][0]["criterion"] = (
        "a\x00\x0b\ufffe\U0001f600b"
    )
    assert "a\ufffd\ufffd\ufffd\U0001f600b" in {of for of, _ in cases(render(ready))}
