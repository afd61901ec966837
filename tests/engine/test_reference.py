"""Plain evaluation against the oracle and against durable-rules; and that it needs no polars."""

from __future__ import annotations

import subprocess
import sys

import dice
import pytest
from dice import thrown
from hypothesis import HealthCheck, given, settings
from oracle import oracle
from sizes import examples
from strategies import scenarios

from phasegate.engine.inference.rule_base import RuleBase
from phasegate.engine.plan import Decisions, GateDecision, Observation, Plan
from phasegate.engine.plan import PlannedCriterion as Criterion
from phasegate.engine.plan import PlannedGate as Gate
from phasegate.engine.reference import decide
from phasegate.rules.model.verdict import Evidence, GateState, Verdict


def agree(scenario) -> None:
    plan, seen = scenario
    found = decide(plan, seen)
    assert found == oracle(plan, seen)
    with RuleBase(plan) as rules:
        assert found == rules.decide(seen)


@given(scenarios())
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
def test_agrees_with_the_oracle_and_with_durable_rules(scenario) -> None:
    agree(scenario)


@pytest.mark.parametrize(
    "count", [30, pytest.param(200, marks=pytest.mark.slow), pytest.param(1_500, marks=pytest.mark.long)]
)
def test_agrees_on_many_plans(count: int) -> None:
    for scenario in thrown(dice.strategies.scenarios(), count):
        agree(scenario)


def test_a_plan_of_nothing_decides_nothing() -> None:
    assert decide(Plan((), (), (), ()), []) == Decisions({}, {}, {}, {})


def test_what_rests_on_nothing_never_passes() -> None:
    from phasegate.engine.plan import AllOf, AnyOf, PlannedPoint

    plan = Plan(
        (),
        (Criterion("a", "hard", AllOf(())), Criterion("b", "hard", AnyOf(()))),
        (PlannedPoint("1", ()), PlannedPoint("2", (0, 1))),
        (Gate("1", (), (), ()), Gate("2", (0, 1), (), ())),
    )
    found = decide(plan, [])
    assert set(found.criteria.values()) | set(found.points.values()) == {Verdict.ERROR}
    undecided = GateDecision(GateState.UNDECIDED, GateState.UNDECIDED)
    assert found.gates == {"1": undecided, "2": undecided}


def test_as_many_observations_as_requirements() -> None:
    with pytest.raises(ValueError, match="zip"):
        decide(Plan((), (), (), ()), [Observation(Evidence.PRESENT, truth=True)])


@pytest.mark.parametrize(
    "module", ["engine.reference", "records.recheck_requirements", "records.recheck_verdicts"]
)
def test_what_checks_others_loads_none_of_them(module: str) -> None:
    code = f"""if True:
        import sys
        import phasegate.{module}
        checked = ("durable", "polars", "phasegate.engine.inference", "phasegate.engine.columnar")
        print(*(name for name in sys.modules if name.startswith(checked)))
    """
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
