"""The rules: what durable-rules is told to conclude from which facts.

Three layers, each of which decides by comparing and chaining alone:

- a **requirement**'s fact carries its evidence and its scaled value; the rules of its question
  conclude its verdict. The rules of one question exclude each other, so that exactly one fires.
- a **node** has one fact a part, with the part's rank in the node's order. A rule joins the facts of
  all its parts: one has the rank, none before it reaches it, none after it exceeds it.
- a **gate**'s own state follows from its worst member, its state from the furthest state of the
  chain, its waivers and its cap.

Conditions go from the general to the particular (kind, evidence, block, question), which keeps the
siblings of any test few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Literal

from phasegate.engine.inference.nodes import Kind, Node
from phasegate.engine.inference.questions import BLOCK, TOLD, ScaledQuestion, ScaledTest
from phasegate.engine.inference.rule_syntax import InferenceRule, Test, Tests
from phasegate.engine.plan import Excuse, OneSided
from phasegate.rules.model.verdict import ANY_OF_ORDER, Evidence, GateState, Verdict

BEGIN = 0
"""The kind of the fact that opens a run; the others are those of `engine.inference.nodes.Kind`."""
NO_CAP = -1

_OPPOSITES: dict[OneSided, OneSided] = {">=": "<", "<": ">=", "<=": ">", ">": "<="}


def make_rules(
    questions: Iterable[ScaledQuestion],
    nodes: Sequence[Node],
    caps: Iterable[int],
    alternatives: Sequence[Verdict] = ANY_OF_ORDER,
) -> list[InferenceRule]:
    """All rules for these questions and nodes.

    Args:
        questions: what requirements ask.
        nodes: their widths say which joins are needed.
        caps: the numbers of waivers at which gates are capped, NO_CAP for none.
        alternatives: the order in which the verdicts of alternatives count.
    """
    widths = sorted({(node.kind, len(node.parts)) for node in nodes})
    rules = [InferenceRule("a run begins", ((_is("kind", BEGIN),),), None)]
    if any(node.kind is Kind.REQUIREMENT for node in nodes):
        rules += _evidence_rules()
    for question in questions:
        rules += _question_rules(question)
    ranked = orders(alternatives)
    for kind, width in widths:
        if kind in ranked:
            rules += _greatest_rules(kind, width, ranked[kind])
    if any(node.kind is Kind.EMPTY for node in nodes):
        rules.append(InferenceRule("nothing to hold", ((_is("kind", Kind.EMPTY),),), Verdict.ERROR))
    for cap in sorted(set(caps)):
        rules += _final_rules(cap)
    if any(node.kind is Kind.OWN for node in nodes):
        rules += _own_rules()
    return rules


def orders(alternatives: Sequence[Verdict]) -> dict[Kind, tuple[IntEnum, ...]]:
    """For each kind of node that takes the greatest of its parts, the order, from the least."""
    return {
        Kind.WORST: tuple(sorted(Verdict)),
        Kind.BEST: tuple(reversed(alternatives)),
        Kind.FURTHEST: tuple(sorted(GateState)),
    }


def _is(key: str, literal: int) -> Test:
    return Test(key, "==", int(literal))


def _evidence_rules() -> Iterator[InferenceRule]:
    """What follows from the evidence alone, whatever the question."""

    def rule(name: str, outcome: Verdict, *tests: Test) -> InferenceRule:
        return InferenceRule(name, ((_is("kind", Kind.REQUIREMENT), *tests),), outcome)

    for evidence in dict.fromkeys(TOLD.values()):
        here, verdict = _is("evidence", evidence), evidence.verdict
        if verdict is None:
            continue
        if not verdict.waivable:
            yield rule(verdict.word, verdict, here)
            continue
        yield rule(verdict.word, verdict, here, _is("cover", Excuse.NONE))
        yield rule(f"{verdict.word}, waived", Verdict.WAIVED, here, _is("cover", Excuse.FULL))
        floored = (_is("cover", Excuse.FLOORED), _is("valued", 0))
        yield rule(f"{verdict.word}, no value for the floor", verdict, here, *floored)
    yield rule(
        "present without a value", Verdict.ERROR, _is("evidence", Evidence.PRESENT), _is("answered", 0)
    )


def cover_of(question: ScaledQuestion, verdict: Verdict | None, evidence: Evidence) -> Excuse:
    """What the question's waiver says of a verdict that follows from such evidence."""
    if question.cover is None or verdict is None:
        return Excuse.NONE
    return question.cover.excuse(verdict, evidence)


