"""What OSCAL's assessment results rest on: observations, the risks that waivers carry, and the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.oscal import attested
from phasegate.reports.oscal.names import filled, hashes, line, props, subject_uuid
from phasegate.reports.output import Json
from phasegate.reports.text.dates import NO_DAY, moment
from phasegate.reports.text.locations import uri
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import asked_title, bound_shown
from phasegate.reports.text.summaries import (
    criterion_account,
    requirement_account,
    waiver_account,
    waivers_of,
)
from phasegate.reports.text.undetermined import ends_told, undetermined_said

if TYPE_CHECKING:
    from phasegate.records.schema import (
        CriterionEntry,
        FactEntry,
        Record,
        RequirementEntry,
        SourceEntry,
        WaiverEntry,
    )
    from phasegate.reports.report import Report


def as_of(record: Record) -> str:
    """The day that was decided, as a moment."""
    return moment(record["as_of"]) or f"{NO_DAY}T00:00:00Z"


def observed(report: Report, requirement: RequirementEntry, evidence: dict[str, Json]) -> Json:
    """What was found of a requirement: the fact, and the sources that it was measured in.

    Args:
        report: the record.
        requirement: one of its requirements.
        evidence: the record's sources by name, as observations refer to them.
    """
    record, fact = report.record, report.facts[requirement["fact"]]
    word = attested.observed(report, fact)
    measured_in = [evidence[name] for name in fact["sources"] if name in evidence]
    return filled(
        uuid=subject_uuid(record, "requirement", requirement["id"]),
        title=line(f"{asked_title(requirement, fact)} {bound_shown(requirement)}"),
        description=requirement_account(report, requirement),
        props=props(
            {
                "requirement": requirement["id"],
                "criterion": requirement["criterion"],
                "alternative": requirement["alternative"],
                "verdict": requirement["verdict"],
                "bound": requirement["bound"],
                "limit": requirement["limit"],
                "observed": requirement["observed"],
                "margin": requirement["margin"],
                "distance": requirement["distance"],
                "waiver": requirement["waiver"],
                "at": requirement["at"],
                **_measured(fact),
            }
        )
        + word.get("props", []),
        methods=attested.methods([fact], report),
        types=["control-objective"],
        subjects=word.get("subjects"),
        relevant_evidence=measured_in + word.get("relevant-evidence", []),
        collected=as_of(record),
        expires=word.get("expires"),
    )


def _measured(fact: FactEntry) -> dict[str, str | int | None]:
    return {
        "fact": fact["id"],
        "fact-status": fact["status"],
        "numerator": fact["numerator"],
        "denominator": fact["denominator"],
        **{name: " of ".join(end) for name, end in zip(("low", "high"), ends_told(fact) or (), strict=False)},
        "rows": fact["rows"],
        "undetermined": undetermined_said(fact),
        "newest": fact["newest"],
    }


def criterion_observed(report: Report, criterion: CriterionEntry) -> Json:
    """A criterion of which there is no finding: it does not apply, or is advisory."""
    return filled(
        uuid=subject_uuid(report.record, "criterion", criterion["id"]),
        title=line(criterion["text"]),
        description=criterion_account(report, criterion),
        props=props(
            {
                "criterion": criterion["id"],
                "verdict": criterion["verdict"],
                "enforcement": criterion["enforcement"],
                "at": criterion["at"],
            }
        ),
        methods=attested.methods((report.facts[each["fact"]] for each in report.of(criterion)), report),
        types=["control-objective"],
        collected=as_of(report.record),
    )


def risks(report: Report, criterion: CriterionEntry) -> list[Json]:
    """A risk for each waiver that a waived criterion rests on; one where none is named."""
    used = waivers_of(report, criterion)
    if used:
        return [_risk(report, requirement, waiver) for requirement, waiver in used]
    return [
        {
            "uuid": subject_uuid(report.record, "risk", criterion["id"]),
            "title": line(f"Waived: {criterion['text']}"),
            "description": criterion_account(report, criterion),
            "statement": "It is waived, and the record names no waiver.",
            "status": "deviation-approved",
        }
    ]


def _risk(report: Report, requirement: RequirementEntry, waiver: WaiverEntry) -> Json:
    record, name = report.record, (waiver["id"], requirement["id"])
    title = line(f"Waiver {waiver['id']}")
    return filled(
        uuid=subject_uuid(record, "risk", *name),
        title=title,
        description=line(waiver["why"]),
        statement=requirement_account(report, requirement),
        props=props(
            {
                "waiver": waiver["id"],
                "requirement": requirement["id"],
                "risk-owner": waiver["risk_owner"],
                "requester": waiver["requester"],
                "approver": waiver["approver"],
                "granted": waiver["granted"],
                "start": waiver["start"],
                "end": waiver["end"],
                "floor": waiver["floor"],
                "signer": waiver["signer"],
            }
        ),
        status="deviation-approved",
        deadline=moment(waiver["end"]),
        remediations=[
            {
                "uuid": subject_uuid(record, "remediation", *name),
                "lifecycle": "planned",
                "title": title,
                "description": waiver_account(report, waiver),
                "props": props({}, type="accept"),
            }
        ],
        related_observations=[{"observation-uuid": subject_uuid(record, "requirement", requirement["id"])}],
    )


def source_resource(record: Record, source: SourceEntry) -> Json:
    """A source that has files as a resource, with the digest of each file."""
    return filled(
        uuid=subject_uuid(record, "source", source["name"]),
        title=line(source["name"]),
        description=_source_account(source),
        props=props({"status": source["status"], "digest": source["digest"], "rows": source["rows"]}),
        rlinks=[{"href": uri(file), **hashes(digest)} for file, digest in source["files"].items()],
    )


def source_evidence(record: Record, source: SourceEntry) -> Json:
    """A source as an observation refers to it."""
    linked = {"href": f"#{subject_uuid(record, 'source', source['name'])}"} if source["files"] else {}
    return {**linked, "description": _source_account(source)}


def _source_account(source: SourceEntry) -> str:
    parts = [source["name"], counted(source["rows"], "row"), source["reason"], source["digest"]]
    return line(", ".join(each for each in parts if each))
