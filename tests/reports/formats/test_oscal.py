"""OSCAL assessment results: what platforms of compliance make of a record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dressed_record import vouched
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


@pytest.mark.parametrize("word", [False, True], ids=["", "attested"])
@pytest.mark.parametrize("name", NAMES)
def test_no_id_dangles_and_none_stands_twice(name: str, word: bool, report: Ready) -> None:
    ready = report(name)
    found = document(replace(ready, record=vouched(ready.record)) if word else ready)
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
        "subject-uuid": {each["uuid"] for each in found["metadata"].get("parties", [])},
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
    methods = [prop["value"] for each in defined for prop in each["parts"][0]["props"]]
    assert methods == [part["id"] for each in defined for part in each["parts"][1:]]


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


def test_projects_of_one_pack_and_one_title_have_nothing_in_common(report: Ready) -> None:
    """A platform that keeps findings by their UUIDs would take what one project passes for the other's."""
    found = []
    for name in ("p-1", "p-2"):
        ready = report("gate_with_waivers")
        ready.record["project"] = {"id": name, "title": "Harbour"}
        (result,) = document(ready)["results"]
        parts = (result[part] for part in ("findings", "observations", "risks"))
        found.append({each["uuid"] for part in parts for each in part})
    assert not found[0] & found[1]


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


def attested(report: Ready) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document of a record with an attested fact, and the observation of it."""
    ready = report("programme")
    found = document(replace(ready, record=vouched(ready.record, 2)))
    (observation, *_) = [
        each for each in found["results"][0]["observations"] if props(each).get("attestation") == "A-1"
    ]
    return found, observation


def test_the_word_of_a_person_is_no_test(report: Ready) -> None:
    found, observation = attested(report)
    assert observation["methods"] == ["INTERVIEW", "EXAMINE"]
    others = [each for each in found["results"][0]["observations"] if "attestation" not in props(each)]
    assert {method for each in others for method in each["methods"]} == {"TEST"}
    (criterion,) = [
        each
        for each in found["local-definitions"]["objectives-and-methods"]
        if each["parts"][0]["id"] == f"criterion.{props(observation)['criterion'].replace('/', '__')}"
    ]
    objective, *ways = criterion["parts"]
    assert {"INTERVIEW", "EXAMINE"} <= {props(each)["method"] for each in ways}
    assert [each["value"] for each in objective["props"]] == [each["id"] for each in ways]


def test_an_attestation_names_its_signer_its_evidence_and_its_end(report: Ready) -> None:
    found, observation = attested(report)
    (party, _) = found["metadata"]["parties"]
    assert (party["type"], party["name"]) == ("person", "voucher-1")
    assert observation["subjects"] == [{"subject-uuid": party["uuid"], "type": "party", "title": "voucher-1"}]
    assert observation["expires"] == "2026-07-11T00:00:00Z"
    told = props(observation)
    assert (told["signer"], told["role"], told["end"]) == ("voucher-1", "auditor", "2026-07-11T00:00:00Z")
    (evidence,) = observation["relevant-evidence"]
    (resource,) = [
        each for each in found["back-matter"]["resources"] if f"#{each['uuid']}" == evidence["href"]
    ]
    digest = hashlib.sha256(b"1").hexdigest()
    assert resource["rlinks"] == [
        {"href": "minutes-1.txt", "hashes": [{"algorithm": "SHA-256", "value": digest}]}
    ]
    assert "minutes-1.txt" in evidence["description"]


def test_a_word_without_evidence_is_an_interview(report: Ready) -> None:
    ready = report("programme")
    record = vouched(ready.record, 1)
    record["attestations"][0]["evidence"] = {}
    found = document(replace(ready, record=record))
    (observation, *_) = [
        each for each in found["results"][0]["observations"] if props(each).get("attestation") == "A-1"
    ]
    assert (observation["methods"], "relevant-evidence" in observation) == (["INTERVIEW"], False)


@pytest.mark.parametrize("standing", ["expired", "revoked", "evidence_changed"])
def test_who_attested_what_does_not_count_is_no_subject(standing: str, report: Ready) -> None:
    ready = report("programme")
    record = vouched(ready.record, 1)
    record["attestations"][0]["standing"] = standing
    found = document(replace(ready, record=record))
    assert "voucher-1" not in json.dumps(found)
    methods = [each["methods"] for each in found["results"][0]["observations"]]
    assert ["INTERVIEW"] in methods
