"""Contracts: what the columns of a source must be."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from phasegate.rules.model.base import ColumnName, DaysText, Model, Name, Sql, Text, UnfitError
from phasegate.rules.values.units import is_currency


def _currency(text: str) -> str:
    if not is_currency(text):
        raise UnfitError("bad-unit", f"{text!r} is not a currency", "write its code, such as USD")
    return text


Currency = Annotated[str, AfterValidator(_currency)]
"""The ISO 4217 code of a currency, such as USD."""
ColumnType = Literal["string", "integer", "decimal", "float", "boolean", "date", "datetime"]


class Column(Model):
    """One column of a source.

    Attributes:
        type: what its values are; money is ``decimal``.
        scale: digits after the point that a ``decimal`` keeps; a value with more is a breach.
        nullable: whether it may be empty.
        optional: whether the whole column may be absent; it then counts as empty.
        min, max: smallest and greatest value allowed, both included (written as text for decimals
            and dates).
        allowed: the only values allowed.
        pattern: a regular expression that each text must match as a whole.
        unique: whether each value may occur once only; an empty one may be any of the others.
        past: whether a date after the as-of date is a breach (it can not have happened yet).
        personal: whether its values are ids of people: masked wherever rows are shown, and compared as a
            reader sees them (NFKC, case folded, without format characters and white space around them,
            letters and dashes of other scripts as what they look like in ASCII); two that are the same
            only so are neither the same nor others.
        text: what the column means.
    """

    type: ColumnType
    scale: int = Field(default=9, ge=0, le=18)
    nullable: bool = False
    optional: bool = False
    min: str | int | None = None
    max: str | int | None = None
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    unique: bool = False
    past: bool = False
    personal: bool = False
    text: Text | None = None


class BusinessDaysAfter(Model):
    """A derived date: so many business days after another, by the project's calendar.

    Attributes:
        business_days_after: the column with the date.
    """

    business_days_after: ColumnName
    days: int | str = Field(description="a number, or the :parameter that holds it")


class BusinessDaysSince(Model):
    """A derived number: business days from a date to the as-of date, by the project's calendar.

    Attributes:
        business_days_since: the column with the date.
    """

    business_days_since: ColumnName


Derived = Sql | BusinessDaysAfter | BusinessDaysSince


class Rates(Model):
    """The columns that make a source a table of dated exchange rates.

    Attributes:
        date: the day from which on a rate holds; each currency has one rate a day at most.
        currency: the currency that is converted.
        rate: what one unit of it is worth; a decimal or an integer above zero.
        to: the currency in which that worth is counted.
    """

    date: ColumnName
    currency: ColumnName
    rate: ColumnName
    to: Currency


class Convert(Model):
    """How the amounts of a source become amounts of one currency.

    Each is multiplied by the newest rate that is dated at or before its row's event.

    Attributes:
        to: the currency.
        rates: the source with the rates; its contract says so under ``rates``.
        columns: the columns that are amounts, decimals or integers; all decimals where none is named,
            which a contract that infers its columns can not leave open.
        max_age: how long before the event a rate may be dated.
    """

    to: Currency
    rates: Name
    columns: tuple[ColumnName, ...] = ()
    max_age: DaysText | None = None


class Contract(Model):
    """What a source's table must be.

    Attributes:
        title: what one row is.
        columns: the columns that phasegate reads; others are ignored.
        derive: further columns, each computed from the columns of the same row.
        holds: conditions over the columns of a row, such as ``sample <= population``; a row for which one
            is not true is a breach, one too that lacks a value of which the condition does not speak.
        belongs_to: the sources in which each row must be found, by the columns that name it here and
            there: ``{investments: {investment: investment}}``. A row that names nothing belongs nowhere
            and is left to ``nullable``; a stray is an error.
        no_value: words that stand for nothing, such as ``n/a``, as a tag, an id of a person, or a text that
            may be empty; their case and the white space around them do not matter.
        key: the columns that together identify a row; a second row with the same is a breach.
        event: the date column on which a row's event happened; later than as-of is not yet there.
        recorded: the date column on which a row was written down; likewise.
        period_end: the date column on which a row's period closes; an open period does not count.
        updated: the date column that tells when a row was last brought up to date, which says how old it is
            in the place of ``event``. It leaves no row out; a date after as-of is a breach.
        currency: the column that names the currency of the source's decimals; or its code, such as EUR,
            where all are in one. Where a column has that name, it is the column.
        convert: how amounts in other currencies are converted to one.
        rates: the columns of a table of exchange rates, for the sources that are converted.
        point: the column that names the integration point, for measures ``by: point``.
        min_rows: fewest rows that make a plausible extract.
        control: whether control totals must show the extract to be complete; without them nobody knows
            which rows are missing.
        infer: True where the columns are to be taken from the file as it is; for projects without a
            pack, never for packs.
    """

    title: Text
    columns: dict[ColumnName, Column] = {}
    derive: dict[ColumnName, Derived] = {}
    holds: tuple[Sql, ...] = ()
    belongs_to: dict[Name, dict[ColumnName, ColumnName]] = {}
    no_value: tuple[Text, ...] = ()
    key: tuple[ColumnName, ...] = ()
    event: ColumnName | None = None
    recorded: ColumnName | None = None
    period_end: ColumnName | None = None
    updated: ColumnName | None = None
    currency: ColumnName | None = None
    convert: Convert | None = None
    rates: Rates | None = None
    point: ColumnName | None = None
    min_rows: int = Field(default=0, ge=0)
    control: bool = False
    infer: bool = False

    @model_validator(mode="after")
    def _has_columns(self) -> Self:
        if not self.columns and not self.infer:
            raise UnfitError(
                "no-columns",
                "a contract without columns",
                "name those that are read under 'columns'",
                lacking=("columns", "infer"),
            )
        return self

    @model_validator(mode="after")
    def _says_what_is_converted(self) -> Self:
        if self.convert is None:
            return self
        for key, what, more in (
            ("currency", "in which currency a row is", ", or its code if all rows are in one,"),
            ("event", "of which day a row is", ""),
        ):
            if getattr(self, key) is None:
                message = f"'convert' needs {key!r}, the column that says {what}"
                hint = f"add '{key}: <column>'{more} to the contract"
                raise UnfitError("missing-key", message, hint, lacking=(key,))
        if self.rates is not None:
            message = "a contract has 'convert' or 'rates', not both"
            raise UnfitError("convert-and-rates", message, "rates are not converted themselves")
        return self

    @property
    def fixed_currency(self) -> str | None:
        """The one currency of the amounts in the file; None where a column says it, or nobody does."""
        if self.currency in self.columns or self.currency in self.derive or not is_currency(self.currency):
            return None
        return self.currency

    @property
    def currency_column(self) -> str | None:
        """The column that names the currency of a row; None where there is none, or all rows have one."""
        return None if self.fixed_currency is not None else self.currency

    @property
    def must_exist(self) -> tuple[str, ...]:
        """The columns that no row may lack, nullable or not: those that place it in time, all of a rate's."""
        rates = self.rates
        names = (
            self.event,
            self.recorded,
            self.period_end,
            self.updated,
            *((rates.date, rates.currency, rates.rate) if rates else ()),
        )
        return tuple(name for name in dict.fromkeys(names) if name is not None)

    def may_lack(self, name: str) -> bool:
        """Whether a row may lack one of the columns; a column that may be absent may be empty."""
        column = self.columns[name]
        return (column.nullable or column.optional) and name not in self.must_exist

    @property
    def converts(self) -> tuple[str, ...]:
        """The columns whose amounts are converted; none without ``convert``."""
        if self.convert is None:
            return ()
        decimals = tuple(name for name, column in self.columns.items() if column.type == "decimal")
        return self.convert.columns or decimals

    @property
    def dated_by(self) -> str | None:
        """The column that tells how old a row is; None where nothing does."""
        return self.updated or self.event

    @property
    def texts(self) -> dict[str, tuple[str, ...]]:
        """The only texts that a column may hold, for the columns of which that is said."""
        return {
            name: column.allowed
            for name, column in self.columns.items()
            if column.type == "string" and column.allowed
        }
