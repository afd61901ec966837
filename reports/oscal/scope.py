"""What OSCAL's assessment results say was assessed, and with what: controls, objectives and the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.oscal.attested import TEST, methods
from phasegate.reports.oscal.names import line, props, subject_uuid, token
from phasegate.reports.output import Json

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, Record
    from phasegate.reports.report import Report

TARGETS, GATES = "targets", "gates"
"""Controls beside those of points."""
OUTCOME = "run.outcome"
"""The objective of a run that is not open and of which nothing else tells it."""


def objective_of(criterion: CriterionEntry) -> str:
    """The id of the objective that a criterion is."""
    return token("criterion", criterion["id"])


def objectives(report: Report, outcome: bool) -> list[Json]:
    """Criteria and gates as objectives of what they belong to, so that no target of a finding dangles.

    NIST asks for a method with each objective, and for what it is used on.

    Args:
        report: the record.
        outcome: whether the run's outcome is an objective of its own.
    """
    record = report.record
    defined = []
    for each in record["criteria"]:
        facts = [report.facts[requirement["fact"]] for requirement in report.of(each)]
        examined: dict[str, list[str]] = {}
        for fact in facts:
            for method in methods([fact], report):
                examined.setdefault(method, []).append(fact["id"])
        defined.append(_objective(_control(each), objective_of(each), each["text"], examined or {TEST: []}))
    for gate in record["gates"]:
        defined.append(_objective(GATES, token("gate", gate["id"]), gate["title"], {TEST: gate["points"]}))
    if outcome:
        defined.append(_objective(GATES, OUTCOME, "The run is open.", {TEST: record["scope"]}))
    return defined


def _objective(control: str, name: str, text: str, examined: dict[str, list[str]]) -> Json:
    """One objective and its methods.

    Args:
        control: the id of the control that it belongs to.
        name: its id.
        text: what is to hold.
        examined: by method, the names of what it is decided from.
    """
    ids = {each: f"method.{name}" if each == TEST else f"method.{name}.{each.lower()}" for each in examined}
    objective = {
        "id": name,
        "name": "assessment-objective",
        "props": [each for method in ids.values() for each in props({}, **{"method-id": method})],
        "prose": line(text),
    }
    ways = [
        {
            "id": ids[method],
            "name": "assessment-method",
            "props": props({}, method=method),
            "parts": [{"name": "assessment-objects", "prose": line(", ".join(names))}],
        }
        for method, names in examined.items()
    ]
    return {"control-id": control, "parts": [objective, *ways]}


def _control(criterion: CriterionEntry) -> str:
    return TARGETS if criterion["point"] is None else token("point", criterion["point"])


def reviewed(defined: list[Json]) -> Json:
    """The controls and objectives that were reviewed: all of the objectives that are defined."""
    if not defined:
        return {"control-selections": [{"include-all": {}}]}
    controls = dict.fromkeys(each["control-id"] for each in defined)
    named = [each["parts"][0]["id"] for each in defined]
    return {
        "control-selections": [{"include-controls": [{"control-id": each} for each in controls]}],
        "control-objective-selections": [{"include-objectives": [{"objective-id": each} for each in named]}],
    }


def tool(record: Record) -> Json:
    """This program, as the tool and the platform of the assessment."""
    component = subject_uuid(record, "tool")
    return {
        "components": [
            {
                "uuid": component,
                "type": "software",
                "title": "phasegate",
                "description": "Decided from the facts, twice, whether each requirement holds.",
                "props": props({}, version=line(record["versions"].get("phasegate", ""))),
                "status": {"state": "operational"},
            }
        ],
        "assessment-platforms": [
            {"uuid": subject_uuid(record, "platform"), "uses-components": [{"component-uuid": component}]}
        ],
    }
