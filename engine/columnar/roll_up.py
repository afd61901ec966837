"""Roll-up in polars: from requirements to criteria, points and gates, as expressions.

The columns that these expressions name are those that `engine.columnar.evaluate` describes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import polars as pl

from phasegate.engine.plan import AllOf, AnyOf, Plan, PlannedGate, Rule
from phasegate.rules.model.verdict import GateState, Verdict


def code(value: Verdict | GateState) -> pl.Expr:
    """A verdict or state as a column has it."""
    return pl.lit(int(value), dtype=pl.UInt8)


Held = Mapping[AllOf | AnyOf, str]
"""Parts of criteria whose verdicts are columns of their own, by name."""


def criterion_verdict(rule: Rule, order: Sequence[Verdict], held: Held = MappingProxyType({})) -> pl.Expr:
    """The verdict of a tree over requirements; one without parts is an error.

    Args:
        rule: the tree.
        order: in which the verdicts of alternatives count.
        held: the parts that have columns.
    """
    if isinstance(rule, int):
        return pl.col(f"r{rule}")
    if rule in held:
        return pl.col(held[rule])
    return _verdict_of(rule, order, held)


def _verdict_of(rule: AllOf | AnyOf, order: Sequence[Verdict], held: Held) -> pl.Expr:
    parts = [criterion_verdict(part, order, held) for part in rule.parts]
    if isinstance(rule, AllOf):
        return worst(parts)
    if not parts:
        return code(Verdict.ERROR)
    best = code(Verdict.ERROR)
    for verdict in reversed(order):
        has = pl.any_horizontal(part == verdict for part in parts)
        best = pl.when(has).then(code(verdict)).otherwise(best)
    return best


def choices(plan: Plan) -> tuple[dict[AllOf | AnyOf, str], list[list[pl.Expr]]]:
    """The trees that stand below an ``any_of``, as columns ``n{i}``.

    A choice names each of its parts once for each verdict: written out in full, nested choices
    would grow sevenfold with each level.

    Returns:
        The columns by tree, and their expressions in groups, each of which needs the earlier ones.
    """
    heights: dict[AllOf | AnyOf, int] = {}
    for criterion in plan.criteria:
        _height(criterion.rule, heights)
    held = {tree: f"n{i}" for i, tree in enumerate(heights)}
    levels: dict[int, list[pl.Expr]] = {}
    for tree, height in heights.items():
        others = {each: name for each, name in held.items() if heights[each] < height}
        levels.setdefault(height, []).append(_verdict_of(tree, plan.alternatives, others).alias(held[tree]))
    return held, [levels[height] for height in sorted(levels)]


def _height(rule: Rule, heights: dict[AllOf | AnyOf, int]) -> int:
    """How high a tree is; those below an ``any_of`` are entered."""
    if isinstance(rule, int):
        return 0
    below = [_height(part, heights) for part in rule.parts]
    if isinstance(rule, AnyOf):
        parts = zip(rule.parts, below, strict=True)
        heights.update((part, height) for part, height in parts if not isinstance(part, int))
    return 1 + max(below, default=0)


def worst(parts: Sequence[pl.Expr]) -> pl.Expr:
    """Verdicts are numbered so that the worst is the greatest; the worst of nothing is an error."""
    return pl.max_horizontal(parts) if parts else code(Verdict.ERROR)


def binding(plan: Plan, criteria: Iterable[int]) -> list[pl.Expr]:
    """The criteria among some that are not advisory."""
    return [pl.col(f"c{i}") for i in criteria if plan.criteria[i].enforcement != "advisory"]


def resting(plan: Plan, held: Held) -> Iterator[tuple[int, pl.Expr]]:
    """For each requirement that has a waiver, whether its criterion's verdict rests on it.

    It does if every node above it is waived too.
    """
    rests: dict[int, list[pl.Expr]] = {}
    for criterion in plan.criteria:
        for leaf, path in _paths(criterion.rule, ()):
            if plan.requirements[leaf].cover is not None:
                verdicts = (criterion_verdict(node, plan.alternatives, held) for node in path)
                waived = pl.all_horizontal(each == Verdict.WAIVED for each in verdicts)
                rests.setdefault(leaf, []).append(waived)
    for leaf, carried in rests.items():
        yield leaf, pl.any_horizontal(carried)


def _paths(rule: Rule, above: tuple[Rule, ...]) -> Iterator[tuple[int, tuple[Rule, ...]]]:
    if isinstance(rule, int):
        yield rule, (*above, rule)
        return
    for part in rule.parts:
        yield from _paths(part, (*above, rule))


def own_state(plan: Plan, gate: PlannedGate) -> pl.Expr:
    """A gate's state from its own points and targets alone."""
    targets = binding(plan, gate.targets)
    members = [*(pl.col(f"p{i}") for i in gate.points), *targets]
    inside = [*targets, *(each for i in gate.points for each in binding(plan, plan.points[i].criteria))]
    reached, state = worst(members), code(GateState.CLOSED)
    for verdict in Verdict:
        state = pl.when(reached == verdict).then(code(verdict.gate_state)).otherwise(state)
    if not gate.points or not inside:  # nothing passes, so nothing is decided
        return pl.max_horizontal(state, code(GateState.UNDECIDED))
    return state


def final_state(plan: Plan, i: int, gate: PlannedGate) -> pl.Expr:
    """A gate is never nearer to open than those before it, and inherits their waivers."""
    state = pl.max_horizontal([pl.col(f"o{i}"), *(pl.col(f"g{before}") for before in gate.after)])
    carried = [pl.col(f"w{leaf}") for leaf in rested_on(plan, gate)]
    if not carried:
        return state
    any_waiver = pl.any_horizontal(carried)
    with_waivers = (state == GateState.OPEN) & any_waiver
    final = pl.when(with_waivers).then(code(GateState.OPEN_WITH_WAIVERS)).otherwise(state)
    if gate.max_waivers is None:
        return final
    count = pl.sum_horizontal([each.cast(pl.UInt32) for each in carried])
    return pl.when(count > gate.max_waivers).then(code(GateState.CLOSED)).otherwise(final)


def rested_on(plan: Plan, gate: PlannedGate) -> list[int]:
    """The requirements with a waiver under a gate and the gates before it, in the plan's order."""
    leaves: set[int] = set()
    criteria = [*gate.targets, *(i for point in gate.points for i in plan.points[point].criteria)]
    for i in criteria:
        if plan.criteria[i].enforcement != "advisory":
            leaves.update(
                leaf for leaf, _ in _paths(plan.criteria[i].rule, ()) if plan.requirements[leaf].cover
            )
    for before in gate.after:
        leaves.update(rested_on(plan, plan.gates[before]))
    return sorted(leaves)
