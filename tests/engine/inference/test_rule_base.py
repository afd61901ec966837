"""durable-rules decides requirements and criteria, and agrees with the oracle."""

import dice
import pytest
from dice import thrown
from hypothesis import HealthCheck, given, settings
from plans import (
    ERROR,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    STALE,
    UNKNOWN,
    WAIVED,
    decide,
    gate,
    leaves,
    needs,
    text,
    value,
    waiver,
)
from sizes import examples
from strategies import scenarios

from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.plan import AllOf, AnyOf, Observation, Plan, PlannedCriterion, PlannedPoint
from phasegate.rules.model.verdict import Evidence, Verdict


def alone(requirement, seen):
    """The verdict of one requirement by itself."""
    return decide(Plan((requirement,), (), (), ()), [seen]).requirements["r"]


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
    ("bound", "number", "verdict"),
    [
        (">= 95/100", "95/100 to 96/100", PASS),
        (">= 95/100", "94/100 to 95/100", UNKNOWN),
        (">= 95/100", "0/100 to 949999999999999999999/1000000000000000000000", FAIL),
        (">= 95/100", "949999999999999999999/1000000000000000000000 to 1", UNKNOWN),
        ("> 95/100", "95/100 to 96/100", UNKNOWN),
        ("> 95/100", "0 to 95/100", FAIL),
        ("<= 31", "0 to 31", PASS),
        ("<= 31", "31 to 32", UNKNOWN),
        ("<= 31", "32 to 33", FAIL),
        ("< 31", "30 to 31", UNKNOWN),
        ("< 31", "31 to 32", FAIL),
        ("== 3", "3 to 6/2", PASS),
        ("== 3", "3 to 4", UNKNOWN),
        ("== 3", "2 to 4", UNKNOWN),
        ("== 3", "4 to 5", FAIL),
        ("!= 3", "3 to 3", FAIL),
        ("!= 3", "2 to 3", UNKNOWN),
        ("!= 3", "2 to 4", UNKNOWN),
        ("!= 3", "4 to 5", PASS),
        (">= 1 <= 2", "1 to 2", PASS),
        (">= 1 <= 2", "0 to 2", UNKNOWN),
        (">= 1 <= 2", "1 to 3", UNKNOWN),
        (">= 1 <= 2", "0 to 3", UNKNOWN),
        (">= 1 <= 2", "0 to 99/100", FAIL),
        (">= 1 <= 2", "201/100 to 3", FAIL),
        (">= 1", "-123456789012345678901234567890 to 123456789012345678901234567890", UNKNOWN),
        (">= 1", "1 to 123456789012345678901234567890", PASS),
        (">= 1", "2 to 1", ERROR),
        ("!= 1", "3 to 2", ERROR),
        (">= 1", "2 to 3/0", ERROR),
        (">= 1", "2 to -3/-1", ERROR),
    ],
)
def test_all_numbers_between_two_ends_are_compared(bound, number, verdict) -> None:
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
        (Evidence.UNKNOWN, None, UNKNOWN),
        (Evidence.UNKNOWN, "10/100", UNKNOWN),
        (Evidence.UNKNOWN, "93/100", WAIVED),
        (Evidence.ERROR, "94/100", ERROR),
        # Missing values leave open what it is; the worst that it can be is held against the floor.
        (Evidence.PRESENT, "95/100 to 97/100", PASS),
        (Evidence.PRESENT, "93/100 to 97/100", WAIVED),
        (Evidence.PRESENT, "92/100 to 97/100", UNKNOWN),
        (Evidence.PRESENT, "0/100 to 100/100", UNKNOWN),
        (Evidence.PRESENT, "93/100 to 94/100", WAIVED),
        (Evidence.PRESENT, "92/100 to 94/100", FAIL),
        (Evidence.PRESENT, "97/100 to 93/100", ERROR),
        (Evidence.STALE, "93/100 to 97/100", WAIVED),
        (Evidence.STALE, "92/100 to 97/100", STALE),
        (Evidence.STALE, "97/100 to 93/100", STALE),
    ],
)
def test_granted_at_93_percent_a_waiver_does_not_cover_10(evidence, number, verdict) -> None:
    requirement = needs(bound=">= 95/100", cover=waiver(FAIL, STALE, UNKNOWN, floor=">= 93/100"))
    assert alone(requirement, value(number, evidence)) is verdict


