"""Scopes: which part of a pack a run decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from phasegate.engine.gates import gate_members
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.requirements import bounds_of
from phasegate.rules.model.requirements import targets as all_targets


class UnknownIdError(PhasegateError):
    """An id that the pack does not have."""

    def __init__(self, given: str, known: Iterable[str], what: str, of: str) -> None:
        hint = suggest(given, known, of=of) or "phasegate check without ids decides everything"
        super().__init__(f"the pack has no {what} {given!r}", hint=hint)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run decides; points are decided whole.

    Attributes:
        points: ids of points.
        targets: ids of targets.
        gates: ids of gates; their members are in the scope too.
        asked: the ids as they were asked for; empty for everything.
    """

    points: frozenset[str]
    targets: frozenset[str]
    gates: frozenset[str]
    asked: tuple[str, ...] = field(default=())


NOTHING = Scope(frozenset(), frozenset(), frozenset())
"""The scope in which nothing is decided."""


def everything(pack: Pack) -> Scope:
    """The scope of a check without ids: all points, targets and gates."""
    targets = frozenset(target_id for target_id, *_ in all_targets(pack))
    return Scope(frozenset(pack.points), targets, frozenset([*pack.phases, PROGRAMME]))


def for_gate(pack: Pack, gate_id: str) -> Scope:
    """A gate with its members, and all gates before it with theirs.

    Raises:
        UnknownIdError: if the pack has no such phase.
    """
    if gate_id != PROGRAMME and gate_id not in pack.phases:
        raise UnknownIdError(gate_id, [*pack.phases, PROGRAMME], "phase", "phases")
    gates: set[str] = set()
    waiting = [gate_id]
    while waiting:
        gate = waiting.pop()
        if gate not in gates:
            gates.add(gate)
            waiting.extend(gate_members(pack, gate).after)
    members = [gate_members(pack, gate) for gate in gates]
    return Scope(
        points=frozenset(point for each in members for point in each.points),
        targets=frozenset(target for each in members for target in each.targets),
        gates=frozenset(gates),
        asked=(gate_id,),
    )


def for_ids(pack: Pack, ids: Sequence[str]) -> Scope:
    """The points and targets that ids name; without ids, everything.

    An id is a point (``1.1.1``), a criterion (``1.1.1/framework``; its whole point is decided), a
    section (``1.1``), an area (``1``), a target (``1/success``), a phase (``phase:2``) or
    ``programme``.

    Raises:
        UnknownIdError: if one of them names nothing.
    """
    if not ids:
        return everything(pack)
    points: set[str] = set()
    targets: set[str] = set()
    gates: set[str] = set()
    for given in ids:
        if given == PROGRAMME or given.startswith("phase:"):
            part = for_gate(pack, given.removeprefix("phase:"))
            points |= part.points
            targets |= part.targets
            gates |= part.gates
            continue
        found_points, found_targets = _named(pack, given)
        points |= found_points
        targets |= found_targets
    return Scope(frozenset(points), frozenset(targets), frozenset(gates), asked=tuple(ids))


def _named(pack: Pack, given: str) -> tuple[set[str], set[str]]:
    criteria = {full_id: full_id.split("/")[0] for full_id, _ in pack.criteria()}
    targets = {target_id for target_id, *_ in all_targets(pack)}
    if given in pack.points:
        return {given}, set()
    if given in criteria:
        return {criteria[given]}, set()
    if given in targets:
        return set(), {given}
    points = {name for name, point in pack.points.items() if given in (point.area, point.section)}
    if given in pack.areas:
        return points, {target for target in targets if target.split("/")[0] == given}
    if points:
        return points, set()
    phases = (f"phase:{phase}" for phase in pack.phases)
    sections = (section for area in pack.areas.values() for section in area.sections)
    known = [*pack.points, *criteria, *sorted(targets), *pack.areas, *sections, *phases, PROGRAMME]
    raise UnknownIdError(given, known, "point, criterion, area, target or phase", "ids")


def undecided_by(pack: Pack, scope: Scope) -> list[str]:
    """The criteria and targets of a pack that a scope leaves out."""
    left = [full_id for full_id, _ in pack.criteria() if full_id.split("/")[0] not in scope.points]
    return [*left, *(target_id for target_id, *_ in all_targets(pack) if target_id not in scope.targets)]


def measures_in(pack: Pack, scope: Scope) -> frozenset[str]:
    """The fact ids that a scope's requirements name."""
    named: set[str] = set()
    for point_id in scope.points:
        for criterion in pack.points[point_id].criteria:
            named |= {fact for fact, *_ in bounds_of(criterion.require, ())}
    for target_id, target, *_ in all_targets(pack):
        if target_id in scope.targets:
            named.add(target.measure)
    return frozenset(named)
