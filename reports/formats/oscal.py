"""OSCAL assessment results: a criterion that counts is a finding, a requirement an observation.

Advisory criteria and what does not apply have an observation of their own and no finding. A finding keeps
its UUID from run to run, as OSCAL asks for; the document has one of its own for each record. The points of
the pack stand for controls, its criteria and gates for objectives, which the document itself defines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.oscal.attested import documents, parties
from phasegate.reports.oscal.names import filled, line, props, record_uuid, subject_uuid, token
from phasegate.reports.oscal.observations import (
    as_of,
    criterion_observed,
    observed,
    risks,
    source_evidence,
    source_resource,
)
from phasegate.reports.oscal.scope import OUTCOME, objective_of, objectives, reviewed, tool
from phasegate.reports.output import Json, json_text
from phasegate.reports.text.labels import known_verdict, state_sign
from phasegate.reports.text.locations import location, uri
from phasegate.reports.text.provenance import run_line
from phasegate.reports.text.sentences import gate_label, outcome_line
from phasegate.reports.text.summaries import criterion_account, gate_account, unexplained

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry
    from phasegate.reports.report import Report

OSCAL = "1.2.1"
_REASONS = {"pass": "pass", "fail": "fail", "waived": "waived"}
_GATE_REASONS = {"open": "pass", "closed": "fail", "open_with_waivers": "waived"}


def render(report: Report) -> str:
    """The record as one document of assessment results with one result."""
    return json_text({"assessment-results": _Results(report).document()})


class _Results:
    """Puts the document together.

    Args:
        report: the record.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._record = report.record
        self._digest = report.digest or ""
        self._why = unexplained(report)
        self._objectives = objectives(report, self._why is not None)
        self._found = [each for each in self._record["criteria"] if _has_finding(each)]
        self._risks = {each["id"]: risks(report, each) for each in self._found if each["verdict"] == "waived"}

    def document(self) -> Json:
        record, pack = self._record, self._record["pack"]
        rules = subject_uuid(record, "rules")
        return filled(
            uuid=record_uuid(self._digest, "document"),
            metadata=filled(
                title=line(record["title"]),
                last_modified=as_of(record),
                version=line(pack["version"]),
                oscal_version=OSCAL,
                props=props({"record-digest": self._digest, "pack-digest": pack["digest"]}),
                parties=parties(self._report),
            ),
            import_ap={"href": f"#{rules}"},
            local_definitions=filled(objectives_and_methods=self._objectives),
            results=[self._result()],
            back_matter={
                "resources": [
                    self._rules(rules),
                    *(source_resource(record, each) for each in record["sources"] if each["files"]),
                    *documents(self._report),
                ]
            },
        )

    def _rules(self, uuid: str) -> Json:
        """The pack in the place of an assessment plan, with the files that its rules stand in."""
        pack = self._record["pack"]
        files = dict.fromkeys(location(each["at"]).file for each in self._record["criteria"])
        return filled(
            uuid=uuid,
            title=line(pack["title"]),
            description="The rules that were decided under: what was to be assessed, and how.",
            props=props({"pack": pack["id"], "version": pack["version"]}),
            rlinks=[{"href": uri(file)} for file in files if file],
        )

    def _result(self) -> Json:
        record, report, score = self._record, self._report, self._record["score"]
        evidence = {each["name"]: source_evidence(record, each) for each in record["sources"]}
        apart = [each for each in record["criteria"] if not _has_finding(each)]
        return filled(
            uuid=record_uuid(self._digest, "result"),
            title=line(record["title"]),
            description=outcome_line(record, report.ended_with, report.strict),
            start=as_of(record),
            end=as_of(record),
            props=props(
                {
                    "kind": record["kind"],
                    "outcome": record["outcome"],
                    "criteria": score["apply"],
                    "passing": score["passing"],
                    "passing-with-waivers": score["passing_with_waivers"],
                }
            ),
            local_definitions={"assessment-assets": tool(record)},
            reviewed_controls=reviewed(self._objectives),
            observations=[
                *(observed(report, each, evidence) for each in record["requirements"]),
                *(criterion_observed(report, each) for each in apart),
            ],
            risks=[risk for each in self._risks.values() for risk in each],
            findings=[
                *(self._criterion(each) for each in self._found),
                *(self._gate(each) for each in record["gates"]),
                *self._unexplained(),
            ],
            remarks=run_line(record, report.kept),
        )

    def _criterion(self, criterion: CriterionEntry) -> Json:
        record, verdict = self._record, criterion["verdict"]
        return filled(
            uuid=subject_uuid(record, "criterion", criterion["id"]),
            title=line(criterion["text"]),
            description=criterion_account(self._report, criterion),
            props=props(
                {
                    "criterion": criterion["id"],
                    "verdict": known_verdict(verdict),
                    "enforcement": criterion["enforcement"],
                    "at": criterion["at"],
                }
            ),
            target=_target(objective_of(criterion), _REASONS.get(verdict, "other")),
            related_observations=[
                {"observation-uuid": subject_uuid(record, "requirement", each)}
                for each in criterion["requirements"]
            ],
            related_risks=[{"risk-uuid": each["uuid"]} for each in self._risks.get(criterion["id"], [])],
        )

    def _gate(self, gate: GateEntry) -> Json:
        state = gate["state"]
        known = state_sign(state).word.lower().replace(" ", "_")
        return filled(
            uuid=subject_uuid(self._record, "gate", gate["id"]),
            title=line(f"{gate_label(gate['id'])}: {gate['title']}"),
            description=gate_account(gate),
            props=props({"gate": gate["id"], "state": known}),
            target=_target(token("gate", gate["id"]), _GATE_REASONS.get(state, "other")),
        )

    def _unexplained(self) -> list[Json]:
        if self._why is None:
            return []
        return [
            {
                "uuid": subject_uuid(self._record, "outcome"),
                "title": "The run is not open",
                "description": self._why,
                "props": props({"outcome": self._record["outcome"]}),
                "target": _target(OUTCOME, "other"),
            }
        ]


def _has_finding(criterion: CriterionEntry) -> bool:
    return criterion["enforcement"] != "advisory" and criterion["verdict"] != "not_applicable"


def _target(objective: str, reason: str) -> Json:
    state = "satisfied" if reason == "pass" else "not-satisfied"
    return {"type": "objective-id", "target-id": objective, "status": {"state": state, "reason": reason}}
