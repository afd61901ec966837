"""What a fact may become, so that the requirements which it answers are met: the nearest of such values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from phasegate.engine.opening.search import goodness
from phasegate.engine.plan import Cover, Observation, Requirement
from phasegate.engine.reference import verdict_of
from phasegate.facts.model.ends import Pair
from phasegate.facts.model.fact import Fact
from phasegate.rules.model.measure import Measure
from phasegate.rules.model.verdict import Evidence, Verdict
from phasegate.rules.values.units import PERCENT


class Value(NamedTuple):
    """A value of a fact, of one kind; the others are None."""

    number: Pair | None = None
    truth: bool | None = None
    text: str | None = None

    @property
    def seen(self) -> Observation:
        """What requirements see of it."""
        return Observation(Evidence.PRESENT, self.number, self.number, self.truth, self.text)


class Become(NamedTuple):
    """A value that a fact may become, and what its requirements make of it."""

    value: Value
    verdicts: Mapping[int, Verdict]


def becoming(fact: Fact, asked: Mapping[int, Requirement], measure: Measure | None) -> list[Become]:
    """The values that a fact may become, of which none is better than another for all of its requirements.

    Of values that are equally good it is the one nearest to what the fact is. Mostly there is one; there are
    several where requirements contradict each other, and none where no value meets any of them.

    Args:
        fact: as it is.
        asked: its requirements, by their indices.
        measure: what it is of; None where nobody knows it.
    """
    found: dict[tuple[int, ...], Become] = {}
    for value in _values(fact, list(asked.values()), measure):
        verdicts = {leaf: verdict_of(each, value.seen) for leaf, each in asked.items()}
        found.setdefault(tuple(map(goodness, verdicts.values())), Become(value, verdicts))
    return [
        each
        for good, each in found.items()
        if any(good) and not any(_better(other, good) for other in found if other != good)
    ]


def excusable(requirement: Requirement, seen: Observation, verdict: Verdict) -> bool:
    """Whether a waiver may cover a verdict of a requirement, with a floor where it needs one.

    Args:
        requirement: the requirement.
        seen: what the facts say to it.
        verdict: its verdict.
    """
    if not verdict.waivable:
        return False
    alone, too = frozenset([verdict]), frozenset([verdict, Verdict.FAIL])
    if requirement.tests:  # a number that fails is covered down to a floor only
        covers = (
            [Cover("", alone, ())] if verdict is Verdict.FAIL else [Cover("", alone), Cover("", alone, ())]
        )
    else:
        covers = [Cover("", alone), Cover("", too)]
    return any(verdict_of(replace(requirement, cover=each), seen) is Verdict.WAIVED for each in covers)


def _better(one: Sequence[int], other: Sequence[int]) -> bool:
    return all(left >= right for left, right in zip(one, other, strict=True))


def _values(fact: Fact, asked: Sequence[Requirement], measure: Measure | None) -> Iterator[Value]:
    """Values that a fact may become, the best first where several meet the same."""
    if any(each.expected is not None for each in asked):
        yield from (Value(truth=each) for each in (fact.truth is not False, fact.truth is False))
    if options := [option for each in asked for option in each.options]:
        yield from (Value(text=each) for each in sorted(options, key=lambda option: option != fact.text))
    limits = sorted({test.limit for each in asked for test in each.tests})
    if not limits:
        return
    near = _near(fact)
    whole = _whole(fact, measure)
    counted = [(n, whole) for n in _counts(limits, whole)] if whole is not None else []
    low, high = measure.valid_range if measure is not None else (None, None)
    beside = [*_beside(limits, fact.unit), *(end for end in (low, high) if end is not None)]
    plain = [(each.numerator, each.denominator) for each in beside]
    for pairs in ([*near], counted, plain):
        allowed = [pair for pair in pairs if _within(Fraction(*pair), low, high)]
        for pair in sorted(allowed, key=lambda pair: _far(pair, near)):
            yield Value(number=pair)


def _near(fact: Fact) -> list[Pair]:
    """What the number is, or may be: its ends, where it has two."""
    if fact.ends is not None:
        return [fact.ends.low, fact.ends.high]
    if fact.numerator is None or not fact.denominator or fact.denominator < 0:
        return []
    return [(fact.numerator, fact.denominator)]


def _far(pair: Pair, near: Sequence[Pair]) -> tuple[Fraction, Pair]:
    value = Fraction(*pair)
    return min((abs(value - Fraction(*each)) for each in near), default=abs(value)), pair


def _whole(fact: Fact, measure: Measure | None) -> int | None:
    """Of how many a number is counted, so that it goes by ones; None of what is no such number."""
    if measure is not None and measure.about.plain:
        return 1
    if measure is None or not measure.about.two_counts or fact.unit != PERCENT or fact.scale:
        return None
    found = {pair[1] for pair in _near(fact)}
    return found.pop() if len(found) == 1 else None


def _counts(limits: Sequence[Fraction], whole: int) -> list[int]:
    """Whole numbers on and beside limits."""
    found = {
        count
        for limit in limits
        for count in (
            floor(limit * whole) - 1,
            floor(limit * whole),
            ceil(limit * whole),
            ceil(limit * whole) + 1,
        )
    }
    return sorted(count for count in found if whole == 1 or 0 <= count <= whole)


def _beside(limits: Sequence[Fraction], unit: str | None) -> list[Fraction]:
    """Numbers on limits, between them, and beside the least and the greatest."""
    step = Fraction(1, 100 if unit == PERCENT else 1)
    between = [(one + other) / 2 for one, other in pairwise(limits)]
    return [limits[0] - step, *limits, *between, limits[-1] + step]


def _within(value: Fraction, low: Fraction | None, high: Fraction | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
