"""One run of the rules over one set of observations, level by level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from phasegate.engine.inference.host import Session
from phasegate.engine.inference.nodes import Kind, Node, Nodes
from phasegate.engine.inference.partition import Ruleset
from phasegate.engine.inference.questions import BLOCK
from phasegate.engine.inference.ruleset import NO_CAP, cover_of, orders
from phasegate.engine.plan import Decisions, GateDecision, Observation, Plan
from phasegate.rules.model.verdict import Evidence, GateState, Verdict

_STATES = (Kind.OWN, Kind.FURTHEST, Kind.FINAL)


class Identified(Protocol):
    """Anything of a plan that has an id."""

    @property
    def id(self) -> str:
        """The id."""


@dataclass(frozen=True, slots=True)
class Program:
    """A plan made ready to run.

    Attributes:
        plan: what is decided.
        nodes: its nodes.
        rulesets: what decides them.
        steps: groups of nodes, each of which follows from earlier groups alone and is decided by the
            ruleset of that index.
        identities: for each node, the ids of its facts.
        outcomes: for each ruleset, what each rule concludes.
        ranks: for each kind of node that ranks its parts, the ranks of their outcomes.
    """

    plan: Plan
    nodes: Nodes
    rulesets: Sequence[Ruleset]
    steps: Sequence[tuple[int, Sequence[Node]]]
    identities: Sequence[Sequence[str]]
    outcomes: Sequence[Mapping[str, IntEnum | None]]
    ranks: Mapping[Kind, Mapping[IntEnum, int]]

    @classmethod
    def of(
        cls, plan: Plan, nodes: Nodes, rulesets: Sequence[Ruleset], identities: Sequence[Sequence[str]]
    ) -> Program:
        """The program of a plan that is divided among these rulesets."""
        groups: dict[tuple[int, int], list[Node]] = {}
        for index, ruleset in enumerate(rulesets):
            for node in ruleset.nodes:
                groups.setdefault((node.level, index), []).append(node)
        return cls(
            plan=plan,
            nodes=nodes,
            rulesets=rulesets,
            steps=[(index, group) for (_, index), group in sorted(groups.items(), key=lambda each: each[0])],
            identities=identities,
            outcomes=[
                {str(number): rule.outcome for number, rule in enumerate(ruleset.rules)}
                for ruleset in rulesets
            ],
            ranks={
                kind: {outcome: rank for rank, outcome in enumerate(order)}
                for kind, order in orders(plan.alternatives).items()
            },
        )


@dataclass(slots=True)
class Run:
    """The outcomes of a run, as far as it has come.

    Every node must get exactly one outcome from the rules. One that gets none, or two, is an error,
    and its fault is told by the id that it belongs to; what follows from it goes on from there.

    Attributes:
        program: what is run.
        sessions: where: one for each of its rulesets.
        observations: one for each requirement.
        outcomes: by the node's code.
        waivers: for each gate, the indices of the waived requirements that it rests on.
        faults: by id, why an outcome is an error of ours.
    """

    program: Program
    sessions: Sequence[Session]
    observations: Sequence[Observation]
    outcomes: list[IntEnum] = field(default_factory=list)
    waivers: list[set[int]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def decide(self) -> Decisions:
        """Decides all nodes.

        Raises:
            EngineFaultError: if durable-rules refuses a fact.
        """
        self.outcomes = [Verdict.ERROR] * len(self.program.nodes.all)
        self.waivers = [set() for _ in self.program.plan.gates]
        for index, nodes in self.program.steps:
            self._settle(index, nodes)
        return self._decisions()

    def _settle(self, index: int, nodes: Sequence[Node]) -> None:
        session, ruleset = self.sessions[index], self.program.rulesets[index]
        outcomes = self.program.outcomes[index]
        for node in nodes:
            facts = self._facts(node, ruleset)
            for identity, fact in zip(self.program.identities[node.code], facts, strict=True):
                session.tell(identity, fact)
        concluded: dict[int, list[IntEnum]] = {node.code: [] for node in nodes}
        for rule, joined in session.firings():
            outcome = outcomes.get(rule)
            code = joined["m0"].get("node", -1)
            if outcome is not None and code in concluded:
                concluded[code].append(outcome)
        for node in nodes:
            self.outcomes[node.code] = self._only(node, concluded[node.code])

    def _only(self, node: Node, concluded: Sequence[IntEnum]) -> IntEnum:
        if len(concluded) == 1:
            return concluded[0]
        found = " and ".join(outcome.name.lower() for outcome in concluded) or "nothing"
        self.faults.setdefault(node.owner, f"the rules must conclude one outcome and concluded {found}")
        return GateState.UNDECIDED if node.kind in _STATES else Verdict.ERROR

    def _facts(self, node: Node, ruleset: Ruleset) -> Iterator[dict[str, int]]:
        if node.kind is Kind.REQUIREMENT:
            yield self._observed(node, ruleset)
        elif node.kind is Kind.EMPTY:
            yield {"kind": int(node.kind), "node": node.code}
        elif node.kind is Kind.OWN:
            gate = self.program.plan.gates[node.gate]
            yield {
                "kind": int(node.kind),
                "node": node.code,
                "worst": int(self.outcomes[node.parts[0]]),
                "points": int(bool(gate.points)),
            }
        elif node.kind is Kind.FINAL:
            self.waivers[node.gate] = self._rests_on(node.gate)
            cap = self.program.plan.gates[node.gate].max_waivers
            yield {
                "kind": int(node.kind),
                "node": node.code,
                "furthest": int(self.outcomes[node.parts[0]]),
                "waivers": len(self.waivers[node.gate]),
                "cap": NO_CAP if cap is None else cap,
            }
        else:
            ranks = self.program.ranks[node.kind]
            for place, part in enumerate(node.parts):
                yield {
                    "kind": int(node.kind),
                    "node": node.code,
                    "width": len(node.parts),
                    "place": place,
                    "rank": ranks[self.outcomes[part]],
                }

    def _observed(self, node: Node, ruleset: Ruleset) -> dict[str, int]:
        question = ruleset.questions[node.code]
        seen = self.observations[node.code]
        evidence = Evidence(seen.evidence)
        if question.unscalable:
            limits = ", ".join(dict.fromkeys(str(side.limit) for side in question.unscalable))
            self.faults[node.owner] = f"the limit {limits} is no whole number of 64 bits at any scale"
        return {
            "kind": int(node.kind),
            "node": node.code,
            "block": question.number // BLOCK,
            "question": question.number,
            "cover": int(cover_of(question, evidence.verdict, evidence)),
            **question.answer(seen, ruleset.texts.get(seen.text or "", 0)),
        }

    def _rests_on(self, index: int) -> set[int]:
        """The waived requirements under a gate's waived verdicts, and those of the gates before it."""
        plan, nodes = self.program.plan, self.program.nodes
        gate = plan.gates[index]
        inside = [*gate.targets, *(c for point in gate.points for c in plan.points[point].criteria)]
        waiting = [nodes.criteria[c] for c in inside if plan.criteria[c].enforcement != "advisory"]
        found = {waiver for earlier in gate.after for waiver in self.waivers[earlier]}
        while waiting:
            node = nodes.all[waiting.pop()]
            if self.outcomes[node.code] is not Verdict.WAIVED:
                continue
            if node.kind is Kind.REQUIREMENT:
                found.add(node.code)
            waiting.extend(node.parts)
        return found

    def _decisions(self) -> Decisions:
        plan, nodes = self.program.plan, self.program.nodes
        return Decisions(
            requirements=self._verdicts(plan.requirements, range(len(plan.requirements))),
            criteria=self._verdicts(plan.criteria, nodes.criteria),
            points=self._verdicts(plan.points, nodes.points),
            gates={
                gate.id: GateDecision(
                    state=GateState(self.outcomes[final]),
                    own=GateState(self.outcomes[own]),
                    waivers=tuple(plan.requirements[index].id for index in sorted(waivers)),
                )
                for gate, own, final, waivers in zip(
                    plan.gates, nodes.own, nodes.final, self.waivers, strict=True
                )
            },
        )

    def _verdicts(self, things: Iterable[Identified], codes: Iterable[int]) -> dict[str, Verdict]:
        return {thing.id: Verdict(self.outcomes[code]) for thing, code in zip(things, codes, strict=True)}
