"""Columnar evaluation against an oracle that shares no code with it, and both engines together."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import dice
import polars as pl
import pytest
import strategies
from dice import thrown
from hypothesis import HealthCheck, given, settings
from oracle import oracle
from sizes import examples
from strategies import scenarios

from phasegate.engine.columnar.evaluate import decide, decide_units
from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.plan import (
    AllOf,
    AnyOf,
    Comparison,
    Observation,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
)
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

FACT_SETS = 20
TARGETS = (85, 90, 92, 95)


@given(scenarios())
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
def test_agrees_with_the_oracle(scenario) -> None:
    plan, seen = scenario
    assert decide(plan, seen) == oracle(plan, seen)


@pytest.mark.sampled
def test_agrees_with_the_oracle_on_many() -> None:
    for plan, seen in thrown(dice.strategies.scenarios(), examples(120)):
        assert decide(plan, seen) == oracle(plan, seen)


def many(words):
    """A plan with twenty fact sets, by the words of `strategies`."""

    @words.st.composite
    def drawn(draw):
        plan = draw(words.plans())
        seen = [[draw(words.observations(each)) for each in plan.requirements] for _ in range(FACT_SETS)]
        return plan, seen

    return drawn()


def units_of(plan: Plan, fact_sets: list[list[Observation]]) -> pl.DataFrame:
    """A frame with a unit for each fact set."""
    wide = pl.Int128
    columns: list[pl.Series] = []
    for i in range(len(plan.requirements)):
        seen = [each[i] for each in fact_sets]
        columns += [
            pl.Series(f"e{i}", [int(each.evidence) for each in seen], dtype=pl.UInt8),
            *(
                pl.Series(f"{name}{i}", [end[place] if end else None for end in ends], dtype=wide)
                for names, ends in (("n d", [x.low for x in seen]), ("hn hd", [x.high for x in seen]))
                for place, name in enumerate(names.split())
            ),
            pl.Series(f"t{i}", [each.truth for each in seen], dtype=pl.Boolean),
            pl.Series(f"s{i}", [each.text for each in seen], dtype=pl.String),
        ]
    return pl.DataFrame(columns)


def all_agree(plan: Plan, fact_sets: list[list[Observation]]) -> None:
    """durable-rules, the columns (alone and as units of one frame) and the oracle decide alike."""
    expected = [oracle(plan, seen) for seen in fact_sets]
    with RuleBase(plan) as rules:
        assert [rules.decide(seen) for seen in fact_sets] == expected
    assert decide(plan, fact_sets[0]) == expected[0]
    units = decide_units(plan, units_of(plan, fact_sets))
    for row, decisions in zip(units.rows(named=True), expected, strict=True):
        for place, requirement in enumerate(plan.requirements):
            assert row[f"r{place}"] == decisions.requirements[requirement.id]
        for place, criterion in enumerate(plan.criteria):
            assert row[f"c{place}"] == decisions.criteria[criterion.id]
        for place, point in enumerate(plan.points):
            assert row[f"p{place}"] == decisions.points[point.id]
        for place, gate in enumerate(plan.gates):
            found = decisions.gates[gate.id]
            assert (row[f"g{place}"], row[f"o{place}"]) == (found.state, found.own)


@given(many(strategies))
@settings(max_examples=examples(2), deadline=None, suppress_health_check=list(HealthCheck))
def test_both_engines_and_the_oracle_agree(case) -> None:
    all_agree(*case)


@pytest.mark.parametrize(
    "count",
    [
        5,
        pytest.param(30, marks=pytest.mark.slow, id="600"),
        *(pytest.param(300, marks=pytest.mark.long, id=f"6000-{part}") for part in (1, 2)),
    ],
)
def test_both_engines_and_the_oracle_agree_on_twenty_fact_sets_each(count: int) -> None:
    for case in thrown(many(dice.strategies), count):
        all_agree(*case)


def counted(limit: int) -> Plan:
    """A gate over one requirement, ``>= limit %``."""
    test = Comparison(">=", Fraction(limit, 100))
    return Plan(
        (Requirement("1.1.1/a/m", "m", "", f">= {limit} %", "%", (test,)),),
        (PlannedCriterion("1.1.1/a", "hard", AllOf((0,))),),
        (PlannedPoint("1.1.1", (0,)),),
        (PlannedGate("1", (0,), (), ()),),
    )


@pytest.mark.parametrize("limit", TARGETS)
def test_k_of_n_is_exact_at_the_boundary_for_all_n_up_to_2000(limit: int) -> None:
    plan = counted(limit)
    pairs = [
        (k, n)
        for n in range(1, 2001)
        for least in (-(-limit * n // 100),)
        for k in (least - 1, least, least + 1)
        if 0 <= k <= n
    ]
    units = pl.DataFrame(
        {"e0": [0] * len(pairs), "n0": [k for k, _ in pairs], "d0": [n for _, n in pairs]},
        schema={"e0": pl.UInt8, "n0": pl.Int32, "d0": pl.Int32},
    )
    found = decide_units(plan, units)["r0"].to_list()
    enough = Fraction(limit, 100)
    assert found == [Verdict.PASS if Fraction(k, n) >= enough else Verdict.FAIL for k, n in pairs]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128])
def test_integers_of_any_width_are_compared_exactly(dtype) -> None:
    plan = counted(95)
    units = pl.DataFrame(
        {"e0": [0, 0, 0], "n0": [95, 94, 100], "d0": [100, 100, 0]},
        schema={"e0": pl.UInt8, "n0": dtype, "d0": dtype},
    )
    assert decide_units(plan, units)["r0"].to_list() == [Verdict.PASS, Verdict.FAIL, Verdict.ERROR]


def test_sums_near_the_end_of_64_bits_do_not_wrap() -> None:
    plan = counted(95)
    most = 2**63 - 1
    units = pl.DataFrame(
        {"e0": [0, 0], "n0": [most, most // 100 * 94], "d0": [most, most]},
        schema={"e0": pl.UInt8, "n0": pl.Int64, "d0": pl.Int64},
    )
    assert decide_units(plan, units)["r0"].to_list() == [Verdict.PASS, Verdict.FAIL]


NARROW, WIDE = 2**31 - 1, 2**63 - 1


@pytest.mark.parametrize(
    ("dtypes", "value", "limit"),
    [
        # Each product of a value and a part of the limit is what 64 bits hold, or more.
        ((pl.Int32, pl.Int32), (NARROW, NARROW), Fraction(NARROW, NARROW - 1)),
        ((pl.Int32, pl.Int32), (-NARROW, NARROW), Fraction(-NARROW, NARROW - 1)),
        ((pl.Int32, pl.Int32), (NARROW, 1), Fraction(1, 2**33)),
        ((pl.Int32, pl.Int32), (NARROW, NARROW), Fraction(2**33)),
        ((pl.Int32, pl.Int32), (NARROW, NARROW), Fraction(-(2**33))),
        ((pl.UInt16, pl.UInt16), (2**16 - 1, 1), Fraction(2**48, 2**48 + 1)),
        ((pl.UInt32, pl.UInt32), (2**32 - 1, 1), Fraction(NARROW - 1, NARROW)),
        ((pl.UInt32, pl.UInt32), (1, 2**32 - 1), Fraction(NARROW, NARROW - 1)),
        ((pl.Int64, pl.Int64), (WIDE, 1), Fraction(1, 2)),
        ((pl.Int64, pl.Int64), (1, WIDE), Fraction(2)),
        ((pl.UInt64, pl.UInt64), (2**64 - 1, 1), Fraction(3)),
        ((pl.Int32, pl.Int64), (1, WIDE), Fraction(2)),
        ((pl.Int64, pl.Int32), (WIDE, 1), Fraction(1, 2)),
    ],
)
def test_no_product_of_a_value_and_a_limit_wraps(
    dtypes: tuple[type[pl.DataType], type[pl.DataType]], value: tuple[int, int], limit: Fraction
) -> None:
    requirement = Requirement("1.1.1/a/m", "m", "", "", None, (Comparison(">=", limit),))
    plan = dataclasses.replace(counted(95), requirements=(requirement,))
    units = pl.DataFrame(
        {"e0": [0], "n0": [value[0]], "d0": [value[1]]},
        schema={"e0": pl.UInt8, "n0": dtypes[0], "d0": dtypes[1]},
    )
    expected = Verdict.PASS if Fraction(*value) >= limit else Verdict.FAIL
    assert decide_units(plan, units)["r0"].to_list() == [expected]


def test_a_gate_without_points_never_opens() -> None:
    plan = Plan((), (), (), (PlannedGate("1", (), (), ()),))
    assert decide(plan, []).gates["1"].state is GateState.UNDECIDED


def test_units_are_decided_each_by_itself() -> None:
    plan = counted(95)
    evidence = [int(each) for each in Evidence]
    units = pl.DataFrame(
        {"e0": evidence, "n0": [96] * 6, "d0": [100] * 6},
        schema={"e0": pl.UInt8, "n0": pl.Int32, "d0": pl.Int32},
    )
    found = decide_units(plan, units)
    assert found["p0"].to_list() == [
        Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.UNKNOWN, Verdict.STALE, Verdict.ERROR,
        Verdict.UNKNOWN,
    ]  # fmt: skip
    assert found["g0"].to_list() == [GateState.OPEN, *[GateState.UNDECIDED] * 5]


@pytest.mark.parametrize("evidence", [Evidence.PRESENT, Evidence.STALE, Evidence.ERROR])
def test_choices_within_choices_do_not_grow_out_of_hand(evidence: Evidence) -> None:
    requirement = Requirement("r", "m", "", ">= 1", None, (Comparison(">=", Fraction(1)),))
    rule: int | AnyOf | AllOf = 0
    for _ in range(20):
        rule = AnyOf((AllOf((rule,)),))
    plan = Plan(
        (requirement,),
        (PlannedCriterion("c", "hard", rule),),
        (PlannedPoint("p", (0,)),),
        (PlannedGate("g", (0,), (), (), None),),
    )
    seen = [Observation.known(evidence, 1)]
    assert decide(plan, seen) == oracle(plan, seen)
