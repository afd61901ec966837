"""durable-rules decides: requirements, criteria, points and gates, and what happens when it cannot."""

import threading
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from oracle import oracle
from strategies import scenarios

from phasegate.engine import inference, nodes
from phasegate.engine.faults import (
    ClosedRuleBaseError,
    CollidingNamesError,
    EngineFaultError,
    MalformedPlanError,
    PlanTooLargeError,
)
from phasegate.engine.inference import RuleBase
from phasegate.engine.plan import (
    AllOf,
    AnyOf,
    Comparison,
    Cover,
    Evidence,
    GateState,
    Observation,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
    Verdict,
)
from phasegate.engine.ruleset import InferenceRule, check_limits
from phasegate.engine.ruleset import Test as RuleTest

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
STALE, UNKNOWN = Verdict.STALE, Verdict.UNKNOWN
WAIVED, NOT_APPLICABLE = Verdict.WAIVED, Verdict.NOT_APPLICABLE
OPEN, OPEN_WITH_WAIVERS = GateState.OPEN, GateState.OPEN_WITH_WAIVERS
UNDECIDED, CLOSED = GateState.UNDECIDED, GateState.CLOSED


def needs(name="r", bound=None, **others):
    """A requirement; ``bound`` is written ``>= 95/100`` or ``>= 1 <= 2``."""
    words = (bound or "").split()
    tests = tuple(Comparison(c, Fraction(n)) for c, n in zip(words[::2], words[1::2], strict=True))
    return Requirement(name, f"m.{name}", "", bound or "", tests=tests, **others)


def waiver(*verdicts, floor=None):
    words = (floor or "").split()
    return Cover(
        "w", frozenset(verdicts), (Comparison(words[0], Fraction(words[1])),) if floor is not None else ()
    )


def value(number, evidence=Evidence.PRESENT):
    """An observation of a number, ``n/d`` as it was counted, of a truth value, or of nothing."""
    if number is None:
        return Observation(evidence)
    if isinstance(number, bool):
        return Observation(evidence, truth=number)
    numerator, _, denominator = number.partition("/")
    return Observation(evidence, int(numerator), int(denominator or 1))


def text(word):
    return Observation(Evidence.PRESENT, text=word)


def decide(plan, seen):
    with RuleBase(plan) as rules:
        decisions = rules.decide(seen)
    assert not rules.faults
    assert decisions == oracle(plan, seen)
    return decisions


def alone(requirement, seen):
    """The verdict of one requirement by itself."""
    return decide(Plan((requirement,), (), (), ()), [seen]).requirements["r"]


# --- requirements ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "number", "verdict"),
    [
        (">= 95/100", "95/100", PASS),
        (">= 95/100", "94999999999999999999/100000000000000000000", FAIL),
        (">= 95/100", "95000000000000000001/100000000000000000000", PASS),
        ("> 95/100", "95/100", FAIL),
        ("> 95/100", "95000000000000000001/100000000000000000000", PASS),
        ("<= 31", "31", PASS),
        ("<= 31", "3100000000000000000001/100000000000000000000", FAIL),
        ("< 31", "31", FAIL),
        ("< 31", "3099999999999999999999/100000000000000000000", PASS),
        ("== 3", "6/2", PASS),
        ("== 3", "3000000000000000000001/1000000000000000000000", FAIL),
        ("!= 3", "3000000000000000000001/1000000000000000000000", PASS),
        ("!= 3", "3", FAIL),
        (">= 1/3", "1/3", PASS),
        (">= 1/3", "333333333333333333/1000000000000000000", FAIL),
        (">= 0", "0", PASS),
        (">= 0", "-1/1000000000000000000000", FAIL),
        ("<= 0", "0/7", PASS),
        (">= -5/100", "-5/100", PASS),
        (">= 17300000", "17300000", PASS),
        (">= 1000000000000000000", "1000000000000000000", PASS),
        (">= 1000000000000000000", "999999999999999999", FAIL),
        (">= 1", "123456789012345678901234567890", PASS),
        (">= 1", "-123456789012345678901234567890", FAIL),
        (">= 1 <= 2", "1", PASS),
        (">= 1 <= 2", "2", PASS),
        (">= 1 <= 2", "201/100", FAIL),
        (">= 1 <= 2", "99/100", FAIL),
        (">= 95/100", None, ERROR),
        (">= 95/100", "95/0", ERROR),
        (">= 95/100", "-95/-100", ERROR),
        (">= 95/100", True, ERROR),
    ],
)
def test_a_number_is_compared_exactly(bound, number, verdict) -> None:
    assert alone(needs(bound=bound), value(number)) is verdict


