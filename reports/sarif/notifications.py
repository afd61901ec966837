"""What a run says beside its results: that it is not open, and what could not be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.output import Json
from phasegate.reports.sarif.locations import locations
from phasegate.reports.sarif.messages import message
from phasegate.reports.text.labels import state_sign
from phasegate.reports.text.sentences import gate_label, outcome_line
from phasegate.reports.text.summaries import criterion_account, gate_account, unexplained
from phasegate.rules.model.verdict import OPEN_STATES, GateState

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, GateEntry
    from phasegate.reports.report import Report

NOT_JUDGED, SHUT, NOTHING_TOLD = "criterion-in-error", "gate-not-open", "run-not-open"
ABOUT = {
    NOT_JUDGED: "A criterion could not be judged.",
    SHUT: "A gate is not open.",
    NOTHING_TOLD: "The run is not open.",
}
UNDECIDED = GateState.UNDECIDED.exit_code
_BY_CRITERIA = frozenset({"criterion", "gate"})
"""Reasons of a gate that results of criteria tell: its own, and those of the gates before it."""


class Shut(NamedTuple):
    """What is not open for a reason that no criterion tells.

    Attributes:
        rule: the id of the rule that says so.
        name: what it is, among others of that rule.
        said: why.
        level: of the result.
    """

    rule: str
    name: str
    said: str
    level: str


def about(name: str) -> Json:
    """A rule, or a kind of notification, that is not of any pack."""
    text = {"text": ABOUT[name]}
    return {"id": name, "shortDescription": text, "fullDescription": text, "help": text}


def shut_otherwise(report: Report) -> Iterator[Shut]:
    """The gates that are not open although all criteria may be well: too many waivers, or no approval."""
    for gate in report.record["gates"]:
        kinds = {each["kind"] for each in gate["reasons"]}
        if gate["state"] not in OPEN_STATES and not (kinds and kinds <= _BY_CRITERIA):
            level = "warning" if gate["state"] == "undecided" else "error"
            yield Shut(SHUT, gate["id"], _said(gate), level)


def nothing_alarming(report: Report, levels: Collection[str]) -> Iterator[Shut]:
    """That the run is not open, where no result has a level that alarms: nobody who counts takes it for open.

    Args:
        report: the record.
        levels: of the results that the log has.
    """
    if report.code and not {"error", "warning"} & {*levels}:
        said = outcome_line(report.record, report.ended_with, report.strict)
        yield Shut(NOTHING_TOLD, "run", said, "warning" if report.code == UNDECIDED else "error")


def _said(gate: GateEntry) -> str:
    name = gate_label(gate["id"])
    return f"{name[0].upper()}{name[1:]} {state_sign(gate['state']).verb[0]}. {gate_account(gate)}"


def invocation(report: Report, places: Mapping[str, int]) -> Json:
    """How the run ended, with its notifications.

    Args:
        report: the record.
        places: those of the rules by id; an error of a criterion that is none of them has none.
    """
    record = report.record
    errors = [
        _notification(report, each, places) for each in record["criteria"] if each["verdict"] == "error"
    ]
    gates = [
        _told(SHUT, _said(each), "warning") for each in record["gates"] if each["state"] not in OPEN_STATES
    ]
    outcome = outcome_line(record, report.ended_with, report.strict)
    why = unexplained(report)
    # Of a run whose criteria tell why, the tool itself did what it was to do: an error says that it did not.
    run = [] if not report.code else [_told(NOTHING_TOLD, why or outcome, "error" if why else "warning")]
    notifications = [*errors, *gates, *run]
    return {
        "executionSuccessful": all(each["level"] != "error" for each in notifications),
        "exitCode": report.code,
        "exitCodeDescription": outcome,
        "toolExecutionNotifications": notifications,
    }


def _told(name: str, said: str, level: str) -> Json:
    number = list(ABOUT).index(name)
    return {"descriptor": {"id": name, "index": number}, "level": level, "message": {"text": message(said)}}


def _notification(report: Report, criterion: CriterionEntry, places: Mapping[str, int]) -> Json:
    rule = {"id": criterion["id"]}
    return {
        "descriptor": {"id": NOT_JUDGED, "index": 0},
        "associatedRule": {**rule, "index": places[rule["id"]]} if rule["id"] in places else rule,
        "level": "note" if advisory(criterion) else "error",
        "message": {"text": message(f"{criterion['text']}. {criterion_account(report, criterion)}")},
        "locations": locations(report, report.at(criterion)),
        "properties": {"verdict": criterion["verdict"], "advisory": advisory(criterion)},
    }


def advisory(criterion: CriterionEntry) -> bool:
    """Whether it shuts no gate."""
    return criterion["enforcement"] == "advisory"
