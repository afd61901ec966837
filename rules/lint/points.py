"""Checks points, their criteria and their areas."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.problem import Problem
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.pack import Pack, Point, Require
from phasegate.rules.model.requirements import ANY_OF
from phasegate.rules.yaml.parser import Path


def point_problems(pack: Pack) -> Iterator[Problem]:
    """Points in areas that are not there, criteria that demand nothing or are there twice."""
    for point_id, point in pack.points.items():
        path: Path = ("points", point_id)
        yield from _area(pack, point, path)
        yield from _criteria(point, path)
        if all(criterion.enforcement == "advisory" for criterion in point.criteria):
            message = f"every criterion of {point_id} is advisory, so that the point can never pass"
            rests = ((*path, "criteria"),)
            yield Problem("nothing-counts", message, path, "make one of them soft or hard", rests=rests)


def _area(pack: Pack, point: Point, path: Path) -> Iterator[Problem]:
    rests: tuple[Path, ...] = ((*path, "area"),)
    if point.area is None:
        if point.section is not None:
            message = f"section {point.section!r} is named without an area"
            at = (*path, "section")
            yield Problem("unknown-section", message, at, "name the 'area' too", "value", rests=rests)
        if pack.areas:
            message = f"point {path[-1]} is in no area, so that no success target goes with it"
            yield Problem("no-area", message, path, "name its 'area'", severity="warning", rests=rests)
        return
    area = pack.areas.get(point.area)
    if area is None:
        hint = suggest(point.area, pack.areas, of="areas")
        rests = (("areas", point.area),)
        message = f"there is no area {point.area!r}"
        yield Problem("unknown-area", message, (*path, "area"), hint, "value", rests=rests)
    elif point.section is not None and point.section not in area.sections:
        message = f"area {point.area!r} has no section {point.section!r}"
        hint = suggest(point.section, area.sections, of="sections")
        rests = (("areas", point.area, "sections", point.section),)
        yield Problem("unknown-section", message, (*path, "section"), hint, "value", rests=rests)


def _criteria(point: Point, path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, criterion in enumerate(point.criteria):
        at = (*path, "criteria", index)
        if criterion.id in seen:
            message = f"{path[-1]} has two criteria {criterion.id!r}"
            yield Problem("duplicate-id", message, (*at, "id"), "give each an id of its own", "value")
        seen.add(criterion.id)
        yield from _empty(criterion.require, (*at, "require"))


def _empty(require: Require, path: Path) -> Iterator[Problem]:
    """Places at which nothing is required, also inside ``any_of``."""
    if not require.root:
        message = "nothing is required here, which would always pass"
        yield Problem("no-requirement", message, path, rests=(path,))
    for key, wanted in require.root.items():
        if not isinstance(wanted, list):
            continue
        if not wanted:
            yield Problem("no-requirement", f"{key!r} is empty", (*path, key), rests=((*path, key),))
        for index, part in enumerate(wanted):
            if isinstance(part, Require):
                yield from _empty(part, (*path, key, index))
            if isinstance(part, Require) is not (key == ANY_OF):
                message = "'any_of' takes mappings, a fact takes bounds"
                at = (*path, key, index)
                yield Problem("bad-require", message, at, rests=(at,))