@pytest.mark.parametrize(
    ("covered", "verdict"), [((UNKNOWN,), UNKNOWN), ((FAIL, STALE, UNKNOWN), UNKNOWN), ((), UNKNOWN)]
)
def test_without_a_floor_no_number_that_may_fail_is_covered(covered, verdict) -> None:
    requirement = needs(bound=">= 95/100", cover=waiver(*covered))
    assert alone(requirement, value("50/100 to 97/100")) is verdict


@pytest.mark.parametrize(
    ("number", "verdict"), [("7", WAIVED), ("3", WAIVED), ("0 to 9", WAIVED), (None, UNKNOWN)]
)
def test_a_floor_that_any_number_meets_asks_for_a_number(number, verdict) -> None:
    requirement = needs(bound="!= 3", cover=waiver(FAIL, STALE, UNKNOWN, floor=""))
    evidence = Evidence.STALE if number == "7" else Evidence.PRESENT if number else Evidence.UNKNOWN
    assert alone(requirement, value(number, evidence)) is verdict


def test_a_floor_needs_a_number_even_under_a_truth_value() -> None:
    requirement = needs(expected=True, cover=waiver(FAIL, STALE, floor=">= 1/2"))
    assert alone(requirement, value(False)) is FAIL
    assert alone(requirement, Observation(Evidence.PRESENT, (1, 2), (1, 2), truth=False)) is WAIVED
    assert alone(requirement, value(None, Evidence.STALE)) is STALE


@pytest.mark.parametrize("limit", [2**62, -(2**80)])
@pytest.mark.parametrize("comparator", [">=", "==", "!="])
def test_a_limit_beyond_64_bits_is_an_error_and_says_so(comparator, limit) -> None:
    plan = Plan((needs(bound=f"{comparator} {limit}"),), (), (), ())
    with RuleBase(plan) as rules:
        for number in ("95/100", f"0 to {2**90}"):
            assert rules.decide([value(number)]).requirements["r"] is ERROR
        assert rules.faults["r"] == f"the limit {limit} is no whole number of 64 bits at any scale"


def test_a_floor_beyond_64_bits_covers_nothing() -> None:
    requirement = needs(bound=">= 95/100", cover=waiver(FAIL, STALE, floor=f"<= {2**80}"))
    with RuleBase(Plan((requirement,), (), (), ())) as rules:
        assert rules.decide([value("94/100")]).requirements["r"] is FAIL
        assert rules.decide([value("94/100", Evidence.STALE)]).requirements["r"] is STALE
        assert rules.decide([value("95/100")]).requirements["r"] is PASS


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
        (AnyOf((0, 1)), [FAIL, NOT_APPLICABLE], FAIL),
        (AnyOf((0, 1)), [NOT_APPLICABLE, NOT_APPLICABLE], NOT_APPLICABLE),
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


BOUNDARY_PERCENT = (85, 90, 92, 95)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(max_points=3))
def test_the_engine_agrees_with_the_oracle(scenario) -> None:
    decide(*scenario)


@pytest.mark.parametrize(
    "count",
    [
        20,
        pytest.param(200, marks=pytest.mark.slow),
        *(pytest.param(1_000, marks=pytest.mark.long, id=f"1000-{part}") for part in (1, 2)),
    ],
)
def test_the_engine_agrees_with_the_oracle_on_many_plans(count: int) -> None:
    for scenario in thrown(dice.strategies.scenarios(max_points=6), count):
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
            seen.append(Observation.known(Evidence.PRESENT, k, size))
            expected.append(PASS if (100 * k >= percent * size) == (comparator == ">=") else FAIL)
    with RuleBase(Plan(tuple(requirements), (), (), ())) as rules:
        assert list(rules.decide(seen).requirements.values()) == expected


@pytest.mark.parametrize(
    "runs", [pytest.param(80, marks=pytest.mark.slow), pytest.param(1000, marks=pytest.mark.long)]
)
def test_many_runs_take_no_more_memory_than_ten(runs: int) -> None:
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
        for _ in range(runs - 10):
            rules.decide(seen)
        assert process.memory_info().rss - before < max(runs * 10, 4_000) * 2**10
    before = process.memory_info().rss
    for _ in range(100):
        with RuleBase(plan) as rules:
            rules.decide(seen)
    assert process.memory_info().rss - before < max(runs * 10, 4_000) * 2**10
