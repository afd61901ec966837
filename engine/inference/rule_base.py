"""Inference: durable-rules decides a plan, from requirements up to gates.

This is the engine of record. `RuleBase` compiles a plan once and decides it as often as there are
observations; `engine.columnar.evaluate` decides the same plan by another way, and the two must agree.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from phasegate.engine.inference.errors import ClosedRuleBaseError, MalformedPlanError
from phasegate.engine.inference.execution import Program, Run
from phasegate.engine.inference.host import Session, identities
from phasegate.engine.inference.nodes import Nodes
from phasegate.engine.inference.partition import divide
from phasegate.engine.inference.rule_syntax import MAX_RULES, define
from phasegate.engine.inference.ruleset import BEGIN
from phasegate.engine.plan import Decisions, Observation, Plan


class RuleBase:
    """A plan as rulesets of durable-rules: one, or as many as it is too large for.

    Use it as a context manager, or close it: a ruleset holds memory that Python does not free.

    Attributes:
        faults: for the last run, why an id's verdict was replaced by ERROR (a gate's state by
            UNDECIDED): no rule concluded one, more than one did, or a limit is beyond 64 bits.
    """

    def __init__(self, plan: Plan, most: int = MAX_RULES) -> None:
        """Compiles the plan.

        Args:
            plan: what is decided.
            most: how many rules one ruleset takes; a larger plan is divided.

        Raises:
            MalformedPlanError: if the plan contradicts itself.
            PlanTooLargeError: if a piece that can not be divided needs more than durable-rules takes.
            CollidingNamesError: if durable-rules would take two names for one.
            EngineFaultError: if durable-rules refuses the rules.
        """
        self.faults: dict[str, str] = {}
        nodes = Nodes.of(plan)
        rulesets = divide(plan, nodes, most)
        self._program = Program.of(plan, nodes, rulesets, _name_facts(nodes))
        self._turn = threading.Lock()
        self._sessions: list[Session] = []
        with ExitStack() as undo:
            for ruleset in rulesets:
                self._sessions.append(Session(ruleset.name, define(ruleset.rules)))
                undo.callback(self._sessions[-1].close)
            undo.pop_all()

    @property
    def plan(self) -> Plan:
        """What it decides."""
        return self._program.plan

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes it."""
        self.close()

    def close(self) -> None:
        """Frees the rulesets; closing twice does nothing."""
        with self._turn:
            while self._sessions:
                self._sessions.pop().close()

    def decide(self, observations: Sequence[Observation]) -> Decisions:
        """Decides the plan.

        Args:
            observations: one for each requirement, in the plan's order.

        Raises:
            MalformedPlanError: if there are more or fewer observations than requirements.
            ClosedRuleBaseError: if it was closed.
            EngineFaultError: if durable-rules refuses a fact.
        """
        expected = len(self.plan.requirements)
        if len(observations) != expected:
            why = f"{expected} requirements, {len(observations)} observations"
            raise MalformedPlanError("observations", why)
        with self._turn:
            if not self._sessions:
                raise ClosedRuleBaseError
            run = Run(self._program, self._sessions, observations)
            with ExitStack() as ends:
                for session in self._sessions:
                    ends.callback(session.end)
                    session.begin({"kind": BEGIN})
                decisions = run.decide()
            self.faults = run.faults
        return decisions


def _name_facts(nodes: Nodes) -> list[list[str]]:
    """Ids for the facts of each node: one for each of its parts, else one."""
    ids = identities()
    return [[ids.name(f"{node.code}.{place}") for place in range(node.facts)] for node in nodes.all]