@pytest.mark.parametrize(
    ("expected", "truth", "verdict"),
    [
        (True, True, PASS),
        (True, False, FAIL),
        (False, False, PASS),
        (False, True, FAIL),
        (True, None, ERROR),
        (False, None, ERROR),
        (True, "1", ERROR),
    ],
)
def test_a_truth_value_is_the_expected_one(expected, truth, verdict) -> None:
    assert alone(needs(expected=expected), value(truth)) is verdict


@pytest.mark.parametrize(
    ("options", "word", "verdict"),
    [
        (("low", "medium"), "low", PASS),
        (("low", "medium"), "medium", PASS),
        (("low", "medium"), "high", FAIL),
        (("low", "medium"), "Low", FAIL),
        (("low", "medium"), "", FAIL),
        (("low", "medium"), None, ERROR),
        (("liquid",), "costarring", FAIL),
        (("liquid",), "liquid", PASS),
        (('a "quoted" \\ Ω',), 'a "quoted" \\ Ω', PASS),
    ],
)
def test_a_text_is_one_of_the_options(options, word, verdict) -> None:
    assert alone(needs(options=options), text(word)) is verdict


def test_options_of_several_bounds_share_their_texts() -> None:
    words = ("a", "b", "c", "d", "e")
    options = [("a", "c", "e"), ("b",), ("e", "a"), ("d", "c", "b"), words]
    pairs = [(o, w) for o in options for w in (*words, "f")]
    plan = Plan(tuple(needs(str(i), options=o) for i, (o, _) in enumerate(pairs)), (), (), ())
    decided = decide(plan, [text(w) for _, w in pairs]).requirements
    assert [v is PASS for v in decided.values()] == [w in o for o, w in pairs]


@pytest.mark.parametrize(
    ("evidence", "covered", "verdict"),
    [
        (Evidence.NOT_APPLICABLE, (FAIL, STALE, UNKNOWN), NOT_APPLICABLE),
        (Evidence.ERROR, (FAIL, STALE, UNKNOWN), ERROR),
        (Evidence.STALE, (), STALE),
        (Evidence.STALE, (FAIL, UNKNOWN), STALE),
        (Evidence.STALE, (STALE,), WAIVED),
        (Evidence.UNKNOWN, (), UNKNOWN),
        (Evidence.UNKNOWN, (FAIL, STALE), UNKNOWN),
        (Evidence.UNKNOWN, (UNKNOWN,), WAIVED),
        (Evidence.PRESENT, (FAIL,), WAIVED),
        (Evidence.PRESENT, (STALE, UNKNOWN), FAIL),
    ],
)
def test_a_waiver_covers_what_it_names_and_never_an_error(evidence, covered, verdict) -> None:
    requirement = needs(bound=">= 95/100", cover=waiver(*covered))
    assert alone(requirement, value("94/100", evidence)) is verdict


@pytest.mark.parametrize(
    ("evidence", "number", "verdict"),
    [
        (Evidence.PRESENT, "95/100", PASS),
        (Evidence.PRESENT, "94/100", WAIVED),
        (Evidence.PRESENT, "93/100", WAIVED),
        (Evidence.PRESENT, "92999999999/100000000000", FAIL),
        (Evidence.PRESENT, "10/100", FAIL),
        (Evidence.PRESENT, None, ERROR),
        (Evidence.STALE, "93/100", WAIVED),
        (Evidence.STALE, "10/100", STALE),
        (Evidence.STALE, None, STALE),
        (Evidence.UNKNOWN, None, WAIVED),
        (Evidence.UNKNOWN, "10/100", WAIVED),
        (Evidence.ERROR, "94/100", ERROR),
    ],
)
def test_granted_at_93_percent_a_waiver_does_not_cover_10(evidence, number, verdict) -> None:
    requirement = needs(bound=">= 95/100", cover=waiver(FAIL, STALE, UNKNOWN, floor=">= 93/100"))
    assert alone(requirement, value(number, evidence)) is verdict


