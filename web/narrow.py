"""A record as somebody may read it: without the areas that they may not read, and without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from phasegate.facts.contracts.personal import MASK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from phasegate.records.schema import BreachEntry, Record
    from phasegate.web.permission import Viewer


def area_of(record: Record, criterion: str) -> str | None:
    """The area that a criterion or target belongs to; None of what belongs to none."""
    point = next((each["point"] for each in record["criteria"] if each["id"] == criterion), None)
    if point is None:
        area = criterion.partition("/")[0]
        return area if area in record["areas"] else None
    return next((each["area"] for each in record["points"] if each["id"] == point), None)


def tells_cells(record: Record) -> bool:
    """Whether it tells of rows that break a contract, beside those behind verdicts."""
    return any(
        each["sample"] or each.get("cells") for source in record["sources"] for each in source["breaches"]
    )


def _without_rows(record: Record) -> Record:
    return cast("Record", {**record, "rows": []}) if record.get("rows") else record


def cells_left_out(record: Record, viewer: Viewer, project: str) -> Record:
    """A record without the rows that break a contract, for who may not see them.

    Of these the first stands in each sentence that says why something is an error: there without its value.
    """
    if not tells_cells(record) or viewer.may_see_evidence(project):
        return record
    breaches = [each for source in record["sources"] for each in source["breaches"]]
    cells = [cell for each in breaches for cell in each.get("cells", ())]
    values = {f'{each["column"]} "{each["value"]}"': f'{each["column"]} "{MASK}"' for each in cells}
    sources = [{**each, "breaches": [*map(_without_cells, each["breaches"])]} for each in record["sources"]]
    return cast("Record", _said_otherwise({**record, "sources": sources}, values))


def _without_cells(breach: BreachEntry) -> dict[str, Any]:
    return {name: said for name, said in breach.items() if name != "cells"} | {"sample": []}


def _said_otherwise(told: Any, values: Mapping[str, str]) -> Any:
    """The same with some parts of its texts replaced."""
    if isinstance(told, dict):
        return {name: _said_otherwise(each, values) for name, each in told.items()}
    if isinstance(told, list):
        return [_said_otherwise(each, values) for each in told]
    if isinstance(told, str):
        for value, other in values.items():
            told = told.replace(value, other)
    return told


def readable(record: Record, viewer: Viewer, project: str) -> Record:
    """What a viewer may read of a record, rows left out; who may see rows sees those that break a contract.

    Gates and the score are what all areas make together: whoever may not read all of them gets neither. A
    point of no area, and what belongs to none, is for those who may read the whole.

    Args:
        record: what was decided.
        viewer: who reads it.
        project: the key of the project.
    """
    told = _without_rows(cells_left_out(record, viewer, project))
    if viewer.may_read_whole(project):
        return told
    return _of_areas(told, [each for each in record["areas"] if viewer.may_read_area(project, each)])


def _of_areas(record: Record, areas: Collection[str]) -> Record:
    points = [each for each in record["points"] if each["area"] in areas]
    own = {each["id"] for each in points}
    criteria = [
        each
        for each in record["criteria"]
        if (each["point"] in own if each["point"] is not None else each["id"].partition("/")[0] in areas)
    ]
    held = {each["id"] for each in criteria}
    requirements = [each for each in record["requirements"] if each["criterion"] in held]
    asked = {each["id"] for each in requirements}
    named = {each["fact"] for each in requirements}
    facts = [each for each in record["facts"] if each["id"] in named]
    measures = {each["measure"] for each in facts}
    sources = {name for each in facts for name in each["sources"]}
    waivers = {each["waiver"] for each in requirements}
    told = {name: each for name, each in record.get("definitions", {}).items() if name in measures}
    named_here = {*areas, *own, *held, *sources}
    left = {
        "areas": {area: record["areas"][area] for area in areas},
        "points": points,
        "criteria": criteria,
        "requirements": requirements,
        "facts": facts,
        "sources": [each for each in record["sources"] if each["name"] in sources],
        "waivers": [each for each in record["waivers"] if each["id"] in waivers],
        "attestations": [each for each in record["attestations"] if each["fact"] in named],
        "disagreements": [each for each in record["disagreements"] if each.get("id") in asked],
        "definitions": told,
        "gates": [],
        "scope": [],
        "score": {"apply": 0, "passing": 0, "passing_with_waivers": 0},
        "outcome": "nothing",
        "basis": {},
        "owners": {name: each for name, each in record.get("owners", {}).items() if name in named_here},
        "rows": [],
    }
    return cast("Record", {**record, **left})
