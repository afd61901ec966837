"""Both ends of a value that missing values leave open: the least and the greatest that it can be.

A row is undetermined where a condition is null: nobody knows whether it counts. What was measured is
then not one number but all numbers from one end to the other, and a verdict holds only where each of
them gives it (Kleene's logic of three values).
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

Pair = tuple[int, int]
"""An exact number: numerator and positive denominator, as they were counted."""


class Ends(NamedTuple):
    """Between which numbers a value lies; both can be reached.

    Attributes:
        low, high: the least and the greatest number.
        rows: how many rows leave it open.
    """

    low: Pair
    high: Pair
    rows: int

    @classmethod
    def of_one_denominator(cls, low: Fraction, high: Fraction, rows: int = 0) -> Ends:
        """Both ends over one denominator, so that they are compared without multiplying large numbers."""
        whole = lcm(low.denominator, high.denominator)
        return cls((int(low * whole), whole), (int(high * whole), whole), rows)

    @property
    def reduced(self) -> tuple[Pair, Pair]:
        """Both ends in the smallest numbers in which those of one denominator still have one."""
        if self.low[1] == self.high[1]:
            divisors = [gcd(self.low[0], *self.high)] * 2
        else:
            divisors = [gcd(*self.low), gcd(*self.high)]
        (low, below), (high, above) = self.low, self.high
        return (low // divisors[0], below // divisors[0]), (high // divisors[1], above // divisors[1])

    @property
    def least(self) -> Fraction:
        """The low end as a number."""
        return Fraction(*self.low)

    @property
    def greatest(self) -> Fraction:
        """The high end as a number."""
        return Fraction(*self.high)


class Lacking(NamedTuple):
    """A column without a value in rows that are undetermined because of it.

    Attributes:
        column: its name in the contract.
        rows: in how many of them it is empty.
    """

    column: str
    rows: int


class Tally(NamedTuple):
    """Rows, or amounts, by what is known of them.

    The first letter is whether they belong to the population, the second whether they count:
    ``t`` true, ``f`` false, ``n`` not known. What surely does not belong is in none.
    """

    tt: int = 0
    tf: int = 0
    tn: int = 0
    nt: int = 0
    nf: int = 0
    nn: int = 0

    @property
    def certain(self) -> int:
        """What surely belongs to the population."""
        return self.tt + self.tf + self.tn

    @property
    def possible(self) -> int:
        """What may belong to it."""
        return self.nt + self.nf + self.nn

    @property
    def open(self) -> int:
        """What is undetermined in either way."""
        return self.tn + self.possible

    def displaced(self) -> Tally:
        """The same where nobody knows of any that it belongs: rows that name no slice, seen from one."""
        return Tally(nt=self.tt + self.nt, nf=self.tf + self.nf, nn=self.tn + self.nn)

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(*(mine + its for mine, its in zip(self, other, strict=True)))

    def counted(self) -> Ends | None:
        """The ends of how many count; None where they are one number."""
        moving = self.tn + self.nt + self.nn
        return Ends((self.tt, 1), (self.tt + moving, 1), moving) if moving else None

    def ratio(self) -> Ends | None:
        """The ends of the part that counts; None where they are one number, or nothing surely belongs."""
        if not self.open or not self.certain:
            return None
        low = (self.tt, self.certain + self.nf + self.nn)
        high = (self.tt + self.tn + self.nt + self.nn, self.certain + self.nt + self.nn)
        return Ends(low, high, self.open)
