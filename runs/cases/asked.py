"""What a case asks for: the measures and verdicts that it names, and what these rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from phasegate.engine.scope import Scope, for_gate, measures_in
from phasegate.rules.cases.ids import owner_of, parts_of
from phasegate.rules.cases.model import Case
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.requirements import measure_of
from phasegate.rules.model.requirements import targets as all_targets


@dataclass(frozen=True)
class Asked:
    """What is measured and decided for a case.

    Attributes:
        pack: the pack, of each point only what is decided.
        scope: what is decided.
        measures: what is measured.
        points: the points that the case names.
    """

    pack: Pack
    scope: Scope
    measures: frozenset[str]
    points: tuple[str, ...]

    @property
    def point(self) -> str | None:
        """The one point that it is about; None where it is about none, or several."""
        return self.points[0] if len(self.points) == 1 else None

    @property
    def decides(self) -> bool:
        """Whether anything is decided, and not only measured."""
        return bool(self.scope.points or self.scope.targets or self.scope.gates)


def asked_by(pack: Pack, case: Case) -> Asked:
    """What a case asks for, of a pack that has everything that it names."""
    expect = case.expect
    aims = {full_id for full_id, *_ in all_targets(pack)}
    owners = [
        *expect.criteria,
        *expect.targets,
        *(owner_of(pack, each) or "" for each in expect.requirements),
    ]
    owners += [
        owner_of(pack, each.requirement) or ""
        for each in case.waivers
        if expect.requirements or expect.criteria or expect.targets
    ]
    criteria = {each for each in owners if each not in aims}
    gates = [for_gate(pack, gate) for gate in expect.gates]
    whole = {*expect.points, *(point for gate in gates for point in gate.points)}
    parts = {each.partition("/")[0] for each in criteria} - whole
    scope = Scope(
        points=frozenset(whole | parts),
        targets=frozenset(
            {each for each in owners if each in aims} | {each for gate in gates for each in gate.targets}
        ),
        gates=frozenset(each for gate in gates for each in gate.gates),
        asked=("case",),
    )
    if parts:
        pack = _reduced(pack, parts, criteria)
    named = {parts_of(each)[0] for each in expect.measures}
    measures = {
        name for fact in {*measures_in(pack, scope), *named} if (name := measure_of(pack, fact)) is not None
    }
    slices = [slice_ for each in expect.measures if (slice_ := parts_of(each)[1]) in pack.points]
    points = dict.fromkeys([*(each.partition("/")[0] for each in owners), *expect.points, *slices])
    return Asked(pack, scope, frozenset(measures), tuple(each for each in points if each in pack.points))


def _reduced(pack: Pack, parts: Iterable[str], criteria: set[str]) -> Pack:
    """The pack with some points that have no other criteria than some."""
    points = dict(pack.points)
    for name in parts:
        kept = tuple(each for each in points[name].criteria if f"{name}/{each.id}" in criteria)
        points[name] = points[name].model_copy(update={"criteria": kept})
    return pack.model_copy(update={"points": points})
