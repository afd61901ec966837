"""Columnar evaluation of 100,000 units against a plain Python loop over the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import polars as pl
from yardstick import Row, in_turn, seconds, time_ratio, timed

from phasegate.engine.columnar.evaluate import decide_units
from phasegate.engine.plan import (
    AllOf,
    Comparison,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
)

CRITERIA, POINTS, GATES, UNITS = 110, 22, 4, 100_000
LIMITS = (95, 90, 85, 92)


def make_plan() -> Plan:
    """110 criteria with one requirement each in 22 points, four gates one after the other."""
    requirements = []
    criteria = []
    for i in range(CRITERIA):
        limit = LIMITS[i % len(LIMITS)]
        test = Comparison(">=", Fraction(limit, 100))
        requirements.append(Requirement(f"{i}/m", "m", "", f">= {limit} %", "%", (test,)))
        criteria.append(PlannedCriterion(str(i), "hard", AllOf((i,))))
    each = CRITERIA // POINTS
    points = tuple(PlannedPoint(f"p{p}", tuple(range(p * each, (p + 1) * each))) for p in range(POINTS))
    share = POINTS // GATES
    gates = tuple(
        PlannedGate(f"g{g}", tuple(range(g * share, (g + 1) * share)), (), (g - 1,) if g else ())
        for g in range(GATES)
    )
    return Plan(tuple(requirements), tuple(criteria), points, gates)


def make_units() -> pl.DataFrame:
    """Counts of good rows out of 200 for each unit and requirement."""
    draw = random.Random(7)
    columns: dict[str, pl.Series] = {}
    for i in range(CRITERIA):
        good = [200 - min(200, int(draw.expovariate(0.2))) for _ in range(UNITS)]
        columns[f"e{i}"] = pl.repeat(0, UNITS, dtype=pl.UInt8, eager=True)
        columns[f"n{i}"] = pl.Series(good, dtype=pl.Int32)
        columns[f"d{i}"] = pl.repeat(200, UNITS, dtype=pl.Int32, eager=True)
    return pl.DataFrame(columns)


def plain_loop(plan: Plan, columns: dict[str, list[int]]) -> list[list[int]]:
    """The same in Python, with whole numbers: each unit's criteria, points and gates."""
    evidence = [columns[f"e{i}"] for i in range(CRITERIA)]
    good = [columns[f"n{i}"] for i in range(CRITERIA)]
    total = [columns[f"d{i}"] for i in range(CRITERIA)]
    limits = [(r.tests[0].limit.numerator, r.tests[0].limit.denominator) for r in plan.requirements]
    instead = {1: 0, 2: 3, 3: 4, 4: 5}  # evidence that is no value, and the verdict it stands for
    answers = []
    for unit in range(UNITS):
        criteria: list[int] = []
        for i, (p, q) in enumerate(limits):
            found = evidence[i][unit]
            if found:
                criteria.append(instead[found])
            elif total[i][unit] <= 0:
                criteria.append(5)
            else:
                criteria.append(1 if good[i][unit] * q >= total[i][unit] * p else 6)
        points = [max([criteria[i] for i in point.criteria]) for point in plan.points]
        gates: list[int] = []
        for gate in plan.gates:
            worst = max([points[p] for p in gate.points])
            passing = any(criteria[i] == 1 for p in gate.points for i in plan.points[p].criteria)
            own = 3 if worst == 6 else 2 if worst > 2 or not passing else 0
            gates.append(max([own, *(gates[before] for before in gate.after)]))
        answers.append([*criteria, *points, *gates])
    return answers


def rows(rounds: int) -> Iterator[Row]:
    """How many times faster the columns are."""
    plan, units = make_plan(), make_units()
    columns = {name: units[name].to_list() for name in units.columns}
    answer = decide_units(plan, units)
    names = [f"{letter}{i}" for letter, n in (("c", CRITERIA), ("p", POINTS), ("g", GATES)) for i in range(n)]
    if [list(row) for row in answer.select(names).rows()] != plain_loop(plan, columns):
        raise AssertionError("the two do not agree")
    ours, loop = in_turn(
        lambda: timed(lambda: decide_units(plan, units)),
        lambda: timed(lambda: plain_loop(plan, columns)),
        max(rounds // 2, 2),
    )
    yield Row(
        f"columnar: {CRITERIA} criteria with roll-up, {UNITS:,} units",
        "a plain Python loop over the same",
        100,
        1 / time_ratio(ours, loop),
        f"{seconds(ours)} against {seconds(loop)}",
        unit="times faster",
        higher_is_better=True,
    )
