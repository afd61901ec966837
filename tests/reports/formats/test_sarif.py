"""SARIF: what viewers of code scanning make of a record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.formats.sarif import message, render
from phasegate.reports.report import Report

Ready = Callable[[str], Report]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert render(report(name)) == snapshot


def run(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(report))["runs"][0]
    return found


@pytest.mark.parametrize(
    ("criterion", "kind", "level"),
    [
        ("1.1.1/framework", "pass", "none"),
        ("2.1.1/systems", "fail", "error"),
        ("1.2.1/validation", "open", "none"),
        ("1.2.1/protocols", "open", "none"),
        ("1.1.2/protocols", "fail", "error"),
        ("1.1.2/systems", "notApplicable", "none"),
        ("2.1.2/systems", "informational", "none"),
        ("programme/roi", "informational", "none"),
    ],
)
def test_kind(criterion: str, kind: str, level: str, report: Ready) -> None:
    (result,) = [each for each in run(report("programme"))["results"] if each["ruleId"] == criterion]
    assert (result["kind"], result["level"]) == (kind, level)
    assert ("suppressions" in result) == (criterion == "1.1.2/protocols")


def test_a_failure_stands_on_the_line_of_its_rule(report: Ready) -> None:
    (result,) = [each for each in run(report("programme"))["results"] if each["ruleId"] == "2.1.1/systems"]
    physical = {"artifactLocation": {"uri": "points/area_2.yaml"}, "region": {"startLine": 113}}
    assert result["locations"] == [{"physicalLocation": physical}]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 113}
    assert "found 2 of 3 = 66.67 %, margin -33.33 points" in related["message"]["text"]


@pytest.mark.parametrize(
    ("files", "uri"),
    [
        ({"points/area_2.yaml": "teams/quay/pack/points/area_2.yaml"}, "teams/quay/pack/points/area_2.yaml"),
        ({}, "points/area_2.yaml"),  # a rule of a built-in pack lies in no repository, and has a place too
    ],
)
def test_a_rule_stands_where_it_does_in_the_repository(
    files: dict[str, str], uri: str, report: Ready
) -> None:
    told = run(replace(report("programme"), files=files))
    (result,) = [each for each in told["results"] if each["ruleId"] == "2.1.1/systems"]
    (related,) = result["relatedLocations"]
    for location in (*result["locations"], related):
        assert location["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_a_waiver_is_an_accepted_suppression(report: Ready) -> None:
    (result,) = [each for each in run(report("programme"))["results"] if each.get("suppressions")]
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "waiver W-7: quay-lead carries the risk up to and including 2026-03-31, "
            "not below 93 %. One crane is being rebuilt until March.",
        }
    ]


def test_an_error_is_a_notification_and_no_success(report: Ready) -> None:
    invocation = run(report("programme"))["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["associatedRule"]["id"] == "2.1.1/protocols"
    assert "2 clauses of its contract are broken" in notification["message"]["text"]


def test_an_advisory_error_leaves_the_run_a_success(report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["criteria"][0].update(verdict="error", enforcement="advisory")
    invocation = run(ready)["invocations"][0]
    assert invocation["executionSuccessful"] is True
    assert invocation["toolExecutionNotifications"][0]["level"] == "note"


@pytest.mark.parametrize("verdict", ["bogus", "", "PASS"])
def test_a_word_that_is_no_verdict_is_open(verdict: str, report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["criteria"][0]["verdict"] = verdict
    assert [each["kind"] for each in run(ready)["results"]] == ["open"]


def test_a_fingerprint_outlives_a_move_and_a_verdict(report: Ready) -> None:
    ready = report("minimal_pass")
    (before,) = run(ready)["results"]
    ready.record["criteria"][0].update(verdict="fail", at="elsewhere.yaml:99")
    (after,) = run(ready)["results"]
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain", "plain"),
        ("{0} of {1}", "{{0}} of {{1}}"),
        ("[click](javascript:alert(1))", "[click] (javascript:alert(1))"),
        ("systems[1.1.2]", "systems[1.1.2]"),
    ],
)
def test_a_message_neither_links_nor_holds_a_place(text: str, told: str) -> None:
    assert message(text) == told
