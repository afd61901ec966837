"""durable-rules decides points and gates."""

from dataclasses import replace

import pytest
from plans import (
    CLOSED,
    ERROR,
    FAIL,
    NOT_APPLICABLE,
    OPEN,
    OPEN_WITH_WAIVERS,
    PASS,
    STALE,
    UNDECIDED,
    UNKNOWN,
    WAIVED,
    decide,
    gate,
    leaves,
    points,
)

from phasegate.engine.plan import AnyOf, Plan, PlannedCriterion, PlannedPoint


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
