"""Attestations: what a person states, on which evidence and for how long."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from phasegate.rules.model.base import Id, Instant, Model, Text, UnfitError
from phasegate.rules.model.measure import Measure
from phasegate.rules.values.time_zones import UTC
from phasegate.rules.values.units import Quantity, QuantityError
from phasegate.rules.values.validity import Validity

LONGEST = 200
"""Characters that a stated text may have."""


def _printable(text: str) -> str:
    if not all(letter.isprintable() or letter == "\n" for letter in text):
        raise UnfitError("bad-text", "it holds characters that can not be printed", "write plain text")
    return text


def _within_years(instant: Instant) -> Instant:
    if not 1900 <= instant.year < 3000:
        raise UnfitError("bad-date", f"{instant} is no time of a programme")
    return instant


Plain = Annotated[Text, AfterValidator(_printable)]
Stated = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST, strip_whitespace=True, strict=True),
    AfterValidator(_printable),
]
Within = Annotated[Instant, AfterValidator(_within_years)]


def _several(points: tuple[str, ...]) -> tuple[str, ...]:
    if len(points) == 1 or len({*points}) != len(points) or "" in points:
        raise UnfitError("bad-value", "it names one point, or one twice", "name each of several once")
    return points


Points = Annotated[
    tuple[Annotated[str, Field(max_length=120)], ...], Field(max_length=10_000), AfterValidator(_several)
]


class Attestation(Model):
    """A value that somebody vouches for.

    It counts on a day of the past only if it covers that whole day: from ``start`` (included) to ``end``
    (excluded).

    Attributes:
        id: what it is called by those who end it.
        fact: the id of the measure that it answers.
        slice: the point that it speaks of; empty for a measure that is not by point, and where it speaks of
            several points.
        slices: these, where there are several: one signature is then for all of them.
        statement: the measure's title when it was signed: the words that the value belongs to.
        value: true or false; a number with its unit, or a text, as text.
        role: the role in which it is stated.
        signed: when it was signed; it does not reach back behind that.
        start, end: UTC instants.
        comment: what else is to be kept with it.
    """

    id: Id
    fact: Id
    slice: str = Field(max_length=120)
    slices: Points = ()
    statement: Text
    value: StrictBool | Stated
    role: str
    signed: Within
    start: Within
    end: Within
    comment: Plain | None = None

    @property
    def points(self) -> tuple[str, ...]:
        """The points that it speaks of; one empty text for a measure that is not by point."""
        return (*((self.slice,) if self.slice or not self.slices else ()), *self.slices)

    @property
    def fact_ids(self) -> tuple[str, ...]:
        """The facts that it answers: ``measure`` or ``measure[slice]``."""
        return tuple(f"{self.fact}[{point}]" if point else self.fact for point in self.points)

    def validity(self, zone: str = UTC) -> Validity:
        """When it counts, unless it is revoked.

        Args:
            zone: the time zone whose days count.
        """
        return Validity(self.start, self.end, self.signed, zone=zone)


class Value(NamedTuple):
    """A stated value, of the one kind that its measure has; the others are None."""

    truth: bool | None = None
    number: Quantity | None = None
    text: str | None = None


class NoValueError(ValueError):
    """What is no value of its measure; the message says what one looks like."""


def value_of(measure: Measure, stated: str | bool) -> Value:
    """Reads a value as a measure has it.

    Args:
        measure: an attested measure.
        stated: what was stated.

    Raises:
        NoValueError: if the measure has values of another kind, in another unit, or in a range that
            does not hold it.
    """
    wanted = measure.attests
    if isinstance(stated, bool):
        if wanted != "truth":
            raise NoValueError(f"true and false are no {wanted}")
        return Value(truth=stated)
    if wanted == "truth":
        raise NoValueError(f"{stated!r} is neither true nor false")
    if wanted == "text":
        return Value(text=stated)
    return Value(number=_number(measure, stated))


def _number(measure: Measure, stated: str) -> Quantity:
    try:
        number = Quantity.parse(stated)
    except QuantityError as error:
        raise NoValueError(str(error)) from error
    fitted = number.within(measure.value_unit)
    if fitted is None:
        raise NoValueError(f"{stated!r} is not in {measure.value_unit or 'plain numbers'}")
    ends = measure.valid_ends
    if ends is not None and not ends[0] <= fitted.value <= ends[1]:
        raise NoValueError(f"{stated!r} lies outside of what is valid, {' to '.join(measure.valid or ())}")
    return fitted
