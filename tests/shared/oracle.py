"""An oracle: decides a plan in plain Python over fractions, one sentence of the semantics a function.

It shares nothing with the two engines but the types of `engine.plan`, so that an error in either of
them shows as a difference.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from phasegate.engine.plan import (
    AllOf,
    AnyOf,
    Comparison,
    Decisions,
    GateDecision,
    Observation,
    Plan,
    Requirement,
    Rule,
)
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

_MEANING: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def oracle(plan: Plan, observations: Sequence[Observation]) -> Decisions:
    """Decides every requirement, criterion, point and gate."""
    leaves = [decide(r, seen) for r, seen in zip(plan.requirements, observations, strict=True)]
    criteria = [tree(c.rule, leaves) for c in plan.criteria]
    binding = [c.enforcement != "advisory" for c in plan.criteria]
    points = []
    for point in plan.points:
        counted = [criteria[i] for i in point.criteria if binding[i]]
        points.append(max(counted) if counted else Verdict.ERROR)

    gates: list[GateDecision] = []
    for gate in plan.gates:
        targets = [i for i in gate.targets if binding[i]]
        inside = targets + [i for p in gate.points for i in plan.points[p].criteria if binding[i]]
        own = own_state(
            [points[p] for p in gate.points], [criteria[i] for i in targets], [criteria[i] for i in inside]
        )
        waived = {leaf for i in inside for leaf in rests_on(plan.criteria[i].rule, leaves)}
        names = {plan.requirements[leaf].id for leaf in waived}
        for earlier in gate.after:
            names |= set(gates[earlier].waivers)
        state = max([own, *(gates[earlier].state for earlier in gate.after)])
        if names and state is GateState.OPEN:
            state = GateState.OPEN_WITH_WAIVERS
        if gate.max_waivers is not None and len(names) > gate.max_waivers:
            state = GateState.CLOSED
        gates.append(GateDecision(state, own, tuple(r.id for r in plan.requirements if r.id in names)))

    return Decisions(
        requirements={r.id: v for r, v in zip(plan.requirements, leaves, strict=True)},
        criteria={c.id: v for c, v in zip(plan.criteria, criteria, strict=True)},
        points={p.id: v for p, v in zip(plan.points, points, strict=True)},
        gates={g.id: d for g, d in zip(plan.gates, gates, strict=True)},
    )


def decide(requirement: Requirement, seen: Observation) -> Verdict:
    """One requirement: evidence first, then the comparison, then the waiver."""
    cover = requirement.cover
    covered = cover.verdicts if cover else frozenset()
    floor = cover.floor if cover else ()
    match seen.evidence:
        case Evidence.NOT_APPLICABLE:
            return Verdict.NOT_APPLICABLE
        case Evidence.ERROR:
            return Verdict.ERROR
        case Evidence.UNKNOWN:
            return Verdict.WAIVED if Verdict.UNKNOWN in covered else Verdict.UNKNOWN
        case Evidence.STALE:
            kept = Verdict.STALE in covered and above_floor(number(seen), floor)
            return Verdict.WAIVED if kept else Verdict.STALE
        case Evidence.PRESENT:
            answer = holds(requirement, seen)
            if answer is None:
                return Verdict.ERROR
            if answer:
                return Verdict.PASS
            kept = Verdict.FAIL in covered and above_floor(number(seen), floor)
            return Verdict.WAIVED if kept else Verdict.FAIL


def holds(requirement: Requirement, seen: Observation) -> bool | None:
    """Whether the value meets the bound; None where there is no value of the bound's kind."""
    if requirement.tests:
        value = number(seen)
        return None if value is None else all(met(value, test) for test in requirement.tests)
    if requirement.expected is not None:
        return None if seen.truth is None else seen.truth == requirement.expected
    return None if seen.text is None else seen.text in requirement.options


def number(seen: Observation) -> Fraction | None:
    """The exact number, None where there is none or its denominator is not positive."""
    if seen.numerator is None or seen.denominator is None or seen.denominator <= 0:
        return None
    return Fraction(seen.numerator, seen.denominator)


def met(value: Fraction, test: Comparison) -> bool:
    """Whether ``value comparator limit`` is true."""
    return _MEANING[test.comparator](value, test.limit)


def above_floor(value: Fraction | None, floor: Iterable[Comparison]) -> bool:
    """A waiver without a floor covers all; one with a floor needs a value that meets it."""
    tests = list(floor)
    return not tests or (value is not None and all(met(value, test) for test in tests))


def tree(rule: Rule, leaves: Sequence[Verdict]) -> Verdict:
    """The verdict of a tree over requirements; one without parts is an error.

    Of alternatives, one that passes is enough, and one that is waived next to that. Those that do not
    apply are left out: of the others the first of what is missing counts, and of none nothing applies.
    """
    if isinstance(rule, int):
        return leaves[rule]
    if not rule.parts:
        return Verdict.ERROR
    verdicts = [tree(part, leaves) for part in rule.parts]
    if isinstance(rule, AllOf):
        return max(verdicts)
    applying = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    words = {verdict.word: verdict for verdict in applying}
    for word in ("pass", "waived", "error", "stale", "unknown", "fail"):
        if word in words:
            return words[word]
    return Verdict.NOT_APPLICABLE


def rests_on(rule: Rule, leaves: Sequence[Verdict]) -> set[int]:
    """The waived requirements that a waived verdict rests on.

    A verdict rests on waivers only if it is WAIVED itself; it then rests on those of all its WAIVED
    parts, in ``any_of`` too. So a requirement counts if it and every node above it, up to the
    criterion, is WAIVED.
    """
    if tree(rule, leaves) is not Verdict.WAIVED:
        return set()
    if isinstance(rule, int):
        return {rule}
    assert isinstance(rule, AllOf | AnyOf)
    return set().union(*(rests_on(part, leaves) for part in rule.parts))


def own_state(points: list[Verdict], targets: list[Verdict], criteria: list[Verdict]) -> GateState:
    """A gate's state from its own members: point verdicts, binding targets, binding criteria."""
    members = points + targets
    if Verdict.FAIL in members:
        return GateState.CLOSED
    if not points or {Verdict.ERROR, Verdict.STALE, Verdict.UNKNOWN} & set(members):
        return GateState.UNDECIDED
    if not {Verdict.PASS, Verdict.WAIVED} & set(criteria):
        return GateState.UNDECIDED
    return GateState.OPEN_WITH_WAIVERS if Verdict.WAIVED in members else GateState.OPEN
