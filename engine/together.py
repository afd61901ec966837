"""Several small plans, decided as one: what it costs to begin with each engine is paid once for all of them.

Each part of the whole follows from its own observations alone, as it does by itself: the plans stand side by
side, and nothing of one refers to another. A test holds both ways against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from phasegate.engine.cross_check import Agreed
from phasegate.engine.decide import Verdicts, asked, settle
from phasegate.engine.inference.errors import InferenceError
from phasegate.engine.plan import (
    Decisions,
    GateDecision,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
    Rule,
)
from phasegate.engine.resolve import Resolved
from phasegate.engine.scope import Scope
from phasegate.engine.waivers import standings
from phasegate.facts.model.fact import FactSet
from phasegate.rules.loading.pack import LoadedPack
from phasegate.rules.model.waiver import Waiver
from phasegate.rules.values.time_zones import UTC
from phasegate.rules.values.units import Quantity

MOST_TOGETHER = 400
"""So many requirements are decided as one: a frame of many more columns takes longer than two of fewer."""
_Decided = TypeVar("_Decided")


@dataclass(frozen=True, slots=True)
class Request:
    """What `decide` is asked, apart from how: see there."""

    rules: LoadedPack
    facts: FactSet
    scope: Scope
    parameters: Mapping[str, Quantity]
    waivers: Sequence[Waiver] = ()
    zone: str = UTC


def decide_together(requests: Sequence[Request]) -> list[Verdicts]:
    """Decides several things that have nothing to do with each other, each as `decide` does.

    Raises:
        InferenceError: if durable-rules refuses one of them.
    """
    prepared = [
        asked(each.rules, each.facts, each.scope, each.parameters, each.waivers, each.zone)
        for each in requests
    ]
    agreed = _settled([resolved for resolved, _ in prepared])
    return [
        Verdicts(resolved, own, tuple(standings(request.waivers, states, resolved, own.decisions)))
        for request, (resolved, states), own in zip(requests, prepared, agreed, strict=True)
    ]


def _settled(resolved: Sequence[Resolved]) -> list[Agreed]:
    """The verdicts of each, decided in groups that are not too large."""
    found: list[Agreed] = []
    group: list[Resolved] = []
    size = 0
    for each in resolved:
        group.append(each)
        size += len(each.plan.requirements) + len(each.plan.criteria)
        if size >= MOST_TOGETHER:
            found += _as_one(group)
            group, size = [], 0
    return found + _as_one(group)


def _as_one(group: Sequence[Resolved]) -> list[Agreed]:
    if len(group) < 2:
        return [settle(each.plan, each.observations) for each in group]
    whole = _Whole()
    for number, each in enumerate(group):
        whole.add(f"{number}:", each.plan)
    try:
        agreed = settle(whole.plan, [seen for each in group for seen in each.observations])
    except InferenceError:  # whose fault it is shows when each is decided by itself
        return [settle(each.plan, each.observations) for each in group]
    return [_part(agreed, f"{number}:") for number in range(len(group))]


class _Whole:
    """Plans side by side; the ids of each begin with a word of its own."""

    def __init__(self) -> None:
        self._requirements: list[Requirement] = []
        self._criteria: list[PlannedCriterion] = []
        self._points: list[PlannedPoint] = []
        self._gates: list[PlannedGate] = []

    @property
    def plan(self) -> Plan:
        """All of them."""
        return Plan(tuple(self._requirements), tuple(self._criteria), tuple(self._points), tuple(self._gates))

    def add(self, word: str, plan: Plan) -> None:
        """Adds a plan."""
        leaf, criterion, point = len(self._requirements), len(self._criteria), len(self._points)
        gate = len(self._gates)
        self._requirements += (replace(each, id=f"{word}{each.id}") for each in plan.requirements)
        self._criteria += (
            replace(each, id=f"{word}{each.id}", rule=_moved(each.rule, leaf), area=f"{word}{each.area}")
            for each in plan.criteria
        )
        self._points += (
            replace(each, id=f"{word}{each.id}", criteria=tuple(at + criterion for at in each.criteria))
            for each in plan.points
        )
        self._gates += (
            replace(
                each,
                id=f"{word}{each.id}",
                points=tuple(at + point for at in each.points),
                targets=tuple(at + criterion for at in each.targets),
                after=tuple(at + gate for at in each.after),
            )
            for each in plan.gates
        )


def _moved(rule: Rule, by: int) -> Rule:
    """A tree whose requirements stand further down in the plan."""
    if isinstance(rule, int):
        return rule + by
    return type(rule)(tuple(_moved(part, by) for part in rule.parts))


def _part(agreed: Agreed, word: str) -> Agreed:
    """What was decided of one of the plans."""
    decisions = agreed.decisions
    gates = {
        id_: GateDecision(each.state, each.own, tuple(waiver.removeprefix(word) for waiver in each.waivers))
        for id_, each in _own(decisions.gates, word).items()
    }
    return Agreed(
        Decisions(
            _own(decisions.requirements, word),
            _own(decisions.criteria, word),
            _own(decisions.points, word),
            gates,
        ),
        tuple(
            replace(each, id=each.id.removeprefix(word))
            for each in agreed.disagreements
            if each.id.startswith(word)
        ),
    )


def _own(decided: Mapping[str, _Decided], word: str) -> dict[str, _Decided]:
    return {id_.removeprefix(word): each for id_, each in decided.items() if id_.startswith(word)}
