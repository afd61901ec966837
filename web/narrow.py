"""A record as somebody may read it: without the areas that they may not read, and without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Collection

    from phasegate.records.schema import Record
    from phasegate.web.permission import Viewer


def area_of(record: Record, criterion: str) -> str | None:
    """The area that a criterion or target belongs to; None of what belongs to none."""
    point = next((each["point"] for each in record["criteria"] if each["id"] == criterion), None)
    if point is None:
        area = criterion.partition("/")[0]
        return area if area in record["areas"] else None
    return next((each["area"] for each in record["points"] if each["id"] == point), None)


def without_rows(record: Record) -> Record:
    """A record without the rows behind its verdicts."""
    return cast("Record", {**record, "rows": []}) if record.get("rows") else record


def readable(record: Record, viewer: Viewer, project: str) -> Record:
    """What a viewer may read of a record, rows left out.

    Gates and the score are what all areas make together: whoever may not read all of them gets neither. A
    point of no area, and what belongs to none, is for those who may read the whole.

    Args:
        record: what was decided.
        viewer: who reads it.
        project: the key of the project.
    """
    if viewer.may_read_whole(project):
        return without_rows(record)
    return _of_areas(record, [each for each in record["areas"] if viewer.may_read_area(project, each)])


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