def test_a_floor_needs_a_number_even_under_a_truth_value() -> None:
    requirement = needs(expected=True, cover=waiver(FAIL, STALE, floor=">= 1/2"))
    assert alone(requirement, value(False)) is FAIL
    assert alone(requirement, Observation(Evidence.PRESENT, 1, 2, truth=False)) is WAIVED
    assert alone(requirement, value(None, Evidence.STALE)) is STALE


@pytest.mark.parametrize("limit", [2**62, -(2**80)])
def test_a_limit_beyond_64_bits_is_an_error_and_says_so(limit) -> None:
    plan = Plan((needs(bound=f">= {limit}"),), (), (), ())
    with RuleBase(plan) as rules:
        assert rules.decide([value("95/100")]).requirements["r"] is ERROR
        assert str(limit) in rules.faults["r"]


def test_a_floor_beyond_64_bits_covers_nothing() -> None:
    requirement = needs(bound=">= 95/100", cover=waiver(FAIL, STALE, floor=f"<= {2**80}"))
    with RuleBase(Plan((requirement,), (), (), ())) as rules:
        assert rules.decide([value("94/100")]).requirements["r"] is FAIL
        assert rules.decide([value("94/100", Evidence.STALE)]).requirements["r"] is STALE
        assert rules.decide([value("95/100")]).requirements["r"] is PASS


# --- criteria -------------------------------------------------------------------------------------

SHOWS = {
    PASS: value("1"),
    FAIL: value("0"),
    ERROR: value(None, Evidence.ERROR),
    STALE: value(None, Evidence.STALE),
    UNKNOWN: value(None, Evidence.UNKNOWN),
    NOT_APPLICABLE: value(None, Evidence.NOT_APPLICABLE),
    WAIVED: value("0"),
}


def leaves(verdicts):
    """Requirements with observations that give them these verdicts."""
    cover = waiver(FAIL)
    return (
        tuple(needs(f"r{i}", ">= 1", cover=cover if v is WAIVED else None) for i, v in enumerate(verdicts)),
        [SHOWS[v] for v in verdicts],
    )


def criterion(rule, verdicts):
    requirements, seen = leaves(verdicts)
    plan = Plan(requirements, (PlannedCriterion("c", "hard", rule),), (), ())
    return decide(plan, seen).criteria["c"]


@pytest.mark.parametrize(
    ("rule", "verdicts", "verdict"),
    [
        (0, [PASS], PASS),
        (AllOf((0,)), [STALE], STALE),
        (AllOf((0, 1)), [PASS, NOT_APPLICABLE], PASS),
        (AllOf((0, 1)), [NOT_APPLICABLE, NOT_APPLICABLE], NOT_APPLICABLE),
        (AllOf((0, 1)), [WAIVED, PASS], WAIVED),
        (AllOf((0, 1)), [WAIVED, UNKNOWN], UNKNOWN),
        (AllOf((0, 1)), [STALE, UNKNOWN], STALE),
        (AllOf((0, 1)), [STALE, ERROR], ERROR),
        (AllOf((0, 1)), [FAIL, ERROR], FAIL),
        (AllOf((0, 1, 2, 3, 4, 5, 6)), [PASS, PASS, PASS, PASS, PASS, PASS, FAIL], FAIL),
        (AllOf(()), [], ERROR),
        (AllOf((0, AllOf(()))), [PASS], ERROR),
        (AnyOf(()), [], ERROR),
        (AnyOf((0, 1)), [FAIL, PASS], PASS),
        (AnyOf((0, 1)), [WAIVED, PASS], PASS),
        (AnyOf((0, 1)), [FAIL, WAIVED], WAIVED),
        (AnyOf((0, 1)), [FAIL, NOT_APPLICABLE], NOT_APPLICABLE),
        (AnyOf((0, 1)), [FAIL, UNKNOWN], UNKNOWN),
        (AnyOf((0, 1)), [STALE, UNKNOWN], STALE),
        (AnyOf((0, 1)), [STALE, ERROR], ERROR),
        (AnyOf((0, 1)), [FAIL, FAIL], FAIL),
        (AllOf((0, AnyOf((1, AllOf((2, AnyOf((3, 4)))))))), [PASS, FAIL, PASS, FAIL, PASS], PASS),
        (AllOf((0, AnyOf((1, AllOf((2, AnyOf((3, 4)))))))), [PASS, FAIL, PASS, FAIL, FAIL], FAIL),
    ],
)
def test_a_criterion_follows_from_its_requirements(rule, verdicts, verdict) -> None:
    assert criterion(rule, verdicts) is verdict


