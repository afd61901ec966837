"""Plans that are decided as one come out as they do by themselves, and a quarrel about one is no other's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from case_folder import harvest, valid_cases

from phasegate.engine import decide as engine
from phasegate.engine import together
from phasegate.engine.decide import decide
from phasegate.engine.inference.errors import EngineFaultError
from phasegate.engine.plan import Decisions, Observation, Plan
from phasegate.engine.together import Request, decide_together
from phasegate.rules.model.requirements import quantities
from phasegate.rules.model.verdict import Verdict
from phasegate.runs.cases.run import Ground, run_cases

GROUND = Ground.of_pack(harvest())


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    """What the cases of a folder ask, each without its waivers."""
    return [
        Request(GROUND.rules, each.facts, each.asked.scope, quantities(GROUND.pack))
        for each in run_cases(GROUND, valid_cases())
        if each.facts is not None and each.asked.decides
    ]


def alone(request: Request) -> object:
    return decide(request.rules, request.facts, request.scope, request.parameters)


@pytest.fixture(scope="module")
def each_alone(requests: list[Request]) -> list[object]:
    return [alone(each) for each in requests]


@pytest.mark.parametrize("most", [1, 20, together.MOST_TOGETHER])
def test_each_is_decided_as_by_itself(
    most: int, requests: list[Request], each_alone: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST_TOGETHER", most)
    assert decide_together(requests) == each_alone


def test_nothing_is_decided_of_nothing() -> None:
    assert decide_together([]) == []


def test_one_that_the_rule_engine_refuses_is_found_alone(
    requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[int] = []
    real = together.settle

    def refusing(plan: Plan, observations: Sequence[Observation], **how: Any) -> object:
        settled.append(len(plan.points))
        if len(settled) == 1:
            raise EngineFaultError("asserting a fact", "it was told to")
        return real(plan, observations, **how)

    monkeypatch.setattr(together, "settle", refusing)
    assert decide_together(requests[:3]) == [alone(each) for each in requests[:3]]
    assert len(settled) == 4


def test_where_the_engines_do_not_agree_on_one_the_others_stay(
    requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    from phasegate.engine.columnar import evaluate

    real = evaluate.decide
    chosen = [each for each in requests if each.scope.points][:3]
    plain = [alone(each) for each in chosen]

    def lying(plan: Plan, observations: Sequence[Observation]) -> Decisions:
        found = real(plan, observations)
        first = next(iter(found.requirements))
        other = Verdict.FAIL if found.requirements[first] is not Verdict.FAIL else Verdict.PASS
        return Decisions({**found.requirements, first: other}, found.criteria, found.points, found.gates)

    monkeypatch.setattr(engine, "_second", lambda _: ("columnar", lying))
    first, *others = decide_together(chosen)
    assert others == plain[1:]
    (quarrel,) = first.agreed.disagreements
    assert quarrel.id in first.agreed.decisions.requirements
    assert first.agreed.decisions.requirements[quarrel.id] is Verdict.ERROR
