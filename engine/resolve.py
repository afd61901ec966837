"""From a pack and its facts to a plan and what the facts say to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from phasegate.engine.formatting import about, bound_in_words
from phasegate.engine.gates import gate_members, gate_order
from phasegate.engine.plan import (
    AllOf,
    AnyOf,
    Cover,
    Observation,
    Plan,
    PlannedCriterion,
    PlannedGate,
    PlannedPoint,
    Requirement,
    Rule,
    tests_of,
)
from phasegate.engine.scope import Scope
from phasegate.facts.model.ends import Pair
from phasegate.facts.model.fact import WHOLE, Fact, FactSet
from phasegate.rules.model.pack import Criterion, Enforcement, Pack, Require, Target
from phasegate.rules.model.requirements import ANY_OF, measure_of, target_names
from phasegate.rules.model.requirements import targets as all_targets
from phasegate.rules.model.verdict import ANY_OF_ORDER, Evidence, Verdict
from phasegate.rules.values.bounds import Bound
from phasegate.rules.values.units import Quantity

MOST_BITS = 125
"""What n * q and p * d may take, so that both engines compare n/d with p/q exactly, in 128 bits."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a planned requirement comes from.

    Attributes:
        criterion: the full id of its criterion or target.
        fact: the fact that answers it.
        path: where it stands in the pack, for the position in the file.
    """

    criterion: str
    fact: Fact
    path: tuple[str | int, ...]

    @property
    def alternative(self) -> str | None:
        """Which alternative of an ``any_of`` it belongs to.

        Returns:
            ``2`` for the second, ``2.1`` for the first one within the second; None outside of any.
        """
        pairs = zip(self.path, self.path[1:], strict=False)
        places = [str(place + 1) for key, place in pairs if key == ANY_OF and isinstance(place, int)]
        return ".".join(places) or None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A plan with its observations; the three lists of requirements run in parallel."""

    plan: Plan
    observations: tuple[Observation, ...]
    asked: tuple[Origin, ...]


def resolve(
    pack: Pack,
    facts: FactSet,
    parameters: Mapping[str, Quantity],
    scope: Scope,
    alternatives: tuple[Verdict, ...] = ANY_OF_ORDER,
) -> Resolved:
    """Resolves every requirement in scope against the facts.

    Args:
        pack: a pack that `rules.lint.run` found no error in.
        facts: all facts that the scope asks for.
        parameters: quantities by ``:name``.
        scope: which criteria, points and gates are decided.
        alternatives: the order in which the verdicts of alternatives count.

    Raises:
        KeyError: if a bound names what the pack does not have; lint reports that first.
    """
    return _Resolver(pack, facts, parameters).resolve(scope, alternatives)


