"""Derived columns: computed from the columns of the same row, by expression or by calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from phasegate.facts.contracts.clauses import ContractError, Values
from phasegate.facts.expressions.expression import (
    Expression,
    ExpressionError,
    Kind,
    Scope,
    UnboundParameterError,
    parse,
    with_computed,
)
from phasegate.facts.expressions.scopes import derived_later
from phasegate.rules.model.contract import BusinessDaysAfter, Column, Contract
from phasegate.rules.model.project import Calendar
from phasegate.rules.values.units import DAYS, Quantity

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def with_derived(
    frame: pl.LazyFrame,
    source: str,
    contract: Contract,
    as_of: dt.date,
    calendar: Calendar,
    values: Values,
    converted: Mapping[str, Kind] | None = None,
) -> tuple[pl.LazyFrame, dict[str, Kind]]:
    """Adds a contract's derived columns, each of which may name those before it.

    Args:
        frame: the rows in force, with the contract's columns.
        source: the source's name, for messages.
        contract: what to derive.
        as_of: the day for which the data are judged.
        calendar: which days are no business days.
        values: the parameters that expressions may name.
        converted: what the columns hold whose amounts were converted.

    Returns:
        The frame, and what every column of it holds.

    Raises:
        ContractError: if a derived column can not be computed.
    """
    kinds = {name: _kind(column, contract.may_lack(name)) for name, column in contract.columns.items()}
    kinds |= converted or {}
    apart = _Apart(frame, contract)
    for name, how in contract.derive.items():
        try:
            if isinstance(how, str):
                expression = parse(how, derived_scope(source, contract, kinds, values))
                apart.add(name, expression.column(values), expression.columns, expression)
                kinds = kinds | {name: expression.kind}
            elif isinstance(how, BusinessDaysAfter):
                date = _date(kinds, how.business_days_after)
                column = business_days_after(date, _days(how.days, values), calendar)
                apart.add(name, column, [how.business_days_after])
                kinds = kinds | {name: Kind("date", nullable=kinds[how.business_days_after].nullable)}
            else:
                date = _date(kinds, how.business_days_since)
                column = business_days_since(date, as_of, calendar)
                apart.add(name, column, [how.business_days_since])
                nullable = kinds[how.business_days_since].nullable
                kinds = kinds | {name: Kind("integer", unit=DAYS, nullable=nullable)}
        except (ContractError, ExpressionError, UnboundParameterError) as error:
            raise ContractError(f"derived column {name!r}: {error}") from error
    return apart.whole(), kinds


class _Apart:
    """A frame with derived columns: those that do not name each other come in one step of polars' plan.

    What reads tags has a step of its own: tags are read together, those too that nobody asks for.
    """

    def __init__(self, frame: pl.LazyFrame, contract: Contract) -> None:
        self._frame = frame
        self._no_value = contract.no_value
        self._waiting: dict[str, pl.Expr] = {}
        self._read: list[Expression] = []

    def add(self, name: str, column: pl.Expr, reads: Iterable[str], *read: Expression) -> None:
        """Adds a column.

        Args:
            name: its name.
            column: what computes it.
            reads: the columns that it names.
            read: the expression that it was compiled of, if there is one.
        """
        tags = any(each.tags for each in (*self._read, *read))
        if tags or not self._waiting.keys().isdisjoint(reads):
            self._frame = self.whole()
            self._waiting, self._read = {}, []
        self._waiting[name] = column.alias(name)
        self._read += read

    def whole(self) -> pl.LazyFrame:
        """The frame with all columns that were added."""
        if not self._waiting:
            return self._frame
        return with_computed(self._frame, self._waiting.values(), self._read, self._no_value)


def _kind(column: Column, nullable: bool) -> Kind:
    """What a column holds; a float that was read is a decimal, see `sources.floats`."""
    type_ = "decimal" if column.type == "float" else column.type
    return Kind.of_column(type_, column.scale, nullable=nullable, personal=column.personal)


def derived_scope(source: str, contract: Contract, kinds: Mapping[str, Kind], values: Values) -> Scope:
    """What the expressions of derived columns may name."""
    types = {name: "date" if isinstance(value, dt.date) else "number" for name, value in values.items()}
    return Scope(source, kinds, types, contract.texts, derived_later(contract, kinds))  # type: ignore[arg-type]


def business_days_after(date: pl.Expr, days: int, calendar: Calendar) -> pl.Expr:
    """The date so many business days later.

    A day that is no business day counts like the business day before it: five business days after a
    month that ends on a Sunday is the Friday after.
    """
    return date.dt.add_business_days(
        days, week_mask=_week_mask(calendar), holidays=list(calendar.holidays), roll="backward"
    )


def business_days_since(date: pl.Expr, as_of: dt.date, calendar: Calendar) -> pl.Expr:
    """How many business days lie after the date, up to and including as-of (an integer)."""
    tomorrow = pl.lit(as_of + dt.timedelta(days=1), pl.Date)
    count = pl.business_day_count(
        date + pl.duration(days=1), tomorrow, week_mask=_week_mask(calendar), holidays=list(calendar.holidays)
    )
    return count.cast(pl.Int64)


def _week_mask(calendar: Calendar) -> tuple[bool, ...]:
    mask = tuple(day not in calendar.weekend for day in _WEEK)
    if not any(mask):
        raise ContractError("the calendar has no business day: its weekend is the whole week")
    return mask


def _date(kinds: Mapping[str, Kind], column: str) -> pl.Expr:
    kind = kinds.get(column)
    if kind is not None and kind.type == "date":
        return pl.col(column)
    if kind is not None and kind.type == "datetime":
        return pl.col(column).dt.date()
    raise ContractError(f"it counts from {column!r}, which is no date column of the contract")


def _days(written: int | str, values: Values) -> int:
    if isinstance(written, int):
        return written
    name = written.removeprefix(":")
    value = values.get(name)
    if isinstance(value, Quantity):
        value = value.value
    if value is None or isinstance(value, dt.date):
        raise ContractError(f"the parameter :{name} has no number of days in this run")
    if value != int(value):
        raise ContractError(f"the parameter :{name} is {value}, which is no whole number of days")
    return int(value)
