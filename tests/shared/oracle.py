"""An oracle: decides a plan in plain Python over fractions, one sentence of the semantics a function.

It shares nothing with the two engines but the types of `engine.plan`, so that an error in either of
them shows as a difference.
"""

from __future__ import annotations

import itertools
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
    Side,
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
    match seen.evidence:
        case Evidence.NOT_APPLICABLE:
            return Verdict.NOT_APPLICABLE
        case Evidence.ERROR:
            return Verdict.ERROR
        case Evidence.UNKNOWN | Evidence.UNDETERMINED:
            verdict = Verdict.UNKNOWN
        case Evidence.STALE:
            verdict = Verdict.STALE
        case Evidence.PRESENT:
            verdict = holds(requirement, seen)
    cover = requirement.cover
    if cover is None or verdict not in cover.verdicts:
        return verdict
    possible = numbers(seen, [each.limit for each in cover.floor or ()])
    if cover.floor is None and seen.evidence is Evidence.UNDETERMINED:  # it may fail
        kept = Verdict.FAIL in cover.verdicts
    elif cover.floor is None:  # it says nothing of a number that may fail and may pass
        kept = not (verdict is Verdict.UNKNOWN and seen.evidence is Evidence.PRESENT)
    else:
        kept = bool(possible) and all(met(value, side) for value in possible for side in cover.floor)
    return Verdict.WAIVED if kept else verdict


def holds(requirement: Requirement, seen: Observation) -> Verdict:
    """What all that the value may be makes of the bound; an error where there is none of its kind."""
    if requirement.tests:
        possible = numbers(seen, [test.limit for test in requirement.tests])
        answers = {all(met(value, test) for test in requirement.tests) for value in possible}
    elif requirement.expected is not None:
        answers = {seen.truth == requirement.expected} if seen.truth is not None else set()
    else:
        answers = {seen.text in requirement.options} if seen.text is not None else set()
    if not answers:
        return Verdict.ERROR
    return Verdict.UNKNOWN if len(answers) == 2 else Verdict.PASS if True in answers else Verdict.FAIL


def numbers(seen: Observation, limits: Iterable[Fraction]) -> list[Fraction]:
    """Numbers between the ends, one of each part into which limits cut what lies there; none of nothing.

    All numbers of one part stand alike to every limit, so that these speak for all.
    """
    if seen.low is None or seen.high is None or min(seen.low[1], seen.high[1]) <= 0:
        return []
    low, high = Fraction(*seen.low), Fraction(*seen.high)
    cuts = sorted({low, high, *(limit for limit in limits if low <= limit <= high)} if low <= high else ())
    return cuts + [(one + other) / 2 for one, other in itertools.pairwise(cuts)]


def met(value: Fraction, test: Comparison | Side) -> bool:
    """Whether ``value comparator limit`` is true."""
    return _MEANING[test.comparator](value, test.limit)


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
