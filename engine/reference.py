"""The reference evaluator: what verdicts follow from, in whole numbers, one thing after the other.

It takes no part in what is recorded. It is the second opinion where a run is repeated, so that a replay
holds durable-rules against code that took no part in the recorded verdicts; and it tells what the verdicts
of a record must be wherever one is held against its facts. So it knows neither durable-rules nor polars,
nor any code that asks them. It decides one unit; for many units `engine.columnar.evaluate` is some hundred
times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import ge, gt, le, lt

from phasegate.engine.plan import (
    AllOf,
    Comparison,
    Decisions,
    Excuse,
    GateDecision,
    Observation,
    OneSided,
    Plan,
    PlannedGate,
    Requirement,
    Rule,
    Side,
    sides,
)
from phasegate.facts.model.ends import Pair
from phasegate.rules.model.verdict import GateState, Verdict

_OPERATORS: dict[OneSided, Callable[[int, int], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt}


def decide(plan: Plan, observations: Sequence[Observation]) -> Decisions:
    """Decides a plan for one unit.

    Args:
        plan: what is to be decided.
        observations: one for each requirement, in the plan's order.
    """
    return _Evaluation(plan, observations).decisions()


class _Evaluation:
    def __init__(self, plan: Plan, observations: Sequence[Observation]) -> None:
        self._plan = plan
        pairs = zip(plan.requirements, observations, strict=True)
        self._leaves = [verdict_of(requirement, seen) for requirement, seen in pairs]
        self._criteria = [self._of(criterion.rule) for criterion in plan.criteria]
        self._points = [worst(self._binding(point.criteria)) for point in plan.points]

    def decisions(self) -> Decisions:
        plan = self._plan
        own = [self._own(gate) for gate in plan.gates]
        waived = [self._waived(gate) for gate in plan.gates]
        gates: list[GateDecision] = []
        for i, gate in enumerate(plan.gates):  # those that it comes after stand before it
            for before in gate.after:
                waived[i] |= waived[before]
            before_it = [gates[before].state for before in gate.after]
            state = gate_state(own[i], before_it, len(waived[i]), gate.max_waivers)
            names = tuple(plan.requirements[leaf].id for leaf in sorted(waived[i]))
            gates.append(GateDecision(state, own[i], names))
        return Decisions(
            requirements={each.id: self._leaves[i] for i, each in enumerate(plan.requirements)},
            criteria={each.id: self._criteria[i] for i, each in enumerate(plan.criteria)},
            points={each.id: self._points[i] for i, each in enumerate(plan.points)},
            gates={each.id: gates[i] for i, each in enumerate(plan.gates)},
        )

    def _of(self, rule: Rule) -> Verdict:
        if isinstance(rule, int):
            return self._leaves[rule]
        parts = [self._of(part) for part in rule.parts]
        if isinstance(rule, AllOf):
            return worst(parts)
        return first_of(self._plan.alternatives, parts)

    def _binding(self, criteria: Iterable[int]) -> list[Verdict]:
        """The verdicts of the criteria among some that are not advisory."""
        return [self._criteria[i] for i in criteria if self._plan.criteria[i].enforcement != "advisory"]

    def _under(self, gate: PlannedGate) -> list[int]:
        """The criteria and targets that a gate rests on by itself."""
        return [*gate.targets, *(i for point in gate.points for i in self._plan.points[point].criteria)]

    def _own(self, gate: PlannedGate) -> GateState:
        reached = worst([*(self._points[i] for i in gate.points), *self._binding(gate.targets)])
        return own_state(reached, bool(gate.points and self._binding(self._under(gate))))

    def _waived(self, gate: PlannedGate) -> set[int]:
        """The waived requirements that a gate's own criteria rest on."""
        criteria = [self._plan.criteria[i] for i in self._under(gate)]
        return {
            leaf for each in criteria if each.enforcement != "advisory" for leaf in self._resting(each.rule)
        }

    def _resting(self, rule: Rule) -> Iterator[int]:
        """The leaves from which a tree is waived: they and all above them are."""
        if self._of(rule) is not Verdict.WAIVED:
            return
        if isinstance(rule, int):
            yield rule
            return
        for part in rule.parts:
            yield from self._resting(part)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; of none it is an error."""
    return max(verdicts, default=Verdict.ERROR)


def first_of(order: Sequence[Verdict], verdicts: Iterable[Verdict]) -> Verdict:
    """The one of some verdicts that comes first in an order; of none it is an error."""
    return min(verdicts, key=order.index, default=Verdict.ERROR)


def own_state(reached: Verdict, rests: bool) -> GateState:
    """The state of a gate by itself.

    Args:
        reached: the worst verdict that it rests on.
        rests: whether it rests on anything at all.
    """
    return reached.gate_state if rests else max(reached.gate_state, GateState.UNDECIDED)


def gate_state(own: GateState, before: Iterable[GateState], waivers: int, most: int | None) -> GateState:
    """The state of a gate.

    Args:
        own: by itself.
        before: the states of the gates that it comes after.
        waivers: how many waived requirements it rests on, inherited ones included.
        most: how many it takes; None for any number.
    """
    if most is not None and waivers > most:
        return GateState.CLOSED
    return max([own, *before, GateState.OPEN_WITH_WAIVERS if waivers else GateState.OPEN])


def verdict_of(requirement: Requirement, seen: Observation) -> Verdict:
    """Evidence first, then the comparison, then the waiver."""
    verdict = seen.evidence.verdict
    if verdict is None:
        verdict = _compared(requirement, seen)
    cover = requirement.cover
    excuse = cover.excuse(verdict, seen.evidence) if cover else Excuse.NONE
    if cover and excuse is Excuse.FLOORED:
        ends = seen.ends
        reached = ends is not None and all(_met(side, side.worst(*ends)) for side in cover.floor or ())
        excuse = Excuse.FULL if reached else Excuse.NONE
    return Verdict.WAIVED if excuse is Excuse.FULL else verdict


def _compared(requirement: Requirement, seen: Observation) -> Verdict:
    """What a value makes of its requirement; an error where it is none of the kind that is asked for."""
    if requirement.tests:
        return _by_ends(requirement.tests, seen)
    if requirement.expected is not None:
        holds = None if seen.truth is None else seen.truth is requirement.expected
    else:
        holds = None if seen.text is None else seen.text in requirement.options
    if holds is None:
        return Verdict.ERROR
    return Verdict.PASS if holds else Verdict.FAIL


def _by_ends(tests: tuple[Comparison, ...], seen: Observation) -> Verdict:
    """Whether each number between the ends meets a bound, or none does."""
    ends, bound = seen.ends, sides(tests)
    if ends is None:
        return Verdict.ERROR
    if all(_met(side, side.worst(*ends)) for side in bound.tests):
        return bound.every
    if all(_met(side, side.best(*ends)) for side in bound.tests):
        return Verdict.UNKNOWN
    return bound.none


def _met(side: Side, value: Pair) -> bool:
    """Holds n / d against p / q as n * q against p * d."""
    n, d = value
    return _OPERATORS[side.comparator](n * side.limit.denominator, side.limit.numerator * d)
