"""What an id stands for in a record, for programs: its gates, points and criteria down to what was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phasegate.records.schema import Record


def parts_document(record: Record, kind: str, given: str) -> dict[str, Any]:
    """The parts of a record that an id stands for and all that these rest on, in its form and order.

    Args:
        record: the record.
        kind: of what the id is: ``requirement``, ``criterion``, ``point``, ``section``, ``area``, ``gate`` or
            ``measure``.
        given: the id, of a gate and an area also with ``phase:`` or ``area:`` before it.
    """
    name = given.removeprefix("phase:").removeprefix("gate:") if kind == "gate" else given
    name = name.removeprefix("area:") if kind == "area" else name
    gates = [each for each in record["gates"] if kind == "gate" and each["id"] == name]
    points = _points(record, kind, name)
    targets = {target for gate in gates for target in gate["targets"]}
    criteria = [
        each
        for each in record["criteria"]
        if each["point"] in points
        or each["id"] in targets
        or (kind == "criterion" and each["id"] == name)
        or (kind == "area" and each["point"] is None and each["id"].partition("/")[0] == name)
    ]
    held = {each["id"] for each in criteria}
    measured = _facts(record, name) if kind == "measure" else set()
    requirements = [
        each
        for each in record["requirements"]
        if each["criterion"] in held
        or each["fact"] in measured
        or (kind == "requirement" and each["id"] == name)
    ]
    facts = measured | {each["fact"] for each in requirements}
    waivers = {each["waiver"] for each in requirements}
    asked = {each["id"] for each in requirements}
    sources = {name for each in record["facts"] if each["id"] in facts for name in each["sources"]}
    return {
        "id": given,
        "kind": kind,
        **{name: record[name] for name in ("schema", "as_of")},
        "gates": gates,
        "points": [each for each in record["points"] if each["id"] in points],
        "criteria": criteria,
        "requirements": requirements,
        "facts": [each for each in record["facts"] if each["id"] in facts],
        "sources": [each for each in record["sources"] if each["name"] in sources],
        "waivers": [each for each in record["waivers"] if each["id"] in waivers],
        "attestations": [each for each in record["attestations"] if each["fact"] in facts],
        "rows": [each for each in record.get("rows", ()) if each["requirement"] in asked],
    }


def _points(record: Record, kind: str, name: str) -> set[str]:
    if kind == "gate":
        return {point for each in record["gates"] if each["id"] == name for point in each["points"]}
    key = {"point": "id", "section": "section", "area": "area"}.get(kind)
    return {each["id"] for each in record["points"] if key is not None and each[key] == name}  # type: ignore[literal-required]


def _facts(record: Record, name: str) -> set[str]:
    """The facts that a name stands for: one, those of a measure, or those of all fields of a measure."""
    told = [(each["id"], each["measure"]) for each in record["facts"]]
    found = {fact for fact, measure in told if name in (fact, measure)}
    return found or {fact for fact, measure in told if measure.rpartition(".")[0] == name}
