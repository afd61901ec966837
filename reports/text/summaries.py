"""What a criterion or gate came to, in sentences of one line each, for formats that other tools read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.text.labels import state_sign, verdict_sign
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.sentences import (
    asked_title,
    binding,
    bound_shown,
    gate_label,
    gate_reason,
    outcome_line,
    passing,
    risk_said,
)
from phasegate.reports.text.undetermined import left_open
from phasegate.reports.text.vouched import attestation_account
from phasegate.rules.model.verdict import HOLDING, OPEN_STATES, SETTLED

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry, RequirementEntry, WaiverEntry
    from phasegate.reports.report import Report

_TOLD_BY_VALUE = frozenset({"pass", "fail"})
_NO_ALARM = HOLDING | {*OPEN_STATES}


def unexplained(report: Report) -> str | None:
    """Why a run is not open, where neither a criterion that counts nor a gate says so; None otherwise.

    An empty scope, or ``--strict`` and a waiver: without this, a reader who counts would see nothing amiss.
    """
    record = report.record
    found = {each["verdict"] for each in binding(record)} | {each["state"] for each in record["gates"]}
    if not report.code or not found <= _NO_ALARM:
        return None
    return outcome_line(record, report.ended_with, report.strict)


def criterion_account(report: Report, criterion: CriterionEntry) -> str:
    """Each requirement that tells of a criterion's verdict, one after the other."""
    told = "; ".join(requirement_account(report, each) for each in report.telling(criterion))
    return told or "it has no requirements"


def criterion_lines(report: Report, criterion: CriterionEntry) -> list[str]:
    """The requirements that tell of a criterion's verdict, then others in want, each with its place."""
    telling = report.telling(criterion)
    known = {each["id"] for each in telling}
    others = [
        each for each in report.of(criterion) if each["verdict"] not in SETTLED and each["id"] not in known
    ]
    lines = [visible(criterion["text"])]
    for each in (*telling, *others):
        lines += requirement_lines(report, each)
    return lines


def requirement_lines(report: Report, requirement: RequirementEntry) -> list[str]:
    """A requirement's verdict with all that is to say of it, and its place."""
    word = verdict_sign(requirement["verdict"]).word
    place = f"    {visible(requirement['fact'])}, {visible(requirement['at'])}"
    return [f"{word}  {requirement_account(report, requirement)}", place]


def requirement_account(report: Report, requirement: RequirementEntry) -> str:
    """What was asked and found, by how much it holds or not, and what is missing or who answers for it."""
    fact = report.facts[requirement["fact"]]
    asked = f"{asked_title(requirement, fact)} {bound_shown(requirement)}"
    verdict, distance = requirement["verdict"], requirement["distance"]
    parts = [f"{asked}: found {visible(requirement['observed'])}"]
    if left_open(requirement, fact):
        parts = [f"{asked}: {visible(requirement['reason'])}"]  # it leads with what to do, and says the rest
    elif requirement["margin"]:
        parts.append(f", margin {visible(requirement['margin'])}")
    waiver = report.waivers.get(requirement["waiver"] or "")
    if waiver is None and verdict not in _TOLD_BY_VALUE and not left_open(requirement, fact):
        parts.append(f"; {visible(requirement['reason'])}")
    if distance:
        parts.append(f"; {'' if verdict == 'pass' else 'to pass: '}{visible(distance)}")
    if waiver is not None:
        parts.append(f"; {waiver_account(report, waiver)}")
    if fact["id"] in report.attestations:
        parts.append(f"; {attestation_account(report.attestations[fact['id']], report.record)}")
    return "".join(parts)


def waivers_of(report: Report, criterion: CriterionEntry) -> list[tuple[RequirementEntry, WaiverEntry]]:
    """The waivers that a criterion rests on, each with the requirement that it covers."""
    found = [(each, report.waivers.get(each["waiver"] or "")) for each in report.of(criterion)]
    return [(requirement, waiver) for requirement, waiver in found if waiver is not None]


def waived_because(report: Report, criterion: CriterionEntry) -> str:
    """The waivers that a criterion rests on, in words."""
    told = [waiver_account(report, waiver) for _, waiver in waivers_of(report, criterion)]
    return "; ".join(told) or criterion_account(report, criterion)


def waiver_account(report: Report, waiver: WaiverEntry) -> str:
    """Who carries the risk until when, down to what value, and why."""
    return f"waiver {visible(waiver['id'])}: {risk_said(waiver, report.record)}. {visible(waiver['why'])}"


def gate_account(gate: GateEntry) -> str:
    """A gate's state and why, without the names of criteria."""
    head = f"{visible(gate['title'])}: {passing(gate['score'], ' criteria pass')}"
    return head if gate["state"] in _NO_ALARM else f"{head}; {gate_reason(gate)}"


def gate_lines(gate: GateEntry) -> list[str]:
    """A gate's state and each reason for it, and the requirements that are waived."""
    name = gate_label(gate["id"])
    lines = [f"{name[0].upper()}{name[1:]} {state_sign(gate['state']).verb[0]}. {gate_account(gate)}"]
    for reason in gate["reasons"]:
        text = visible(reason["text"])
        if reason["kind"] == "criterion":
            lines.append(f"{verdict_sign(reason['verdict']).word}  {visible(reason['id'])}: {text}")
        else:
            lines.append(f"{visible(reason['kind'])}: {text}")
    if gate["waivers"]:
        lines.append(f"rests on waivers of: {', '.join(map(visible, gate['waivers']))}")
    return lines


def waivers_counted(gate: GateEntry) -> str:
    """The requirements whose waivers a gate rests on."""
    names = ", ".join(map(visible, gate["waivers"]))
    return f"{counted(len(gate['waivers']), 'waiver')}: {names}" if names else "waivers that are not named"
