"""Reads a map's phases and the points that they schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from phasegate.rules.maps.reader.alignment import normal
from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.model import MapPhase, MapPoint, Member
from phasegate.rules.maps.reader.outline import OutlinePart
from phasegate.rules.maps.reader.patterns import phase_heading, point_references


def read_phases(parts: Sequence[OutlinePart], points: Sequence[MapPoint]) -> tuple[MapPhase, ...]:
    """Reads the phases.

    Args:
        parts: the phases' parts of the outline.
        points: the map's points; a line that gives a point's title alone schedules that point.
    """
    titles = Counter(normal(point.title).casefold() for point in points)
    by_title = {
        normal(point.title).casefold(): point.id
        for point in points
        if titles[normal(point.title).casefold()] == 1
    }
    phases = []
    for part in parts:
        found = phase_heading(part.heading.text) if part.heading else None
        if part.heading is not None and found is not None:
            id_, title, weeks = found
            phases.append(MapPhase(id_, title, part.heading.line, weeks, _members(part.body, by_title)))
    return tuple(phases)


def _members(body: Sequence[Block], by_title: dict[str, str]) -> tuple[Member, ...]:
    members: list[Member] = []
    listing = True  # whether items belong to the list of points, not to deliverables and the like
    for block in body:
        if block.kind == "line":
            if block.label is not None and block.bold:
                listing = "point" in block.label.casefold() or "scope" in block.label.casefold()
                if listing:
                    members.extend(Member(id_, None, block.line) for id_ in point_references(block.value)[0])
            continue
        ids, title = point_references(block.text)
        if ids:
            members.extend(Member(id_, title, block.line) for id_ in ids)
        elif listing:
            known = by_title.get(normal(block.text).casefold())
            members.append(Member(known, block.text, block.line))
    return tuple(members)
