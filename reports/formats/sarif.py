"""SARIF 2.1.0: a criterion is a rule, and its verdict a result of that rule.

Whoever counts failures counts results of the kind ``fail`` without a suppression. What went wrong is no
result but a notification, and makes the invocation one that did not succeed. Viewers differ: GitHub's code
scanning takes every result for an alert, whatever its kind.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from phasegate.reports.output import Json, json_text
from phasegate.reports.text.locations import location, uri
from phasegate.reports.text.plain import visible
from phasegate.reports.text.provenance import run_line
from phasegate.reports.text.sentences import bound_shown, outcome_line
from phasegate.reports.text.summaries import (
    criterion_account,
    gate_account,
    requirement_account,
    unexplained,
    waiver_account,
    waivers_of,
)
from phasegate.rules.model.verdict import SETTLED

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry, Record
    from phasegate.reports.report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
NOT_JUDGED, NOTHING_TOLD = "criterion-in-error", "run-not-open"
_KINDS = {"pass": "pass", "fail": "fail", "waived": "fail", "not_applicable": "notApplicable"}


def render(report: Report) -> str:
    """The record as a log with one run."""
    judged = [
        result(report, each, location)
        for location, each in enumerate(report.record["criteria"])
        if each["verdict"] != "error"
    ]
    return json_text(log(report, judged))


def log(report: Report, results: list[Json]) -> Json:
    """A log with one run.

    Args:
        report: the record.
        results: those of its criteria that the run is to have.
    """
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, results)]}


def _run(report: Report, results: list[Json]) -> Json:
    record = report.record
    places = {each["id"]: number for number, each in enumerate(record["criteria"])}
    return {
        "tool": {"driver": _driver(report)},
        "automationDetails": {"id": f"phasegate/{record['pack']['id']}/{record['kind']}"},
        "invocations": [_invocation(report, places)],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "run": run_line(record, report.kept),
            "record": record["schema"],
            "recordDigest": report.digest,
            "packDigest": record["pack"]["digest"],
            "asOf": record["as_of"],
            "outcome": record["outcome"],
            "score": dict(record["score"]),
            "gates": [_gate(each) for each in record["gates"]],
        },
    }


def _driver(report: Report) -> Json:
    record = report.record
    version = record["versions"].get("phasegate", "0")
    return {
        "name": "phasegate",
        "version": version,
        "fullName": f"phasegate {version}",
        "shortDescription": {"text": message(f"{record['title']}, decided as of {record['as_of']}")},
        "notifications": [
            {"id": NOT_JUDGED, "shortDescription": {"text": "A criterion could not be judged."}},
            {"id": NOTHING_TOLD, "shortDescription": {"text": "The run is not open."}},
        ],
        "rules": [_rule(report, each) for each in record["criteria"]],
    }


def _rule(report: Report, criterion: CriterionEntry) -> Json:
    asks = [f"{each['fact']} {bound_shown(each)}" for each in report.of(criterion)]
    note = [criterion["note"]] if criterion["note"] else []
    return {
        "id": criterion["id"],
        "shortDescription": {"text": message(criterion["text"])},
        "help": {"text": message(". ".join([f"Asks for {'; '.join(asks) or 'nothing'}", *note]))},
        "defaultConfiguration": {"level": "none" if advisory(criterion) else "error"},
        "properties": {"point": criterion["point"], "enforcement": criterion["enforcement"]},
    }


def result(report: Report, criterion: CriterionEntry, rule: int) -> Json:
    """What was found of a criterion.

    Args:
        report: the record.
        criterion: one of its criteria.
        rule: the place of its rule among those of the run.
    """
    kind = _kind(criterion)
    found: Json = {
        "ruleId": criterion["id"],
        "ruleIndex": rule,
        "kind": kind,
        "level": "error" if kind == "fail" else "none",
        "message": {"text": message(f"{criterion['text']}. {criterion_account(report, criterion)}")},
        "locations": _locations(report, report.at(criterion)),
        "relatedLocations": _related(report, criterion),
        "partialFingerprints": {"phasegateCriterion/v1": _fingerprint(report.record, criterion)},
        "properties": {"verdict": criterion["verdict"], "advisory": advisory(criterion)},
    }
    if kind == "fail" and criterion["verdict"] == "waived":
        found["suppressions"] = _suppressions(report, criterion)
    return found


def _kind(criterion: CriterionEntry) -> str:
    kind = _KINDS.get(criterion["verdict"], "open")
    return "informational" if advisory(criterion) and criterion["verdict"] not in SETTLED else kind


def _suppressions(report: Report, criterion: CriterionEntry) -> list[Json]:
    told = [waiver_account(report, waiver) for _, waiver in waivers_of(report, criterion)]
    return [
        {"kind": "external", "status": "accepted", "justification": each}
        for each in told or [criterion_account(report, criterion)]
    ]


def _related(report: Report, criterion: CriterionEntry) -> list[Json]:
    return [
        {
            "id": number,
            **location,
            "message": {"text": message(requirement_account(report, requirement))},
        }
        for number, requirement in enumerate(report.telling(criterion))
        for location in _locations(report, requirement["at"])
    ]


def _locations(report: Report, at: str) -> list[Json]:
    found = location(at)
    if not found.file:
        return []
    # From the root of the repository where the file lies in it; a location there must be in any case.
    file = (report.files or {}).get(found.file, found.file)
    physical: Json = {"artifactLocation": {"uri": uri(file)}}
    if found.line is not None:
        physical["region"] = {"startLine": found.line}
    return [{"physicalLocation": physical}]


def _fingerprint(record: Record, criterion: CriterionEntry) -> str:
    """The same for a criterion of a pack in each run, wherever its rule moves to."""
    name = json.dumps([record["pack"]["id"], criterion["id"]])
    return hashlib.sha256(name.encode("utf-8")).hexdigest()


def _invocation(report: Report, places: dict[str, int]) -> Json:
    notifications = [
        _notification(report, each, places[each["id"]])
        for each in report.record["criteria"]
        if each["verdict"] == "error"
    ]
    why = unexplained(report)
    if why is not None:
        notifications.append(
            {"descriptor": {"id": NOTHING_TOLD}, "level": "error", "message": {"text": message(why)}}
        )
    return {
        "executionSuccessful": all(each["level"] != "error" for each in notifications),
        "exitCode": report.code,
        "exitCodeDescription": outcome_line(report.record, report.ended_with, report.strict),
        "toolExecutionNotifications": notifications,
    }


def _notification(report: Report, criterion: CriterionEntry, rule: int) -> Json:
    return {
        "descriptor": {"id": NOT_JUDGED, "index": 0},
        "associatedRule": {"id": criterion["id"], "index": rule},
        "level": "note" if advisory(criterion) else "error",
        "message": {"text": message(f"{criterion['text']}. {criterion_account(report, criterion)}")},
        "locations": _locations(report, report.at(criterion)),
        "properties": {"verdict": criterion["verdict"], "advisory": advisory(criterion)},
    }


def _gate(gate: GateEntry) -> Json:
    return {
        "id": gate["id"],
        "title": gate["title"],
        "state": gate["state"],
        "account": gate_account(gate),
        "waivers": gate["waivers"],
    }


def advisory(criterion: CriterionEntry) -> bool:
    """Whether it shuts no gate."""
    return criterion["enforcement"] == "advisory"


def message(text: str) -> str:
    """A message that is what it says: in SARIF, braces hold a place and ``[text](place)`` is a link."""
    return visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
