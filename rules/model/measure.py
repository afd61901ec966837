"""Measures: how a value is computed from a source."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from phasegate.rules.model.base import (
    ColumnName,
    DaysText,
    Id,
    Model,
    Name,
    PluginName,
    QuantityText,
    Sql,
    Text,
    UnfitError,
    Unit,
)
from phasegate.rules.model.measure_kinds import KINDS, MEASURE_KINDS, MeasureKind
from phasegate.rules.model.role import ATTESTER, EVALUATOR
from phasegate.rules.model.signer import read_role
from phasegate.rules.values.units import PERCENT, Quantity

ValueType = Literal["truth", "number", "text"]
Better = Literal["lower", "higher"]


def _attester(text: str) -> str:
    if text == EVALUATOR:
        message = "an evaluator signs runs and attests nothing"
        raise UnfitError("unknown-role", message, "write 'auditor', or 'approver:' with a function")
    return read_role(text)


Attester = Annotated[str, AfterValidator(_attester), Field(json_schema_extra={"pattern": ATTESTER})]
"""``auditor``, or ``approver:`` and a function."""


class Attested(Model):
    """A value that a person states and signs, with a file as evidence and an end.

    Attributes:
        by: the role of those who may attest it: ``auditor``, or ``approver:finance``.
        value: what is stated: ``truth``, ``number`` or ``text``; by default a number where the measure
            has a unit, and whether it is so where it has none.
    """

    by: Attester
    value: ValueType | None = None


class Ratio(Model):
    """Rows that meet a condition, of all rows that count.

    Attributes:
        of: the condition that rows of the numerator meet.
        over: the condition that rows of the denominator meet, besides `where`.
    """

    of: Sql
    over: Sql | None = None


class Share(Model):
    """Value of the rows that meet a condition, of the value of all rows that count.

    Attributes:
        of: the condition that rows of the numerator meet.
        value: what a row is worth.
        over: the condition that rows of the denominator meet, besides `where`.
    """

    of: Sql
    value: Sql
    over: Sql | None = None


class Elsewhere(Model):
    """An amount that stands in another source, matched by the measure's grain.

    Attributes:
        source: the other source.
        value: the amount of one of its rows.
        where: the rows of it that count.
    """

    source: Name = Field(alias="from")
    value: Sql
    where: Sql | None = None


class Attainment(Model):
    """Sum of min(actual, expected) over the sum of expected, capped for each item.

    Attributes:
        actual: what was reached.
        expected: what was to be reached.
    """

    actual: Sql | Elsewhere
    expected: Sql | Elsewhere


class Accuracy(Model):
    """1 - sum |actual - forecast| / sum |actual|, at the measure's grain.

    ``over`` names the side whose sum is the denominator.

    Attributes:
        actual: what came to be.
        forecast: what was expected to.
        over: the side whose sum is the denominator.
    """

    actual: Sql | Elsewhere
    forecast: Sql | Elsewhere
    over: Literal["actual", "forecast"] = "actual"


class Quantile(Model):
    """The smallest value of a row at or below which at least a stated share of the rows lies.

    Attributes:
        of: the value of a row.
        at: the share of rows, such as 95 %.
    """

    of: Sql
    at: QuantityText


class Computed(Model):
    """A number that a plugin makes of the values of all rows.

    Attributes:
        by: the name of the plugin.
        of: the amount or number of a row whose values it gets.
    """

    by: PluginName
    of: Sql


class Change(Model):
    """Another measure held against its figure in the baseline.

    ``difference`` is now - then; ``fall`` is (then - now) / then; ``rise`` is (now - then) / then;
    ``gap_closed`` is (now - then) / (1 - then), the part of the way to 100 % that was made.

    Attributes:
        of: the measure that is held against the baseline.
        as_: how the two are compared.
    """

    of: Id
    as_: Literal["difference", "fall", "rise", "gap_closed"] = Field(alias="as")


class Slices(Model):
    """The slices of a measure, and which of them there must be.

    Attributes:
        column: the column whose values make the slices.
        of: the values that are expected: a list of them, or the source that has a row for each; none
            where it is meant that the data alone bring them.
        as_: the column of that source; the one of the same name by default.
    """

    column: ColumnName
    of: Name | tuple[Text, ...] | None = None
    as_: ColumnName | None = Field(default=None, alias="as")

    @property
    def source(self) -> str | None:
        """The source that has a row for each expected value; None where they are listed."""
        return self.of if isinstance(self.of, str) else None

    @property
    def there(self) -> str:
        """The column of that source."""
        return self.as_ or self.column


DONE = ("empty", "stale", "short")
"""What `Measure.do` has a sentence for, beside fields."""


class Measure(Model):
    """One measure; exactly one of its kinds is set.

    Attributes:
        count: how many rows meet a condition.
        ratio: the part of the rows that meets a condition.
        share: the part of the value whose rows meet a condition.
        attainment: how much of what was expected was reached.
        accuracy: how near a forecast came.
        sum: what a value of all rows adds up to.
        mean: the mean of a value.
        median: the median of a value.
        quantile: the value below which a share of the rows lies.
        distinct: how many different values there are.
        change: how another measure stands to its baseline.
        latest: fields of the one newest row, each an expression.
        exists: whether a row meets a condition.
        sql: a query that yields the value, where no kind fits.
        attested: what a person states and signs.
        computed: what a plugin makes of the exact values of a slice.
        title: what it measures, as a person would say it.
        source: the source whose rows are measured (``from``); what is attested has none.
        sources: further sources that a ``sql`` measure reads.
        slicing: ``point`` for one fact for each point of the pack, or a column for one fact for each
            of its values, with those that are expected; None for one fact over all rows.
        where: the rows that belong to the population.
        grain: the columns whose rows are added up to one item before items are compared.
        unit: what the value is counted in; ``%`` for ratios by default.
        min_rows: fewer rows than this are too few to judge (``unknown``).
        max_age: how old the newest row, or the signature, may be before the evidence is ``stale``.
        valid: the range outside of which the value is an ``error``; ratios default to 0 to 100 %.
        better: whether ``lower`` or ``higher`` values are the good ones; a bound from the other side is
            refused.
        when_empty: what no rows mean; ``not_applicable`` only counts on a complete extract.
        items, must: the words for the distance to pass: "14 more of 280 <items> must <must>".
        do: what to do, an imperative sentence each, where there are no rows (``empty``), where the newest is
            too old (``stale``), where a bound is not met (``short``), and for a field of ``latest`` where
            that is not met.
        note: grain, denominator and sign handling in words, printed by ``explain``.
        for_information: True where the fact is there to be looked at and nothing is bound to it.
    """

    title: Text
    source: Name | None = Field(default=None, alias="from")
    sources: tuple[Name, ...] = ()
    slicing: ColumnName | Slices | None = Field(default=None, alias="by")
    where: Sql | None = None
    grain: ColumnName | tuple[ColumnName, ...] | None = None
    unit: Unit | None = None
    min_rows: int = Field(default=1, ge=1)
    max_age: DaysText | None = None
    valid: tuple[QuantityText, QuantityText] | None = None
    better: Better | None = None
    when_empty: Literal["unknown", "not_applicable"] = "unknown"
    items: Text | None = None
    must: Text | None = None
    do: dict[Name, Text] | None = Field(default=None, min_length=1)
    note: Text | None = None
    for_information: bool = False

    count: Sql | None = None
    ratio: Ratio | None = None
    share: Share | None = None
    attainment: Attainment | None = None
    accuracy: Accuracy | None = None
    sum: Sql | None = None
    mean: Sql | None = None
    median: Sql | None = None
    quantile: Quantile | None = None
    distinct: Sql | None = None
    change: Change | None = None
    latest: dict[Name, Sql] | None = Field(default=None, min_length=1)
    exists: Sql | None = None
    sql: Sql | None = None
    attested: Attested | None = None
    computed: Computed | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            found = " and ".join(kinds) if kinds else "none"
            hint = f"the kinds are {', '.join(KINDS)}"
            message = f"a measure has exactly one kind, this one has {found}"
            raise UnfitError("measure-kind", message, hint, lacking=() if kinds else KINDS)
        about = MEASURE_KINDS[kinds[0]]
        if self.source is None and about.needs_source:
            message = "a measure needs 'from', the source that it reads"
            raise UnfitError("missing-key", message, lacking=("from",))
        if self.grain is not None and not about.grain:
            having = " and ".join(kind for kind, each in MEASURE_KINDS.items() if each.grain)
            message = f"'grain' belongs to {having}, not to {kinds[0]}"
            raise UnfitError("useless-clause", message, "remove it")
        known = (*DONE, *(self.latest or ()))
        if odd := [name for name in self.do or () if name not in known]:
            message = f"nothing is in want that is called {odd[0]!r}"
            raise UnfitError("bad-name", message, f"the names are {', '.join(known)}")
        return self

    @property
    def by(self) -> str | None:
        """``point``, or the column whose values make its slices; None where it has one fact."""
        return self.slicing.column if isinstance(self.slicing, Slices) else self.slicing

    @property
    def expects(self) -> Slices | None:
        """Which slices there must be; None where the data, or the pack's points, bring them."""
        slices = self.slicing if isinstance(self.slicing, Slices) else None
        return slices if slices is not None and slices.of is not None else None

    @property
    def kind(self) -> str:
        """The name of the kind that is set."""
        said = self.__dict__  # asked for thousands of times: read as it is kept
        for kind in KINDS:
            if said[kind] is not None:
                return kind
        raise AssertionError("a measure has exactly one kind")

    @property
    def about(self) -> MeasureKind:
        """What its kind is."""
        return MEASURE_KINDS[self.kind]

    @property
    def valid_range(self) -> tuple[Fraction | None, Fraction | None]:
        """The lowest and the highest value that it can have, or may; None where there is no end."""
        return self.valid_ends or (self.about.low, self.about.high)

    @property
    def grain_columns(self) -> tuple[str, ...]:
        """The grain as a tuple, empty where rows are items."""
        if self.grain is None:
            return ()
        return (self.grain,) if isinstance(self.grain, str) else self.grain

    @property
    def attests(self) -> ValueType | None:
        """What kind of value is attested; None where the value is computed."""
        if self.attested is None:
            return None
        return self.attested.value or ("truth" if self.unit is None else "number")

    @property
    def valid_ends(self) -> tuple[Fraction, Fraction] | None:
        """The ends of ``valid`` in the unit of the value, which lint holds them to; None without them."""
        if self.valid is None:
            return None
        low, high = (Quantity.parse(end) for end in self.valid)
        if low.unit is None and high.unit == PERCENT:  # "0 and 100 %": the unit of the second stands for both
            low = Quantity(low.value / 100, PERCENT)
        unit = self.value_unit
        return (low.within(unit) or low).value, (high.within(unit) or high).value

    @property
    def value_unit(self) -> str | None:
        """The unit of the value, with the default of the kind."""
        if self.unit is not None:
            return self.unit
        return PERCENT if self.about.ratio else None