@pytest.mark.parametrize("node", [AllOf, AnyOf])
def test_every_pair_and_every_width_is_decided_as_the_oracle_does(node) -> None:
    for first in Verdict:
        for second in Verdict:
            criterion(node((0, 1)), [first, second])
    for width in range(1, 30):
        verdicts = [Verdict((index * 5 + width) % 7) for index in range(width)]
        criterion(node(tuple(range(width))), verdicts)


def test_a_tree_may_be_deep() -> None:
    rule = 0
    for depth in range(150):
        rule = (AllOf, AnyOf)[depth % 2]((rule,))
    assert criterion(rule, [PASS]) is PASS


# --- points and gates -----------------------------------------------------------------------------


def points(*levels, verdicts):
    """A plan with one point whose criteria have these enforcements and verdicts."""
    requirements, seen = leaves(verdicts)
    criteria = tuple(PlannedCriterion(f"c{i}", level, i) for i, level in enumerate(levels))
    return Plan(requirements, criteria, (PlannedPoint("p", tuple(range(len(levels)))),), ()), seen


@pytest.mark.parametrize(
    ("levels", "verdicts", "verdict"),
    [
        (["hard", "soft"], [PASS, PASS], PASS),
        (["hard", "soft"], [PASS, FAIL], FAIL),
        (["hard", "advisory"], [PASS, FAIL], PASS),
        (["hard", "advisory"], [NOT_APPLICABLE, PASS], NOT_APPLICABLE),
        (["hard", "hard"], [NOT_APPLICABLE, PASS], PASS),
        (["advisory"], [PASS], ERROR),
        ([], [], ERROR),
    ],
)
def test_a_point_is_the_worst_of_what_is_not_advisory(levels, verdicts, verdict) -> None:
    assert decide(*points(*levels, verdicts=verdicts)).points["p"] is verdict


def gated(verdicts, *gates, advisory=()):
    """A plan in which point and criterion number i rest on requirement i; gates as given."""
    requirements, seen = leaves(verdicts)
    criteria = tuple(
        PlannedCriterion(f"c{i}", "advisory" if i in advisory else "hard", i) for i in range(len(verdicts))
    )
    made = tuple(PlannedPoint(f"p{i}", (i,)) for i in range(len(verdicts)))
    plan = Plan(requirements, criteria, made, gates)
    return list(decide(plan, seen).gates.values())


def gate(name, at=(), targets=(), after=(), cap=None):
    return PlannedGate(name, tuple(at), tuple(targets), tuple(after), cap)


