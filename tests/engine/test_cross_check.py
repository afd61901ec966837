"""Where the two engines differ, the verdict is an error, and so is what rests on it."""

from __future__ import annotations

from dataclasses import replace

import dice
import pytest
from dice import thrown
from hypothesis import given, settings
from oracle import oracle
from sizes import examples
from strategies import scenarios

from phasegate.engine.cross_check import agree
from phasegate.engine.plan import (
    AllOf,
    GateDecision,
    Observation,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
)
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

PLAN = Plan(
    requirements=(
        Requirement("1.1.1/framework/a", "a", "", "true", expected=True),
        Requirement("1.1.1/framework/b", "b", "", "true", expected=True),
    ),
    criteria=(PlannedCriterion("1.1.1/framework", "hard", AllOf((0, 1))),),
    points=(PlannedPoint("1.1.1", (0,)),),
    gates=(PlannedGate("1", (0,), (), ()), PlannedGate("2", (0,), (), (0,))),
)
GOOD = oracle(PLAN, [Observation(Evidence.PRESENT, truth=True)] * 2)


@given(scenarios())
@settings(max_examples=examples(15), deadline=None)
def test_what_both_decide_alike_stands_as_it_is(case):
    stands(case)


@pytest.mark.sampled
def test_what_both_decide_alike_stands_as_it_is_for_many():
    for case in thrown(dice.strategies.scenarios(), examples(250)):
        stands(case)


def stands(case):
    decisions = oracle(*case)
    agreed = agree(case[0], decisions, decisions)
    assert agreed.decisions == decisions
    assert not agreed.disagreements


@pytest.mark.parametrize("other", [Verdict.FAIL, Verdict.UNKNOWN, None])
def test_a_requirement_they_differ_on_shakes_all_that_rests_on_it(other):
    requirements = {**GOOD.requirements, "1.1.1/framework/b": other}
    if other is None:
        del requirements["1.1.1/framework/b"]
    agreed = agree(PLAN, GOOD, replace(GOOD, requirements=requirements))
    decided = agreed.decisions
    assert decided.requirements == {"1.1.1/framework/a": Verdict.PASS, "1.1.1/framework/b": Verdict.ERROR}
    assert decided.criteria == {"1.1.1/framework": Verdict.ERROR}
    assert decided.points == {"1.1.1": Verdict.ERROR}
    assert {gate.state for gate in decided.gates.values()} == {GateState.UNDECIDED}
    (told,) = agreed.disagreements
    assert told.id == "1.1.1/framework/b"
    word = "none" if other is None else other.word
    assert told.words == (
        f"the two engines do not agree: durable-rules says pass, the columnar evaluation {word}"
    )


def test_a_disagreement_tells_what_durable_rules_reported():
    changed = replace(GOOD, requirements={**GOOD.requirements, "1.1.1/framework/a": Verdict.ERROR})
    faults = {"1.1.1/framework/a": "the rules must conclude one outcome and concluded nothing"}
    (told,) = agree(PLAN, changed, GOOD, faults).disagreements
    assert told.words == (
        "the two engines do not agree: durable-rules says error (the rules must conclude one outcome "
        "and concluded nothing), the columnar evaluation pass"
    )


def test_a_gate_they_differ_on_stays_shut_and_shuts_the_next():
    gates = {**GOOD.gates, "1": GateDecision(GateState.CLOSED, GateState.CLOSED)}
    decided = agree(PLAN, GOOD, replace(GOOD, gates=gates)).decisions
    assert {gate.state for gate in decided.gates.values()} == {GateState.UNDECIDED}


