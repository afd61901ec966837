"""Inference: durable-rules decides a plan, from requirements up to gates.

This is the engine of record. `RuleBase` compiles a plan once and decides it as often as there are
observations; `engine.columnar` decides the same plan by another way, and the two must agree.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from phasegate.engine.faults import ClosedRuleBaseError, MalformedPlanError
from phasegate.engine.host import Identities, Session
from phasegate.engine.nodes import Nodes
from phasegate.engine.plan import Decisions, Observation, Plan
from phasegate.engine.questions import Question, question_of, scale_question, text_codes
from phasegate.engine.ruleform import define
from phasegate.engine.ruleset import BEGIN, NO_CAP, make_rules
from phasegate.engine.run import Program, Run


class RuleBase:
    """A plan as a ruleset of durable-rules.

    Use it as a context manager, or close it: a ruleset holds memory that Python does not free.

    Attributes:
        faults: for the last run, why an id's verdict was replaced by ERROR (a gate's state by
            UNDECIDED): no rule concluded one, more than one did, or a limit is beyond 64 bits.
    """

    def __init__(self, plan: Plan) -> None:
        """Compiles the plan.

        Raises:
            MalformedPlanError: if the plan contradicts itself.
            PlanTooLargeError: if it needs more than durable-rules takes.
            CollidingNamesError: if durable-rules would take two names for one.
            EngineFaultError: if durable-rules refuses the rules.
        """
        self.faults: dict[str, str] = {}
        nodes = Nodes.of(plan)
        asked: dict[Question, int] = {}
        numbers = [asked.setdefault(question_of(r), len(asked)) for r in plan.requirements]
        codes = text_codes(asked)
        questions = [scale_question(question, number, codes) for question, number in asked.items()]
        caps = (NO_CAP if gate.max_waivers is None else gate.max_waivers for gate in plan.gates)
        rules = make_rules(questions, nodes.all, caps)
        self._program = Program(
            plan=plan,
            nodes=nodes,
            levels=nodes.levels(),
            questions=[questions[number] for number in numbers],
            codes=codes,
            identities=_name_facts(nodes),
            outcomes={str(number): rule.outcome for number, rule in enumerate(rules)},
        )
        self._turn = threading.Lock()
        self._session: Session | None = Session("phasegate", define(rules))

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
        """Frees the ruleset; closing twice does nothing."""
        with self._turn:
            if self._session is not None:
                session, self._session = self._session, None
                session.close()

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
            if self._session is None:
                raise ClosedRuleBaseError
            run = Run(self._program, self._session, observations)
            try:
                self._session.begin({"kind": BEGIN})
                decisions = run.decide()
            finally:
                self._session.end()
            self.faults = run.faults
        return decisions


def _name_facts(nodes: Nodes) -> list[list[str]]:
    """Ids for the facts of each node: one for each of its parts, else one."""
    identities = Identities()
    return [[identities.name(f"{node.code}.{place}") for place in range(node.facts)] for node in nodes.all]