class _Resolver:
    def __init__(self, pack: Pack, facts: FactSet, parameters: Mapping[str, Quantity]) -> None:
        self._pack = pack
        self._facts = facts
        self._parameters = parameters
        self._requirements: list[Requirement] = []
        self._taken: set[str] = set()
        self._asked: list[Origin] = []
        self._criteria: list[PlannedCriterion] = []
        self._by_id: dict[str, int] = {}
        self._names: dict[str, Quantity] = {}

    def resolve(self, scope: Scope, alternatives: tuple[Verdict, ...]) -> Resolved:
        points = [self._point(point_id) for point_id in self._pack.points if point_id in scope.points]
        for target_id, target, path, _ in all_targets(self._pack):
            if target_id in scope.targets:
                self._target(target_id, target, path)
        place = {point.id: index for index, point in enumerate(points)}
        gates = self._gates(scope, place)
        requirements, criteria = tuple(self._requirements), tuple(self._criteria)
        plan = Plan(requirements, criteria, tuple(points), gates, alternatives)
        observations = tuple(
            observe(requirement, asked.fact)
            for requirement, asked in zip(self._requirements, self._asked, strict=True)
        )
        return Resolved(plan, observations, tuple(self._asked))

    def _point(self, point_id: str) -> PlannedPoint:
        point = self._pack.points[point_id]
        self._names = {**self._parameters, **target_names(self._pack, point.area)}
        indices = []
        for place, criterion in enumerate(point.criteria):
            path = ("points", point_id, "criteria", place, "require")
            indices.append(self._criterion(point_id, criterion, path))
        return PlannedPoint(point_id, tuple(indices))

    def _criterion(self, point_id: str, criterion: Criterion, path: tuple[str | int, ...]) -> int:
        full_id = f"{point_id}/{criterion.id}"
        rule = self._require(full_id, point_id, criterion.require, path)
        return self._add(full_id, criterion.enforcement, rule, self._pack.area_of(point_id) or "")

    def _target(self, target_id: str, target: Target, path: tuple[str | int, ...]) -> int:
        area, _, _ = target_id.partition("/")
        self._names = {**self._parameters, **target_names(self._pack, area)}
        rule = self._require(target_id, None, Require({target.measure: target.bound}), path)
        return self._add(target_id, target.enforcement, rule, area)

    def _add(self, full_id: str, enforcement: Enforcement, rule: Rule, area: str) -> int:
        self._criteria.append(PlannedCriterion(full_id, enforcement, rule, area))
        self._by_id[full_id] = len(self._criteria) - 1
        return len(self._criteria) - 1

    def _require(
        self, criterion: str, point: str | None, require: Require, path: tuple[str | int, ...]
    ) -> Rule:
        parts: list[Rule] = []
        for key, wanted in require.root.items():
            if key == ANY_OF and isinstance(wanted, list):
                choices = [
                    self._require(criterion, point, choice, (*path, key, place))
                    for place, choice in enumerate(wanted)
                    if isinstance(choice, Require)
                ]
                parts.append(AnyOf(tuple(choices)))
                continue
            bounds = wanted if isinstance(wanted, list) else [wanted]
            for bound in bounds:
                if isinstance(bound, Require):  # only any_of takes nested requirements; lint says so
                    raise TypeError(f"{criterion}: {key!r} takes bounds, not requirements")
                parts.extend(self._leaf(criterion, point, key, Bound.parse(bound), (*path, key)))
        return AllOf(tuple(parts))

    def _leaf(
        self, criterion: str, point: str | None, key: str, bound: Bound, path: tuple[str | int, ...]
    ) -> Iterator[int]:
        resolved = bound.resolve(self._names)
        measure = measure_of(self._pack, key)
        if measure is not None:  # "<= 90 minutes" of what is in hours
            resolved = resolved.within(self._pack.measures[measure].value_unit) or resolved
        for fact in self._answers(key, point):
            requirement = self._requirement(f"{criterion}/{key}", fact, resolved, point)
            self._requirements.append(requirement)
            self._asked.append(Origin(criterion, fact, path))
            yield len(self._requirements) - 1

    def _answers(self, key: str, point: str | None) -> list[Fact]:
        measure = measure_of(self._pack, key)
        if measure is None:
            return [Fact(key, WHOLE, "error", f"the pack has no measure {key!r}")]
        by = self._pack.measures[measure].by
        if by == "point":
            fact = self._facts.facts.get((key, point or WHOLE)) or self._fault(key)
        elif by is None:
            fact = self._facts.facts.get((key, WHOLE))
        else:
            found = self._facts.slices(key)
            return found or [Fact(key, WHOLE, "error", "the fact was not measured")]
        return [fact or Fact(key, WHOLE, "error", "the fact was not measured")]

    def _fault(self, key: str) -> Fact | None:
        """Why a measure has no slices at all, where that is an error of the whole."""
        whole = self._facts.facts.get((key, WHOLE))
        return whole if whole is not None and whole.status == "error" else None

    def _requirement(self, stem: str, fact: Fact, bound: Bound, point: str | None) -> Requirement:
        label = f"{stem}[{fact.slice}]" if fact.slice and fact.slice != point else stem
        full_id, count = label, 1
        while full_id in self._taken:
            count += 1
            full_id = f"{label}#{count}"
        self._taken.add(full_id)
        return Requirement(
            id=full_id,
            measure=fact.measure,
            slice=fact.slice,
            bound=bound.text,
            unit=bound.unit,
            tests=tests_of(bound),
            expected=bound.expected,
            options=bound.options,
        )

    def _gates(self, scope: Scope, place: Mapping[str, int]) -> tuple[PlannedGate, ...]:
        gates: list[PlannedGate] = []
        indices: dict[str, int] = {}
        for gate_id in gate_order(self._pack):
            if gate_id not in scope.gates:
                continue
            members = gate_members(self._pack, gate_id)
            indices[gate_id] = len(gates)
            gates.append(
                PlannedGate(
                    id=gate_id,
                    points=tuple(place[point] for point in members.points),
                    targets=tuple(self._by_id[target] for target in members.targets),
                    after=tuple(indices[before] for before in members.after),
                    max_waivers=members.max_waivers,
                )
            )
        return tuple(gates)


