"""Hypothesis strategies: plans of every shape, with observations that sit on and beside the limits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from phasegate.engine.plan import (
    AllOf,
    AnyOf,
    Comparison,
    Cover,
    Observation,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
    Rule,
    Side,
)
from phasegate.engine.resolve import MOST_BITS
from phasegate.rules.model.verdict import Evidence, Verdict

Draw = Any
COMPARATORS = (">=", "<=", ">", "<", "==", "!=")
AREAS = ("", "liquid", "costarring")
TEXTS = ("low", "medium", "high", "liquid", "costarring", "Ω 'quoted\"", "")

percentages = st.sampled_from([85, 90, 92, 95, 100, 99, 5, 165]).map(lambda p: Fraction(p, 100))
limits: st.SearchStrategy[Fraction] = st.one_of(
    percentages,
    st.just(Fraction(0)),
    st.integers(-1000, 1000).map(Fraction),
    st.integers(-(10**9), 10**9).map(lambda n: Fraction(n, 10**6)),
    st.integers(-(10**17), 10**17).map(lambda cents: Fraction(cents, 100)),
    st.sampled_from([Fraction(1, 3), Fraction(-2, 7), Fraction(9, 11)]),
)
"""Limits as packs write them, and a few that no decimal writes."""


@st.composite
def values(draw: Draw, limit: Fraction) -> tuple[int, int]:
    """A numerator and a positive denominator: on the limit, a last unit beside it, or anywhere."""
    where = draw(st.sampled_from(["on", "beside", "small", "huge"]))
    if where == "small":
        return draw(st.integers(-200, 200)), draw(st.integers(1, 200))
    if where == "huge":
        return draw(st.integers(-(10**18), 10**18)), draw(st.sampled_from([1, 1, 100, 10**6, 999_983]))
    times = draw(st.sampled_from([1, 1, 2, 3, 7, 10, 1000, 10**9 + 7]))
    numerator, denominator = limit.numerator * times, limit.denominator * times
    return (numerator if where == "on" else numerator + draw(st.sampled_from([-1, 1]))), denominator


def comparisons() -> st.SearchStrategy[Comparison]:
    """One test of a number."""
    return st.builds(Comparison, st.sampled_from(COMPARATORS), limits)


@st.composite
def between(draw: Draw) -> tuple[Comparison, ...]:
    """The two tests of ``between``."""
    low, high = sorted((draw(limits), draw(limits)))
    return Comparison(">=", low), Comparison("<=", high)


@st.composite
def floors(draw: Draw, tests: tuple[Comparison, ...]) -> tuple[Side, ...] | None:
    """No floor, one that any number meets, one below the limit that it softens, or two anywhere."""
    where = draw(st.sampled_from(["none", "none", "any", "near", "near", "near", "two"]))
    if where == "none":
        return None
    if where == "any":
        return ()
    if not tests:
        return (Side(">=", Fraction(1, 2)),)
    if where == "two":
        return tuple(Side(each.comparator, each.limit) for each in draw(between()))
    near = draw(st.sampled_from(tests)).limit + draw(st.sampled_from([-1, 0, 1])) * Fraction(1, 50)
    return (Side(draw(st.sampled_from([">=", "<=", ">", "<"])), near),)


@st.composite
def covers(draw: Draw, name: str, tests: tuple[Comparison, ...]) -> Cover | None:
    """A waiver for some of the verdicts that can be waived, or none."""
    if draw(st.integers(0, 2)):
        return None
    chosen = draw(
        st.sets(st.sampled_from([Verdict.FAIL, Verdict.STALE, Verdict.UNKNOWN]), min_size=1, max_size=3)
    )
    return Cover(f"waiver {name}", frozenset(chosen), draw(floors(tests)))


@st.composite
def requirements(draw: Draw, name: str) -> Requirement:
    """A requirement of any kind."""
    kind = draw(st.sampled_from(["one", "one", "one", "between", "truth", "text"]))
    tests: tuple[Comparison, ...] = ()
    expected = None
    options: tuple[str, ...] = ()
    if kind == "one":
        tests = (draw(comparisons()),)
    elif kind == "between":
        tests = draw(between())
    elif kind == "truth":
        expected = draw(st.booleans())
    else:
        options = tuple(draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4, unique=True)))
    return Requirement(
        id=name,
        measure=f"m.{name}",
        slice="",
        bound=kind,
        tests=tests,
        expected=expected,
        options=options,
        cover=draw(covers(name, tests)),
    )


@st.composite
def observations(draw: Draw, requirement: Requirement) -> Observation:
    """What the facts may say to a requirement, mostly a value near one of its limits."""
    evidence = draw(
        st.sampled_from([Evidence.PRESENT] * 12 + [e for e in Evidence if e is not Evidence.PRESENT])
    )
    if draw(st.integers(0, 15)) == 0:  # what a fact must never be, and might be
        odd = [None, (0, 20), (19, 20), (19, 0), (19, -1), (-19, -20)]
        return Observation(
            evidence,
            low=draw(st.sampled_from(odd)),
            high=draw(st.sampled_from(odd)),
            truth=draw(st.sampled_from([None, True])),
            text=draw(st.sampled_from([None, "low"])),
        )
    if requirement.expected is not None:
        return Observation(evidence, truth=draw(st.booleans()))
    if requirement.options:
        return Observation(evidence, text=draw(st.sampled_from(TEXTS)))
    floor = requirement.cover.floor if requirement.cover else None
    limits_here = [each.limit for each in (*requirement.tests, *(floor or ()))]
    low = draw(values(draw(st.sampled_from(limits_here))))
    if draw(st.booleans()):
        return Observation.known(evidence, *low)
    high = draw(values(draw(st.sampled_from(limits_here))))
    if max(abs(low[0]) * high[1], abs(high[0]) * low[1]).bit_length() > MOST_BITS:
        return Observation.known(evidence, *low)  # no plan is resolved with such ends
    if Fraction(*low) > Fraction(*high) and draw(st.integers(0, 15)):
        low, high = high, low
    return Observation(evidence, low, high)


@st.composite
def trees(draw: Draw, leaves: list[int], depth: int = 3) -> Rule:
    """A tree that uses each of the leaves once, now and then with a node that has no parts."""
    if len(leaves) == 1 and draw(st.integers(0, 3)):
        return leaves[0]
    node = draw(st.sampled_from([AllOf, AllOf, AnyOf]))
    if draw(st.integers(0, 80)) == 0:
        return node((*leaves, draw(st.sampled_from([AllOf, AnyOf]))(())))
    if depth == 0 or len(leaves) <= 1:
        return node(tuple(leaves))
    cut = draw(st.integers(0, len(leaves)))
    parts: list[Rule] = list(leaves[:cut])
    if leaves[cut:]:
        parts.append(draw(trees(leaves[cut:], depth - 1)))
    return node(tuple(parts))


@st.composite
def plans(draw: Draw, max_points: int = 4) -> Plan:
    """A plan of up to ``max_points`` points and four gates, with targets, caps and chains."""
    needs: list[Requirement] = []
    criteria: list[PlannedCriterion] = []

    def criterion(name: str) -> int:
        first = len(needs)
        size = draw(st.sampled_from([1, 1, 1, 2, 2, 3, 5]))
        needs.extend(draw(requirements(f"{name}/m{index}")) for index in range(size))
        rule = draw(trees(list(range(first, len(needs)))))
        level = draw(st.sampled_from(["hard", "hard", "soft", "advisory"]))
        criteria.append(PlannedCriterion(name, level, rule, draw(st.sampled_from(AREAS))))
        return len(criteria) - 1

    points = []
    for p in range(draw(st.integers(1, max_points))):
        count = draw(st.sampled_from([1, 2, 2, 3, 4]))
        points.append(PlannedPoint(f"1.{p + 1}", tuple(criterion(f"1.{p + 1}/c{i}") for i in range(count))))
    targets = [criterion(f"{t + 1}/success") for t in range(draw(st.integers(0, 2)))]
    gates: list[PlannedGate] = []
    for g in range(draw(st.integers(0, 4))):
        members = draw(st.sets(st.integers(0, len(points) - 1), min_size=0 if g == 3 else 1))
        gates.append(
            PlannedGate(
                id=f"phase {g + 1}",
                points=tuple(sorted(members)),
                targets=tuple(t for t in targets if draw(st.booleans())),
                after=tuple(e for e in range(g) if draw(st.integers(0, 2)) == 0),
                max_waivers=draw(st.sampled_from([None, None, 0, 1, 2])),
            )
        )
    return Plan(tuple(needs), tuple(criteria), tuple(points), tuple(gates))


@st.composite
def scenarios(draw: Draw, max_points: int = 4) -> tuple[Plan, list[Observation]]:
    """A plan, and one observation for each of its requirements."""
    plan = draw(plans(max_points))
    mood = draw(st.sampled_from(["any", "well"]))
    if mood == "any":
        seen = [draw(observations(r)) for r in plan.requirements]
    else:  # so that gates open, too
        seen = [_well(r) for r in plan.requirements]
        bad = draw(st.lists(st.integers(0, len(seen) - 1), max_size=1))
        for index in bad:
            seen[index] = draw(observations(plan.requirements[index]))
    return plan, seen


def _well(requirement: Requirement) -> Observation:
    """An observation that is waived where a waiver makes that easy, else one that passes."""
    cover = requirement.cover
    if cover and Verdict.UNKNOWN in cover.verdicts and cover.floor is None:
        return Observation(Evidence.UNKNOWN)
    if requirement.expected is not None:
        return Observation(Evidence.PRESENT, truth=requirement.expected)
    if requirement.options:
        return Observation(Evidence.PRESENT, text=requirement.options[0])
    test = requirement.tests[0]
    step = {">": 1, "<": -1, "!=": 1}.get(test.comparator, 0)
    value = test.limit + step
    return Observation.known(Evidence.PRESENT, value.numerator, value.denominator)
