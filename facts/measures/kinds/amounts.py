"""Kinds that add amounts up: ``sum``, ``mean``, ``share``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from phasegate.facts.engines.plans import Aggregate, Row, all_of
from phasegate.facts.expressions.tree import Name, integer, op
from phasegate.facts.measures.base import Kind
from phasegate.facts.measures.batch import Batch, exact
from phasegate.facts.measures.kinds.counts import Ratio
from phasegate.facts.measures.mask import unknown_in
from phasegate.facts.measures.part import Part
from phasegate.facts.measures.to_fact import Number, Undecided, Value
from phasegate.facts.model.ends import Ends, Tally


class Adding(Kind):
    """What adds an amount up over the population."""

    nulls_fail = True
    amounts = True

    def prepare(self) -> None:
        """Adds the amount up and counts where it is missing."""
        (sql,) = self.operands()
        self.amount, self.per = self.part.table.amount(sql), self.part.table.per(sql)
        self.total = self.part.shared.sum(self.amount, self.part.mask)
        self.part.nulls.append(self.part.shared.nulls(self.amount, self.part.mask.possible))


class Sum(Adding):
    """The sum of an amount over the population."""

    has_ends = True

    def operands(self) -> tuple[str, ...]:
        """The amount."""
        assert self.measure.sum is not None
        return (self.measure.sum,)

    def reopen(self, batch: Batch) -> None:
        """Adds up by themselves the amounts below and above zero of rows that may be among them."""
        mask, amount = self.part.mask, self.amount
        shared = batch.shared(self.source, self.part.shared.by)
        self.open: list[tuple[str, str]] = []
        for sign, than in (("below", "<"), ("above", ">")):
            flag = op(than, Name(amount), integer(0))
            # Rows that name no point may belong to each, even where they are surely among these rows.
            own, unplaced = (
                shared.want(f"{sign}|{how}|{amount}|{mask}", Aggregate("sum", amount, all_of(among, flag)))
                for how, among in (("unknown", mask.unknown), ("possible", mask.possible.flag))
            )
            self.open.append((own, unplaced))

    def value(self, slice_: str, row: Row) -> Value:
        """The exact sum."""
        whole, digits = exact(row[self.total])
        known = Number(whole, 10**digits * self.per)
        if self.doubts is None or not self.doubt(slice_).rows:
            return known
        low, high = (Fraction(known.numerator, known.denominator) + self._open(slice_, i) for i in (0, 1))
        return known._replace(ends=Ends.of_one_denominator(low, high))

    def _open(self, slice_: str, place: int) -> Fraction:
        """By how much the rows that may be among them move the sum down, or up."""
        assert self.doubts is not None
        found = zip(self.doubts.rows_of(self.part, slice_), self.open[place], strict=True)
        return sum((Fraction(row[alias]) / self.per for row, alias in found if row is not None), Fraction(0))


class Mean(Adding):
    """The sum of an amount over the number of rows."""

    def operands(self) -> tuple[str, ...]:
        """The amount."""
        assert self.measure.mean is not None
        return (self.measure.mean,)

    def value(self, slice_: str, row: Row) -> Value:
        """Sum and count, not divided."""
        whole, digits = exact(row[self.total])
        return Number(whole, row[self.part.rows] * 10**digits * self.per)


class Share(Ratio):
    """The amount of the rows that meet a condition, of the amount of all rows."""

    nulls_fail = True
    money = True

    def conditions(self) -> tuple[str | None, ...]:
        """``over`` narrows the population."""
        assert self.measure.share is not None
        return (self.measure.where, self.measure.share.over)

    def operands(self) -> tuple[str, ...]:
        """The amount and the condition."""
        assert self.measure.share is not None
        return (self.measure.share.value, self.measure.share.of)

    def added(self) -> list[tuple[Part, tuple[str, ...]]]:
        """The amount alone."""
        return [(self.part, self.operands()[:1])]

    def prepare(self) -> None:
        """Adds the amount up twice and counts where it is missing."""
        value, of = self.operands()
        part = self.part
        self.amount = part.table.amount(value)
        self.of = part.table.mask(of)
        (self.condition,) = self.of.names
        self.met = part.shared.sum(self.amount, part.mask & self.of)
        self.total = part.shared.sum(self.amount, part.mask)
        part.nulls.append(part.shared.nulls(self.amount, part.mask.possible))
        part.decides = self.decides(self.of)
        part.lacks += (of,)

    def reopen(self, batch: Batch) -> None:
        """Adds the amount up by what is known of its rows, and finds the smallest that is open."""
        mask, of, amount = self.part.mask, self.of, self.amount
        shared = batch.shared(self.source, self.part.shared.by)
        counts = (of.flag, op("not", of.flag), of.unknown)
        flags = [all_of(belongs, count) for belongs in (mask.flag, mask.unknown) for count in counts]
        key = f"{amount}|{mask}|{of}"
        self.parted = [
            shared.want(f"{cell}|{key}", Aggregate("sum", amount, flag))
            for cell, flag in zip(Tally._fields, flags, strict=True)
        ]
        self.smallest = [
            shared.want(f"{how}|{key}", Aggregate("min", amount, flag))
            for how, flag in (("open", unknown_in(self.part.decides)), ("may", mask.possible.flag))
        ]

    def value(self, slice_: str, row: Row) -> Value:
        """Both sums."""
        known = pair(row[self.met], row[self.total])
        if self.doubts is None or not self.doubt(slice_).rows:
            return known
        found = self.doubts.rows_of(self.part, slice_)
        smallest = [row[alias] for row, alias in zip(found, self.smallest, strict=True) if row is not None]
        if any(amount is not None and amount < 0 for amount in smallest):
            return Undecided("an amount below zero may count")
        sums = [row[self.met], row[self.total]]
        sums += [each[cell] if each else 0 for each in found for cell in self.parted]
        (met, whole, *cells), digits = aligned(sums)
        own, unplaced = Tally(*cells[: len(self.parted)]), Tally(*cells[len(self.parted) :])
        tally = own._replace(tt=met, tf=whole - met - own.tn)  # the second pass left out what is certain
        ends = tally.plus(unplaced.displaced()).ratio() if tally.certain > 0 else None
        known = _shortened(Number(tally.tt, tally.certain, digits, ends))
        if ends is not None and self.measure.valid and not 0 <= ends.least <= ends.greatest <= 1:
            return Undecided("amounts below zero leave both ends open")  # and the range would let them in
        return known


def _shortened(number: Number) -> Number:
    """The same with as few digits as it needs itself: what was added up apart may have had more."""
    ends = number.ends
    told = [number.numerator, number.denominator, *((*ends.low, *ends.high) if ends else ())]
    while number.scale and all(each % 10 == 0 for each in told):
        told = [each // 10 for each in told]
        number = number._replace(scale=number.scale - 1)
    if ends:
        ends = ends._replace(low=(told[2], told[3]), high=(told[4], told[5]))
    return number._replace(numerator=told[0], denominator=told[1], ends=ends)


def pair(numerator: Decimal | int, denominator: Decimal | int) -> Number:
    """Two exact numbers as integers of one scale."""
    (top, bottom), digits = aligned([numerator, denominator])
    return Number(top, bottom, digits)


def aligned(amounts: Iterable[Decimal | int]) -> tuple[list[int], int]:
    """Exact numbers as integers of one scale, and that: as few digits as they need."""
    parts = [exact(amount) for amount in amounts]
    digits = max(places for _, places in parts)
    return [whole * 10 ** (digits - places) for whole, places in parts], digits
