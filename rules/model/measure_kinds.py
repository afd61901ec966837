"""The kinds of measures: one table that says of each what it reads, how far its value goes, and in what unit.

Validating, linting, ranges and wording follow from it. What computes a kind stands in
`facts.measures.kinds`, under the same name; a test holds the two, and the model, together.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

Wanted = Literal["condition", "number", "value"]
ITSELF, EACH = "", "*"
"""What is read is the clause itself, or each of the values that it names."""


class Reads(NamedTuple):
    """One expression of a kind, over one row.

    Attributes:
        part: the key of its clause under which it stands; `ITSELF` or `EACH`.
        wanted: what it must yield.
        decides: whether the fact is what it says of each row: a constant would decide without any data.
    """

    part: str
    wanted: Wanted
    decides: bool = False


class MeasureKind(NamedTuple):
    """What a kind of measure is.

    Attributes:
        reads: its expressions, apart from ``where``.
        low, high: the smallest and the greatest value that it can have; None for no such limit.
        value: whether it yields a number, yes or no, or the values of a row as they are.
        ratio: whether it is a part of a whole, counted in ``%``.
        two_counts: whether numerator and denominator are counts of rows, unless they have a scale.
        told_as_part: whether "n of d" says something to people where it is counted in ``%``.
        rounded: whether its value is divided, so that equality with a bound would say nothing.
        adds_up: whether it is in the unit and the currency of what it reads.
        grain: whether rows are added up to items before they are compared.
        needs_source: whether it reads rows.
        many_sources: whether it may read more sources than one.
        plain: whether it is a number of things, and never a share.
        comparable: whether a later figure can be held against an earlier one.
        better: which of its values are always the good ones; None where that depends on what is measured.
    """

    reads: tuple[Reads, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None
    value: Literal["number", "truth", "fields"] = "number"
    ratio: bool = False
    two_counts: bool = False
    told_as_part: bool = False
    rounded: bool = False
    adds_up: bool = False
    grain: bool = False
    needs_source: bool = True
    many_sources: bool = False
    plain: bool = False
    comparable: bool = True
    better: Literal["lower", "higher"] | None = None

    @property
    def of_single_rows(self) -> bool:
        """Whether it is a number that single rows say, as a median is: zero is a figure like others there."""
        return any(each.decides and each.wanted == "number" for each in self.reads)


_NONE, _ALL = Fraction(0), Fraction(1)
_CONDITION, _NUMBER = Reads(ITSELF, "condition"), Reads(ITSELF, "number")
_DECIDING = Reads(ITSELF, "number", decides=True)
_PART = (Reads("of", "condition", decides=True), Reads("over", "condition"))
_WHOLE = MeasureKind(low=_NONE, high=_ALL, ratio=True, told_as_part=True, rounded=True)

MEASURE_KINDS: dict[str, MeasureKind] = {
    "count": MeasureKind((_CONDITION,), low=_NONE, plain=True),
    "ratio": _WHOLE._replace(reads=_PART, two_counts=True),
    "share": _WHOLE._replace(reads=(*_PART, Reads("value", "number"))),
    "attainment": _WHOLE._replace(
        reads=(Reads("actual", "number"), Reads("expected", "number")), grain=True, better="higher"
    ),
    "accuracy": _WHOLE._replace(
        reads=(Reads("actual", "number"), Reads("forecast", "number")), low=None, grain=True, better="higher"
    ),
    "sum": MeasureKind((_NUMBER,), adds_up=True),
    "mean": MeasureKind((_DECIDING,), rounded=True, adds_up=True),
    "median": MeasureKind((_DECIDING,), adds_up=True),
    "quantile": MeasureKind((Reads("of", "number", decides=True),), adds_up=True),
    "distinct": MeasureKind((Reads(ITSELF, "value", decides=True),), low=_NONE, plain=True),
    "change": MeasureKind(rounded=True, needs_source=False, comparable=False),
    "latest": MeasureKind((Reads(EACH, "value", decides=True),), value="fields", comparable=False),
    "exists": MeasureKind((_CONDITION,), value="truth", comparable=False),
    "sql": MeasureKind(two_counts=True, told_as_part=True, many_sources=True),
    "attested": MeasureKind(needs_source=False, comparable=False),
    "computed": MeasureKind((Reads("of", "number", decides=True),), rounded=True),
}
"""By the name of its clause, in the order in which they are listed."""
KINDS = tuple(MEASURE_KINDS)