@pytest.mark.parametrize(
    ("verdicts", "shape", "state"),
    [
        ([PASS, PASS], gate("g", [0, 1]), OPEN),
        ([PASS, FAIL], gate("g", [0, 1]), CLOSED),
        ([ERROR, FAIL], gate("g", [0, 1]), CLOSED),
        ([PASS, ERROR], gate("g", [0, 1]), UNDECIDED),
        ([PASS, STALE], gate("g", [0, 1]), UNDECIDED),
        ([PASS, UNKNOWN], gate("g", [0, 1]), UNDECIDED),
        ([PASS, WAIVED], gate("g", [0, 1]), OPEN_WITH_WAIVERS),
        ([WAIVED, UNKNOWN], gate("g", [0, 1]), UNDECIDED),
        ([PASS, NOT_APPLICABLE], gate("g", [0, 1]), OPEN),
        ([NOT_APPLICABLE, NOT_APPLICABLE], gate("g", [0, 1]), UNDECIDED),
        ([NOT_APPLICABLE, WAIVED], gate("g", [0, 1]), OPEN_WITH_WAIVERS),
        ([PASS, FAIL], gate("g", [0], [1]), CLOSED),
        ([NOT_APPLICABLE, PASS], gate("g", [0], [1]), OPEN),
        ([PASS], gate("g"), UNDECIDED),
        ([PASS], gate("g", [], [0]), UNDECIDED),
        ([FAIL], gate("g", [], [0]), CLOSED),
        ([WAIVED], gate("g", [], [0]), UNDECIDED),
        ([WAIVED, WAIVED], gate("g", [0, 1], cap=2), OPEN_WITH_WAIVERS),
        ([WAIVED, WAIVED], gate("g", [0, 1], cap=1), CLOSED),
        ([WAIVED, UNKNOWN], gate("g", [0, 1], cap=0), CLOSED),
        ([PASS, PASS], gate("g", [0, 1], cap=0), OPEN),
    ],
)
def test_a_gate_by_itself(verdicts, shape, state) -> None:
    assert gated(verdicts, shape)[0].state is state


def test_an_advisory_target_is_shown_and_never_counted() -> None:
    (decided,) = gated([PASS, FAIL], gate("g", [0], [1]), advisory=[1])
    assert decided.state is OPEN


@pytest.mark.parametrize(
    ("first", "second", "states"),
    [
        (PASS, PASS, [OPEN, OPEN]),
        (FAIL, PASS, [CLOSED, CLOSED]),
        (UNKNOWN, PASS, [UNDECIDED, UNDECIDED]),
        (UNKNOWN, FAIL, [UNDECIDED, CLOSED]),
        (WAIVED, PASS, [OPEN_WITH_WAIVERS, OPEN_WITH_WAIVERS]),
        (PASS, WAIVED, [OPEN, OPEN_WITH_WAIVERS]),
    ],
)
def test_a_gate_needs_the_gates_before_it(first, second, states) -> None:
    decided = gated([first, second], gate("1", [0]), gate("2", [1], after=[0]))
    assert [d.state for d in decided] == states
    assert decided[1].own is gated([second], gate("2", [0]))[0].own


def test_waivers_are_inherited_once_and_counted_together() -> None:
    first, second, third = gated(
        [WAIVED, WAIVED, WAIVED],
        gate("1", [0, 1], cap=2),
        gate("2", [1, 2], after=[0]),
        gate("3", [2], after=[0, 1], cap=2),
    )
    assert first.waivers == ("r0", "r1")
    assert second.waivers == ("r0", "r1", "r2")
    assert third.waivers == ("r0", "r1", "r2")
    assert [d.state for d in (first, second, third)] == [OPEN_WITH_WAIVERS, OPEN_WITH_WAIVERS, CLOSED]
    assert third.own is OPEN_WITH_WAIVERS


def test_a_gate_rests_on_no_waiver_that_another_part_makes_needless() -> None:
    requirements, seen = leaves([PASS, WAIVED])
    plan = Plan(
        requirements,
        (PlannedCriterion("c", "hard", AnyOf((0, 1))),),
        (PlannedPoint("p", (0,)),),
        (gate("g", [0]),),
    )
    assert decide(plan, seen).gates["g"].waivers == ()


def test_ids_of_one_hash_do_not_meet_in_the_engine() -> None:
    requirements, seen = leaves([PASS, FAIL])
    names = ("liquid", "costarring")
    plan = Plan(
        tuple(replace(r, id=n) for r, n in zip(requirements, names, strict=True)),
        tuple(PlannedCriterion(n, "hard", i) for i, n in enumerate(names)),
        tuple(PlannedPoint(n, (i,)) for i, n in enumerate(names)),
        tuple(gate(n, [i]) for i, n in enumerate(names)),
    )
    decided = decide(plan, seen)
    assert list(decided.points.values()) == [PASS, FAIL]
    assert [d.state for d in decided.gates.values()] == [OPEN, CLOSED]