def test_a_gate_that_one_of_them_has_closed_closes_the_next():
    """Whatever the other one says of both, and the same one of the next."""
    gates = {**GOOD.gates, "1": GateDecision(GateState.CLOSED, GateState.CLOSED)}
    decided = agree(PLAN, replace(GOOD, gates=gates), GOOD).decisions
    assert {gate.state for gate in decided.gates.values()} == {GateState.CLOSED}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_nothing_is_better_than_a_part_that_is_an_error_or_fails(verdict):
    """Even where both say so; what leaves more than that open is for them to weigh."""
    weighs = verdict >= Verdict.ERROR
    both = replace(GOOD, criteria={"1.1.1/framework": verdict})
    decided = agree(PLAN, both, both).decisions
    assert decided.points == {"1.1.1": verdict if weighs else Verdict.PASS}
    state = GateState.UNDECIDED if weighs else GateState.OPEN
    assert {gate.state for gate in decided.gates.values()} == {state}
    assert {gate.own for gate in decided.gates.values()} == {state}


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("enforcement", ["hard", "soft", "advisory"])
def test_a_target_that_fails_keeps_its_gate_shut(verdict, enforcement):
    plan = replace(
        PLAN,
        criteria=(*PLAN.criteria, PlannedCriterion("1/success", enforcement, 1)),
        gates=(PlannedGate("1", (0,), (1,), ()),),
    )
    both = replace(GOOD, criteria={**GOOD.criteria, "1/success": verdict})
    shut = verdict >= Verdict.ERROR and enforcement != "advisory"
    found = agree(plan, both, both).decisions.gates["1"]
    assert (found.state, found.own) == ((GateState.UNDECIDED if shut else GateState.OPEN,) * 2)


def test_a_point_without_binding_criteria_is_an_error():
    plan = replace(PLAN, criteria=(PlannedCriterion("1.1.1/framework", "advisory", AllOf((0, 1))),))
    assert agree(plan, GOOD, GOOD).decisions.points == {"1.1.1": Verdict.ERROR}


def test_what_neither_has_decided_is_an_error():
    nothing = replace(GOOD, requirements={}, criteria={}, points={}, gates={})
    agreed = agree(PLAN, nothing, nothing)
    assert {*agreed.decisions.requirements.values()} == {Verdict.ERROR}
    assert {gate.state for gate in agreed.decisions.gates.values()} == {GateState.UNDECIDED}
    assert [each.id for each in agreed.disagreements] == [
        "1.1.1/framework/a", "1.1.1/framework/b", "1.1.1/framework", "1.1.1", "1", "2",
    ]  # fmt: skip
    assert {(each.inferred, each.evaluated) for each in agreed.disagreements} == {("none", "none")}


def test_what_does_not_rest_on_it_stands():
    plan = replace(
        PLAN,
        criteria=(
            PlannedCriterion("1.1.1/a", "hard", AllOf((0,))),
            PlannedCriterion("1.1.2/b", "hard", AllOf((1,))),
        ),
        points=(PlannedPoint("1.1.1", (0,)), PlannedPoint("1.1.2", (1,))),
        gates=(PlannedGate("1", (0,), (), ()), PlannedGate("2", (1,), (), ())),
    )
    good = oracle(plan, [Observation(Evidence.PRESENT, truth=True)] * 2)
    requirements = {**good.requirements, "1.1.1/framework/b": Verdict.FAIL}
    decided = agree(plan, good, replace(good, requirements=requirements)).decisions
    assert decided.criteria == {"1.1.1/a": Verdict.PASS, "1.1.2/b": Verdict.ERROR}
    assert decided.points == {"1.1.1": Verdict.PASS, "1.1.2": Verdict.ERROR}
    assert [gate.state for gate in decided.gates.values()] == [GateState.OPEN, GateState.UNDECIDED]


@pytest.mark.sampled
def test_a_single_flipped_requirement_never_opens_a_gate():
    flips = 0
    for plan, seen in thrown(dice.strategies.scenarios(max_points=2), examples(60)):
        decisions = oracle(plan, seen)
        for flipped, verdict in decisions.requirements.items():
            for other in set(Verdict) - {verdict}:
                changed = replace(decisions, requirements={**decisions.requirements, flipped: other})
                agreed = agree(plan, decisions, changed)
                assert agreed.disagreements
                for gate, before in decisions.gates.items():
                    assert agreed.decisions.gates[gate].state >= before.state
                flips += 1
    assert flips > 40 * examples(60)
