"""A plan that is too large for one ruleset is divided, and is decided as if it were not."""

from __future__ import annotations

import random
from fractions import Fraction

import dice
import pytest
from dice import thrown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import oracle
from plans import ERROR, FAIL, PASS, UNDECIDED, UNKNOWN, WAIVED, gate, leaves, needs, text, value, waiver
from sizes import examples
from strategies import AREAS, scenarios

from phasegate.engine.columnar import evaluate
from phasegate.engine.inference import partition, rule_base
from phasegate.engine.inference.errors import EngineFaultError, PlanTooLargeError
from phasegate.engine.inference.host import Session
from phasegate.engine.inference.nodes import Nodes
from phasegate.engine.inference.partition import divide
from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.inference.rule_syntax import MAX_RULES
from phasegate.engine.plan import AllOf, Observation, Plan, PlannedCriterion, PlannedPoint
from phasegate.rules.lint.hash_collisions import find_collisions, fnv1a

SMALLEST = 40
"""Rules that any one piece of a plan of the strategies fits."""


def divided(plan: Plan, most: int = MAX_RULES):
    return divide(plan, Nodes.of(plan), most)


def programme(sizes: dict[str, int]) -> Plan:
    """For each area one point with so many criteria, each of one bound of its own; a gate over all."""
    areas = [area for area, size in sizes.items() for _ in range(size)]
    requirements = tuple(needs(f"r{i}", f">= {i}/1000000") for i in range(len(areas)))
    criteria = tuple(PlannedCriterion(f"c{i}", "hard", i, area) for i, area in enumerate(areas))
    points = tuple(
        PlannedPoint(f"p{n}", tuple(i for i, other in enumerate(areas) if other == area))
        for n, area in enumerate(sizes)
    )
    return Plan(requirements, criteria, points, (gate("g", range(len(points))),))


@pytest.mark.parametrize(
    ("sizes", "most", "names"),
    [
        ({"1": 10, "2": 10}, MAX_RULES, ["phasegate"]),
        (
            {"1": 10, "2": 10},
            100,
            ["area 1, part 1", "area 2, part 1", "criteria and points, part 1", "gates, part 1"],
        ),
        (
            {"1": 10, "2": 60},
            100,
            [
                "area 1, part 1",
                "area 2, part 1",
                "area 2, part 2",
                "criteria and points, part 1",
                "gates, part 1",
            ],
        ),
    ],
    ids=["one is enough", "one an area", "a large area is halved"],
)
def test_no_more_rulesets_than_a_plan_needs(sizes, most, names) -> None:
    assert [ruleset.name for ruleset in divided(programme(sizes), most)] == names


def test_the_real_limit_divides_too() -> None:
    rulesets = divided(programme({"1": 100, "2": 3000}))
    assert [ruleset.name for ruleset in rulesets][1:3] == ["area 2, part 1", "area 2, part 2"]
    assert max(len(ruleset.rules) for ruleset in rulesets) <= MAX_RULES


@given(scenarios(), st.integers(SMALLEST, 120))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
def test_each_node_has_its_rules_in_one_ruleset_that_is_not_too_large(scenario, most) -> None:
    plan, _ = scenario
    rulesets = divided(plan, most)
    nodes = Nodes.of(plan).all
    assert sorted(node.code for ruleset in rulesets for node in ruleset.nodes) == list(range(len(nodes)))
    assert all(len(ruleset.rules) <= most for ruleset in rulesets)
    assert not find_collisions([ruleset.name for ruleset in rulesets])
    assert len({ruleset.name for ruleset in rulesets}) == len(rulesets)
    asking = [
        {node.owner for node in ruleset.nodes if node.code in ruleset.questions} for ruleset in rulesets
    ]
    area_of = {f"{c.id}/m{i}": c.area for c in plan.criteria for i in range(5)}
    assert all(len({area_of[owner] for owner in owners}) <= 1 for owners in asking if len(rulesets) > 1)


