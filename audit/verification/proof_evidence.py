"""What the entry of a proof must be like, and whether its evidence is about it and bears it out.

A proof may come from anybody: before it is shown, its entry and its evidence are held to their forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast

from phasegate.audit.ledger.entry import ENTRY_SCHEMA
from phasegate.audit.verification.proof import Proof, ProofError
from phasegate.records.editions import EDITIONS, edition_of
from phasegate.records.reader import shape_fault
from phasegate.records.recheck_requirements import Followed, follow
from phasegate.records.recheck_verdicts import roll_up_part
from phasegate.records.schema import (
    CriterionEntry,
    FactEntry,
    GateReason,
    ProjectEntry,
    RequirementEntry,
    RowsEntry,
    SourceEntry,
    TimeZoneEntry,
    WaiverEntry,
)


class _Told(TypedDict):
    schema: str
    run: int
    record: str
    pack: str
    as_of: str
    project: NotRequired[ProjectEntry]
    time_zone: NotRequired[TimeZoneEntry]


class _Criterion(TypedDict):
    id: str
    text: str
    enforcement: str
    verdict: str


class _Run(_Told):
    kind: Literal["check", "gate"]
    outcome: str
    scope: list[str]


class _Point(_Told):
    id: str
    title: str
    verdict: str
    criteria: list[_Criterion]
    evidence: str


class _Target(_Told, _Criterion):
    evidence: str


class _Gate(_Told):
    id: str
    title: str
    state: str
    points: dict[str, str]
    targets: dict[str, str]
    after: dict[str, str]
    waivers: list[str]
    reasons: list[GateReason]


class _Evidence(TypedDict):
    schema: str
    as_of: str
    pack: str
    parameters: dict[str, str]
    criteria: list[CriterionEntry]
    requirements: list[RequirementEntry]
    facts: list[FactEntry]
    measures: dict[str, dict[str, Any]]
    sources: list[SourceEntry]
    waivers: list[WaiverEntry]
    rows: NotRequired[list[RowsEntry]]
    statements: NotRequired[int]
    time_zone: NotRequired[TimeZoneEntry]


_KINDS: Mapping[str, Any] = {"run": _Run, "point": _Point, "target": _Target, "gate": _Gate}


def shown(proof: Proof) -> None:
    """Sees that a proof is of something that can be shown.

    Raises:
        ProofError: if its entry decides nothing, or it or its evidence is not of its form.
    """
    kind = str(proof.entry.get("entry"))
    if kind not in _KINDS:
        raise ProofError(f"its entry is a {kind[:40]!r}, and nothing that a run decided")
    fault = shape_fault(proof.entry, _KINDS[kind])
    if fault is None and proof.entry["schema"] != ENTRY_SCHEMA:
        fault = f"its schema is not {ENTRY_SCHEMA!r}"
    if fault:
        raise ProofError(f"its entry is none of a {kind}: {fault}")
    if (proof.evidence is not None) != (kind in ("point", "target")):
        raise ProofError(f"its entry of a {kind} has evidence where it has none, or none where it has")
    if proof.evidence is None:
        return
    fault = shape_fault(proof.evidence, _Evidence)
    known = [each.evidence for each in EDITIONS]
    if fault is None and proof.evidence["schema"] not in known:
        fault = f"its schema is {proof.evidence['schema'][:60]!r}, not {' or '.join(map(repr, known))}"
    if fault:
        raise ProofError(f"its evidence is none: {fault}")


def followed(proof: Proof) -> Followed | None:
    """Whether the verdicts of a proof follow from the facts in it; None where it has no evidence.

    Args:
        proof: one that can be shown.
    """
    if proof.evidence is None:
        return None
    found = follow(proof.evidence)
    return Followed(found.checked, (*found.against, *_against(proof.entry, proof.evidence)))


def _against(entry: Mapping[str, Any], evidence: Mapping[str, Any]) -> Iterator[str]:
    """What speaks against the evidence being that of its entry."""
    for name, what in (("pack", "pack"), ("as_of", "day"), ("time_zone", "time zone")):
        if entry.get(name) != evidence.get(name):
            yield f"the evidence is of another {what} than the entry"
    criteria = cast("list[CriterionEntry]", evidence["criteria"])
    told = [{name: each[name] for name in ("id", "text", "enforcement", "verdict")} for each in criteria]
    own = (
        entry["criteria"]
        if entry["entry"] == "point"
        else [{name: entry[name] for name in _Criterion.__annotations__}]
    )
    if told != own:
        yield "the evidence is of other criteria, or verdicts, than the entry"
    requirements = cast("list[RequirementEntry]", evidence["requirements"])
    of, order = f"{entry['entry']} {entry['id']}", edition_of(evidence).alternatives
    yield from roll_up_part(entry["verdict"], of, criteria, requirements, order)
