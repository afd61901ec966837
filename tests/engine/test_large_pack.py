"""A pack of 500 points and 2,500 criteria, far beyond what one ruleset of durable-rules takes."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from oracle import oracle

from phasegate.engine.columnar import evaluate
from phasegate.engine.inference.nodes import Nodes
from phasegate.engine.inference.partition import divide
from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.inference.rule_syntax import MAX_RULES
from phasegate.engine.plan import Cover, Side
from phasegate.engine.resolve import Resolved, resolve, with_covers
from phasegate.engine.scope import everything
from phasegate.facts.model.fact import WHOLE, Fact, FactSet
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.verdict import GateState, Verdict

POINTS, CRITERIA, AREAS, PHASES = 500, 5, 11, 10
DAY = dt.date(2026, 3, 1)
MEASURE = {"title": "work", "from": "work", "by": "point", "unit": "%"}


def area_of(point: int) -> str:
    """The first area has half of the points, ten others share the rest."""
    return "1" if point < POINTS // 2 else str(2 + point % (AREAS - 1))


def limit(point: int, criterion: int) -> int:
    """A limit of its own for each criterion, in millionths."""
    return 1_000 * (point + 1) + criterion


def large_pack() -> Pack:
    """Each criterion holds one fact between two limits and another below a third, all its own."""

    def criterion(point: int, number: int) -> dict[str, object]:
        low = limit(point, number)
        require = {
            "work.done": f"between {low / 10_000:.4f} % and {(low + 500_000) / 10_000:.4f} %",
            "work.wrong": f"< {low / 10_000:.4f} %",
        }
        levels = ("hard", "soft", "soft", "hard", "advisory")
        return {
            "id": f"c{number}",
            "text": "the work is done",
            "enforcement": levels[number],
            "require": require,
        }

    return Pack.model_validate(
        {
            "pack": "large",
            "title": "A large programme",
            "sources": {"work": {"title": "Work", "columns": {"point": {"type": "string"}}}},
            "measures": {
                "work.done": {**MEASURE, "ratio": {"of": "done"}},
                "work.wrong": {**MEASURE, "ratio": {"of": "wrong"}},
                "work.success": {"title": "work", "from": "work", "unit": "%", "ratio": {"of": "done"}},
            },
            "areas": {
                str(number): {
                    "title": f"Area {number}",
                    "success": {
                        "name": "Success",
                        "measure": "work.success",
                        "bound": f">= {50 + number} %",
                    },
                }
                for number in range(1, AREAS + 1)
            },
            "points": {
                f"p{point}": {
                    "title": f"Point {point}",
                    "area": area_of(point),
                    "criteria": [criterion(point, number) for number in range(CRITERIA)],
                }
                for point in range(POINTS)
            },
            "phases": {
                str(number): {
                    "title": f"Phase {number}",
                    "points": [f"p{point}" for point in range(number, POINTS, PHASES)],
                    "after": [str(number - 1)] if number else [],
                    "max_waivers": None if number % 3 else 60,
                }
                for number in range(PHASES)
            },
        }
    )


def seen(pack: Pack, draw: random.Random, spoilt: float) -> FactSet:
    """Facts on their limits or one millionth beside them; some on the wrong side, old or missing."""
    facts = {("work.success", WHOLE): Fact("work.success", WHOLE, "present", "", "%", 97, 100)}
    for place, point in enumerate(pack.points):
        for measure, below in (("work.done", 0), ("work.wrong", 1)):
            status = "present"
            # The criteria of a point lie one millionth apart.
            value = limit(place, 0 if below else CRITERIA - 1) - below
            if draw.random() < spoilt:
                value = limit(place, draw.randrange(CRITERIA)) - draw.randrange(2)
                status = draw.choice(["present", "present", "stale", "unknown", "error", "not_applicable"])
            reason = "" if status == "present" else status
            facts[measure, point] = Fact(measure, point, status, reason, "%", value, 1_000_000)
    return FactSet(DAY, facts, {})


def waived(resolved: Resolved, draw: random.Random, share: float) -> Resolved:
    """The same with waivers for some requirements, half of them with a floor."""
    covers = {
        each.id: Cover(
            f"w {each.id}",
            frozenset({Verdict.FAIL, Verdict.STALE, Verdict.UNKNOWN}),
            tuple(Side(test.comparator, test.limit) for test in each.tests if draw.random() < 0.5),
        )
        for each in resolved.plan.requirements
        if draw.random() < share
    }
    return with_covers(resolved, covers)


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(0.002, marks=pytest.mark.slow),
        *(pytest.param(each, marks=pytest.mark.long) for each in (0.0, 0.2)),
    ],
)
def test_a_pack_of_500_points_is_decided_alike_by_all(spoilt: float) -> None:
    draw = random.Random(spoilt)
    pack = large_pack()
    resolved = waived(resolve(pack, seen(pack, draw, spoilt), {}, everything(pack)), draw, spoilt)
    plan = resolved.plan
    rulesets = divide(plan, Nodes.of(plan))
    assert len(plan.points) == POINTS
    assert len(plan.criteria) == POINTS * CRITERIA + AREAS
    assert sum(len(ruleset.rules) for ruleset in rulesets) > 10_000
    assert max(len(ruleset.rules) for ruleset in rulesets) <= MAX_RULES
    assert len(rulesets) > AREAS + 2  # the first area has more than one

    expected = oracle(plan, resolved.observations)
    with RuleBase(plan) as rules:
        assert rules.decide(resolved.observations) == expected
        assert not rules.faults
    assert evaluate.decide(plan, resolved.observations) == expected
    states = {gate.state for gate in expected.gates.values()}
    assert (states == {GateState.OPEN}) == (spoilt == 0.0)
