"""SARIF 2.1.0: a criterion is a rule, and its verdict a result of that rule.

Whoever counts failures counts results of the kind ``fail`` without a suppression. What went wrong is a
notification too, and makes the invocation one that did not succeed. A gate that is shut for another reason
than its criteria has a result of its own, and so has a run that is not open where nothing else has a level
that alarms: nobody who counts takes it for open. Viewers differ: GitHub's code scanning takes every result
for an alert, whatever its kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phasegate.reports.output import Json, json_text
from phasegate.reports.sarif.identity import fingerprints, run_id
from phasegate.reports.sarif.locations import locations
from phasegate.reports.sarif.messages import limited, message
from phasegate.reports.sarif.notifications import (
    ABOUT,
    NOTHING_TOLD,
    SHUT,
    Shut,
    about,
    advisory,
    invocation,
    nothing_alarming,
    shut_otherwise,
)
from phasegate.reports.text.provenance import run_line
from phasegate.reports.text.sentences import bound_shown
from phasegate.reports.text.summaries import (
    criterion_account,
    gate_account,
    requirement_account,
    waiver_account,
    waivers_of,
)
from phasegate.rules.model.verdict import SETTLED

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry
    from phasegate.reports.report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_KINDS = {
    "pass": "pass",
    "fail": "fail",
    "error": "fail",
    "waived": "fail",
    "not_applicable": "notApplicable",
}
_OF_WAIVERS = frozenset({"id", "requirement", "risk_owner", "signer", "start", "end"})
_OF_ATTESTATIONS = frozenset({"id", "fact", "value", "signer", "role", "evidence", "start", "end"})


def render(report: Report) -> str:
    """The record as a log with one run."""
    criteria = report.record["criteria"]
    return json_text(log(report, criteria, [result(report, each) for each in criteria]))


def log(report: Report, criteria: Sequence[CriterionEntry], results: Sequence[Json]) -> Json:
    """A log with one run.

    Args:
        report: the record.
        criteria: those of its criteria that the run is to have as rules.
        results: what was found of them, without those that are not to be told.
    """
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, criteria, results)]}


def _run(report: Report, criteria: Sequence[CriterionEntry], results: Sequence[Json]) -> Json:
    record = report.record
    rules = [*(_rule(report, each) for each in criteria), *(about(each) for each in (SHUT, NOTHING_TOLD))]
    places = {each["id"]: number for number, each in enumerate(rules)}
    told = [*results, *(_not_open(report, each) for each in shut_otherwise(report))]
    used = [each for each in record["waivers"] if each["standing"] == "used"]
    told += [_not_open(report, each) for each in nothing_alarming(report, {each["level"] for each in told})]
    return {
        "tool": {"driver": _driver(report, rules)},
        "automationDetails": {"id": run_id(record)},
        "invocations": [invocation(report, places)],
        "columnKind": "unicodeCodePoints",
        "results": [{"ruleId": each["ruleId"], "ruleIndex": places[each["ruleId"]], **each} for each in told],
        "properties": {
            "run": run_line(record, report.kept),
            "record": record["schema"],
            "recordDigest": report.digest,
            "packDigest": record["pack"]["digest"],
            "asOf": record["as_of"],
            "outcome": record["outcome"],
            "score": dict(record["score"]),
            "gates": [_gate(each) for each in record["gates"]],
            "waivers": [_vouched(each, _OF_WAIVERS) for each in used],
            "attestations": [_vouched(each, _OF_ATTESTATIONS) for each in report.attestations.values()],
        },
    }


def _driver(report: Report, rules: list[Json]) -> Json:
    record = report.record
    version = record["versions"].get("phasegate", "0")
    return {
        "name": "phasegate",
        "version": version,
        "fullName": f"phasegate {version}",
        "shortDescription": {"text": limited(f"{record['title']}, decided as of {record['as_of']}")},
        "notifications": [about(each) for each in ABOUT],
        "rules": rules,
    }


def _rule(report: Report, criterion: CriterionEntry) -> Json:
    asks = [f"{each['fact']} {bound_shown(each)}" for each in report.of(criterion)]
    note = [criterion["note"]] if criterion["note"] else []
    described = {"text": limited(criterion["text"])}
    return {
        "id": criterion["id"],
        "shortDescription": described,
        "fullDescription": described,
        "help": {"text": message(". ".join([f"Asks for {'; '.join(asks) or 'nothing'}", *note]))},
        "defaultConfiguration": {"level": "note" if advisory(criterion) else "error"},
        "properties": {"point": criterion["point"], "enforcement": criterion["enforcement"]},
    }


def result(report: Report, criterion: CriterionEntry) -> Json:
    """What was found of a criterion.

    Args:
        report: the record.
        criterion: one of its criteria.
    """
    kind = _kind(criterion)
    found: Json = {
        "ruleId": criterion["id"],
        "kind": kind,
        "level": _level(criterion, kind),
        "message": {"text": message(f"{criterion['text']}. {criterion_account(report, criterion)}")},
        "locations": locations(report, report.at(criterion)),
        "relatedLocations": _related(report, criterion),
        "partialFingerprints": fingerprints(report, criterion["id"], report.at(criterion)),
        "properties": {"verdict": criterion["verdict"], "advisory": advisory(criterion)},
    }
    if kind == "fail" and criterion["verdict"] == "waived":
        found["suppressions"] = _suppressions(report, criterion)
    return found


def _kind(criterion: CriterionEntry) -> str:
    kind = _KINDS.get(criterion["verdict"], "open")
    return "informational" if advisory(criterion) and criterion["verdict"] not in SETTLED else kind


def _not_open(report: Report, shut: Shut) -> Json:
    at = next((each["at"] for each in report.record["criteria"] if each["at"]), "phasegate.yaml:1")
    return {
        "ruleId": shut.rule,
        "kind": "fail",
        "level": shut.level,
        "message": {"text": message(shut.said)},
        "locations": locations(report, at),
        # The line is that of whatever stands first: it tells nothing of a gate, whose name does.
        "partialFingerprints": fingerprints(report, f"{shut.rule} {shut.name}", ""),
        "properties": {"gate": shut.name if shut.rule == SHUT else None},
    }


def _level(criterion: CriterionEntry, kind: str) -> str:
    if kind != "fail":
        return "none"
    return (
        "note" if criterion["verdict"] == "waived" else "error"
    )  # some count levels, and know no suppression


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
        for location in locations(report, requirement["at"])
    ]


def _gate(gate: GateEntry) -> Json:
    return {
        "id": gate["id"],
        "title": gate["title"],
        "state": gate["state"],
        "account": gate_account(gate),
        "waivers": gate["waivers"],
    }


def _vouched(entry: Mapping[str, Any], named: frozenset[str]) -> Json:
    return {name: value for name, value in entry.items() if name in named}
