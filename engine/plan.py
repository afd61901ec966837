"""The plan: a pack's requirements resolved to questions that two engines can answer alike.

A plan holds no data. It is made from a pack, the slices that the facts have, and the bounds that
parameters resolve to; `engine.columnar.evaluate` and `engine.inference.rule_base` both decide it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, cast

from phasegate.facts.model.ends import Pair
from phasegate.rules.model.verdict import ANY_OF_ORDER, Evidence, GateState, Verdict

if TYPE_CHECKING:  # the plan is plain data: it must not cost the import of the models
    from phasegate.rules.model.pack import Enforcement
    from phasegate.rules.values.bounds import Bound

OneSided = Literal[">=", "<=", ">", "<"]
Comparator = OneSided | Literal["==", "!="]
End = TypeVar("End")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of a number against a limit, ``value comparator limit``."""

    comparator: Comparator
    limit: Fraction


def tests_of(bound: Bound) -> tuple[Comparison, ...]:
    """The comparisons that a numeric bound stands for; none for the others."""
    if bound.operator in ("in", "is"):
        return ()
    between: tuple[Comparator, ...] = (">=", "<=")
    signs = between if bound.operator == "between" else (cast("Comparator", bound.operator),)
    return tuple(Comparison(*each) for each in zip(signs, bound.limits, strict=True))


@dataclass(frozen=True, slots=True)
class Side:
    """A test that whatever lies on one side of its limit meets."""

    comparator: OneSided
    limit: Fraction

    def worst(self, low: End, high: End) -> End:
        """The end that meets it only if everything between the two does."""
        return low if self.comparator in (">=", ">") else high

    def best(self, low: End, high: End) -> End:
        """The end that meets it if anything between the two does."""
        return high if self.comparator in (">=", ">") else low


class Sides(NamedTuple):
    """What a bound makes of a number that may lie anywhere between two ends.

    Where some values between them meet all tests and others do not, the verdict is UNKNOWN.

    Attributes:
        tests: one-sided ones, of which each must hold.
        every: the verdict where each test holds at its worst end: each value meets them all.
        none: the verdict where a test misses at its best end: no value meets them all.
    """

    tests: tuple[Side, ...]
    every: Verdict = Verdict.PASS
    none: Verdict = Verdict.FAIL


def sides(tests: tuple[Comparison, ...]) -> Sides:
    """The tests of a bound as one-sided ones: a number equals a limit that it is neither below nor above.

    Raises:
        ValueError: if ``!=`` is one of several; no bound is of that form.
    """
    found: list[Side] = []
    for test in tests:
        if test.comparator == "==" or test.comparator == "!=":
            found += (Side(">=", test.limit), Side("<=", test.limit))
        else:
            found.append(Side(test.comparator, test.limit))
    if "!=" not in {test.comparator for test in tests}:
        return Sides(tuple(found))
    if len(tests) > 1:
        raise ValueError("'!=' stands alone")
    return Sides(tuple(found), Verdict.FAIL, Verdict.PASS)


class Excuse(IntEnum):
    """What a waiver says of one verdict."""

    NONE = 0
    FULL = 1
    FLOORED = 2
    """It covers it where there is a number that meets the floor, whatever it turns out to be."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What a waiver in force covers of one requirement.

    Attributes:
        waiver: the waiver's id.
        verdicts: those of the waivable ones that become WAIVED.
        floor: what the number must still meet, at the worst that it can be; nothing where any number
            does, and None for no floor: then it is about no number.
        floors_unknown: whether what has no value is held to the same, too: that it meets the floor, and
            that no row is there which may fail. In runs of old it was not.
    """

    waiver: str
    verdicts: frozenset[Verdict]
    floor: tuple[Side, ...] | None = None
    floors_unknown: bool = True

    def excuse(self, verdict: Verdict, evidence: Evidence) -> Excuse:
        """What it says of a verdict that follows from such evidence."""
        if verdict not in self.verdicts:
            return Excuse.NONE
        blank = verdict is Verdict.UNKNOWN and evidence is not Evidence.PRESENT
        if blank and not self.floors_unknown:
            return Excuse.FULL
        if self.floor is not None:
            return Excuse.FLOORED
        if verdict is not Verdict.UNKNOWN or evidence is Evidence.UNKNOWN:
            return Excuse.FULL
        # The evidence is there, and may fail. A failure without a floor is that of a truth value or a text.
        covered = evidence is Evidence.UNDETERMINED and Verdict.FAIL in self.verdicts
        return Excuse.FULL if covered else Excuse.NONE


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
        low, high: the least and the greatest that a number can be, exactly: the same twice where it is
            known. A stale number is kept here too, for a waiver's floor.
        truth: the value of a truth value.
        text: the value of a text.
    """

    evidence: Evidence
    low: Pair | None = None
    high: Pair | None = None
    truth: bool | None = None
    text: str | None = None

    @classmethod
    def known(cls, evidence: Evidence, numerator: int, denominator: int = 1) -> Observation:
        """An observation of a number that is known."""
        return cls(evidence, (numerator, denominator), (numerator, denominator))

    @property
    def ends(self) -> tuple[Pair, Pair] | None:
        """Both ends of a number; None where there is none, or what there is can be none."""
        if self.low is None or self.high is None or self.low[1] <= 0 or self.high[1] <= 0:
            return None
        if self.low[0] * self.high[1] > self.high[0] * self.low[1]:
            return None
        return self.low, self.high


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
