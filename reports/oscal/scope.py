"""What OSCAL's assessment results say was assessed, and with what: controls, objectives and the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.oscal.names import line, props, subject_uuid, token
from phasegate.reports.output import Json

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry, Record

TARGETS, GATES = "targets", "gates"
"""Controls beside those of points."""
OUTCOME = "run.outcome"
"""The objective of a run that is not open and of which nothing else tells it."""


def objective_of(criterion: CriterionEntry) -> str:
    """The id of the objective that a criterion is."""
    return token("criterion", criterion["id"])


def objectives(record: Record, outcome: bool) -> list[Json]:
    """Criteria and gates as objectives of what they belong to, so that no target of a finding dangles.

    NIST asks for a method with each objective, and for what it is used on.

    Args:
        record: the record.
        outcome: whether the run's outcome is an objective of its own.
    """
    facts = {each["id"]: each["fact"] for each in record["requirements"]}
    defined = [
        _objective(
            _control(each), objective_of(each), each["text"], [facts[name] for name in each["requirements"]]
        )
        for each in record["criteria"]
    ]
    for gate in record["gates"]:
        defined.append(_objective(GATES, token("gate", gate["id"]), gate["title"], gate["points"]))
    if outcome:
        defined.append(_objective(GATES, OUTCOME, "The run is open.", record["scope"]))
    return defined


def _objective(control: str, name: str, text: str, examined: list[str]) -> Json:
    """One objective and its method.

    Args:
        control: the id of the control that it belongs to.
        name: its id.
        text: what is to hold.
        examined: the names of what it is decided from.
    """
    method = f"method.{name}"
    objects = {"name": "assessment-objects", "prose": line(", ".join(examined))}
    parts = [
        {
            "id": name,
            "name": "assessment-objective",
            "props": props({}, **{"method-id": method}),
            "prose": line(text),
        },
        {
            "id": method,
            "name": "assessment-method",
            "props": props({}, method="TEST"),
            "parts": [objects],
        },
    ]
    return {"control-id": control, "parts": parts}


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