def observe(requirement: Requirement, fact: Fact) -> Observation:
    """What a fact says to a requirement; a fact of another form than the bound is an error."""
    evidence = Evidence.of(fact.status, fact.undetermined)
    if evidence is Evidence.PRESENT and misfit(requirement, fact) is not None:
        evidence = Evidence.ERROR
    low = high = None
    if fact.ends is not None:
        low, high = fact.ends.low, fact.ends.high
    elif fact.numerator is not None and fact.denominator is not None:
        low = high = fact.numerator, fact.denominator
    return Observation(evidence, low, high, fact.truth, fact.text)


def misfit(requirement: Requirement, fact: Fact) -> str | None:
    """Why a fact that is present can not be held against its bound.

    Returns:
        The value and what is wrong with it, in words; None if it can be compared.
    """
    wrong = _wrong(requirement, fact)
    return wrong and f"found {_found(fact)}, {wrong} ({bound_in_words(requirement)})"


def _wrong(requirement: Requirement, fact: Fact) -> str | None:
    if requirement.expected is not None:
        return None if fact.truth is not None else "which is neither true nor false, as its bound asks"
    if requirement.options:
        return None if fact.text is not None else "which is no text, as its bound asks"
    if fact.extremes is None:
        return "which is no number, as its bound asks"
    least, greatest = fact.extremes
    if least > greatest:
        return "of which the least is above the greatest"
    if requirement.unit != fact.unit:
        return f"which has {_unit(fact.unit)}, where its bound has {_unit(requirement.unit)}"
    low, high = fact.ends.reduced if fact.ends else [(least.numerator, least.denominator)] * 2
    pairs = [(end, test.limit.as_integer_ratio()) for end in (low, high) for test in requirement.tests]
    bits = max((_bits(*pair) for pair in pairs), default=0)
    if bits > MOST_BITS:
        return f"which takes {bits} bits to compare exactly with its bound, where {MOST_BITS} are the most"
    if low[1] != high[1] and (bits := _bits(low, high)) > MOST_BITS:
        return f"of which the ends take {bits} bits to compare exactly, where {MOST_BITS} are the most"
    return None


def _bits(value: Pair, limit: Pair) -> int:
    """What n * q and p * d take, of n/d and p/q."""
    return max(n.bit_length() + d.bit_length() for (n, _), (_, d) in ((value, limit), (limit, value)))


def _unit(unit: str | None) -> str:
    return f"the unit {unit}" if unit else "no unit"


def _found(fact: Fact) -> str:
    if fact.truth is not None:
        return "yes" if fact.truth else "no"
    if fact.text is not None:
        return repr(fact.text)
    if fact.extremes is None:
        return "no value"
    return " to ".join(dict.fromkeys(about(end, fact.unit) for end in fact.extremes))


def with_covers(resolved: Resolved, covers: Mapping[str, Cover]) -> Resolved:
    """The same with the waivers in force, by requirement id."""
    covered = tuple(replace(each, cover=covers.get(each.id)) for each in resolved.plan.requirements)
    return replace(resolved, plan=replace(resolved.plan, requirements=covered))
