"""Every whole number between two ends, one after the other, against what the engines say of all at once."""

from __future__ import annotations

import itertools
from fractions import Fraction

import polars as pl
import pytest

from phasegate.engine.columnar import evaluate
from phasegate.engine.floors import UnfitFloorError, floor_of
from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.plan import Comparison, Cover, Observation, Plan, Requirement
from phasegate.engine.plan import tests_of as comparisons_of
from phasegate.engine.reference import decide
from phasegate.rules.model.verdict import BY_WORD, Evidence
from phasegate.rules.values.bounds import Bound

WHOLE = range(6)
BOUNDS = [
    *(f"{operator} {limit}" for operator in (">=", "<=", ">", "<", "==", "!=") for limit in range(-1, 7)),
    *(f"between {low} and {high}" for low in range(-1, 6) for high in range(low, 7)),
]


def passes(bound: str, value: int) -> bool:
    """Whether one whole number meets a bound, as Python says it."""
    if bound.startswith("between"):
        _, low, _, high = bound.split()
        return int(low) <= value <= int(high)
    return bool(eval(f"{value} {bound}"))


def verdict_of(bound: str, covers: tuple[str, ...], floor: int | None, values: range) -> str:
    """The verdict on a number that is one of these, by looking at each of them."""
    found = {passes(bound, value) for value in values}
    if found == {True}:
        return "pass"
    verdict = "fail" if found == {False} else "unknown"
    excused = floor is not None and all(
        passes(bound, value) or all_pass_beyond(bound, floor, value) for value in values
    )
    return "waived" if verdict in covers and excused else verdict


def all_pass_beyond(bound: str, floor: int, value: int) -> bool:
    """Whether a number that fails lies between the floor and the nearest number that passes beyond it."""
    if bound.startswith("!="):
        return value == floor
    away = [each for each in range(-9, 15) if passes(bound, each)]
    upward = bool(away) and floor <= away[0]
    return floor <= value < away[0] if upward else bool(away) and away[-1] < value <= floor


def requirements(bounds: list[str]) -> list[tuple[Requirement, str, tuple[str, ...], int | None]]:
    made = []
    for bound, covers, floor in itertools.product(
        bounds, [(), ("fail",), ("unknown",), ("fail", "unknown")], [None, *range(-1, 7)]
    ):
        tests = comparisons_of(Bound.parse(bound))
        try:
            sides = floor_of(None if floor is None else str(floor), covers, tests, None)
        except UnfitFloorError:
            continue
        cover = Cover("w", frozenset(BY_WORD[each] for each in covers), sides) if covers else None
        if covers or floor is None:
            name = f"{bound} {covers} {floor}"
            made.append((Requirement(name, "m", "", bound, tests=tests, cover=cover), bound, covers, floor))
    return made


PARTS = 16


@pytest.mark.sampled(every=PARTS)
@pytest.mark.parametrize(
    "bounds", [pytest.param(BOUNDS[at::PARTS], id=f"part {at + 1}") for at in range(PARTS)]
)
def test_all_whole_numbers_between_the_ends(bounds: list[str]) -> None:
    asked = requirements(bounds)
    plan = Plan(tuple(each for each, *_ in asked), (), (), ())
    ends = list(itertools.combinations_with_replacement(WHOLE, 2))
    columns = {
        "e": [int(Evidence.PRESENT)] * len(ends),
        "n": [2 * low for low, _ in ends],
        "d": [2] * len(ends),
    }
    columns |= {"hn": [high for _, high in ends], "hd": [1] * len(ends)}
    units = pl.DataFrame(
        {f"{name}{i}": column for i in range(len(asked)) for name, column in columns.items()}
    )
    in_columns = evaluate.decide_units(plan, units)
    with RuleBase(plan) as rules:
        for row, (low, high) in enumerate(ends):
            seen = [Observation(Evidence.PRESENT, (2 * low, 2), (high, 1))] * len(asked)
            expected = [
                BY_WORD[verdict_of(bound, covers, floor, range(low, high + 1))]
                for _, bound, covers, floor in asked
            ]
            assert list(rules.decide(seen).requirements.values()) == expected
            assert list(decide(plan, seen).requirements.values()) == expected
            assert [in_columns[f"r{i}"][row] for i in range(len(asked))] == expected
        assert not rules.faults


def test_a_number_between_whole_ones_is_possible_too() -> None:
    """Ends are ends of all numbers between them: of a count of rows 2.5 is not ruled out."""
    asked = Requirement("r", "m", "", "== 2.5", tests=comparisons_of(Bound.parse("== 2.5")))
    seen = [Observation(Evidence.PRESENT, (2, 1), (3, 1))]
    assert decide(Plan((asked,), (), (), ()), seen).requirements["r"].word == "unknown"
    assert Fraction(5, 2) == asked.tests[0].limit


@pytest.mark.parametrize("tests", [(), comparisons_of(Bound.parse(">= 3"))], ids=["truth", "number"])
@pytest.mark.parametrize(
    ("evidence", "covers", "verdict"),
    [
        (Evidence.UNKNOWN, {"unknown"}, "waived"),
        (Evidence.UNDETERMINED, {"unknown"}, "unknown"),
        (Evidence.UNDETERMINED, {"stale"}, "unknown"),
        (Evidence.UNDETERMINED, {"unknown", "fail"}, "waived"),
        (Evidence.UNDETERMINED, {"fail"}, "unknown"),
    ],
)
def test_rows_that_may_fail_are_no_missing_evidence(
    evidence: Evidence, covers: set[str], verdict: str, tests: tuple[Comparison, ...]
) -> None:
    """Without a floor, a waiver covers an unknown of undetermined rows only where it covers a failure."""
    cover = Cover("w", frozenset(BY_WORD[each] for each in covers))
    asked = Requirement("r", "m", "", "", tests=tests, expected=None if tests else True, cover=cover)
    plan = Plan((asked,), (), (), ())
    seen = [Observation(evidence)]
    with RuleBase(plan) as rules:
        found = [each(plan, seen).requirements["r"].word for each in (decide, evaluate.decide)]
        assert [*found, rules.decide(seen).requirements["r"].word] == [verdict] * 3


@pytest.mark.parametrize(("low", "high"), [(1, 2), (-5, 7), (3, 3), (2, 1)])
def test_ends_of_one_denominator_are_compared_however_fine_they_are(low: int, high: int) -> None:
    """Of a sum of 15 digits after the point, which 128 bits do not hold once more."""
    digits, large = 10**15, 10**30  # of one denominator: 1 is added so that neither is reduced
    ends = [each * large + 1 for each in (low, high)]
    asked = Requirement("r", "m", "", ">= 0", tests=comparisons_of(Bound.parse(">= 0")))
    plan = Plan((asked,), (), (), ())
    seen = [Observation(Evidence.PRESENT, (ends[0], digits), (ends[1], digits))]
    verdict = "error" if low > high else "unknown" if low < 0 else "pass"
    with RuleBase(plan) as rules:
        found = [each(plan, seen).requirements["r"].word for each in (decide, evaluate.decide)]
        assert [*found, rules.decide(seen).requirements["r"].word] == [verdict] * 3
