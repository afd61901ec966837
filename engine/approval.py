"""A gate opens only under rules that people have approved."""

from __future__ import annotations

from dataclasses import replace

from phasegate.engine.cross_check import Agreed
from phasegate.engine.plan import GateDecision
from phasegate.rules.model.verdict import GateState


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
