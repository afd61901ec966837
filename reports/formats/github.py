"""Annotations of GitHub Actions: a workflow command a line, on the line of the rule.

The runner shows ten annotations of each level for a step, the first ones it reads: the gate that was asked
comes first, then criteria, then other gates. What passes or does not apply has none. Of a run of the past
one line more says which one it is; it begins with a word of ours, so that it can not be read as a command.

GitHub knows files by their paths from the root of the repository. A rule that stands in none of its files,
such as one of a pack that comes with phasegate, is named in the message instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.terminal.gates import overdue_said
from phasegate.reports.text.labels import state_sign, verdict_sign
from phasegate.reports.text.locations import Location, location
from phasegate.reports.text.plain import visible
from phasegate.reports.text.provenance import run_line
from phasegate.reports.text.runner import inert, within_commands
from phasegate.reports.text.sentences import asked_gate, gate_label
from phasegate.reports.text.summaries import (
    criterion_account,
    gate_account,
    unexplained,
    waived_because,
    waivers_counted,
)
from phasegate.rules.model.verdict import SETTLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phasegate.records.schema import CriterionEntry, GateEntry
    from phasegate.reports.report import Report

NOT_OPEN = "The run is not open"


def render(report: Report) -> str:
    """The record as annotations; no line at all where everything passes."""
    return "".join(f"{each}\n" for each in _annotations(report))


def _annotations(report: Report) -> Iterator[str]:
    record = report.record
    if report.past_run:
        yield inert(run_line(record, report.kept))
    asked = asked_gate(record)
    why = unexplained(report)
    if why is not None:
        yield command("error", why, title=NOT_OPEN)
    gates = sorted(record["gates"], key=lambda each: each is not asked)
    if asked is not None:
        yield from _gate(report, gates.pop(0))
    for criterion in sorted(record["criteria"], key=_advisory):
        if criterion["verdict"] not in SETTLED:
            yield _criterion(report, criterion)
    for gate in gates:
        yield from _gate(report, gate)


def _criterion(report: Report, criterion: CriterionEntry) -> str:
    verdict = criterion["verdict"]
    level = "notice" if _advisory(criterion) else verdict_sign(verdict).level
    flag = "advisory, " if _advisory(criterion) else ""
    told = waived_because(report, criterion) if verdict == "waived" else criterion_account(report, criterion)
    found = _place(report, criterion)
    at = report.at(criterion)
    stands = "" if found.file or not at else f"\nThe rule stands at {visible(at)}"
    return command(
        level,
        f"{visible(criterion['text'])}\n{told}{stands}",
        file=visible(found.file),
        line=found.line,
        title=f"{flag}{verdict_sign(verdict).word} {visible(criterion['id'])}",
    )


def _place(report: Report, criterion: CriterionEntry) -> Location:
    """Where the rule stands in the repository; nowhere, where it does not."""
    found = location(report.at(criterion))
    if report.files is None:
        return found
    file = report.files.get(found.file)
    return Location("", None) if file is None else Location(file, found.line)


def _gate(report: Report, gate: GateEntry) -> Iterator[str]:
    state, late = gate["state"], report.overdue.get(gate["id"])
    if state != "open":
        rests = f"\nIt rests on {waivers_counted(gate)}" if gate["waivers"] else ""
        title = f"{state_sign(state).word}: {gate_label(gate['id'])}"
        beside = f"\nIts phase is overdue {overdue_said(late)}" if late is not None else ""
        yield command(state_sign(state).level, f"{gate_account(gate)}{rests}{beside}", title=title)


def _advisory(criterion: CriterionEntry) -> bool:
    return criterion["enforcement"] == "advisory"


def command(level: str, message: str, **properties: str | int | None) -> str:
    """A workflow command on one line.

    Args:
        level: error, warning or notice.
        message: its text, escaped as GitHub documents it for data; it has no other control characters than
            line breaks, which GitLab and Jenkins would read as marks of their own.
        properties: those of the annotation, escaped as GitHub documents it for properties; empty ones are
            left out.
    """
    told = ",".join(f"{name}={_property(visible(str(value)))}" for name, value in properties.items() if value)
    text = "\n".join(map(visible, message.replace("\r\n", "\n").split("\n")))
    return within_commands(f"::{level} {told}::{_data(text)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
