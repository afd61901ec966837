"""OSCAL assessment results: what platforms of compliance make of a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_readers import props
from syrupy.assertion import SnapshotAssertion

from phasegate.reports.formats.oscal import render
from phasegate.reports.oscal.names import token
from phasegate.reports.report import Report

Ready = Callable[[str], Report]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    assert render(report(name)) == snapshot


def document(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(report))["assessment-results"]
    return found


def members(part: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object in a document."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield name, value
            yield from members(value)
    elif isinstance(part, list):
        for each in part:
            yield from members(each)


@pytest.mark.parametrize("name", NAMES)
def test_no_id_dangles_and_none_stands_twice(name: str, report: Ready) -> None:
    found = document(report(name))
    (result,) = found["results"]
    every = [value for key, value in members(found) if key == "uuid"]
    assert len(every) == len(set(every))
    observations = {each["uuid"] for each in result["observations"]}
    risks = {each["uuid"] for each in result.get("risks", [])}
    resources = {f"#{each['uuid']}" for each in found["back-matter"]["resources"]}
    components = {each["uuid"] for each in result["local-definitions"]["assessment-assets"]["components"]}
    defined = found["local-definitions"]["objectives-and-methods"]
    objectives = [part["id"] for each in defined for part in each["parts"]]
    assert len(objectives) == len(set(objectives))
    known = {
        "observation-uuid": observations,
        "risk-uuid": risks,
        "href": resources,
        "component-uuid": components,
        "target-id": set(objectives),
        "objective-id": set(objectives),
    }
    for key, value in members(found):
        if key in known and not (key == "href" and not value.startswith("#")):
            assert value in known[key], f"{key} {value} names nothing"
    controls = {each["control-id"] for each in defined}
    selected = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert {each["control-id"] for each in selected} == controls
    methods = [props(part)["method-id"] for each in defined for part in each["parts"][:1]]
    assert methods == [each["parts"][1]["id"] for each in defined]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_empty(name: str, report: Ready) -> None:
    assert [key for key, value in members(document(report(name))) if value in (None, "", [], {})] == []


@pytest.mark.parametrize(
    ("criterion", "state", "reason"),
    [
        ("1.1.1/framework", "satisfied", "pass"),
        ("2.1.1/systems", "not-satisfied", "fail"),
        ("2.1.1/protocols", "not-satisfied", "other"),
        ("1.2.1/validation", "not-satisfied", "other"),
        ("1.2.1/protocols", "not-satisfied", "other"),
        ("1.1.2/protocols", "not-satisfied", "waived"),
        ("1.1.2/systems", None, None),
        ("2.1.2/systems", None, None),
    ],
)
def test_finding(criterion: str, state: str | None, reason: str | None, report: Ready) -> None:
    (result,) = document(report("programme"))["results"]
    found = [each for each in result["findings"] if props(each).get("criterion") == criterion]
    assert [each["target"]["status"] for each in found] == (
        [{"state": state, "reason": reason}] if state else []
    )


def test_a_waiver_is_a_risk_that_was_accepted(report: Ready) -> None:
    (result,) = document(report("programme"))["results"]
    (risk,) = result["risks"]
    assert (risk["status"], risk["deadline"]) == ("deviation-approved", "2026-04-01T00:00:00Z")
    (remediation,) = risk["remediations"]
    assert remediation["description"] == (
        "waiver W-7: quay-lead carries the risk up to and including 2026-03-31, not below 93 %. "
        "One crane is being rebuilt until March."
    )
    assert props(risk)["approver"] == "harbour-office"
    (finding,) = [each for each in result["findings"] if "related-risks" in each]
    assert props(finding)["criterion"] == "1.1.2/protocols"


def test_evidence_leads_to_files_with_their_digests(report: Ready) -> None:
    found = document(report("programme"))
    (observation,) = [
        each
        for each in found["results"][0]["observations"]
        if props(each).get("requirement") == "1.1.1/protocols/berths.planned"
    ]
    assert {"numerator", "denominator", "rows", "newest"} <= set(props(observation))
    (evidence,) = observation["relevant-evidence"]
    (source,) = [each for each in found["back-matter"]["resources"] if f"#{each['uuid']}" == evidence["href"]]
    digest = {"algorithm": "SHA-256", "value": "1" * 64}
    assert source["rlinks"] == [{"href": "data/berths.csv", "hashes": [digest]}]


def test_a_subject_keeps_its_uuid_and_a_document_does_not(report: Ready) -> None:
    ready = report("minimal_pass")
    before = document(ready)
    ready = Report(ready.record, ready.code)
    ready.record["criteria"][0]["verdict"] = "fail"
    after = document(ready)
    assert before["uuid"] != after["uuid"]
    for kind in ("findings", "observations"):
        one, other = ([each["uuid"] for each in found["results"][0][kind]] for found in (before, after))
        assert one == other


@pytest.mark.parametrize(
    ("day", "start"),
    [("2026-03-01", "2026-03-01T00:00:00Z"), ("soon", "0001-01-01T00:00:00Z")],
)
def test_start_and_end_are_the_day_that_was_decided(day: str, start: str, report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["as_of"] = day
    (result,) = document(ready)["results"]
    assert (result["start"], result["end"]) == (start, start)


@pytest.mark.parametrize("verdict", ["bogus", "", "PASS"])
def test_a_word_that_is_no_verdict_satisfies_nothing(verdict: str, report: Ready) -> None:
    ready = report("minimal_pass")
    ready.record["criteria"][0]["verdict"] = verdict
    ready.record["gates"][0]["state"] = verdict
    (result,) = document(ready)["results"]
    states = [each["target"]["status"] for each in result["findings"]]
    assert states == [{"state": "not-satisfied", "reason": "other"}] * 2


NAMED = [
    "1/success", "1__success", "1_success", "1/annual_value", "1/annual/value", "1//success", "1/success/",
    "_x", "x_", "x", "X", "", " ", "x y", "x-y", "ä", "a" * 200, "a" * 201, "\u202e", "[1.1]", "a.b",
]  # fmt: skip


def test_tokens_of_different_names_differ() -> None:
    assert token("criterion", "1.1.2/annual_value") == "criterion.1.1.2__annual_value"
    assert len({token("criterion", each) for each in NAMED}) == len(NAMED)
    for each in NAMED:
        assert all(char.isascii() and (char.isalnum() or char in "._-") for char in token("c", each))
