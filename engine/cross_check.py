"""Every verdict is decided twice; where the two differ, it is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from phasegate.engine.plan import Decisions, GateDecision, Plan, leaves
from phasegate.rules.model.verdict import GateState, Verdict

COLUMNAR = "columnar"
"""The name of the evaluation that decides beside durable-rules when a run is recorded."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that the two engines decided differently.

    Attributes:
        id: of the requirement, criterion, point or gate.
        inferred: the word of durable-rules.
        evaluated: the word of the other evaluation.
        reason: what durable-rules reported of it; empty where it reported nothing.
        second: the name of the other evaluation.
    """

    id: str
    inferred: str
    evaluated: str
    reason: str = ""
    second: str = COLUMNAR

    @property
    def words(self) -> str:
        """Who says what."""
        why = f" ({self.reason})" if self.reason else ""
        return (
            f"the two engines do not agree: durable-rules says {self.inferred}{why}, "
            f"the {self.second} evaluation {self.evaluated}"
        )


@dataclass(frozen=True, slots=True)
class Agreed:
    """The verdicts of record.

    Attributes:
        decisions: those of durable-rules; ``error`` wherever the other evaluation differs.
        disagreements: where it differs, in the plan's order.
    """

    decisions: Decisions
    disagreements: tuple[Disagreement, ...]


def agree(
    plan: Plan,
    inferred: Decisions,
    evaluated: Decisions,
    faults: Mapping[str, str] | None = None,
    second: str = COLUMNAR,
) -> Agreed:
    """Holds the two decisions of one plan against each other.

    What differs becomes an error, and with it whatever rests on it: a criterion, a point and a
    gate are never better than a part of theirs that the engines do not agree on.

    Args:
        plan: what was decided.
        inferred: by durable-rules, whose word is the one of record.
        evaluated: by the other evaluation.
        faults: what durable-rules reported, by id.
        second: the name of the other evaluation.
    """
    found: list[Disagreement] = []

    def settle(full_id: str, first: Verdict | None, second: Verdict | None) -> Verdict:
        if first is not None and first is second:
            return first
        found.append(Disagreement(full_id, _word(first), _word(second)))
        return Verdict.ERROR

    requirements = {
        each.id: settle(each.id, inferred.requirements.get(each.id), evaluated.requirements.get(each.id))
        for each in plan.requirements
    }
    shaken = {each.id for each in found}
    criteria: dict[str, Verdict] = {}
    for criterion in plan.criteria:
        own = {plan.requirements[leaf].id for leaf in leaves(criterion.rule)} if shaken else set()
        verdict = settle(
            criterion.id, inferred.criteria.get(criterion.id), evaluated.criteria.get(criterion.id)
        )
        criteria[criterion.id] = max(verdict, Verdict.ERROR) if own & shaken else verdict
    points: dict[str, Verdict] = {}
    for point in plan.points:
        verdict = settle(point.id, inferred.points.get(point.id), evaluated.points.get(point.id))
        parts = [plan.criteria[index] for index in point.criteria]
        worst = max(
            (criteria[part.id] for part in parts if part.enforcement != "advisory"), default=Verdict.ERROR
        )
        points[point.id] = max(verdict, worst) if worst >= Verdict.ERROR else verdict
    gates = _gates(plan, inferred, evaluated, criteria, points, found)
    told = tuple(replace(each, reason=(faults or {}).get(each.id, ""), second=second) for each in found)
    return Agreed(Decisions(requirements, criteria, points, gates), told)


def _gates(
    plan: Plan,
    inferred: Decisions,
    evaluated: Decisions,
    criteria: dict[str, Verdict],
    points: dict[str, Verdict],
    found: list[Disagreement],
) -> dict[str, GateDecision]:
    gates: dict[str, GateDecision] = {}
    for gate in plan.gates:
        first, second = inferred.gates.get(gate.id), evaluated.gates.get(gate.id)
        if first is None or first != second:
            found.append(Disagreement(gate.id, _state(first), _state(second)))
        decision = first or GateDecision(GateState.UNDECIDED, GateState.UNDECIDED)
        members = [points[plan.points[index].id] for index in gate.points]
        targets = [plan.criteria[index] for index in gate.targets]
        members += [criteria[each.id] for each in targets if each.enforcement != "advisory"]
        own, state = decision.own, decision.state
        if first != second or any(verdict >= Verdict.ERROR for verdict in members):
            own, state = max(own, GateState.UNDECIDED), max(state, GateState.UNDECIDED)
        before = [gates[plan.gates[index].id].state for index in gate.after]
        if any(each >= GateState.UNDECIDED for each in before):
            state = max(state, *before)
        gates[gate.id] = GateDecision(state, own, decision.waivers)
    return gates


def _word(verdict: Verdict | None) -> str:
    return "none" if verdict is None else verdict.word


def _state(decision: GateDecision | None) -> str:
    return "none" if decision is None else decision.state.word
