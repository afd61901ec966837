"""The first answer of a page: may we advance?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phasegate.records.schema import Score as Counted
from phasegate.reports.brief.gates import is_shut, named
from phasegate.reports.brief.model import Answer, Count, Gate, Score
from phasegate.reports.brief.time_axis import score_of
from phasegate.reports.terminal.gates import gates_shown
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.plain import counted, visible
from phasegate.reports.text.provenance import on_another_day
from phasegate.reports.text.sentences import (
    asked_gate,
    counts_told,
    gate_label,
    gate_reason,
    outcome_line,
    own_rules,
    supposed_line,
)
from phasegate.rules.model.pack import PROGRAMME
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.reports.report import Report

_FEW = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def answered(report: Report, gates: Sequence[Gate]) -> Answer:
    """The answer, and what it is counted from.

    Args:
        report: what is told.
        gates: those of the page.
    """
    noun, found = counts_told(report.record)
    return Answer(
        state=report.record["outcome"],
        sentence=_sentence(report, gates),
        because=tuple(_because(report)),
        counts=tuple(Count(word, number) for word, number in found.items() if number),
        counted=noun,
        score=_requirements(found) if own_rules(report.record) else score_of(report.record["score"]),
    )


def _requirements(found: Mapping[str, int]) -> Score:
    """The score of a project's own rules, whose one criterion tells nothing that its requirements do not."""
    passing, waived = found.get("pass", 0), found.get("waived", 0)
    apply = sum(found.values()) - found.get("not_applicable", 0)
    score = Counted(apply=apply, passing=passing, passing_with_waivers=passing + waived)
    return score_of(score)


def _sentence(report: Report, gates: Sequence[Gate]) -> str:
    """Yes only where a whole run says so: all its gates are open, or the one that was asked for is."""
    record = report.record
    state = record["outcome"]
    if "what_if" in record:
        return f"Nothing is decided by this. {_reason(report)}"
    shut = [gate for gate in gates if is_shut(gate.state)]
    if record["disagreements"]:
        return "No. The two engines disagree, so that nothing is decided."
    if state in OPEN_STATES and not shut:
        return _open(report, gates)
    if shut:
        return _shut(report, shut)
    return f"No. {_reason(report)}"


def _reason(report: Report) -> str:
    """Why the run came to its outcome, as its last line says it after the word of it."""
    return _whole(outcome_line(report.record, None, report.strict).partition(": ")[2])


def _open(report: Report, gates: Sequence[Gate]) -> str:
    record = report.record
    asked = asked_gate(record)
    waived = sum(each["verdict"] == "waived" for each in record["requirements"])
    resting = f", with {counted(waived, 'waiver')}" if record["outcome"] == "open_with_waivers" else ""
    if resting and report.strict:
        return f"No. It is open only{resting}, and --strict takes no waivers."
    if asked is not None:
        return f"Yes{resting}. {_whole(gate_label(asked['id']))} is open."
    if record["scope"] or not gates:
        return f"What was asked for passes{resting}; whether a gate opens was not decided."
    if not gates_shown(record, report.overdue):
        return f"Yes{resting}. {_reason(report)}"
    phases = [gate for gate in gates if gate.id != PROGRAMME]
    which = f"all {_number(len(phases))} gates are" if len(phases) > 1 else f"{gates[-1].label} is"
    return f"Yes{resting}. {_whole(which)} open."


def _shut(report: Report, shut: Sequence[Gate]) -> str:
    """Which gates are shut, and how many of them are overdue; where it is the programme's alone, why."""
    asked = asked_gate(report.record)
    if asked is not None and is_shut(asked["state"]):
        late = next((gate.overdue_said for gate in shut if gate.id == asked["id"]), "")
        state = f"{state_sign(asked['state']).verb[0]}{', ' if late else ''}{late}"
        return f"No. {_whole(gate_label(asked['id']))} {state}: {gate_reason(asked)}."
    phases = [gate for gate in shut if gate.id != PROGRAMME]
    if not phases:
        alone = not gates_shown(report.record, report.overdue)
        said = _reason(report)
        return (
            f"No. {said}" if alone else f"No. {_whole(shut[0].label)} is shut: {said[:1].lower()}{said[1:]}"
        )
    word = "shut" if any(gate.state != "undecided" for gate in phases) else "undecided"
    verb = "is" if len(phases) == 1 else "are"
    late = _late(sum(gate.overdue > 0 for gate in phases), len(phases))
    return f"No. {_whole(named([gate.id for gate in phases]))} {verb} {word}{late}."


def _late(late: int, of: int) -> str:
    if not late:
        return ""
    if late == of:
        return " and overdue" if of == 1 else f", {'both' if of == 2 else 'all'} of them overdue"
    return f", {_number(late)} of them overdue"


def _because(report: Report) -> Iterator[str]:
    record = report.record
    if record["disagreements"]:
        number = counted(len(record["disagreements"]), "verdict")
        yield f"The two engines disagree on {number}: a fault of phasegate. Nothing here can be relied upon."
    if (supposed := supposed_line(record)) is not None:
        yield supposed
    if on_another_day(record, report.kept):
        yield "It was decided for another day than the one on which it was recorded: it opens no gate."
    approval = record["approval"]
    if record["kind"] == "check" and approval["missing"]:
        for_whom = " and ".join(map(visible, approval["missing"]))
        yield f"No gate opens before these rules are approved for {for_whom}."


def _number(number: int) -> str:
    return _FEW[number] if number < len(_FEW) else f"{number:,}"


def _whole(said: str) -> str:
    return said[:1].upper() + said[1:]
