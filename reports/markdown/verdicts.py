"""The parts of the report in Markdown that tell verdicts, each a table that takes room up to a mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.records.time_zone import zone_of
from phasegate.reports.markdown.text import LONGEST, Sheet, broken, code, signed, text
from phasegate.reports.terminal.gates import OVERDUE, gates_shown, overdue_said, reasons
from phasegate.reports.text.dates import last_day
from phasegate.reports.text.labels import VERDICTS, state_sign, verdict_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import asked_title, binding, bound_shown, gate_name, passing
from phasegate.rules.model.verdict import DECIDED, SETTLED

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry, RequirementEntry
    from phasegate.reports.report import Report

_SHOWN = 4
"""How many requirements are listed for one reason."""


def gates(report: Report, sheet: Sheet, mark: int) -> None:
    """Each gate with its state, its score and why it is not simply open."""
    found = gates_shown(report.record, report.overdue)
    heads = ["Gate", "State", "Criteria that pass", "Why"]
    sheet.table("Gates", heads, ((1, _gate(report, each)) for each in found), mark, len(found), "gates")


def _gate(report: Report, gate: GateEntry) -> list[str]:
    why = [text(f"{label}: {said}" if label == "inherited" else said) for label, said in reasons(gate)]
    if (late := report.overdue.get(gate["id"])) is not None:
        why.insert(0, f"**{OVERDUE}** {text(overdue_said(late))}")
    state = signed(state_sign(gate["state"]))
    return [text(gate_name(gate, " ")), state, passing(gate["score"]), broken(why)]


def failed(report: Report, sheet: Sheet, mark: int) -> None:
    """The requirements that keep a criterion from passing, each with what is missing; a row each reason."""
    found = [each for each in binding(report.record) if each["verdict"] == "fail"]
    groups: dict[tuple[str, ...], list[tuple[CriterionEntry, RequirementEntry]]] = {}
    for criterion in found:
        for each in report.telling(criterion):
            groups.setdefault(_failure(report, each), []).append((criterion, each))
    asked = sum(map(len, groups.values()))
    heads = ["Failed", "Required", "Found", "Margin", "To pass", "Requirement at"]
    lines = ((len(alike), [_failing(alike), *same, _places(alike)]) for same, alike in groups.items())
    sheet.table(_title("Failed", len(found), asked), heads, lines, mark, asked, "failed requirements")


def _failure(report: Report, requirement: RequirementEntry) -> tuple[str, ...]:
    """What all that fail for one reason have in common."""
    distance = text(requirement["distance"] or "")
    return _measured(report, requirement), *_found(requirement), distance


def _failing(alike: Sequence[tuple[CriterionEntry, RequirementEntry]]) -> str:
    sign = signed(verdict_sign(alike[0][1]["verdict"]))
    names = [f"{sign} {code(criterion['id'])}<br>{_text(criterion)}" for criterion, _ in alike[:_SHOWN]]
    more = [f"and {len(alike) - _SHOWN:,} more"] if len(alike) > _SHOWN else []
    return broken([*names, *more])


def _places(alike: Sequence[tuple[CriterionEntry, RequirementEntry]]) -> str:
    return broken(code(each["at"]) for _, each in alike[:_SHOWN])


def undecided(report: Report, sheet: Sheet, mark: int) -> None:
    """What could not be judged, by its reason: one missing table is one row."""
    groups: dict[tuple[str, str], list[RequirementEntry]] = {}
    criteria = [each for each in binding(report.record) if each["verdict"] not in DECIDED]
    failing = [each for each in binding(report.record) if each["verdict"] == "fail"]
    for criterion in criteria + failing:
        for each in report.of(criterion):
            if each["verdict"] not in DECIDED:
                groups.setdefault((each["verdict"], each["reason"]), []).append(each)
    total = sum(map(len, groups.values()))
    worst = [*VERDICTS]
    ordered = sorted(groups, key=lambda key: worst.index(key[0]) if key[0] in worst else 0)
    lines = ((len(groups[key]), _group(report, key, groups[key])) for key in ordered)
    title = _title("Undecided", len(criteria), total)
    sheet.table(title, ["Undecided", "Why", "Requirements"], lines, mark, total, "undecided requirements")


def _group(report: Report, key: tuple[str, str], members: list[RequirementEntry]) -> list[str]:
    told = [
        f"{code(each['criterion'], 100)} {_asked(report, each, 100)} {code(each['at'], 100)}"
        for each in members[:_SHOWN]
    ]
    more = [f"and {len(members) - _SHOWN:,} more"] if len(members) > _SHOWN else []
    return [signed(verdict_sign(key[0])), text(key[1]), broken(told + more)]


def waived(report: Report, sheet: Sheet, mark: int) -> None:
    """What rests on a waiver, who carries the risk, and the last day that it covers."""
    found = [each for each in binding(report.record) if each["verdict"] == "waived"]
    asked = [(each, requirement) for each in found for requirement in report.telling(each)]
    heads = ["Waived", "Required", "Found", "Margin", "Waiver", "Risk owner", "Last day"]
    lines = ((1, _waiver(report, *each)) for each in asked)
    title = _title("Waived", len(found), len(asked))
    sheet.table(title, heads, lines, mark, len(asked), "waived requirements")


def _waiver(report: Report, criterion: CriterionEntry, requirement: RequirementEntry) -> list[str]:
    waiver = report.waivers.get(requirement["waiver"] or "")
    told = ["none is named", "", ""]
    if waiver is not None:
        floor = f"not below {waiver['floor']}" if waiver["floor"] else ""
        by = f"signed by {waiver['signer']}" if waiver["signer"] is not None else ""
        said = broken([code(waiver["id"]), text(waiver["why"]), text(floor), text(by)])
        told = [
            said,
            text(waiver["risk_owner"]),
            text(last_day(waiver["end"], zone_of(report.record)) or waiver["end"][:10]),
        ]
    name = f"{signed(verdict_sign(requirement['verdict']))} {code(criterion['id'])}"
    return [broken([name, _text(criterion)]), _measured(report, requirement), *_found(requirement), *told]


def passed(report: Report, sheet: Sheet, mark: int) -> None:
    """What passes or does not apply, folded."""
    found = [each for each in report.record["criteria"] if each["verdict"] in SETTLED]
    asked = [(each, requirement) for each in found for requirement in report.telling(each)]
    lines = ((1, _pass(report, *each)) for each in asked)
    title = _title("Passed or n/a", len(found), len(asked))
    heads = ["Passed", "Required", "Found", "Margin", "Requirement at"]
    sheet.table(title, heads, lines, mark, len(asked), "passed requirements", folded=True)


def _pass(report: Report, criterion: CriterionEntry, requirement: RequirementEntry) -> list[str]:
    name = f"{signed(verdict_sign(requirement['verdict']))} {code(criterion['id'])}"
    return [name, _asked(report, requirement), *_found(requirement), code(requirement["at"])]


def _title(word: str, criteria: int, requirements: int) -> str:
    said = counted(requirements, "requirement")
    return f"{word}: {counted(criteria, 'criterion', 'criteria')}, {said}"


def _text(criterion: CriterionEntry) -> str:
    beside = "" if criterion["enforcement"] == "hard" else f" ({criterion['enforcement']})"
    return f"{text(criterion['text'])}{beside}"


def _asked(report: Report, requirement: RequirementEntry, most: int = LONGEST) -> str:
    title = asked_title(requirement, report.facts[requirement["fact"]])
    return f"{text(title, most)} {text(bound_shown(requirement), most)}"


def _measured(report: Report, requirement: RequirementEntry) -> str:
    """What is asked, and how it is counted where the measure's author says so."""
    note = report.facts[requirement["fact"]]["note"]
    return broken([_asked(report, requirement), text(note or "")])


def _found(requirement: RequirementEntry) -> tuple[str, str]:
    return text(requirement["observed"]), text(requirement["margin"] or "")
