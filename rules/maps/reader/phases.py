"""Reads a map's phases and the points that they schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from phasegate.rules.maps.reader.alignment import normal
from phasegate.rules.maps.reader.blocks import Block
from phasegate.rules.maps.reader.ids import Identity, References, identified, slug
from phasegate.rules.maps.reader.model import MapPhase, MapPoint, Member
from phasegate.rules.maps.reader.outline import OutlinePart
from phasegate.rules.maps.reader.patterns import phase_heading, point_references, weeks_in
from phasegate.rules.maps.reader.tables import asks_criteria, row_of


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


def plan_phases(parts: Sequence[OutlinePart], points: Sequence[MapPoint]) -> tuple[MapPhase, ...]:
    """Reads the phases of a plan; where it has none, its milestones are the phases.

    A phase schedules the points that stand below its heading, those that its lines name, those whose row
    names it, and itself, where it holds criteria.

    Args:
        parts: the parts of the outline.
        points: the plan's points.
    """
    refer = References(point.id for point in points)
    stages = [part for part in parts if part.kind == "phase"]
    leaders = stages or [part for part in parts if part.identity is not None and part.identity.is_milestone]
    phases: dict[str, MapPhase] = {}
    twice = []
    below: dict[Block, list[OutlinePart]] = {}
    for part in parts:
        for heading in part.above:
            below.setdefault(heading, []).append(part)
    for part in leaders:
        if part.heading is None:
            continue
        phase = _plan_phase(part, part.heading, refer, below.get(part.heading, ()))
        if phases.setdefault(phase.id, phase) is not phase:
            twice.append(phase)
    rows: dict[str, list[Member]] = {}
    for part in parts:
        if (
            part.heading is not None
            and part.identity is not None
            and (row := row_of(part.heading))
            and row.when
        ):
            member = Member(part.identity.id, None, part.heading.line)
            rows.setdefault(_named(phases, row.when, member.line), []).append(member)
    for id_, more in rows.items():
        members = phases[id_].members
        known = {each.point for each in members}
        own = {each.point: each for each in more if each.point not in known}
        phases[id_] = replace(phases[id_], members=(*members, *own.values()))
    return (*phases.values(), *twice)


def _plan_phase(
    part: OutlinePart, heading: Block, refer: References, below: Sequence[OutlinePart]
) -> MapPhase:
    called = part.stage or part.identity
    assert called is not None  # it leads for one of the two
    title, weeks = weeks_in(heading.text) if row_of(heading) is None else (called.title, None)
    own = [Member(part.identity.id, None, heading.line)] if part.identity is not None else []
    own += [
        Member(each.identity.id, None, each.heading.line)
        for each in below
        if each.identity is not None and each.heading is not None
    ]
    members = {each.point: each for each in own}
    lost = []
    for member in _listed(part, refer):
        if member.point is None:
            lost.append(member)
        else:
            members.setdefault(member.point, member)
    stage = identified(title)
    title = called.title if stage is None else weeks_in(called.title)[0]
    return MapPhase(_phase_id(called), title or heading.text, heading.line, weeks, (*members.values(), *lost))


def _phase_id(called: Identity) -> str:
    return called.id.removeprefix("phase-")


def _listed(part: OutlinePart, refer: References) -> list[Member]:
    """What the lines of a phase name, its criteria aside; an item that names nothing is a member unknown."""
    members: list[Member] = []
    listing = True
    for block in part.body:
        if block.kind == "line":
            label = block.label if block.label is not None else block.text
            if block.bold or len(label.split()) <= 4:
                listing = not asks_criteria(label)
            if listing and block.value:
                members += [Member(id_, None, block.line) for id_ in refer.find(block.value)]
        elif listing and row_of(block) is None:
            ids, title = point_references(block.text)
            found = refer.find(block.text)
            members += [Member(id_, title if ids == found else None, block.line) for id_ in found]
            if not found and part.kind == "phase" and not block.task:
                members.append(Member(None, block.text, block.line))
    return members


def _named(phases: dict[str, MapPhase], named: str, line: int) -> str:
    """The id of the phase that a row names, which is there from then on."""
    if found := phase_heading(named):
        id_, title = found[0], found[1] or named
    else:
        called = identified(named)
        id_ = called.id if called else slug(named) or f"phase-{len(phases) + 1}"
        title = (called.title if called else "") or named
    phases.setdefault(id_, MapPhase(id_, title, line, None, ()))
    return id_