def all_agree(plan: Plan, seen, most: int) -> int:
    """durable-rules (divided), the columns and the oracle decide alike; the number of rulesets."""
    expected = oracle(plan, seen)
    with RuleBase(plan, most) as rules:
        for _ in range(2):  # a second run remembers nothing of the first
            assert rules.decide(seen) == expected
            assert not rules.faults
    assert evaluate.decide(plan, seen) == expected
    return len(divided(plan, most))


@given(scenarios(), st.integers(SMALLEST, 120))
@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
def test_a_divided_plan_is_decided_alike_by_all(scenario, most) -> None:
    all_agree(*scenario, most)


@pytest.mark.parametrize(
    "count", [8, pytest.param(60, marks=pytest.mark.slow), pytest.param(500, marks=pytest.mark.long)]
)
def test_many_divided_plans_are_decided_alike_by_all(count: int) -> None:
    sizes = random.Random(count)
    for plan, seen in thrown(dice.strategies.scenarios(max_points=6), count):
        all_agree(plan, seen, sizes.randint(SMALLEST, 200))


@pytest.mark.slow
def test_more_bounds_than_one_ruleset_takes_are_decided() -> None:
    plan = programme({"1": 2100})
    seen = [value("1050/1000000")] * 2100
    assert all_agree(plan, seen, MAX_RULES) == 4
    with RuleBase(plan) as rules:
        verdicts = list(rules.decide(seen).requirements.values())
    assert verdicts == [PASS] * 1051 + [FAIL] * 1049


def open_programme(count: int, waived: bool) -> tuple[Plan, list[Observation]]:
    """So many bounds of all forms, no two alike, and numbers that lie anywhere between two ends.

    Args:
        count: how many.
        waived: whether each has a waiver, with a floor of its own.
    """
    throw = random.Random(count)
    requirements, seen = [], []
    for i in range(count):
        limit = Fraction(i, 7_000)
        forms = (">= {0}", "<= {0}", "> {0}", "< {0}", "== {0}", "!= {0}", ">= {0} <= {1}")
        cover = waiver(FAIL, UNKNOWN, floor=f">= {limit - 1} <= {limit + 2}") if waived else None
        requirements.append(needs(f"r{i}", forms[i % 7].format(limit, limit + 1), cover=cover))
        low, high = sorted(limit + throw.choice([-2, -1, 0, 0, 1, 2, 3]) for _ in range(2))
        seen.append(value(f"{low.numerator}/{low.denominator} to {high.numerator}/{high.denominator}"))
    criteria = tuple(PlannedCriterion(f"c{i}", "soft", i, str(i % 6)) for i in range(count))
    point = PlannedPoint("p", tuple(range(count)))
    return Plan(tuple(requirements), criteria, (point,), (gate("g", [0]),)), seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "waived", "rulesets"),
    [
        (400, False, 1),
        (400, True, 8),
        pytest.param(2_000, False, 8, marks=pytest.mark.long),
        pytest.param(2_000, True, 14, marks=pytest.mark.long),
    ],
)
def test_bounds_on_numbers_with_two_ends_keep_within_the_limits(count, waived, rulesets) -> None:
    plan, seen = open_programme(count, waived)
    made = divided(plan)
    assert len(made) == rulesets
    assert max(len(ruleset.rules) for ruleset in made) <= MAX_RULES
    assert all_agree(plan, seen, MAX_RULES) == rulesets
    with RuleBase(plan) as rules:
        verdicts = set(rules.decide(seen).requirements.values())
    assert verdicts == {PASS, FAIL, UNKNOWN} | ({WAIVED} if waived else set())


def test_options_that_are_scattered_over_many_bounds_are_decided() -> None:
    """In one ruleset the second bound would have a hundred spans, and durable-rules holds 60."""
    words = [f"word {i}" for i in range(200)]
    requirements = (needs("all", options=tuple(words)), needs("even", options=tuple(words[::2])))
    for word, verdict in [(words[0], PASS), (words[1], FAIL), ("other", FAIL)]:
        plan = Plan(requirements, (), (), ())
        all_agree(plan, [text(word)] * 2, MAX_RULES)
        with RuleBase(plan) as rules:
            assert rules.decide([text(word)] * 2).requirements["even"] is verdict


