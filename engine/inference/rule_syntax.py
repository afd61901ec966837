"""The form of rules, as durable-rules reads them, and the limits that it sets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from phasegate.engine.inference.errors import CollidingNamesError, PlanTooLargeError
from phasegate.engine.plan import OneSided
from phasegate.rules.lint.hash_collisions import find_collisions

MAX_RULES = 4096
"""Rules of one ruleset; the C core takes no more."""
MAX_FACTS = 16
MAX_CHILDREN = 500
"""Tests under one test; the C core hangs at 512."""
MAX_MATCHES = 60
"""Tests under one test that one fact may meet at once; the C core's stack holds 64."""

_OPERATORS: dict[OneSided, str] = {">=": "$gte", "<=": "$lte", ">": "$gt", "<": "$lt"}


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a fact's property: against a literal, or for equality with the first fact's."""

    key: str
    comparator: OneSided | Literal["=="]
    literal: int | None

    def condition(self) -> dict[str, Any]:
        """The test as durable-rules reads it."""
        if self.literal is None:
            return {self.key: {"m0": self.key}}
        if self.comparator == "==":
            return {self.key: self.literal}
        return {_OPERATORS[self.comparator]: {self.key: self.literal}}


Tests = tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class InferenceRule:
    """If there are facts that meet these tests, then this is the outcome of the first one's node.

    Attributes:
        name: in words, for people.
        facts: the tests of each fact.
        outcome: a verdict or a gate's state; None for the rule that opens a run.
    """

    name: str
    facts: tuple[Tests, ...]
    outcome: IntEnum | None

    def definition(self) -> dict[str, Any]:
        """The rule as durable-rules reads it; its firing says all, so its action does nothing."""
        facts = [
            {f"m{index}": {"$and": [test.condition() for test in tests]}}
            if len(tests) > 1
            else {f"m{index}": tests[0].condition()}
            for index, tests in enumerate(self.facts)
        ]
        return {"all": facts, "run": nothing}


def nothing(_: object) -> None:
    """The action of every rule."""


def define(rules: Sequence[InferenceRule]) -> dict[str, Any]:
    """The rules as one definition for durable-rules, in which their numbers are their names.

    Whoever makes rules holds them against the limits first: see `check_limits`.
    """
    return {str(number): rule.definition() for number, rule in enumerate(rules)}


def check_limits(rules: Sequence[InferenceRule], most: int = MAX_RULES) -> None:
    """Holds the rules of one ruleset against the limits of durable-rules.

    Args:
        rules: all of them.
        most: how many rules one ruleset takes.

    Raises:
        PlanTooLargeError: if a limit would be broken.
        CollidingNamesError: if two names have one hash.
    """
    if len(rules) > most:
        raise PlanTooLargeError("rules", len(rules), most)
    names = {str(number): None for number in range(len(rules))}
    children: dict[tuple[Test, ...], set[Test]] = {}
    for rule in rules:
        names.update((f"m{index}", None) for index in range(len(rule.facts)))
        if len(rule.facts) > MAX_FACTS:
            raise PlanTooLargeError("facts", len(rule.facts), MAX_FACTS, rule.name)
        for tests in rule.facts:
            for depth, test in enumerate(tests):
                children.setdefault(tests[:depth], set()).add(test)
                names[test.key] = None
    for path, tests_here in children.items():
        where = path[-1].key if path else ""
        if len(tests_here) > MAX_CHILDREN:
            raise PlanTooLargeError("tests side by side", len(tests_here), MAX_CHILDREN, where)
        equalities = {test.key for test in tests_here if test.comparator == "==" and test.literal is not None}
        matches = len(equalities) + sum(
            test.comparator != "==" or test.literal is None for test in tests_here
        )
        if matches > MAX_MATCHES:
            raise PlanTooLargeError("matching tests side by side", matches, MAX_MATCHES, where)
    for first, second in find_collisions(names):
        raise CollidingNamesError(first, second)
