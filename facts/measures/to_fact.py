"""From what was counted to a fact: the questions that every kind of measure must pass."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from phasegate.facts.model.ends import Ends, Lacking
from phasegate.facts.model.fact import NO_ROWS, Fact, Flaw, Status
from phasegate.facts.model.lacking import cause_said
from phasegate.rules.model.measure import Measure
from phasegate.rules.values.units import PERCENT, days_in, is_currency


class Number(NamedTuple):
    """A value as two exact integers; a denominator of zero makes it unknown.

    Attributes:
        scale: both are amounts counted in units of 10^-scale; 0 for counts.
        ends: between which numbers the value lies, where rows are undetermined; the pair is then that
            of the certain rows.
    """

    numerator: int
    denominator: int = 1
    scale: int = 0
    ends: Ends | None = None


class Truth(NamedTuple):
    """A truth value."""

    truth: bool


class Words(NamedTuple):
    """A text."""

    text: str


class Missing(NamedTuple):
    """No value, and why."""

    status: Status
    reason: str


class Undecided(NamedTuple):
    """No value, because rows are undetermined; what to do about them is told before the reason."""

    reason: str = ""


Value = Number | Truth | Words | Missing | Undecided


class Doubt(NamedTuple):
    """The rows of a population of which nobody knows whether they count.

    Attributes:
        rows: how many they are.
        possible: how many rows may belong to the population, beside those that surely do.
        lacking: the columns that are empty in them, and in how many.
        fix: what an author can write about them, in one line.
    """

    rows: int = 0
    possible: int = 0
    lacking: tuple[Lacking, ...] = ()
    fix: str = ""

    def leading(self, reason: str = "") -> str:
        """A reason, after which cells are missing and what to do about them."""
        return "; ".join(part for part in (cause_said(self.rows, self.lacking, self.fix), reason) if part)


class Flawed(NamedTuple):
    """What is wrong with rows, and how many they are in words."""

    flaw: Flaw
    reason: str


class Unconverted(NamedTuple):
    """The rows of a population whose amounts could not be converted to one currency.

    Attributes:
        to: the currency.
        rows: how many lack a rate.
        first: which rate the first of them lacks, by currency and date.
        beyond: how many have amounts whose digits, with those of the rate, are more than are kept.
        no_currency: how many name no currency.
    """

    to: str
    rows: int
    first: str | None
    beyond: int
    no_currency: int

    @property
    def flaw(self) -> Flawed | None:
        """What is wrong with them, None where there are none."""
        if self.no_currency:
            return Flawed("no currency", f"{_rows(self.no_currency)} an amount without a currency")
        if self.rows:
            return Flawed("no rate", f"{_rows(self.rows)} no rate to {self.to}, the first in {self.first}")
        if self.beyond:
            what = f"{_rows(self.beyond)} an amount that, with its rate, has more than 38 digits"
            return Flawed("too many digits", what)
        return None


SURE = Doubt()
"""Of each row it is known whether it counts."""


@dataclass(frozen=True, slots=True)
class Population:
    """What was counted of the rows that a fact is computed from.

    Attributes:
        rows: how many they are.
        nulls: how many of them lack an operand.
        newest: the newest event date among them.
        currencies: first and last currency in alphabetical order; None where they do not matter.
        no_currency: rows without one.
        unconverted: of each source whose converted amounts are read, the rows without one.
        doubt: the rows of which nobody knows whether they count; the flaws of these are counted above.
    """

    rows: int
    nulls: int = 0
    newest: dt.date | None = None
    currencies: tuple[str | None, str | None] | None = None
    no_currency: int = 0
    unconverted: tuple[Unconverted, ...] = ()
    doubt: Doubt = SURE

    def beside(self, others: Population) -> Population:
        """The same rows, with the flaws of others that may belong to them."""
        names = {name for each in (self, others) for name in each.currencies or () if name}
        currencies = None if self.currencies is None else (min(names, default=None), max(names, default=None))
        return replace(
            self,
            nulls=self.nulls + others.nulls,
            currencies=currencies,
            no_currency=self.no_currency + others.no_currency,
            unconverted=(*self.unconverted, *others.unconverted),
        )


@dataclass(frozen=True)
class Frame:
    """What is the same for all facts of one measure.

    Attributes:
        id: the measure's id.
        measure: the measure.
        as_of: the date of the run.
        sources: the names of the sources that are read.
        complete: whether the control totals of all of them were declared and met.
        nulls_fail: whether a missing operand is an error: it is where values are added up.
        nulls_count: whether rows without an operand still count towards ``min_rows``.
    """

    id: str
    measure: Measure
    as_of: dt.date
    sources: tuple[str, ...]
    complete: bool = False
    nulls_fail: bool = False
    nulls_count: bool = True

    def missing(self, status: Status, reason: str, slice_: str = "", field: str = "") -> Fact:
        """A fact without a value."""
        return Fact(self._name(field), slice_, status, reason, unit=self.unit, sources=self.sources)

    @cached_property
    def unit(self) -> str | None:
        """The unit of the facts."""
        return self.measure.value_unit

    @cached_property
    def max_age_days(self) -> int | None:
        """After how many days the newest row is too old."""
        if self.measure.max_age is None:
            return None
        return days_in(self.measure.max_age)

    def _name(self, field: str) -> str:
        return f"{self.id}.{field}" if field else self.id

    def settle(self, slice_: str, population: Population, value: Value, field: str = "") -> Fact:
        """A fact, with the first reason why there is no value that may be compared, if there is one.

        Args:
            slice_: the slice, empty for the whole.
            population: what was counted.
            value: what the kind made of it.
            field: the field of a ``latest`` measure.
        """
        flawed, doubt = self._flaw(population), population.doubt
        status, reason = self._empty(population) or ("present", "")
        if flawed is not None:
            status, reason = "error", flawed.reason
        if status == "present" and isinstance(value, Missing):
            status, reason = value
        if status == "present" and isinstance(value, Undecided):
            status, reason = "unknown", doubt.leading(value.reason)
        if status == "present" and isinstance(value, Number):
            status, reason = self._out_of_range(value) or ("present", "")
        if status == "present":
            status, reason = self._stale(population) or ("present", "")
        shown = value if status in ("present", "stale") else None
        ends = _apart(shown.ends, doubt.rows) if isinstance(shown, Number) else None
        known = shown if isinstance(shown, Number) and ends is None else None
        return Fact(
            self._name(field),
            slice_,
            status,
            reason,
            unit=self.unit if not isinstance(value, Truth | Words) else None,
            numerator=known.numerator if known is not None else None,
            denominator=known.denominator if known is not None else None,
            scale=shown.scale if isinstance(shown, Number) else 0,
            ends=ends,
            truth=shown.truth if isinstance(shown, Truth) else None,
            text=shown.text if isinstance(shown, Words) else None,
            rows=population.rows,
            undetermined=doubt.rows,
            lacking=doubt.lacking,
            fix=doubt.fix,
            nulls=population.nulls,
            newest=population.newest,
            sources=self.sources,
            max_age_days=self.max_age_days,
            flaw=flawed.flaw if flawed is not None else "",
        )

    def _flaw(self, population: Population) -> Flawed | None:
        for unconverted in population.unconverted:  # its amounts are null, which is not their fault
            if unconverted.flaw:
                return unconverted.flaw
        if population.nulls and self.nulls_fail:
            return Flawed("nulls", f"{_rows(population.nulls)} no value where one is added up")
        if population.currencies is None or not (population.rows or population.doubt.possible):
            return None
        first, last = population.currencies
        if population.no_currency:
            return Flawed("no currency", f"{_rows(population.no_currency)} an amount without a currency")
        if first != last:
            what = f"amounts in {first} and {last} are added up, without a rate between them"
            return Flawed("currencies", what)
        unit = self.measure.unit
        if is_currency(unit) and first != unit:
            return Flawed("", f"the amounts are in {first}, the measure is in {unit}")
        return None

    def _empty(self, population: Population) -> tuple[Status, str] | None:
        doubt = population.doubt
        if population.rows == 0 and doubt.possible:
            return "unknown", doubt.leading(f"no row is sure to count, {doubt.possible:,} may")
        if population.rows == 0:
            if self.measure.when_empty == "not_applicable":
                if self.complete:
                    return "not_applicable", "no rows, in an extract that met its control totals"
                return "unknown", "no rows, and no control totals that show the extract to be complete"
            return "unknown", NO_ROWS
        usable = population.rows if self.nulls_count else population.rows - population.nulls
        if usable < self.measure.min_rows:
            what = "rows" if self.nulls_count or not population.nulls else "rows with a value"
            few = f"{usable:,} {what[:-1] if usable == 1 and what == 'rows' else what}"
            reason = f"{few}, fewer than the {self.measure.min_rows:,} that it takes"
            return "unknown", doubt.leading(reason) if doubt.rows else reason
        return None

    def _out_of_range(self, number: Number) -> tuple[Status, str] | None:
        """What is wrong with a number, or with one of its ends."""
        if number.ends is not None:
            least, most = (Number(*end, number.scale) for end in (number.ends.low, number.ends.high))
            wrong = self._out_of_range(least) or self._out_of_range(most)
            if wrong is None and number.ends.least > number.ends.greatest:
                wrong = "error", f"at least {_pair(least)} and at most {_pair(most)} can not be"
            return wrong
        if number.denominator == 0:
            return "unknown", "the denominator is zero"
        if number.denominator < 0:
            return "error", f"the denominator is negative, more was credited than charged: {_pair(number)}"
        value = Fraction(number.numerator, number.denominator)
        low, high = self._valid_range
        if (high is None or value <= high) and (low is None or value >= low):
            return None
        found, valid = _shown(value, self.unit), self.measure.valid
        if self.unit == PERCENT:
            found = f"{_pair(number)} = {found}"
        if high is not None and value > high:
            if valid is None:
                return "error", f"{found} is above 100 %: rows counted twice, or negative amounts"
            return "error", f"{found} is above {valid[1]}, the most that is valid"
        if valid is None:
            return "error", f"{found} is below 0 %: negative amounts"
        return "error", f"{found} is below {valid[0]}, the least that is valid"

    @cached_property
    def _valid_range(self) -> tuple[Fraction | None, Fraction | None]:
        return self.measure.valid_range

    def _stale(self, population: Population) -> tuple[Status, str] | None:
        days = self.max_age_days
        if days is None:
            return None
        if population.newest is None:
            return "unknown", "no event date tells how old the rows are"
        age = (self.as_of - population.newest).days
        if age <= days:
            return None
        return (
            "stale",
            f"the newest row is of {population.newest.isoformat()}, {age} days old, {days} are allowed",
        )


def _apart(ends: Ends | None, rows: int) -> Ends | None:
    """Both ends, where they are not one number, with the rows that leave it open."""
    if ends is None or ends.least == ends.greatest:
        return None
    return ends._replace(rows=rows)


def _rows(count: int) -> str:
    return f"{count:,} {'row has' if count == 1 else 'rows have'}"


def _pair(number: Number) -> str:
    """Numerator and denominator in words, exactly."""
    return f"{_exactly(number.numerator, number.scale)} of {_exactly(number.denominator, number.scale)}"


def _exactly(whole: int, scale: int) -> str:
    """An integer of so many digits after the point, with all of its digits."""
    above, below = divmod(abs(whole), 10**scale)
    digits = f".{below:0{scale}d}".rstrip("0") if below else ""
    return f"{'-' if whole < 0 else ''}{above:,}{digits}"


def _shown(value: Fraction, unit: str | None) -> str:
    """A value cut to two digits after the point, for a reason's text."""
    scaled = value * 100 if unit == PERCENT else value
    cut = int(abs(scaled) * 100)
    sign = "-" if value < 0 else ""
    more = "" if abs(scaled) * 100 == cut else "…"
    return f"{sign}{cut // 100:,}.{cut % 100:02d}{more} {unit or ''}".rstrip()
