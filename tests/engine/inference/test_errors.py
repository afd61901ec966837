"""When the rules fail, or cannot be made, or a rule base comes to its end."""

import threading
from dataclasses import replace

import pytest
from plans import CLOSED, ERROR, FAIL, OPEN, PASS, UNDECIDED, decide, gate, leaves, needs, points, value

from phasegate.engine.inference import nodes, partition
from phasegate.engine.inference.errors import (
    ClosedRuleBaseError,
    CollidingNamesError,
    EngineFaultError,
    MalformedPlanError,
    PlanTooLargeError,
)
from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.inference.rule_syntax import InferenceRule, check_limits
from phasegate.engine.inference.rule_syntax import Test as RuleTest
from phasegate.engine.plan import AllOf, Plan, PlannedCriterion, PlannedPoint


def without(name):
    return lambda rules: [rule for rule in rules if rule.name != name]


def twice(name, outcome=None):
    def doubled(rules):
        (rule,) = [rule for rule in rules if rule.name == name]
        return [*rules, replace(rule, name="again", outcome=outcome or rule.outcome)]

    return doubled


SABOTAGE = [
    ("no rule for the value", without("question 0 holds"), "r0", ["r0", "c0", "p0", "g"]),
    ("a second rule that differs", twice("question 0 holds", FAIL), "r0", ["r0", "c0", "p0", "g"]),
    ("a second rule that agrees", twice("question 0 holds"), "r0", ["r0", "c0", "p0", "g"]),
    ("no rule for a node", without("worst of 1: pass, reached at 1"), "c0", ["c0", "p0", "c1", "p1", "g"]),
    ("no rule for members", without("worst of 2: pass, reached at 1"), "g", ["g"]),
    ("no rule for a gate", without("gate: at worst pass"), "g", ["g"]),
    ("a gate is decided twice", twice("gate: at worst pass", OPEN), "g", ["g"]),
    ("no rule for the chain", without("furthest of 1: open, reached at 1"), "g", ["g"]),
    ("no rule for the end", without("final: open"), "g", ["g"]),
    ("two ends", twice("final: open", CLOSED), "g", ["g"]),
]


@pytest.mark.parametrize(("what", "sabotage", "at", "hit"), SABOTAGE, ids=[case[0] for case in SABOTAGE])
def test_none_or_two_outcomes_are_an_error(monkeypatch, what, sabotage, at, hit) -> None:
    make_rules = partition.make_rules
    monkeypatch.setattr(partition, "make_rules", lambda *given: sabotage(make_rules(*given)))
    requirements, seen = leaves([PASS, PASS])
    requirements = (requirements[0], replace(requirements[1], tests=(), expected=True))
    plan = Plan(
        requirements,
        (PlannedCriterion("c0", "hard", 0), PlannedCriterion("c1", "hard", 1)),
        (PlannedPoint("p0", (0,)), PlannedPoint("p1", (1,))),
        (gate("g", [0, 1]),),
    )
    with RuleBase(plan) as rules:
        decided = rules.decide([seen[0], value(True)])
    verdicts = {**decided.requirements, **decided.criteria, **decided.points}
    broken = [name for name, verdict in verdicts.items() if verdict is not PASS]
    assert all(verdicts[name] is ERROR for name in broken)
    assert decided.gates["g"].state is UNDECIDED
    assert sorted([*broken, "g"]) == sorted(hit)
    assert "must conclude one outcome" in rules.faults[at]
    concluded = rules.faults[at].rpartition(" and concluded ")[2]
    assert concluded == "nothing" if what.startswith("no rule") else " and " in concluded


