"""Sets of values that a column, or something computed from columns, may have in a row."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple


class Span(NamedTuple):
    """The numbers between two ends; None where there is none.

    Attributes:
        low, high: the ends.
        with_low, with_high: whether they belong to it.
    """

    low: Fraction | None
    with_low: bool
    high: Fraction | None
    with_high: bool

    @property
    def empty(self) -> bool:
        """Whether there is no number in it."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.with_low and self.with_high))

    @property
    def without_whole(self) -> bool:
        """Whether there is no whole number in it."""
        if self.low is None or self.high is None:
            return False
        first, last = ceil(self.low), floor(self.high)
        first += first == self.low and not self.with_low
        last -= last == self.high and not self.with_high
        return first > last


@dataclass(frozen=True)
class Numbers:
    """A set of numbers.

    Attributes:
        spans: the parts of it, from low to high, none of which meet.
        whole: whether only the whole numbers in them belong to it.
    """

    spans: tuple[Span, ...]
    whole: bool = False

    @classmethod
    def compared(cls, sign: str, limit: Fraction, whole: bool = False) -> Numbers:
        """The numbers for which a comparison holds: ``=``, ``<>``, ``<``, ``<=``, ``>`` or ``>=``."""
        below, above = Span(None, False, limit, "=" in sign), Span(limit, "=" in sign, None, False)
        spans = {
            "<": (below,), "<=": (below,), ">": (above,), ">=": (above,),
            "=": (Span(limit, True, limit, True),),
            "<>": (Span(None, False, limit, False), Span(limit, False, None, False)),
        }[sign]  # fmt: skip
        return cls(spans, whole)

    @property
    def empty(self) -> bool:
        """Whether there is no number in it."""
        return all(span.empty or (self.whole and span.without_whole) for span in self.spans)

    def __and__(self, other: Numbers) -> Numbers:
        both = (_meet(one, two) for one in self.spans for two in other.spans)
        return Numbers(tuple(span for span in both if not span.empty), self.whole or other.whole)

    def __invert__(self) -> Numbers:
        rest = EVERY_NUMBER.spans
        for span in self.spans:
            outside = []
            if span.low is not None:
                outside.append(Span(None, False, span.low, not span.with_low))
            if span.high is not None:
                outside.append(Span(span.high, not span.with_high, None, False))
            rest = tuple(each for one in rest for two in outside if not (each := _meet(one, two)).empty)
        return Numbers(rest, self.whole)


def _meet(one: Span, two: Span) -> Span:
    low, with_low = one.low, one.with_low
    if low is None or (two.low is not None and two.low >= low):
        low, with_low = two.low, two.with_low and (two.low != one.low or one.with_low)
    high, with_high = one.high, one.with_high
    if high is None or (two.high is not None and two.high <= high):
        high, with_high = two.high, two.with_high and (two.high != one.high or one.with_high)
    return Span(low, with_low, high, with_high)


EVERY_NUMBER = Numbers((Span(None, False, None, False),))


@dataclass(frozen=True)
class Members:
    """A set of texts, truth values or signs: those that are named, or all but those.

    Attributes:
        named: the values.
        excluded: whether all others belong to the set, and these do not.
    """

    named: frozenset[Hashable]
    excluded: bool = False

    @classmethod
    def of(cls, *named: Hashable) -> Members:
        """The set of some values."""
        return cls(frozenset(named))

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.named and not self.excluded

    def __and__(self, other: Members) -> Members:
        if self.excluded and other.excluded:
            return Members(self.named | other.named, True)
        if self.excluded:
            return Members(other.named - self.named)
        return Members(self.named - other.named if other.excluded else self.named & other.named)

    def __invert__(self) -> Members:
        return Members(self.named, not self.excluded)


EVERY_MEMBER = Members(frozenset(), True)
Known = Numbers | Members


@dataclass(frozen=True)
class Values:
    """What something may be in a row: one of some values, or null.

    Attributes:
        known: the values.
        null: whether it may be null.
    """

    known: Known
    null: bool = False

    @property
    def empty(self) -> bool:
        """Whether it can be nothing at all."""
        return self.known.empty and not self.null

    def __and__(self, other: Values) -> Values:
        if isinstance(self.known, Numbers):
            known: Known = self.known & other.known if isinstance(other.known, Numbers) else self.known
        else:
            known = self.known & other.known if isinstance(other.known, Members) else self.known
        return Values(known, self.null and other.null)

    def __invert__(self) -> Values:
        return Values(~self.known, not self.null)


def members(named: Iterable[Hashable], null: bool = False) -> Values:
    """One of some values, or null where it may be."""
    return Values(Members(frozenset(named)), null)
