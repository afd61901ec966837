"""Alternatives: every combination of up to three verdicts, in each engine, and in the order of older runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from oracle import oracle
from plans import ERROR, FAIL, NOT_APPLICABLE, PASS, STALE, UNKNOWN, WAIVED, leaves

from phasegate.engine.columnar.evaluate import decide as columnar
from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.plan import AllOf, AnyOf, Decisions, Observation, Plan, PlannedCriterion
from phasegate.engine.reference import decide as plainly
from phasegate.rules.model.verdict import Verdict

VERDICTS = (PASS, WAIVED, ERROR, STALE, UNKNOWN, FAIL, NOT_APPLICABLE)
TOGETHER = [combination for size in (1, 2, 3) for combination in product(range(len(VERDICTS)), repeat=size)]


def durable_rules(plan: Plan, seen: list[Observation]) -> Decisions:
    with RuleBase(plan) as rules:
        found = rules.decide(seen)
        assert not rules.faults
    return found


ENGINES = [durable_rules, columnar, plainly]


def due(verdicts: list[Verdict]) -> Verdict:
    """As the semantics have it, sentence by sentence."""
    if PASS in verdicts:
        return PASS
    if WAIVED in verdicts:
        return WAIVED
    applying = [each for each in verdicts if each is not NOT_APPLICABLE]
    if not applying:
        return NOT_APPLICABLE
    return next(each for each in (ERROR, STALE, UNKNOWN, FAIL) if each in applying)


def of_all(combinations: list[tuple[int, ...]], *, wrapped: bool) -> tuple[Plan, list[Observation]]:
    """A plan with a criterion for each combination of alternatives; wrapped, each is a mapping of its own."""
    requirements, seen = leaves(VERDICTS)
    criteria = []
    for number, combination in enumerate(combinations):
        parts = tuple(AllOf((leaf,)) if wrapped else leaf for leaf in combination)
        criteria.append(PlannedCriterion(f"c{number}", "soft", AnyOf(parts)))
    return Plan(requirements, tuple(criteria), (), ()), seen


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_combination_of_up_to_three_alternatives(engine, wrapped: bool) -> None:
    plan, seen = of_all(TOGETHER, wrapped=wrapped)
    found = engine(plan, seen)
    assert list(found.criteria.values()) == [due([VERDICTS[i] for i in each]) for each in TOGETHER]
    assert found == oracle(plan, seen)


@pytest.mark.parametrize("engine", ENGINES)
def test_alternatives_that_do_not_apply_change_nothing_where_another_one_does(engine) -> None:
    """Also where they are many, stand first, or are alternatives within one."""
    requirements, seen = leaves((NOT_APPLICABLE, *VERDICTS))
    shapes = [
        lambda i: AnyOf((0, 0, 0, 0, i)),
        lambda i: AnyOf((i, 0, 0, 0, 0)),
        lambda i: AnyOf((AnyOf((0, 0)), AllOf((i,)))),
        lambda i: AllOf((0, AnyOf((0, i)))),
        lambda i: AnyOf((AllOf((0, i)), 0)),
    ]
    criteria = tuple(
        PlannedCriterion(f"{number} {verdict.word}", "soft", shape(i))
        for number, shape in enumerate(shapes)
        for i, verdict in enumerate(VERDICTS, start=1)
    )
    plan = Plan(requirements, criteria, (), ())
    found = engine(plan, seen)
    assert {name: verdict.word for name, verdict in found.criteria.items()} == {
        each.id: each.id.split()[1] for each in criteria
    }


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", [VERDICTS, VERDICTS[::-1], (PASS, WAIVED, NOT_APPLICABLE, *VERDICTS[2:6])])
def test_runs_of_old_are_decided_in_the_order_of_theirs(engine, order: tuple[Verdict, ...]) -> None:
    plan, seen = of_all(TOGETHER, wrapped=False)
    found = engine(replace(plan, alternatives=order), seen)
    first = [min((VERDICTS[i] for i in each), key=order.index) for each in TOGETHER]
    assert list(found.criteria.values()) == first
