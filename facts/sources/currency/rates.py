"""Dated exchange rates: a small table in memory, and what finds a row's rate in it.

Rates are looked up batch by batch, so that memory does not grow with the rows. The table is sorted by
currency and day, and the newest rate at or before a day is found by bisection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from phasegate.facts.contracts.clauses import HIDDEN, in_force
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.sources.scan import Scanned
from phasegate.facts.sources.source import typed_rows

LACKS = f"{HIDDEN}lacks rate"
"""The column that says which rate a row lacks, null where it lacks none; no contract can declare it."""
RATE = f"{HIDDEN}rate"
"""The column with the rate of a row; null where it lacks one."""
MOST_RATES = 5_000_000
_EPOCH, _SPAN = 2**31, 2**33
"""What makes a day positive, and more than any day: a currency's number times it orders by both."""


@dataclass(frozen=True)
class RateTable:
    """The rates that count as of a date.

    Attributes:
        to: the currency in which they are counted.
        scale: their digits after the point.
        rates: ``currency``, ``day`` and ``rate``, one row for each currency and day.
    """

    to: str
    scale: int
    rates: pl.DataFrame


def read_rates(scanned: Scanned, as_of: dt.date) -> RateTable:
    """The rates of a source whose contract names their columns.

    Raises:
        PolarsError, PanicException, OSError: if the source can not be read.
    """
    contract, rates = scanned.contract, scanned.contract.rates
    assert rates is not None
    kept = in_force(contract, as_of)
    frame = typed_rows(scanned) if kept is None else typed_rows(scanned).filter(kept)
    column = contract.columns[rates.rate]
    scale = column.scale if column.type == "decimal" else 0
    read = frame.select(
        pl.col(rates.currency).alias("currency"),
        pl.col(rates.date).alias("day"),
        pl.col(rates.rate).cast(pl.Decimal(DECIMAL_DIGITS, scale)).alias("rate"),
    )
    # Null, negative and second rates break the contract; they must not come before that is told.
    usable = read.drop_nulls().filter(pl.col("rate") > 0, pl.col("day") <= as_of).head(MOST_RATES + 1)
    found = usable.collect(engine="streaming").unique(["currency", "day"], keep="any")
    return RateTable(rates.to, scale, found)


def most_of(scale: int) -> str:
    """The column with the largest amount of so many digits after the point that a rate may multiply."""
    return f"{HIDDEN}most {scale}"


def rate_finder(
    table: RateTable, to: str, scales: list[int], oldest: int | None
) -> tuple[dict[str, pl.DataType], Callable[[pl.Series], pl.Series]]:
    """What finds the rates of a batch of currencies and days.

    Args:
        table: the rates.
        to: the currency that needs none.
        scales: the digits after the point that amounts have.
        oldest: how many days a rate may be older than the day; None for any number.

    Returns:
        The fields of what it yields, and the function.
    """
    rates, numbers = _sorted(table, to)
    digits = rates["rate"].cast(pl.String).str.replace(".", "", literal=True).str.strip_chars_start("0")
    length = digits.str.len_bytes().to_list()
    columns = {RATE: rates["rate"], "of": rates["day"]}
    for scale in scales:
        # Two numbers of m and n digits have a product of m + n digits at most.
        most = ["9" * (DECIMAL_DIGITS - n) if n else None for n in length]
        text = pl.Series([None if each is None else _point(each, scale) for each in most], dtype=pl.String)
        columns[most_of(scale)] = text.cast(pl.Decimal(DECIMAL_DIGITS, scale))
    known, keys = pl.DataFrame(columns), rates["key"]
    types: dict[str, pl.DataType] = {name: type_ for name, type_ in known.schema.items() if name != "of"} | {
        LACKS: pl.String()
    }

    def look_up(batch: pl.Series) -> pl.Series:
        rows = batch.struct.unnest()
        number = rows["currency"].replace_strict(numbers, default=0, return_dtype=pl.Int64).fill_null(0)
        day = rows["day"].to_physical().cast(pl.Int64).fill_null(-_EPOCH)
        place = keys.search_sorted(number * _SPAN + (day + _EPOCH + 1), side="right") - 1
        found = known.select(pl.all().gather(place)).with_columns(rows)
        return found.select(pl.struct(_answers(found, oldest, list(types))).alias("rates"))["rates"]

    return types, look_up


def _sorted(table: RateTable, to: str) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rates in the order of their keys, and the number of each currency.

    A currency begins with a row for the days before its first rate, so that every key finds a row of
    its own currency: one without a rate, or with the rate 1 where it is the one that is wanted.
    Unknown currencies are the number 0.
    """
    others = table.rates.filter(pl.col("currency") != to)
    names = [*sorted(others["currency"].unique()), to]
    numbers = {name: number for number, name in enumerate(names, start=1)}
    one = ["1" if name == to else None for name in ("", *names)]
    firsts = pl.DataFrame(
        {"key": [number * _SPAN for number in range(len(names) + 1)], "day": None, "rate": one},
        schema={"key": pl.Int64, "day": pl.Date, "rate": pl.String},
    ).with_columns(pl.col("rate").cast(pl.Decimal(DECIMAL_DIGITS, table.scale)))
    number = pl.col("currency").replace_strict(numbers, default=0, return_dtype=pl.Int64)
    key = number * _SPAN + (pl.col("day").to_physical().cast(pl.Int64) + _EPOCH + 1)
    dated = others.select(key.alias("key"), "day", "rate")
    return pl.concat([firsts, dated]).sort("key"), numbers


def _answers(found: pl.DataFrame, oldest: int | None, names: list[str]) -> list[pl.Expr]:
    """The rate of each row, null where there is none or only one that is too old, and which it lacks."""
    rate, age = pl.col(RATE), (pl.col("day") - pl.col("of")).dt.total_days()
    old = pl.lit(value=False) if oldest is None else (age > oldest).fill_null(value=False)
    lacks = rate.is_null() | old
    kept = [pl.when(~lacks).then(pl.col(name)).alias(name) for name in names if name != LACKS]
    text = pl.lit(None, pl.String)
    if found.select(lacks.any()).item():
        which = pl.concat_str("currency", pl.lit(" of "), "day")
        newest = pl.concat_str(
            which, pl.lit(", where the newest is of "), "of", pl.lit(", "), age, pl.lit(" days old")
        )
        text = pl.when(old & rate.is_not_null()).then(newest).when(lacks).then(which)
    return [*kept, text.alias(LACKS)]


def _point(digits: str, scale: int) -> str:
    """A whole number of units of 10^-scale as text."""
    if not scale:
        return digits or "0"
    filled = digits.rjust(scale + 1, "0")
    return f"{filled[:-scale]}.{filled[-scale:]}"
