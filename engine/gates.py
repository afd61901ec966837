"""What each gate of a pack needs, and that none opens under rules that nobody has approved."""

from __future__ import annotations

from dataclasses import dataclass, replace

from phasegate.engine.cross_check import Agreed
from phasegate.engine.plan import GateDecision
from phasegate.rules.model.pack import PROGRAMME, Pack
from phasegate.rules.model.requirements import targets as all_targets
from phasegate.rules.model.verdict import GateState


@dataclass(frozen=True, slots=True)
class GateMembers:
    """What a gate needs, by id."""

    points: tuple[str, ...]
    targets: tuple[str, ...]
    after: tuple[str, ...]
    max_waivers: int | None


def gate_members(pack: Pack, gate_id: str) -> GateMembers:
    """The points, targets and earlier gates that a gate needs.

    A phase needs the success target of every area that has a point in it. The programme gate
    needs every point, every target and every phase.
    """
    if gate_id == PROGRAMME:
        targets = tuple(target_id for target_id, *_ in all_targets(pack))
        return GateMembers(tuple(pack.points), targets, tuple(pack.phases), pack.programme.max_waivers)
    phase = pack.phases[gate_id]
    areas = {pack.points[point].area for point in phase.points}
    targets = tuple(
        f"{area_id}/success" for area_id, area in pack.areas.items() if area_id in areas and area.success
    )
    return GateMembers(phase.points, targets, pack.before(gate_id), phase.max_waivers)


def gate_order(pack: Pack) -> list[str]:
    """Gates so that each stands behind those it needs; the programme gate last.

    Raises:
        ValueError: if phases wait for each other in a circle; lint reports that first.
    """
    done: list[str] = []
    waiting = list(pack.phases)
    while waiting:
        ready = [phase for phase in waiting if all(before in done for before in pack.before(phase))]
        if not ready:
            raise ValueError(f"phases wait for each other: {', '.join(waiting)}")
        done.append(ready[0])
        waiting.remove(ready[0])
    return [*done, PROGRAMME]


def withhold(agreed: Agreed) -> Agreed:
    """The same decisions, with no gate open: nobody has approved what they were decided by.

    A gate that is closed stays closed; every other one is undecided, until somebody has.
    """
    gates = {
        name: GateDecision(
            max(gate.state, GateState.UNDECIDED), max(gate.own, GateState.UNDECIDED), gate.waivers
        )
        for name, gate in agreed.decisions.gates.items()
    }
    return replace(agreed, decisions=replace(agreed.decisions, gates=gates))
