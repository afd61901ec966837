"""How a plan is divided among rulesets, none of which is larger than durable-rules takes.

A plan that fits one ruleset is one. A larger one has a ruleset for the requirements of each area, one
for criteria and points, and one for gates; whichever of them is too large still is halved until it
fits. Only outcomes cross from one ruleset to another: a node's fact says how its parts were decided,
wherever that was. So each requirement, criterion, point and gate has its rules in exactly one
ruleset, and is decided as it would be in a ruleset that held them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from phasegate.engine.inference.errors import PlanTooLargeError
from phasegate.engine.inference.nodes import Kind, Node, Nodes
from phasegate.engine.inference.questions import (
    Question,
    ScaledQuestion,
    question_of,
    scale_question,
    text_codes,
)
from phasegate.engine.inference.rule_syntax import MAX_RULES, InferenceRule, check_limits
from phasegate.engine.inference.ruleset import NO_CAP, make_rules
from phasegate.engine.plan import Plan, leaves
from phasegate.rules.lint.hash_collisions import Distinct

Group = Sequence[Node]
"""Nodes that need the same rules, and so are never divided."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The rules that decide some nodes of a plan.

    Attributes:
        name: unlike the hash of any other ruleset's name; nothing of the pack's texts is in it.
        rules: all of them, the one that opens a run first.
        nodes: what they decide.
        questions: what the requirements among the nodes ask, by code.
        texts: the numbers of the texts that their bounds name.
    """

    name: str
    rules: Sequence[InferenceRule]
    nodes: Sequence[Node]
    questions: Mapping[int, ScaledQuestion]
    texts: Mapping[str, int]


def divide(plan: Plan, nodes: Nodes, most: int = MAX_RULES) -> list[Ruleset]:
    """The rulesets of a plan.

    Args:
        plan: what is decided.
        nodes: its nodes.
        most: how many rules one ruleset takes.

    Raises:
        PlanTooLargeError: if nodes that need the same rules need more than one ruleset takes.
        CollidingNamesError: if durable-rules would take two names for one.
    """
    return _Division(plan, nodes, most).rulesets()


class _Division:
    def __init__(self, plan: Plan, nodes: Nodes, most: int) -> None:
        self._plan = plan
        self._nodes = nodes
        self._most = most
        self._names = Distinct()
        numbers: dict[Question, int] = {}
        asked = (question_of(requirement) for requirement in plan.requirements)
        self._asked = [numbers.setdefault(question, len(numbers)) for question in asked]
        self._questions = list(numbers)

    def rulesets(self) -> list[Ruleset]:
        try:
            return [self._ruleset("phasegate", self._nodes.all)]
        except PlanTooLargeError:
            return [ruleset for name, nodes in self._shares() for ruleset in self._fitting(name, nodes)]

    def _shares(self) -> Iterator[tuple[str, list[Node]]]:
        """The nodes of each area's requirements, those of criteria and points, and those of gates."""
        count, first_gate = len(self._plan.requirements), self._nodes.first_gate
        areas = dict.fromkeys(range(count), "")
        for criterion in reversed(self._plan.criteria):  # the first criterion that has it has the say
            areas.update((leaf, criterion.area) for leaf in leaves(criterion.rule))
        shares: dict[str, list[Node]] = {}
        for node in self._nodes.all[:count]:
            shares.setdefault(areas[node.code], []).append(node)
        # Areas have a number here: durable-rules is never handed a text of the pack.
        yield from ((f"area {number}", share) for number, share in enumerate(shares.values(), start=1))
        yield "criteria and points", self._nodes.all[count:first_gate]
        yield "gates", self._nodes.all[first_gate:]

    def _fitting(self, name: str, nodes: Iterable[Node]) -> Iterator[Ruleset]:
        """One ruleset for these nodes, or as many as it takes."""
        groups: dict[object, list[Node]] = {}
        for node in nodes:
            groups.setdefault(self._needs(node), []).append(node)
        waiting: list[Sequence[Group]] = [list(groups.values())] if groups else []
        part = 1
        while waiting:
            share = waiting.pop()
            try:
                yield self._ruleset(f"{name}, part {part}", [node for group in share for node in group])
                part += 1
            except PlanTooLargeError as error:
                if len(share) == 1:
                    raise PlanTooLargeError(error.what, error.found, error.limit, share[0][0].owner) from None
                middle = len(share) // 2
                waiting += [share[middle:], share[:middle]]

    def _needs(self, node: Node) -> object:
        """What decides which rules a node needs."""
        if node.kind is Kind.REQUIREMENT:
            return self._asked[node.code]
        return node.kind, len(node.parts), self._cap(node)

    def _cap(self, node: Node) -> int:
        most = self._plan.gates[node.gate].max_waivers if node.kind is Kind.FINAL else None
        return NO_CAP if most is None else most

    def _ruleset(self, name: str, nodes: Sequence[Node]) -> Ruleset:
        """The rules for these nodes, and for no others.

        Raises:
            PlanTooLargeError: if they are too many for one ruleset.
        """
        asking = [node for node in nodes if node.kind is Kind.REQUIREMENT]
        here = dict.fromkeys(self._asked[node.code] for node in asking)
        texts = text_codes(self._questions[each] for each in here)
        questions = {
            each: scale_question(self._questions[each], number, texts) for number, each in enumerate(here)
        }
        caps = (self._cap(node) for node in nodes if node.kind is Kind.FINAL)
        rules = make_rules(questions.values(), nodes, caps, self._plan.alternatives)
        check_limits(rules, self._most)
        return Ruleset(
            name=self._names.name(name),
            rules=rules,
            nodes=nodes,
            questions={node.code: questions[self._asked[node.code]] for node in asking},
            texts=texts,
        )
