"""Contracts: what the columns of a source must be."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from phasegate.rules.model import Model, Name, Sql, Text, UnfitError

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
        unique: whether each value may occur once only.
        past: whether a date after the as-of date is a breach (it can not have happened yet).
        personal: whether its values are ids of people: masked wherever rows are shown, and compared
            without white space around them; a blank one is nobody.
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
    """A derived date: so many business days after another, by the project's calendar."""

    business_days_after: Name
    days: int | str = Field(description="a number, or the :parameter that holds it")


class BusinessDaysSince(Model):
    """A derived number: business days from a date to the as-of date, by the project's calendar."""

    business_days_since: Name


Derived = Sql | BusinessDaysAfter | BusinessDaysSince


class Contract(Model):
    """What a source's table must be.

    Attributes:
        title: what one row is.
        columns: the columns that phasegate reads; others are ignored.
        derive: further columns, each computed from the columns of the same row.
        key: the columns that together identify a row; a second row with the same is a breach.
        event: the date column on which a row's event happened; later than as-of is not yet there.
        recorded: the date column on which a row was written down; likewise.
        period_end: the date column on which a row's period closes; an open period does not count.
        currency: the column that names the currency of the source's decimals.
        point: the column that names the integration point, for measures ``by: point``.
        min_rows: fewest rows that make a plausible extract.
        infer: True where the columns are to be taken from the file as it is; for projects without a
            pack, never for packs.
    """

    title: Text
    columns: dict[Name, Column] = {}
    derive: dict[Name, Derived] = {}
    key: tuple[Name, ...] = ()
    event: Name | None = None
    recorded: Name | None = None
    period_end: Name | None = None
    currency: Name | None = None
    point: Name | None = None
    min_rows: int = Field(default=0, ge=0)
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

    @property
    def texts(self) -> dict[str, tuple[str, ...]]:
        """The only texts that a column may hold, for the columns of which that is said."""
        return {
            name: column.allowed
            for name, column in self.columns.items()
            if column.type == "string" and column.allowed
        }
