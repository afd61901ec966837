"""The reference evaluator: what verdicts follow from, in whole numbers, one thing after the other.

It takes no part in what is recorded. It is the second opinion where a run is repeated, so that a replay
holds durable-rules against code that took no part in the recorded verdicts; and it tells what the verdicts
of a record must be wherever one is held against its facts. So it knows neither durable-rules nor polars,
nor any code that asks them. It decides one unit; for many units `engine.columnar.evaluate` is some hundred
times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import ge, gt, le, lt
from typing import NamedTuple

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


class Reached(NamedTuple):
    """What a tree over requirements comes to.

    Attributes:
        verdict: its verdict.
        waived: the requirements from which it is waived: they and all above them are; by their indices.
    """

    verdict: Verdict
    waived: frozenset[int] = frozenset()


def decide(plan: Plan, observations: Sequence[Observation]) -> Decisions:
    """Decides a plan for one unit.

    Args:
        plan: what is to be decided.
        observations: one for each requirement, in the plan's order.
    """
    leaves = [verdict_of(*each) for each in zip(plan.requirements, observations, strict=True)]
    criteria = [reached(each.rule, leaves, plan.alternatives) for each in plan.criteria]
    return Decisions(
        requirements={each.id: leaves[i] for i, each in enumerate(plan.requirements)},
        criteria={each.id: criteria[i].verdict for i, each in enumerate(plan.criteria)},
        points={each.id: worst(_binding(plan, each.criteria, criteria)) for each in plan.points},
        gates={each.id: gate for each, gate in zip(plan.gates, gates(plan, criteria), strict=True)},
    )


def reached(rule: Rule, leaves: Sequence[Verdict], order: Sequence[Verdict]) -> Reached:
    """What a tree comes to.

    Args:
        rule: the tree.
        leaves: the verdicts of all requirements.
        order: in which the verdicts of alternatives count.
    """
    if isinstance(rule, int):
        return Reached(leaves[rule], frozenset([rule] if leaves[rule] is Verdict.WAIVED else []))
    parts = [reached(part, leaves, order) for part in rule.parts]
    verdicts = [part.verdict for part in parts]
    verdict = worst(verdicts) if isinstance(rule, AllOf) else first_of(order, verdicts)
    if verdict is not Verdict.WAIVED:
        return Reached(verdict)
    return Reached(verdict, frozenset[int]().union(*(part.waived for part in parts)))


def gates(plan: Plan, criteria: Sequence[Reached]) -> list[GateDecision]:
    """The gates of a plan, in its order.

    Args:
        plan: the plan.
        criteria: what each of its criteria comes to.
    """
    found: list[GateDecision] = []
    waived: list[frozenset[int]] = []
    for gate in plan.gates:  # those that it comes after stand before it
        under = [*gate.targets, *(i for point in gate.points for i in plan.points[point].criteria)]
        resting = [criteria[i].waived for i in under if plan.criteria[i].enforcement != "advisory"]
        waived.append(frozenset[int]().union(*resting, *(waived[before] for before in gate.after)))
        own = _own(plan, gate, under, criteria)
        before_it = [found[before].state for before in gate.after]
        state = gate_state(own, before_it, len(waived[-1]), gate.max_waivers)
        names = tuple(plan.requirements[leaf].id for leaf in sorted(waived[-1]))
        found.append(GateDecision(state, own, names))
    return found


def _own(plan: Plan, gate: PlannedGate, under: Sequence[int], criteria: Sequence[Reached]) -> GateState:
    points = [worst(_binding(plan, plan.points[i].criteria, criteria)) for i in gate.points]
    rests = bool(gate.points and _binding(plan, under, criteria))
    return own_state(worst([*points, *_binding(plan, gate.targets, criteria)]), rests)


def _binding(plan: Plan, some: Iterable[int], criteria: Sequence[Reached]) -> list[Verdict]:
    """The verdicts of the criteria among some that are not advisory."""
    return [criteria[i].verdict for i in some if plan.criteria[i].enforcement != "advisory"]


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
