"""Contracts as expressions: each clause is a condition that is true in the rows that break it.

The counts of all clauses are computed together with the measures, in the one pass over the data.
Only where a count is not zero does `facts.breaches` look again, for the rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from phasegate.facts.contracts_types import Reading, excess_digits, polars_type
from phasegate.rules.contract import Column, Contract

HIDDEN = "\x1f"
"""Leads the name of the column that keeps a value as the file has it."""


class ContractError(ValueError):
    """A clause of a contract that no data could be held against."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a contract demands of every row.

    Attributes:
        name: in words, such as ``amount: not null``; unique in the contract.
        column: the column that it is about.
        broken: true in the rows that break it, false or null elsewhere.
    """

    name: str
    column: str
    broken: pl.Expr

    @property
    def count(self) -> pl.Expr:
        """How many rows break it."""
        return self.broken.sum().cast(pl.Int64)


@dataclass(frozen=True, slots=True)
class Distinct:
    """A demand that no two rows are alike in some columns.

    Attributes:
        name: in words, such as ``key service, period_end: unique``.
        columns: the columns.
        nulls_count: whether two nulls are alike (in a key) or nothing at all (in a column).
    """

    name: str
    columns: tuple[str, ...]
    nulls_count: bool

    @property
    def rows(self) -> pl.Expr:
        """How many rows are compared."""
        return (pl.len() if self.nulls_count else pl.col(*self.columns).count()).cast(pl.Int64)

    def kinds(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """One row, one column named `name`: how many different ones there are among `rows`.

        Counts hashes, which takes a quarter of the time and memory. Different hashes prove
        different rows, so that as many kinds as rows are certain; fewer are looked into by
        `facts.breaches`.
        """
        if not self.nulls_count:
            frame = frame.filter(pl.col(*self.columns).is_not_null())
        hashes = frame.select(pl.struct(*self.columns).hash().alias("hash")).unique()
        return hashes.select(pl.len().cast(pl.Int64).alias(self.name))


def in_force(contract: Contract, as_of: dt.date) -> pl.Expr | None:
    """True in the rows that exist as of the date; None if all do.

    A row without a date is kept, so that its clause can report it.
    """
    kept: pl.Expr | None = None
    for name in dict.fromkeys((contract.event, contract.recorded, contract.period_end)):
        if name is None:
            continue
        column = pl.col(name)
        test = column.is_null() | ~is_after(column, contract.columns[name], as_of)
        kept = test if kept is None else kept & test
    return kept


def is_after(value: pl.Expr, column: Column, as_of: dt.date) -> pl.Expr:
    """Whether a date or timestamp lies after the day."""
    if column.type == "datetime":
        morning = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
        return value >= pl.lit(morning, pl.Datetime("us"))
    return value > pl.lit(as_of, pl.Date)


def clauses(
    contract: Contract, found: Mapping[str, pl.DataType], reading: Reading, as_of: dt.date
) -> Iterator[Clause]:
    """The clauses of a contract that rows can break one by one.

    Args:
        contract: the contract.
        found: the type of each column in the file; a column that the file lacks is left out.
        reading: how texts are written.
        as_of: the day for which the data are judged.

    Raises:
        ContractError: if a bound of the contract is no value of its column's type.
    """
    must_exist = (contract.event, contract.period_end)
    for name, column in contract.columns.items():
        if name not in found:
            continue
        yield from _reading_clauses(name, column, found[name], reading)
        value = pl.col(name)
        if not column.nullable or name in must_exist:
            original = pl.col(original_name(name, column, found[name]))
            yield Clause(f"{name}: not null", name, original.is_null())
        yield from _value_clauses(name, column, value, as_of)


def original_name(name: str, column: Column, found: pl.DataType) -> str:
    """The column in which a value stands as the file has it."""
    return name if found == polars_type(column) else HIDDEN + name


def _reading_clauses(name: str, column: Column, found: pl.DataType, reading: Reading) -> Iterator[Clause]:
    if found == polars_type(column) or found == pl.Null():
        return
    original, value = pl.col(HIDDEN + name), pl.col(name)
    if column.type != "string":
        yield Clause(f"{name}: {column.type}", name, original.is_not_null() & value.is_null())
    if column.type == "decimal":
        excess = excess_digits(original, value, found, column, reading)
        if excess is not None:
            yield Clause(f"{name}: at most {column.scale} digits after the point", name, excess)


def _value_clauses(name: str, column: Column, value: pl.Expr, as_of: dt.date) -> Iterator[Clause]:
    if column.type == "float":
        yield Clause(f"{name}: finite", name, ~value.is_finite())
    if column.min is not None:
        yield Clause(f"{name}: at least {column.min}", name, value < bound(name, column, column.min))
    if column.max is not None:
        yield Clause(f"{name}: at most {column.max}", name, value > bound(name, column, column.max))
    if column.allowed is not None:
        text = value if column.type == "string" else value.cast(pl.String)
        yield Clause(f"{name}: one of {', '.join(column.allowed)}", name, ~text.is_in(column.allowed))
    if column.pattern is not None:
        yield Clause(f"{name}: like {column.pattern}", name, ~value.str.contains(whole(column.pattern)))
    if column.past:
        yield Clause(f"{name}: not after {as_of.isoformat()}", name, is_after(value, column, as_of))


def whole(pattern: str) -> str:
    """The pattern, held to the whole of the text."""
    return rf"\A(?:{pattern})\z"


def bound(name: str, column: Column, written: str | int) -> pl.Expr:
    """A contract's ``min`` or ``max`` as a value of its column's type.

    Raises:
        ContractError: if it is none.
    """
    value: object
    try:
        match column.type:
            case "integer":
                value = int(written)
            case "decimal":
                value = Decimal(str(written))
            case "float":
                value = float(written)
            case "date":
                value = dt.date.fromisoformat(str(written))
            case "datetime":
                value = dt.datetime.fromisoformat(str(written))
            case "string":
                value = str(written)
            case _:
                raise ContractError(f"column {name!r} is a truth value: it has no smallest or greatest one")
    except (ValueError, InvalidOperation) as error:
        if isinstance(error, ContractError):
            raise
        raise ContractError(f"column {name!r}: {written!r} is no {column.type}") from error
    return pl.lit(value, polars_type(column))


def distincts(contract: Contract) -> Iterator[Distinct]:
    """The demands of a contract that need rows to be compared with each other."""
    if contract.key:
        yield Distinct(f"key {', '.join(contract.key)}: unique", contract.key, nulls_count=True)
    for name, column in contract.columns.items():
        if column.unique and (name,) != contract.key:
            yield Distinct(f"{name}: unique", (name,), nulls_count=False)
