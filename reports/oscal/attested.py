"""What people attest, as OSCAL has it: no test of a machine, but what somebody says and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.oscal.names import filled, hashes, line, props, subject_uuid
from phasegate.reports.output import Json
from phasegate.reports.text.dates import moment
from phasegate.reports.text.locations import uri
from phasegate.reports.text.vouched import attestation_account

if TYPE_CHECKING:
    from phasegate.records.schema import AttestationEntry, FactEntry, Record
    from phasegate.reports.report import Report

ATTESTED = "attested"
"""The kind of facts that people state."""
TEST, INTERVIEW, EXAMINE = "TEST", "INTERVIEW", "EXAMINE"


def methods(facts: Iterable[FactEntry], report: Report) -> list[str]:
    """How some facts came about: measured in data, stated by a person, or on documents besides."""
    found: dict[str, None] = {}
    for fact in facts:
        if fact["kind"] != ATTESTED:
            found[TEST] = None
            continue
        found[INTERVIEW] = None
        if fact["id"] in report.attestations and report.attestations[fact["id"]]["evidence"]:
            found[EXAMINE] = None
    return [*found] or [TEST]


def observed(report: Report, fact: FactEntry) -> Json:
    """The members of an observation that tell who attested its fact, on what, and until when."""
    attestation = report.attestations.get(fact["id"])
    if attestation is None:
        return {}
    record = report.record
    told = props(
        {
            "attestation": attestation["id"],
            "statement": attestation["statement"],
            "value": attestation["value"],
            "signer": attestation["signer"],
            "role": attestation["role"],
            "signed": attestation["signed"],
            "start": attestation["start"],
            "end": attestation["end"],
        }
    )
    signer = attestation["signer"]
    return filled(
        props=told,
        subjects=[_subject(record, signer)] if signer else [],
        relevant_evidence=[
            {
                "href": f"#{_document(record, attestation, name)}",
                "description": line(f"{name} {digest}; {attestation_account(attestation, record)}"),
            }
            for name, digest in attestation["evidence"].items()
        ],
        expires=moment(attestation["end"]),
    )


def parties(report: Report) -> list[Json]:
    """The people who attested what counts."""
    names = dict.fromkeys(each["signer"] for each in report.attestations.values() if each["signer"])
    return [{"uuid": _party(report.record, each), "type": "person", "name": line(each)} for each in names]


def documents(report: Report) -> Iterator[Json]:
    """The documents that attestations rest on as resources, with their digests when they were signed."""
    for attestation in report.attestations.values():
        for name, digest in attestation["evidence"].items():
            yield filled(
                uuid=_document(report.record, attestation, name),
                title=line(name),
                description=line(f"Attestation {attestation['id']} rests on it, as it was then: {digest}"),
                rlinks=[{"href": uri(name), **hashes(digest)}],
            )


def _subject(record: Record, signer: str) -> Json:
    return {"subject-uuid": _party(record, signer), "type": "party", "title": line(signer)}


def _party(record: Record, signer: str) -> str:
    return subject_uuid(record, "party", signer)


def _document(record: Record, attestation: AttestationEntry, name: str) -> str:
    return subject_uuid(record, "evidence", attestation["id"], name)
