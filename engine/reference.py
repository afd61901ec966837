"""Plain evaluation: a plan decided in whole numbers, one thing after the other, without polars.

It is the second opinion where a run is repeated: the same plan was decided in columns when the run was
recorded, so that a replay holds durable-rules against code that took no part in the recorded verdicts.
It decides one unit; for many units `engine.columnar.evaluate` is some hundred times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import eq, ge, gt, le, lt, ne

from phasegate.engine.plan import (
    AllOf,
    Comparator,
    Comparison,
    Decisions,
    GateDecision,
    Observation,
    Plan,
    PlannedGate,
    Requirement,
    Rule,
)
from phasegate.rules.model.verdict import GateState, Verdict

_OPERATORS: dict[Comparator, Callable[[int, int], bool]] = {
    ">=": ge,
    "<=": le,
    ">": gt,
    "<": lt,
    "==": eq,
    "!=": ne,
}


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
        self._leaves = [_verdict(requirement, seen) for requirement, seen in pairs]
        self._criteria = [self._of(criterion.rule) for criterion in plan.criteria]
        self._points = [_worst(self._binding(point.criteria)) for point in plan.points]

    def decisions(self) -> Decisions:
        plan = self._plan
        own = [self._own(gate) for gate in plan.gates]
        waived = [self._waived(gate) for gate in plan.gates]
        gates: list[GateDecision] = []
        for i, gate in enumerate(plan.gates):  # those that it comes after stand before it
            state = max([own[i], *(gates[before].state for before in gate.after)])
            for before in gate.after:
                waived[i] |= waived[before]
            if waived[i]:
                state = max(state, GateState.OPEN_WITH_WAIVERS)
            if gate.max_waivers is not None and len(waived[i]) > gate.max_waivers:
                state = GateState.CLOSED
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
            return _worst(parts)
        return min(parts, key=lambda each: each.preference, default=Verdict.ERROR)

    def _binding(self, criteria: Iterable[int]) -> list[Verdict]:
        """The verdicts of the criteria among some that are not advisory."""
        return [self._criteria[i] for i in criteria if self._plan.criteria[i].enforcement != "advisory"]

    def _under(self, gate: PlannedGate) -> list[int]:
        """The criteria and targets that a gate rests on by itself."""
        return [*gate.targets, *(i for point in gate.points for i in self._plan.points[point].criteria)]

    def _own(self, gate: PlannedGate) -> GateState:
        reached = _worst([*(self._points[i] for i in gate.points), *self._binding(gate.targets)])
        if not gate.points or not self._binding(self._under(gate)):
            return max(reached.gate_state, GateState.UNDECIDED)
        return reached.gate_state

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


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; of none it is an error."""
    return max(verdicts, default=Verdict.ERROR)


def _verdict(requirement: Requirement, seen: Observation) -> Verdict:
    """Evidence first, then the comparison, then the waiver."""
    verdict = seen.evidence.verdict
    if verdict is None:
        verdict = _compared(requirement, seen)
    cover = requirement.cover
    if cover is None or verdict not in cover.verdicts:
        return verdict
    # Without evidence there is no value that a floor could be held against.
    excused = not verdict.valued or not cover.floor or _all_hold(cover.floor, seen)
    return Verdict.WAIVED if excused else verdict


def _compared(requirement: Requirement, seen: Observation) -> Verdict:
    """What a value makes of its requirement; an error where it is none of the kind that is asked for."""
    holds: bool | None
    if requirement.tests:
        holds = _all_hold(requirement.tests, seen)
    elif requirement.expected is not None:
        holds = None if seen.truth is None else seen.truth is requirement.expected
    else:
        holds = None if seen.text is None else seen.text in requirement.options
    if holds is None:
        return Verdict.ERROR
    return Verdict.PASS if holds else Verdict.FAIL


def _all_hold(tests: Iterable[Comparison], seen: Observation) -> bool | None:
    """Holds n / d against p / q as n * q against p * d; None where there is no number."""
    n, d = seen.numerator, seen.denominator
    if n is None or d is None or d <= 0:
        return None
    return all(
        _OPERATORS[test.comparator](n * test.limit.denominator, test.limit.numerator * d) for test in tests
    )
