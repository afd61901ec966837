"""SARIF: what viewers of code scanning make of a record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from phasegate.records.build import exit_code
from phasegate.reports.formats import code_scanning, sarif
from phasegate.reports.formats.sarif import render
from phasegate.reports.report import Report
from phasegate.reports.sarif.messages import message

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
        ("1.1.2/protocols", "fail", "note"),
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


def test_an_error_is_a_result_and_a_notification_and_no_success(report: Ready) -> None:
    told = run(report("programme"))
    (result,) = [each for each in told["results"] if each["ruleId"] == "2.1.1/protocols"]
    assert (result["kind"], result["level"], result["properties"]["verdict"]) == ("fail", "error", "error")
    invocation = told["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    notification = notified(told)["criterion-in-error"][0]
    assert notification["level"] == "error"
    assert notification["associatedRule"]["id"] == "2.1.1/protocols"
    assert "2 clauses of its contract are broken" in notification["message"]["text"]


def notified(told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for each in told["invocations"][0]["toolExecutionNotifications"]:
        found.setdefault(each["descriptor"]["id"], []).append(each)
    kinds = told["tool"]["driver"]["notifications"]
    for name, each in found.items():
        assert {kinds[one["descriptor"]["index"]]["id"] for one in each} == {name}
    return found


@pytest.mark.parametrize("module", [sarif, code_scanning])
@pytest.mark.parametrize(
    ("name", "verdict", "strict", "level"),
    [
        ("minimal_pass", "pass", False, None),
        ("minimal_fail", "fail", False, "error"),
        ("minimal_fail", "unknown", False, "warning"),
        ("minimal_fail", "stale", False, "warning"),
        ("gate_with_waivers", None, False, None),
        ("gate_with_waivers", None, True, "error"),
    ],
)
def test_who_counts_levels_sees_what_is_not_open(
    name: str, verdict: str | None, strict: bool, level: str | None, module: Any, report: Ready
) -> None:
    ready = report(name)
    record = ready.record
    if verdict in ("unknown", "stale"):
        record["criteria"][0]["verdict"] = record["requirements"][0]["verdict"] = verdict
        record["gates"][0].update(state="undecided", reasons=[])
        record["gates"][0]["reasons"] = [
            {"kind": "criterion", "id": record["criteria"][0]["id"], "verdict": verdict, "text": "so"}
        ]
        record["outcome"] = "undecided"
    ready = Report(record, exit_code(record["outcome"], strict=strict), strict=strict)
    told = json.loads(module.render(ready))["runs"][0]
    levels = {each["level"] for each in told["results"]} & {"error", "warning"}
    assert levels == ({level} if level else set())


def test_an_advisory_error_leaves_the_run_a_success(report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["criteria"][0].update(verdict="error", enforcement="advisory")
    invocation = run(ready)["invocations"][0]
    assert invocation["executionSuccessful"] is True
    assert invocation["toolExecutionNotifications"][0]["level"] == "note"


@pytest.mark.parametrize(
    ("name", "gates", "level"),
    [("minimal_pass", [], None), ("minimal_fail", ["The programme gate is closed."], "warning")],
)
def test_a_run_that_is_not_open_says_so(
    name: str, gates: list[str], level: str | None, report: Ready
) -> None:
    told = notified(run(report(name)))
    said = [each["message"]["text"].partition(". ")[0] + "." for each in told.get("gate-not-open", [])]
    assert said == gates
    assert [each["level"] for each in told.get("run-not-open", [])] == ([level] if level else [])


@pytest.mark.parametrize("module", [sarif, code_scanning])
@pytest.mark.parametrize(
    ("kind", "state", "level"),
    [("waivers", "closed", "error"), ("approval", "undecided", "warning"), ("empty", "undecided", "warning")],
)
def test_a_gate_that_no_criterion_keeps_shut_is_a_result(
    kind: Any, state: str, level: str, module: Any, report: Ready
) -> None:
    ready = report("minimal_pass")
    (gate,) = ready.record["gates"]
    gate.update(state=state, reasons=[{"kind": kind, "id": "x", "verdict": state, "text": "it is so"}])
    ready = replace(ready, record={**ready.record, "outcome": state}, code=3)
    found = json.loads(module.render(ready))["runs"][0]
    (result,) = [each for each in found["results"] if each["ruleId"] == "gate-not-open"]
    assert (result["kind"], result["level"]) == ("fail", level)
    assert "it is so" in result["message"]["text"]
    assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "gate-not-open"
    assert result["locations"]


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


OTHERS: dict[str, dict[str, Any]] = {
    "another project": {"project": {"id": "p-2", "title": "Other"}},
    "a gate": {"kind": "gate", "scope": ["1"]},
    "another gate": {"kind": "gate", "scope": ["2"]},
    "a part": {"scope": ["1.1", "1.2"]},
    "a part that is spelt alike": {"scope": ["1.1,1.2"]},
    "a project with a slash": {"project": {"id": "p-1/gate", "title": "Other"}},
    "a long name": {"project": {"id": "x" * 119, "title": "Other"}},
    "another long name": {"project": {"id": "x" * 118 + "y", "title": "Other"}},
    "an emoji": {"project": {"id": "{🚢}", "title": "Other"}},
    "another emoji": {"project": {"id": "{🚀}", "title": "Other"}},
}


def test_no_upload_closes_what_another_one_found(report: Ready) -> None:
    """GitHub takes all but the last part of the id for the category, and closes what is gone from it."""
    ready = report("minimal_fail")
    ready.record["project"] = {"id": "p-1", "title": "Harbour"}
    told = [run(replace(ready, record={**ready.record, **each})) for each in ({}, *OTHERS.values())]
    assert told[0]["automationDetails"]["id"] == "phasegate/p-1/check/2026-03-01"
    assert told[2]["automationDetails"]["id"] == "phasegate/p-1/gate/1/2026-03-01"
    categories = {each["automationDetails"]["id"].rpartition("/")[0] for each in told}
    prints = {each["results"][0]["partialFingerprints"]["phasegateCriterion/v2"] for each in told}
    assert len(categories) == len(prints) == len(told)
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]{1,255}", each) for each in categories)


def test_a_later_day_and_another_order_are_the_same_analysis(report: Ready) -> None:
    ready = report("minimal_fail")
    one, other = (
        run(replace(ready, record={**ready.record, **each}))
        for each in ({"scope": ["a", "b"]}, {"scope": ["b", "a"], "as_of": "2026-04-01"})
    )
    ids = [each["automationDetails"]["id"].rpartition("/")[0] for each in (one, other)]
    assert ids[0] == ids[1]
    assert one["results"][0]["partialFingerprints"] == other["results"][0]["partialFingerprints"]


def test_the_line_is_known_as_github_knows_it(report: Ready) -> None:
    ready = report("minimal_fail")
    at = ready.at(ready.record["criteria"][0])

    def hashed(**fields: Any) -> str | None:
        found = run(replace(ready, **fields))["results"][0]["partialFingerprints"]
        told: str | None = found.get("primaryLocationLineHash")
        return told

    assert hashed() is None  # what uploads it finds the file, or has nothing to compute
    assert hashed(files={"phasegate.yaml": "p.yaml"}, line_hashes={at: "1f:1"}) == "1f:1"
    assert re.fullmatch("[0-9a-f]{16}:1", hashed(files={}) or "")  # of a pack that lies in no repository


def test_texts_keep_to_what_github_takes(report: Ready) -> None:
    ready = report("minimal_fail")
    for text in ("x" * 5_000, "{🚢}" * 2_000, "](" * 3_000, "x" * 1_024):
        ready.record["criteria"][0]["text"] = text
        (rule, *_) = run(ready)["tool"]["driver"]["rules"]
        for part in (rule["shortDescription"], rule["fullDescription"]):
            told = part["text"].encode("utf-16-le")
            assert len(told) // 2 <= 1_024
            assert len(told) // 2 > 1_000 or text == told.decode("utf-16-le")
            assert part["text"].count("{") % 2 == part["text"].count("}") % 2 == 0
    assert part["text"] == "x" * 1_024


@pytest.mark.slow
def test_alerts_are_as_many_as_github_takes_and_the_gravest(report: Ready) -> None:
    ready = report("minimal_fail")
    (one,) = ready.record["criteria"]
    many = [
        {**one, "id": f"1/{number}", "verdict": "stale" if number % 2 else "fail"} for number in range(48_000)
    ]
    told = json.loads(code_scanning.render(replace(ready, record={**ready.record, "criteria": many})))
    (found,) = told["runs"]
    assert len(found["tool"]["driver"]["rules"]) <= 25_000
    assert len(found["results"]) == 24_000
    assert {each["level"] for each in found["results"]} == {"error"}


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
