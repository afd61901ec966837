"""The plan: a pack's requirements resolved to questions that two engines can answer alike.

A plan holds no data. It is made from a pack, the slices that the facts have, and the bounds that
parameters resolve to; `engine.columnar.evaluate` and `engine.inference.rule_base` both decide it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from phasegate.rules.model.verdict import ANY_OF_ORDER, Evidence, GateState, Verdict

if TYPE_CHECKING:  # the plan is plain data: it must not cost the import of the models
    from phasegate.rules.model.pack import Enforcement

Comparator = Literal[">=", "<=", ">", "<", "==", "!="]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of a number against a limit, ``value comparator limit``."""

    comparator: Comparator
    limit: Fraction


@dataclass(frozen=True, slots=True)
class Cover:
    """What a waiver in force covers of one requirement.

    Attributes:
        waiver: the waiver's id.
        verdicts: those of the waivable ones that become WAIVED.
        floor: the tests that the value must still meet where it has one; empty for no floor.
    """

    waiver: str
    verdicts: frozenset[Verdict]
    floor: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One question: does this fact meet this bound?

    Exactly one of ``tests``, ``expected`` and ``options`` is set.

    Attributes:
        id: ``point/criterion/fact``, unique in the plan; ``#2`` marks a second bound on one fact,
            ``[slice]`` a slice that the data brought.
        measure, slice: the fact that answers it.
        bound: the bound as its author wrote it.
        unit: the unit of fact and bound.
        tests: for numbers: all must hold (two for ``between``).
        expected: for truth values.
        options: for texts: one of them must be the value.
        cover: the waiver in force, if there is one.
    """

    id: str
    measure: str
    slice: str
    bound: str
    unit: str | None = None
    tests: tuple[Comparison, ...] = ()
    expected: bool | None = None
    options: tuple[str, ...] = ()
    cover: Cover | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds if all of its parts hold; the verdict is the worst of theirs."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if one of its parts holds.

    The verdict is the first that a part has in the plan's order of alternatives.
    """

    parts: tuple[Rule, ...]


Rule = AllOf | AnyOf | int
"""A tree over requirements; a leaf is the requirement's index in the plan."""


def leaves(rule: Rule) -> Iterator[int]:
    """The indices of the requirements that a tree rests on."""
    if isinstance(rule, int):
        yield rule
        return
    for part in rule.parts:
        yield from leaves(part)


@dataclass(frozen=True, slots=True)
class PlannedCriterion:
    """A criterion, or a target that is decided like one (``1/success``, ``programme/roi``).

    Attributes:
        id: its full id.
        enforcement: whether it binds, and whether it may be waived.
        rule: what it follows from.
        area: the area that it belongs to; it changes no verdict, only how large plans are divided.
    """

    id: str
    enforcement: Enforcement
    rule: Rule
    area: str = ""


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """A point: the worst of its criteria that are not advisory.

    Attributes:
        id: the point's id.
        criteria: indices into the plan's criteria, advisory ones included.
    """

    id: str
    criteria: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlannedGate:
    """A gate: open if its points and targets pass and the gates before it are open.

    Attributes:
        id: the phase's id, or ``programme``.
        points: indices into the plan's points.
        targets: indices into the plan's criteria (advisory ones are shown, never counted).
        after: indices into the plan's gates; each stands earlier in the plan than this one.
        max_waivers: how many waived requirements it takes, inherited ones included.
    """

    id: str
    points: tuple[int, ...]
    targets: tuple[int, ...]
    after: tuple[int, ...]
    max_waivers: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be decided, each list in the order of the pack.

    Attributes:
        requirements, criteria, points, gates: what is decided.
        alternatives: all verdicts in the order in which those of alternatives count; runs of old are
            decided again in the order of theirs.
    """

    requirements: tuple[Requirement, ...]
    criteria: tuple[PlannedCriterion, ...]
    points: tuple[PlannedPoint, ...]
    gates: tuple[PlannedGate, ...]
    alternatives: tuple[Verdict, ...] = ANY_OF_ORDER


@dataclass(frozen=True, slots=True)
class Observation:
    """What the facts say to one requirement of a plan.

    Attributes:
        evidence: whether there is a value to compare.
        numerator, denominator: the exact value of a number; the denominator is positive. A stale
            value is kept here too, for a waiver's floor.
        truth: the value of a truth value.
        text: the value of a text.
    """

    evidence: Evidence
    numerator: int | None = None
    denominator: int | None = None
    truth: bool | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class GateDecision:
    """A gate's state and how it came about.

    Attributes:
        state: with the gates before it taken into account.
        own: from its own points and targets alone.
        waivers: ids of the waived requirements it rests on, inherited ones included.
    """

    state: GateState
    own: GateState
    waivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisions:
    """What one engine decided, by id."""

    requirements: dict[str, Verdict]
    criteria: dict[str, Verdict]
    points: dict[str, Verdict]
    gates: dict[str, GateDecision]
