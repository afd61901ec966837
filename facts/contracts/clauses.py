"""Contracts as expressions: each clause is a condition that is true in the rows that break it.

The counts of all clauses are computed together with the measures, in the one pass over the data.
Only where a count is not zero does `facts.violations.find` look again, for the rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Literal

import polars as pl
from polars.exceptions import PolarsError

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS, has_percent, is_no_number
from phasegate.facts.contracts.types import Reading, as_found, excess_digits, polars_type
from phasegate.facts.expressions.people import folded_ids
from phasegate.rules.model.contract import Column, Contract, Rates
from phasegate.rules.values.units import Quantity

Values = Mapping[str, dt.date | Quantity | Fraction | int | None]
"""The parameters of a run by name, those of the engine included; None for those without a value."""
HIDDEN = "\x1f"
"""Leads the name of the column that keeps a value as the file has it."""
ROW = f"{HIDDEN}row"
"""The column with the number of a row, counted from 1 over all files of its source."""

_NUMBERS = ("integer", "decimal", "float")
MOST_COMPARED, SHORT = 9, 12
"""Allowed texts, and bytes of each, up to which comparing with each is faster than looking them up."""


class ContractError(ValueError):
    """A clause of a contract that no data could be held against."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a contract demands of every row.

    Attributes:
        kind: what sort of demand it is.
        name: in words, such as ``amount: not null``; unique in the contract.
        column: the column that it is about.
        original: the column that keeps its values as the file has them; often the same.
        broken: true in the rows that break it, false or null elsewhere.
        beside: the other columns that it is about.
        people: those whose ids of people it compares.
    """

    kind: Literal[
        "null",
        "type",
        "years",
        "scale",
        "percent",
        "finite",
        "min",
        "max",
        "allowed",
        "regex",
        "past",
        "rate",
        "row",
    ]
    name: str
    column: str
    original: str
    broken: pl.Expr
    beside: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def about(self) -> tuple[str, ...]:
        """All columns that it is about."""
        return (self.column, *self.beside)

    @property
    def count(self) -> pl.Expr:
        """How many rows break it."""
        return self.broken.sum().cast(pl.Int64)


@dataclass(frozen=True, slots=True)
class Distinct:
    """A demand that no two rows are alike in some columns.

    A row that lacks the value of one of them is no other row's unlike: nobody knows whether it is alike to
    each that has the same values in those columns that no row may lack, and so it breaks the demand.

    Attributes:
        name: in words, such as ``key service, period_end: unique``.
        columns: the columns.
        nulls_count: whether two nulls are alike (in a key) or nothing at all (in a column).
        lacking: those of the columns that may be empty; where others are, that is a breach of its own.
        people: those of the columns that hold ids of people, of which a reader must tell two apart.
    """

    name: str
    columns: tuple[str, ...]
    nulls_count: bool
    people: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()

    @property
    def compared(self) -> list[pl.Expr]:
        """The values that are compared, under the names of the columns."""
        return [folded_ids(pl.col(name)) if name in self.people else pl.col(name) for name in self.columns]

    @property
    def rows(self) -> pl.Expr:
        """How many rows are compared."""
        return (pl.len() if self.nulls_count else pl.col(*self.columns).count()).cast(pl.Int64)

    @property
    def ascending(self) -> pl.Expr | None:
        """Whether each row is greater than the one before it, which proves them all different.

        Takes a hundredth of the memory and a fifth of the time of counting `kinds`. A null proves
        nothing, and rows in another order may differ all the same. None where there are several
        columns.
        """
        if len(self.columns) > 1 or self.people:
            return None
        value = pl.col(*self.columns)
        return (value > value.shift(1)).sum().cast(pl.Int64) + 1 >= pl.len()

    @property
    def kinds(self) -> pl.Expr:
        """How many different ones there are among `rows`.

        Counts hashes, which takes a quarter of the time and memory. Different hashes prove
        different rows, so that as many kinds as rows are certain; fewer are looked into by
        `facts.violations.find`.
        """
        row = pl.struct(self.compared) if len(self.columns) > 1 else self.compared[0]
        kinds = row.hash().n_unique().cast(pl.Int64)
        if not self.nulls_count:
            kinds = kinds - (pl.col(*self.columns).null_count() > 0).cast(pl.Int64)
        return kinds if not self.lacking else kinds - self._uncertain

    @property
    def empty(self) -> pl.Expr:
        """Whether a row lacks a value that it may lack."""
        return pl.any_horizontal(pl.col(name).is_null() for name in sorted(self.lacking))

    @property
    def certain(self) -> list[pl.Expr]:
        """The values that are compared and that no row may lack."""
        both = zip(self.columns, self.compared, strict=True)
        return [value for name, value in both if name not in self.lacking]

    @property
    def nowhere_empty(self) -> str:
        """What rows break that lack a value which would tell them from others."""
        return f"{self.name}, and nowhere empty"

    @property
    def _uncertain(self) -> pl.Expr:
        """How many rows lack a value and may be alike to another one; 0 only where none is."""
        rows = self.empty.sum().cast(pl.Int64)
        if not (known := self.certain):
            return pl.when(pl.len() > 1).then(rows).otherwise(0)
        values = (pl.struct(known) if len(known) > 1 else known[0]).hash()
        # As many more kinds of the others' values as there are such rows: each has values of its own.
        return rows - (
            values.n_unique().cast(pl.Int64) - values.filter(~self.empty).n_unique().cast(pl.Int64)
        )


def in_force(contract: Contract, as_of: dt.date) -> pl.Expr | None:
    """True in the rows that exist as of the date; None if all do.

    What happened or was recorded on the day itself does; a period does once its last day is over. A row
    without a date is kept, so that its clause can report it.
    """
    last = {name: as_of for name in (contract.event, contract.recorded) if name is not None}
    if contract.period_end is not None:
        last[contract.period_end] = as_of - dt.timedelta(days=1)
    kept: pl.Expr | None = None
    for name, day in last.items():
        column = pl.col(name)
        test = column.is_null() | ~is_after(column, contract.columns[name], day)
        kept = test if kept is None else kept & test
    return kept


def is_after(value: pl.Expr, column: Column, as_of: dt.date) -> pl.Expr:
    """Whether a date or timestamp lies after the day."""
    if column.type == "datetime":
        morning = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
        return value >= pl.lit(morning, pl.Datetime("us"))
    return value > pl.lit(as_of, pl.Date)


def check_contract(contract: Contract) -> None:
    """Refuses a contract that no data could be held against.

    Raises:
        ContractError: naming the column.
    """
    for role in ("event", "recorded", "period_end", "updated"):
        name = getattr(contract, role)
        if name is None:
            continue
        if name not in contract.columns:
            raise ContractError(f"{role} names {name!r}, which is no column of the contract")
        if contract.columns[name].type not in ("date", "datetime"):
            raise ContractError(f"{role} names {name!r}, which is no date but {contract.columns[name].type}")
    for name in contract.key:
        if name not in contract.columns:
            raise ContractError(f"key names {name!r}, which is no column of the contract")
    for name, column in contract.columns.items():
        _check_column(name, column)


def _check_column(name: str, column: Column) -> None:
    if column.pattern is not None:
        if column.type != "string":
            raise ContractError(f"column {name!r}: a pattern belongs to texts, this is {column.type}")
        if fault := _pattern_fault(column.pattern):
            raise ContractError(f"column {name!r}: {column.pattern!r} is no pattern: {fault}")
    if column.past and column.type not in ("date", "datetime"):
        raise ContractError(f"column {name!r}: 'past' belongs to dates, this is {column.type}")
    if column.type in ("string", "boolean") and (column.min is not None or column.max is not None):
        what = "min and max belong to numbers and dates"
        raise ContractError(f"column {name!r}: {what}, not to {column.type}")
    for written in (column.min, column.max, *(column.allowed or ())):
        if written is not None:
            bound_value(name, column, written)


@cache
def _pattern_fault(pattern: str) -> str | None:
    try:
        pl.select(pl.lit("").str.contains(whole(pattern)))
    except PolarsError as error:
        return str(error).splitlines()[0]
    return None


def clauses(
    contract: Contract, found: Mapping[str, pl.DataType], reading: Reading, as_of: dt.date
) -> Iterator[Clause]:
    """The clauses of a contract that rows can break one by one.

    Args:
        contract: a contract that `check_contract` lets pass.
        found: the type of each column in the file; a column that the file lacks is left out.
        reading: how texts are written.
        as_of: the day for which the data are judged.
    """
    for name, column in contract.columns.items():
        if name not in found:
            continue
        original = original_name(name, column, found[name], reading)
        if not column.nullable or name in contract.must_exist:
            yield Clause("null", f"{name}: not null", name, original, pl.col(original).is_null())
        if original != name:
            yield from _reading_clauses(name, column, found[name], reading)
        if column.type in ("date", "datetime") and found[name].is_temporal():
            outside = ~pl.col(name).dt.year().is_between(dt.MINYEAR, dt.MAXYEAR)
            what = f"{name}: in the years {dt.MINYEAR} to {dt.MAXYEAR}"
            yield Clause("years", what, name, original, outside)
        yield from _value_clauses(name, original, column, as_of, past=name == contract.updated)
        if contract.rates is not None and name == contract.rates.rate:
            yield from _rate_clauses(contract.rates, name, original)


def _rate_clauses(rates: Rates, name: str, original: str) -> Iterator[Clause]:
    own = pl.col(rates.currency) == rates.to
    yield Clause("rate", f"{name}: above 0", name, original, pl.col(name) <= 0)
    what = f"{name}: 1 for {rates.to} itself"
    yield Clause("rate", what, name, original, own & (pl.col(name) != 1))


def original_name(name: str, column: Column, found: pl.DataType, reading: Reading) -> str:
    """The column in which a value stands as the file has it."""
    return name if as_found(found, column, reading) else HIDDEN + name


def _reading_clauses(name: str, column: Column, found: pl.DataType, reading: Reading) -> Iterator[Clause]:
    hidden = HIDDEN + name
    original, value = pl.col(hidden), pl.col(name)
    if column.type != "string" and found != pl.Null():
        unread = original.is_not_null() & value.is_null()
        endless = None
        if found.is_float():
            endless = ~original.is_finite()
        elif column.type == "float" and found == pl.String():
            endless = is_no_number(pl.when(unread).then(original))
        if endless is not None:
            yield Clause("finite", f"{name}: finite", name, hidden, endless)
            unread = unread & ~endless
        yield Clause("type", f"{name}: {_type_clause(column, reading)}", name, hidden, unread)
    if column.type == "decimal" or name in reading.crowded:
        excess = excess_digits(original, value, found, column, reading)
        if excess is not None:
            what = f"{name}: at most {column.scale} digits after the point"
            if column.type == "float":
                what += f", since {DECIMAL_DIGITS} are kept in all"
            yield Clause("scale", what, name, hidden, excess)
    if reading.numbers.percent and column.type in _NUMBERS and found == pl.String():
        yield Clause("percent", f"{name}: % in each row or in none", name, hidden, _mixed(original))


def _mixed(original: pl.Expr) -> pl.Expr:
    """True in the rows without a percent sign, where others have one: 97 would be 9,700 %."""
    percent = has_percent(original)
    return ~percent & percent.any()


def _type_clause(column: Column, reading: Reading) -> str:
    """What a value must be, in words: a moment that the clocks of its zone never showed is none."""
    zones = reading.zones
    timed = column.type in ("date", "datetime") and not zones.plain
    return f"{column.type} by the clocks of {zones.source}" if timed else column.type


def _value_clauses(
    name: str, original: str, column: Column, as_of: dt.date, *, past: bool
) -> Iterator[Clause]:
    value = pl.col(name)
    if column.min is not None:
        least = bound(name, column, column.min)
        yield Clause("min", f"{name}: at least {column.min}", name, original, value < least)
    if column.max is not None:
        most = bound(name, column, column.max)
        yield Clause("max", f"{name}: at most {column.max}", name, original, value > most)
    if column.allowed is not None:
        among = pl.any_horizontal(value == bound(name, column, written) for written in column.allowed)
        few = len(column.allowed) <= MOST_COMPARED
        if column.type == "string" and not (
            few and all(len(text.encode()) <= SHORT for text in column.allowed)
        ):
            among = value.is_in(list(column.allowed))
        yield Clause("allowed", f"{name}: one of {', '.join(column.allowed)}", name, original, ~among)
    if column.pattern is not None:
        like = value.str.contains(whole(column.pattern))
        yield Clause("regex", f"{name}: like {column.pattern}", name, original, ~like)
    if column.past or past:
        after = is_after(value, column, as_of)
        yield Clause("past", f"{name}: not after {as_of.isoformat()}", name, original, after)


def whole(pattern: str) -> str:
    """The pattern, held to the whole of the text."""
    return rf"\A(?:{pattern})\z"


def bound(name: str, column: Column, written: str | int) -> pl.Expr:
    """A value that a contract names, as one of its column's polars type."""
    value = bound_value(name, column, written)
    if isinstance(value, Decimal):  # a Decimal that is given to polars as it is imports numpy
        scale = max(0, -int(value.as_tuple().exponent))  # its own, so that none is rounded
        return pl.lit(f"{value:f}").cast(pl.Decimal(DECIMAL_DIGITS, scale))
    return pl.lit(value, polars_type(column))