def test_a_fail_closes_even_where_another_rule_is_missing(monkeypatch) -> None:
    make_rules = partition.make_rules
    monkeypatch.setattr(partition, "make_rules", lambda *a: without("question 0 holds")(make_rules(*a)))
    requirements, seen = leaves([PASS, FAIL])
    plan = Plan(
        requirements,
        (PlannedCriterion("c", "hard", AllOf((0, 1))),),
        (PlannedPoint("p", (0,)),),
        (gate("g", [0]),),
    )
    with RuleBase(plan) as rules:
        decided = rules.decide(seen)
    assert decided.requirements == {"r0": ERROR, "r1": FAIL}
    assert decided.gates["g"].state is CLOSED


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Plan((needs("a", ">= 1"), needs("a", ">= 2")), (), (), ()), "'a': the id stands twice"),
        (Plan((needs("a"),), (), (), ()), "'a': it must have one of"),
        (Plan((needs("a", ">= 1", expected=True),), (), (), ()), "'a': it must have one of"),
        (Plan((), (PlannedCriterion("c", "hard", 0),), (), ()), "'c': there is no requirement number 0"),
        (
            Plan((needs("a", ">= 1"),), (PlannedCriterion("c", "hard", AllOf((-1,))),), (), ()),
            "'c': there is no requirement number -1",
        ),
        (Plan((), (), (PlannedPoint("p", (3,)),), ()), "'p': there is no criterion number 3"),
        (Plan((), (), (), (gate("g", [0]),)), "'g': there is no point number 0"),
        (Plan((), (), (), (gate("g", [], [0]),)), "'g': there is no target number 0"),
        (Plan((), (), (), (gate("g", after=[0]),)), "'g': there is no earlier gate number 0"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(plan, why) -> None:
    with pytest.raises(MalformedPlanError, match=why):
        RuleBase(plan)


def test_observations_must_match_the_requirements() -> None:
    with (
        RuleBase(Plan((needs(bound=">= 1"),), (), (), ())) as rules,
        pytest.raises(MalformedPlanError, match="1 requirements, 2 observations"),
    ):
        rules.decide([value("1"), value("2")])


def test_too_deep_a_tree_is_refused() -> None:
    rule = 0
    for _ in range(nodes.DEEPEST + 1):
        rule = AllOf((rule,))
    with pytest.raises(PlanTooLargeError, match="levels of all_of and any_of at 'c'"):
        RuleBase(Plan((needs(bound=">= 1"),), (PlannedCriterion("c", "hard", rule),), (), ()))


def rule_of(*facts):
    return InferenceRule("a rule", facts, PASS)


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ([rule_of(*[(RuleTest("v", "==", 1),)] * 17)], "17 facts at 'a rule'"),
        ([rule_of((RuleTest("v", "==", i),)) for i in range(501)], "501 tests side by side"),
        (
            [rule_of((RuleTest("k", "==", 1), RuleTest("v", ">=", i))) for i in range(61)],
            "61 matching tests side by side at 'k'",
        ),
    ],
    ids=["facts", "siblings", "matches"],
)
def test_limits_of_durable_rules_are_kept(rules, what) -> None:
    with pytest.raises(PlanTooLargeError, match=what):
        check_limits(rules)


def test_names_that_durable_rules_would_confuse_are_refused() -> None:
    rules = [rule_of((RuleTest(key, "==", 1),)) for key in ("liquid", "costarring")]
    with pytest.raises(CollidingNamesError, match="'liquid' and 'costarring'"):
        check_limits(rules)


def test_a_closed_rule_base_decides_nothing() -> None:
    rules = RuleBase(Plan((needs(bound=">= 1"),), (), (), ()))
    rules.close()
    rules.close()
    with pytest.raises(ClosedRuleBaseError):
        rules.decide([value("1")])


def test_runs_do_not_remember_each_other() -> None:
    with RuleBase(Plan((needs(bound=">= 1"),), (), (), ())) as rules:
        for number, verdict in [("1", PASS), ("0", FAIL), (None, ERROR), ("1", PASS)] * 5:
            assert rules.decide([value(number)]).requirements["r"] is verdict


def test_a_run_that_breaks_off_leaves_nothing_behind(monkeypatch) -> None:
    with RuleBase(Plan((needs(bound=">= 1"),), (), (), ())) as rules:
        with monkeypatch.context() as patch:
            patch.setattr("phasegate.engine.inference.execution.BLOCK", 0.5)
            with pytest.raises(EngineFaultError, match="no whole number"):
                rules.decide([value("1")])
        assert rules.decide([value("1")]).requirements["r"] is PASS


def test_two_rule_bases_do_not_disturb_each_other() -> None:
    one, two = (RuleBase(Plan((needs(bound=f">= {n}"),), (), (), ())) for n in (1, 2))
    assert one.decide([value("1")]).requirements["r"] is PASS
    assert two.decide([value("1")]).requirements["r"] is FAIL
    one.close()
    assert two.decide([value("2")]).requirements["r"] is PASS
    two.close()


def test_one_rule_base_serves_many_threads() -> None:
    found = []
    with RuleBase(Plan((needs(bound=">= 1"),), (), (), ())) as rules:

        def work(number):
            found.extend((number, rules.decide([value(str(number))]).requirements["r"]) for _ in range(20))

        threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 40
    assert all((verdict is PASS) == (number == 1) for number, verdict in found)


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    decide(*points("hard", verdicts=[PASS]))
    assert threading.active_count() == before