def _question_rules(question: ScaledQuestion) -> Iterator[InferenceRule]:
    name = f"question {question.number}"
    asked = (_is("block", question.number // BLOCK), _is("question", question.number))
    present = (
        _is("kind", Kind.REQUIREMENT),
        _is("evidence", Evidence.PRESENT),
        _is("answered", 1),
        *asked,
    )
    for verdict, cases in (
        (question.every, _holds(question)),
        (question.none, _misses(question)),
        (Verdict.UNKNOWN, _between(question)),
    ):
        excuse = cover_of(question, verdict, Evidence.PRESENT)
        for mark, tests in _marked(cases):
            yield from _excused(
                f"{name} {_SAID[verdict]}{mark}", (*present, *tests), question, verdict, excuse
            )
    for evidence in dict.fromkeys(TOLD.values()):
        alone = evidence.verdict
        if alone is None or cover_of(question, alone, evidence) is not Excuse.FLOORED:
            continue
        floored = (
            _is("kind", Kind.REQUIREMENT),
            _is("evidence", evidence),
            _is("cover", Excuse.FLOORED),
            _is("valued", 1),
            *asked,
        )
        yield from _floor_rules(f"{name} {alone.word}", floored, question, alone)


_SAID = {Verdict.PASS: "holds", Verdict.FAIL: "fails", Verdict.UNKNOWN: "may hold"}


def _excused(
    name: str, tests: Tests, question: ScaledQuestion, verdict: Verdict, excuse: Excuse
) -> Iterator[InferenceRule]:
    """A verdict that follows from a value, or the waiver of it."""
    if excuse is Excuse.NONE:
        yield InferenceRule(name, (tests,), verdict)
    elif excuse is Excuse.FULL:
        yield InferenceRule(f"{name}, waived", (tests,), Verdict.WAIVED)
    else:
        yield InferenceRule(f"{name}, no value for the floor", ((*tests, _is("valued", 0)),), verdict)
        yield from _floor_rules(name, (*tests, _is("valued", 1)), question, verdict)


def _floor_rules(
    name: str, tests: Tests, question: ScaledQuestion, otherwise: Verdict
) -> Iterator[InferenceRule]:
    if question.floor is None:  # it could not be scaled, so that no fact is ever valued
        return
    yield InferenceRule(f"{name}, above the floor", ((*tests, *_all_met(question.floor)),), Verdict.WAIVED)
    for mark, missed in _marked(_first_missed(question.floor)):
        yield InferenceRule(f"{name}, below the floor{mark}", ((*tests, *missed),), otherwise)


def _marked(cases: Iterable[Tests]) -> Iterator[tuple[str, Tests]]:
    for index, tests in enumerate(cases):
        yield (f" ({index + 1})" if index else ""), tests


def _holds(question: ScaledQuestion) -> Iterator[Tests]:
    """The cases in which each value that there may be meets the bound."""
    if question.worst:
        yield _all_met(question.worst)
    elif question.expected is not None:
        yield (_is("truth", question.expected),)
    for first, last in question.spans:
        yield Test("text", ">=", first), Test("text", "<=", last)


def _misses(question: ScaledQuestion) -> Iterator[Tests]:
    """The cases in which none does."""
    if question.best:
        yield from _first_missed(question.best)
    elif question.expected is not None:
        yield (_is("truth", not question.expected),)
    after = None
    for first, last in question.spans:
        below = Test("text", "<", first)
        yield (below,) if after is None else (Test("text", ">", after), below)
        after = last
    if after is not None:
        yield (Test("text", ">", after),)


def _between(question: ScaledQuestion) -> Iterator[Tests]:
    """The cases in which some numbers between the ends meet the bound, and others do not."""
    for missed in _first_missed(question.worst):
        yield (*_all_met(question.best), *missed)


def _all_met(tests: Sequence[ScaledTest]) -> Tests:
    return tuple(Test(test.key, test.comparator, test.limit) for test in tests)


def _first_missed(tests: Sequence[ScaledTest]) -> Iterator[Tests]:
    """One case for each test that may be the first to be missed; no two of them hold at once."""
    for index, test in enumerate(tests):
        yield (*_all_met(tests[:index]), Test(test.key, _OPPOSITES[test.comparator], test.limit))


def _greatest_rules(kind: Kind, width: int, order: Sequence[IntEnum]) -> Iterator[InferenceRule]:
    """The greatest of a node's parts is its outcome.

    One rule for each rank and each place where it is reached first: no part before has it, no part
    after exceeds it. So exactly one rule fires for each node.
    """
    for rank, outcome in enumerate(order):
        for first in range(width if rank else 1):
            facts = []
            for place in range(width):
                comparator: OneSided | Literal["=="] = (
                    "==" if place == first else "<" if place < first else "<="
                )
                joined = (Test("node", "==", None),) if place else ()
                facts.append(
                    (
                        _is("kind", kind),
                        _is("width", width),
                        _is("place", place),
                        Test("rank", comparator, rank),
                        *joined,
                    )
                )
            name = f"{kind.name.lower()} of {width}: {outcome.name.lower()}, reached at {first + 1}"
            yield InferenceRule(name, tuple(facts), outcome)


def _own_rules() -> Iterator[InferenceRule]:
    """A gate's own state from its worst member.

    A worst member that is not applicable means that all are: nothing passes, so nothing is decided.
    """

    def rule(name: str, outcome: GateState, *tests: Test) -> InferenceRule:
        return InferenceRule(f"gate: {name}", ((_is("kind", Kind.OWN), *tests),), outcome)

    for verdict in sorted(Verdict, reverse=True):
        name, state, reached = f"at worst {verdict.word}", verdict.gate_state, _is("worst", verdict)
        if state >= GateState.UNDECIDED:
            yield rule(name, state, reached)
            continue
        yield rule(name, state, reached, _is("points", 1))
        yield rule(f"{name}, no points", GateState.UNDECIDED, reached, _is("points", 0))


def _final_rules(cap: int) -> Iterator[InferenceRule]:
    """A gate's state from the furthest of its chain, the number of its waivers, and its cap."""
    gate = (_is("kind", Kind.FINAL), _is("cap", cap))
    name = "final" if cap == NO_CAP else f"final, at most {cap} waivers"
    within: Tests = ()
    if cap != NO_CAP:
        yield InferenceRule(f"{name}: too many", ((*gate, Test("waivers", ">", cap)),), GateState.CLOSED)
        within = (Test("waivers", "<=", cap),)
    for state in GateState:
        here = (*gate, *within, _is("furthest", state))
        if state is not GateState.OPEN:
            yield InferenceRule(f"{name}: {state.word}", (here,), state)
            continue
        yield InferenceRule(f"{name}: open", ((*here, _is("waivers", 0)),), state)
        waived = (*here, Test("waivers", ">", 0))
        yield InferenceRule(f"{name}: open, waived", (waived,), GateState.OPEN_WITH_WAIVERS)