# --- sabotage: the rules must conclude exactly one outcome ------------------------------------------


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
    make_rules = inference.make_rules
    monkeypatch.setattr(inference, "make_rules", lambda *given: sabotage(make_rules(*given)))
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


def test_a_fail_closes_even_where_another_rule_is_missing(monkeypatch) -> None:
    make_rules = inference.make_rules
    monkeypatch.setattr(inference, "make_rules", lambda *a: without("question 0 holds")(make_rules(*a)))
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


# --- plans that cannot be decided -------------------------------------------------------------------


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


def test_too_many_bounds_are_refused_before_durable_rules_sees_them() -> None:
    many = tuple(needs(f"r{i}", f">= {i}/10000") for i in range(2100))
    with pytest.raises(PlanTooLargeError, match=r"\d+ rules and durable-rules takes 4096"):
        RuleBase(Plan(many, (), (), ()))


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


# --- the life of a rule base --------------------------------------------------------------------------


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
            patch.setattr("phasegate.engine.run.BLOCK", 0.5)
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


# --- agreement with the oracle ------------------------------------------------------------------------

BOUNDARY_PERCENT = (85, 90, 92, 95)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_the_engine_agrees_with_the_oracle(scenario) -> None:
    decide(*scenario)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(max_points=6))
def test_the_engine_agrees_with_the_oracle_10_000_times(scenario) -> None:
    decide(*scenario)


def boundaries(sizes):
    """For each size n the k around each percentage of n: below it, on or above it, further above."""
    for percent in BOUNDARY_PERCENT:
        for size in sizes:
            first = -(-percent * size // 100)
            for k in (first - 1, first, first + 1):
                yield percent, k, size


@pytest.mark.parametrize(
    "sizes",
    [range(1, 2001, 19), pytest.param(range(1, 2001), marks=pytest.mark.slow)],
    ids=["some sizes", "all sizes up to 2,000"],
)
def test_k_of_n_is_exact_at_the_boundary(sizes) -> None:
    cases = list(boundaries(sizes))
    bounds = [(p, c) for p in BOUNDARY_PERCENT for c in (">=", "<")]
    requirements = []
    seen = []
    expected = []
    for index, (percent, k, size) in enumerate(cases):
        for comparator in (">=", "<"):
            assert (percent, comparator) in bounds
            requirements.append(needs(f"{index}{comparator}", f"{comparator} {percent}/100"))
            seen.append(Observation(Evidence.PRESENT, k, size))
            expected.append(PASS if (100 * k >= percent * size) == (comparator == ">=") else FAIL)
    with RuleBase(Plan(tuple(requirements), (), (), ())) as rules:
        assert list(rules.decide(seen).requirements.values()) == expected


@pytest.mark.slow
def test_1000_runs_take_no_more_memory_than_ten() -> None:
    psutil = pytest.importorskip("psutil")
    requirements, seen = leaves([list(Verdict)[i % 7] for i in range(400)])
    criteria = tuple(
        PlannedCriterion(f"c{i}", "hard", AllOf(tuple(range(4 * i, 4 * i + 4)))) for i in range(100)
    )
    made = tuple(PlannedPoint(f"p{i}", tuple(range(4 * i, 4 * i + 4))) for i in range(25))
    plan = Plan(requirements, criteria, made, (gate("g", range(25)),))
    process = psutil.Process()
    with RuleBase(plan) as rules:
        for _ in range(10):
            rules.decide(seen)
        before = process.memory_info().rss
        for _ in range(990):
            rules.decide(seen)
        assert process.memory_info().rss - before < 10 * 2**20
    before = process.memory_info().rss
    for _ in range(100):
        with RuleBase(plan) as rules:
            rules.decide(seen)
    assert process.memory_info().rss - before < 10 * 2**20