@pytest.mark.slow
def test_gates_of_many_caps_are_divided() -> None:
    requirements, seen = leaves([PASS])
    criteria = (PlannedCriterion("c", "hard", 0),)
    gates = tuple(gate(f"g{cap}", [0], cap=cap) for cap in range(700))
    all_agree(Plan(requirements, criteria, (PlannedPoint("p", (0,)),), gates), seen, MAX_RULES)


def test_areas_and_rulesets_of_one_hash_are_kept_apart(monkeypatch) -> None:
    assert fnv1a("liquid") == fnv1a("costarring")
    plan = programme({"liquid": 60, "costarring": 60})
    monkeypatch.setattr(
        "phasegate.rules.lint.hash_collisions.fnv1a",
        lambda name, *start: len(name) if ", part" in name else fnv1a(name, *start),
    )
    names = [ruleset.name for ruleset in divided(plan, 200)]
    assert len({len(name) for name in names}) == len(names) == 4
    assert not any(area and area in name for name in names for area in AREAS)


def test_a_piece_that_can_not_be_divided_is_refused_by_its_name() -> None:
    plan = programme({"1": 30})
    with pytest.raises(
        PlanTooLargeError, match=r"needs 13 rules at 'r0' and durable-rules takes 10"
    ) as caught:
        divided(plan, 10)
    assert caught.value.hint == (
        "larger plans are divided, but this is one piece: make its bound or its nesting simpler"
    )


def test_a_rule_that_is_missing_in_one_ruleset_is_an_error_there_and_above(monkeypatch) -> None:
    make_rules = partition.make_rules

    def sabotage(questions, nodes, *given):
        rules = make_rules(list(questions), nodes, *given)
        hit = any(node.owner == "r0" for node in nodes)
        return [rule for rule in rules if not (hit and rule.name == "question 0 holds")]

    monkeypatch.setattr(partition, "make_rules", sabotage)
    plan = programme({"1": 20, "2": 20})
    with RuleBase(plan, 60) as rules:
        decided = rules.decide([value("1")] * 40)
        assert list(rules.faults) == ["r0"]
    assert decided.requirements == {f"r{i}": PASS if i else ERROR for i in range(40)}
    assert decided.points == {"p0": ERROR, "p1": PASS}
    assert decided.gates["g"].state is UNDECIDED


@pytest.mark.parametrize("fails", ["__init__", "begin"])
def test_what_one_ruleset_refuses_leaves_no_other_behind(monkeypatch, fails) -> None:
    made, closed, ended = [], [], []

    class Fragile(Session):
        def __init__(self, name, definition):
            if fails == "__init__" and len(made) == 2:
                raise EngineFaultError("compiling the rules", name)
            super().__init__(name, definition)
            made.append(self)

        def begin(self, fact):
            if fails == "begin" and self is made[2]:
                raise EngineFaultError("beginning a run", "no")
            super().begin(fact)

        def end(self):
            ended.append(self)
            super().end()

        def close(self):
            closed.append(self)
            super().close()

    monkeypatch.setattr(rule_base, "Session", Fragile)
    plan = programme({"1": 20, "2": 20})
    with pytest.raises(EngineFaultError), RuleBase(plan, 80) as rules:
        rules.decide([value("1")] * 40)
    assert set(closed) == set(made)
    assert len(made) == (2 if fails == "__init__" else 4)
    if fails == "begin":
        assert set(made[:3]) <= set(ended)


def test_deep_trees_are_divided_with_the_rest() -> None:
    requirements, seen = leaves([PASS] * 40)
    criteria = tuple(
        PlannedCriterion(f"c{i}", "hard", AllOf((AllOf(tuple(range(i))), i)), AREAS[i % 3]) for i in range(40)
    )
    plan = Plan(
        requirements, criteria, (PlannedPoint("p", tuple(range(1, 40))),), (gate("g", [0], [1, 2], cap=3),)
    )
    assert all_agree(plan, seen, SMALLEST) > 4