def bound_value(name: str, column: Column, written: str | int) -> str | int | Decimal | dt.date:
    """A value that a contract names, in the type of its column.

    Raises:
        ContractError: if it is none.
    """
    try:
        match column.type:
            case "string":
                return str(written)
            case "integer":
                return int(written)
            case "decimal":
                return _decimal(name, column, str(written), column.scale)
            case "float":
                return _decimal(name, column, str(written), DECIMAL_DIGITS)
            case "date":
                return dt.date.fromisoformat(str(written))
            case "datetime":
                return dt.datetime.fromisoformat(str(written))
            case "boolean":
                raise ContractError(f"column {name!r}: a truth value is only ever true or false")
    except (ValueError, InvalidOperation) as error:
        if isinstance(error, ContractError):
            raise
        raise ContractError(f"column {name!r}: {written!r} is no {column.type}") from error


def _decimal(name: str, column: Column, written: str, scale: int) -> Decimal:
    value = Decimal(written)
    if not value.is_finite():
        raise ContractError(f"column {name!r}: {written!r} is no {column.type}")
    after = max(0, -int(value.as_tuple().exponent))
    if after > scale or max(value.adjusted() + 1, 0) + after > DECIMAL_DIGITS:
        raise ContractError(f"column {name!r}: {written!r} has more digits than its scale, {scale}, keeps")
    return value


def distincts(contract: Contract, found: Collection[str] | None = None) -> Iterator[Distinct]:
    """The demands of a contract that need rows to be compared with each other.

    Args:
        contract: the contract.
        found: the columns that the files have; None for all. One that none of them has is lacked by no row.
    """
    may = frozenset(
        name for name in contract.columns if contract.may_lack(name) and (found is None or name in found)
    )
    people = frozenset(
        name for name, column in contract.columns.items() if column.personal and column.type == "string"
    )
    if contract.key:
        name = f"key {', '.join(contract.key)}: unique"
        own, lacking = people.intersection(contract.key), may.intersection(contract.key)
        yield Distinct(name, contract.key, nulls_count=True, people=own, lacking=lacking)
    if contract.rates is not None:
        columns = (contract.rates.currency, contract.rates.date)
        yield Distinct(f"rate of {', '.join(columns)}: unique", columns, nulls_count=True)
    for name, column in contract.columns.items():
        if column.unique and (name,) != contract.key:
            own = people.intersection([name])
            yield Distinct(
                f"{name}: unique", (name,), nulls_count=False, people=own, lacking=may.intersection([name])
            )
