"""A plan as nodes: whatever gets a verdict or a state, with the parts it follows from.

Requirements come first, one node each. Every other node follows from nodes before it, and takes the
greatest of its parts in one of three orders; criteria, points and the chain of gates are all of this
one form. A node of more than `WIDEST` parts is split, which changes nothing: the greatest of groups
is the greatest of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from phasegate.engine.inference.errors import MalformedPlanError, PlanTooLargeError
from phasegate.engine.plan import AnyOf, Plan, Rule

WIDEST = 3
"""Parts of one node; each needs a fact in one ``all`` of durable-rules, which takes 16."""
DEEPEST = 200
"""How deep ``all_of`` and ``any_of`` may nest."""


class Kind(IntEnum):
    """How a node comes to its outcome."""

    REQUIREMENT = 1
    WORST = 2
    """The worst verdict of its parts: ``all_of``, points, the members of a gate."""
    BEST = 3
    """The first that a part has in the order of alternatives."""
    EMPTY = 4
    """A node without parts: an error."""
    OWN = 5
    """A gate's own state, from the worst of its members."""
    FURTHEST = 6
    """The state furthest from open: a gate's own and those of the gates before it."""
    FINAL = 7
    """A gate's state, from the furthest and its waivers."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing to decide.

    Attributes:
        code: its number; parts have smaller ones.
        kind: how it is decided.
        parts: the codes of the nodes that it follows from.
        level: 0 for requirements, else one more than its highest part.
        owner: the id that it belongs to.
        gate: the index of the gate, for OWN and FINAL.
    """

    code: int
    kind: Kind
    parts: tuple[int, ...]
    level: int
    owner: str
    gate: int = -1

    @property
    def facts(self) -> int:
        """How many facts it takes to decide it: one for each part that it ranks, else one."""
        return len(self.parts) if self.kind in (Kind.WORST, Kind.BEST, Kind.FURTHEST) else 1


@dataclass(slots=True)
class Nodes:
    """All nodes of a plan, and which of them its parts are.

    Attributes:
        all: by code.
        criteria, points: the code of each.
        own, final: the codes of each gate's own state and of its state.
        first_gate: the code of the first node that belongs to a gate; those before it belong to
            requirements, criteria and points.
    """

    all: list[Node] = field(default_factory=list)
    criteria: list[int] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    final: list[int] = field(default_factory=list)
    first_gate: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Nodes:
        """Lays out a plan.

        Raises:
            MalformedPlanError: if an index leads nowhere, an id stands twice, or a requirement does
                not ask exactly one question.
            PlanTooLargeError: if a criterion nests too deep.
        """
        _check(plan)
        nodes = cls()
        for requirement in plan.requirements:
            nodes._add(Kind.REQUIREMENT, (), requirement.id)
        for criterion in plan.criteria:
            code = nodes._tree(criterion.rule, criterion.id)
            if isinstance(criterion.rule, int):
                code = nodes._add(Kind.WORST, (code,), criterion.id)
            nodes.criteria.append(code)
        for point in plan.points:
            nodes.points.append(nodes._fold(Kind.WORST, nodes._binding(plan, point.criteria), point.id))
        nodes.first_gate = len(nodes.all)
        for index, gate in enumerate(plan.gates):
            members = [nodes.points[point] for point in gate.points]
            members += nodes._binding(plan, gate.targets)
            worst = nodes._fold(Kind.WORST, members, gate.id)
            own = nodes._add(Kind.OWN, (worst,), gate.id, index)
            chain = [own, *(nodes.final[earlier] for earlier in gate.after)]
            furthest = nodes._fold(Kind.FURTHEST, chain, gate.id)
            nodes.own.append(own)
            nodes.final.append(nodes._add(Kind.FINAL, (furthest,), gate.id, index))
        return nodes

    def _binding(self, plan: Plan, criteria: Iterable[int]) -> list[int]:
        return [self.criteria[i] for i in criteria if plan.criteria[i].enforcement != "advisory"]

    def _tree(self, rule: Rule, owner: str, depth: int = 0) -> int:
        if isinstance(rule, int):
            return rule
        if depth == DEEPEST:
            raise PlanTooLargeError("levels of all_of and any_of", depth + 1, DEEPEST, owner)
        parts = [self._tree(part, owner, depth + 1) for part in rule.parts]
        return self._fold(Kind.BEST if isinstance(rule, AnyOf) else Kind.WORST, parts, owner)

    def _fold(self, kind: Kind, parts: Sequence[int], owner: str) -> int:
        if not parts:
            return self._add(Kind.EMPTY, (), owner)
        while len(parts) > WIDEST:
            groups = [parts[start : start + WIDEST] for start in range(0, len(parts), WIDEST)]
            parts = [g[0] if len(g) == 1 else self._add(kind, tuple(g), owner) for g in groups]
        return self._add(kind, tuple(parts), owner)

    def _add(self, kind: Kind, parts: tuple[int, ...], owner: str, gate: int = -1) -> int:
        level = (
            0 if kind is Kind.REQUIREMENT else 1 + max((self.all[part].level for part in parts), default=0)
        )
        self.all.append(Node(len(self.all), kind, parts, level, owner, gate))
        return len(self.all) - 1


def _check(plan: Plan) -> None:
    for things in (plan.requirements, plan.criteria, plan.points, plan.gates):
        seen: set[str] = set()
        for thing in things:
            if thing.id in seen:
                raise MalformedPlanError(thing.id, "the id stands twice")
            seen.add(thing.id)
    for requirement in plan.requirements:
        asks = (bool(requirement.tests), requirement.expected is not None, bool(requirement.options))
        if sum(asks) != 1:
            raise MalformedPlanError(requirement.id, "it must have one of tests, expected and options")
        if len(requirement.tests) > 1 and any(test.comparator == "!=" for test in requirement.tests):
            raise MalformedPlanError(requirement.id, "'!=' must be its only test")
    for criterion in plan.criteria:
        _check_indices(criterion.id, "requirement", _leaves(criterion.rule), len(plan.requirements))
    for point in plan.points:
        _check_indices(point.id, "criterion", point.criteria, len(plan.criteria))
    for index, gate in enumerate(plan.gates):
        _check_indices(gate.id, "point", gate.points, len(plan.points))
        _check_indices(gate.id, "target", gate.targets, len(plan.criteria))
        _check_indices(gate.id, "earlier gate", gate.after, index)


def _check_indices(where: str, what: str, indices: Iterable[int], count: int) -> None:
    for index in indices:
        if not 0 <= index < count:
            raise MalformedPlanError(where, f"there is no {what} number {index}")


def _leaves(rule: Rule) -> Iterable[int]:
    waiting = [rule]
    while waiting:
        current = waiting.pop()
        if isinstance(current, int):
            yield current
        else:
            waiting.extend(current.parts)
