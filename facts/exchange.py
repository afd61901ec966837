"""Exchange: amounts in several currencies converted to one, at dated rates.

A rate is looked up batch by batch, so that memory does not grow with the rows: the table of rates is
small and stands in memory, sorted by currency and day, and the newest rate at or before a day is found
by bisection. The product is exact; what would not be is no number but counted and refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from phasegate.facts.contracts import ContractError, in_force
from phasegate.facts.contracts_derive import Values, derived_scope
from phasegate.facts.contracts_types import DECIMAL_DIGITS
from phasegate.facts.expressions import Kind, parse
from phasegate.facts.open_source import typed_rows
from phasegate.facts.sources_scan import READ_ERRORS, Scanned
from phasegate.rules.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.units import Quantity

LACKS = "lacks rate"
"""The column that says which rate a row lacks, null where it lacks none; no contract can declare it."""
MOST_DIGITS = 28
"""Digits after the point that an amount and a rate may have together, as `rules.lint_exchange` has it."""
MOST_RATES = 5_000_000
_RATE = "rate "
_EPOCH, _SPAN = 2**31, 2**33
"""What makes a day positive, and more than any day: a currency's number times it orders by both."""


def beyond(column: str) -> str:
    """The column that is true where a converted amount would have more digits than are kept."""
    return f"beyond {column}"


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


@dataclass(frozen=True)
class Exchange:
    """How the amounts of an open source were converted.

    Attributes:
        to: the currency in which they are now.
        amounts: for each column that was converted, or derived from one, the converted ones that it
            rests on.
        stated: whether the contract names the columns that are amounts, so that no other is one.
        marks: the columns of the frame that tell what could not be converted.
    """

    to: str
    amounts: Mapping[str, frozenset[str]]
    stated: bool
    marks: tuple[str, ...]

    def behind(self, columns: Iterable[str]) -> frozenset[str]:
        """The converted columns that some columns rest on."""
        return frozenset().union(*(self.amounts.get(name, ()) for name in columns))


def check_exchange(contract: Contract) -> None:
    """Refuses a contract whose rates, or the amounts that it converts, are not what they must be.

    Raises:
        ContractError: naming the column.
    """
    if contract.rates is not None:
        _check_type(contract, "rates.date", contract.rates.date, "date")
        _check_type(contract, "rates.currency", contract.rates.currency, "string")
        _check_type(contract, "rates.rate", contract.rates.rate, "decimal", "integer")
    if contract.convert is None:
        return
    _check_type(contract, "currency", str(contract.currency), "string")
    for name in contract.convert.columns:
        _check_type(contract, "convert.columns", name, "decimal", "integer")
    hint = "name the columns that are amounts under convert.columns"
    floats = [name for name, column in contract.columns.items() if column.type == "float"]
    if floats and not contract.convert.columns:
        raise ContractError(f"convert: {floats[0]!r} is a float, and money is decimal; {hint}")
    if not contract.converts:
        raise ContractError(f"convert: no column is a decimal; {hint}")


def _check_type(contract: Contract, role: str, name: str, *types: str) -> None:
    if name not in contract.columns:
        raise ContractError(f"{role} names {name!r}, which is no column of the contract")
    found = contract.columns[name].type
    if found not in types:
        raise ContractError(f"{role} names {name!r}, which is no {' or '.join(types)} but {found}")


def conversions(
    contracts: Mapping[str, Contract], scanned: Mapping[str, Scanned], as_of: dt.date
) -> dict[str, Conversion]:
    """How amounts are converted, by the name of the source that has them.

    Rates that can not be read are left out: what is wrong with them is told where their source is
    opened, and whatever rests on it is an error then.

    Args:
        contracts: the contracts of all sources.
        scanned: the sources that have files.
        as_of: the day for which the data are judged.
    """
    wanted = {name: contract.convert for name, contract in contracts.items() if contract.convert}
    named = sorted({convert.rates for convert in wanted.values()})
    tables = {name: _rate_table(scanned[name], as_of) for name in named if name in scanned}
    return {
        name: Conversion(contracts.get(convert.rates), tables.get(convert.rates))
        for name, convert in wanted.items()
    }


def _rate_table(scanned: Scanned, as_of: dt.date) -> RateTable | None:
    contract = scanned.contract
    rates = contract.rates
    if rates is None:
        return None
    try:
        check_exchange(contract)
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
    except (*READ_ERRORS, ContractError):
        return None
    return RateTable(rates.to, scale, found)


@dataclass(frozen=True)
class Conversion:
    """What the amounts of a source are converted with.

    Attributes:
        contract: the contract of the rates; None where the project has no such source.
        table: the rates; None where they can not be read, which spoils every fact by itself.
    """

    contract: Contract | None
    table: RateTable | None

    def applied(self, frame: pl.LazyFrame, contract: Contract) -> tuple[pl.LazyFrame, dict[str, Kind]]:
        """A source's rows with its amounts in one currency.

        An amount without a rate, and one that would have too many digits, is null and marked.

        Args:
            frame: the rows in force.
            contract: the source's contract, which says what to convert.

        Returns:
            The frame with the marks, and what the converted columns hold.

        Raises:
            ContractError: if the rates are in another currency, or a product would have too many
                digits after the point.
        """
        convert, table = contract.convert, self._table(contract)
        assert convert is not None
        assert contract.event is not None
        scales = {name: _scale(contract, name) for name in contract.converts}
        for name, scale in scales.items():
            if scale + table.scale > MOST_DIGITS:
                what = f"{name!r} would have {scale + table.scale} digits after the point"
                raise ContractError(f"convert: {what} once it is converted, and {MOST_DIGITS} are kept")
        day = pl.col(contract.event)
        if contract.columns[contract.event].type == "datetime":
            day = day.dt.date()
        asked = pl.struct(pl.col(str(contract.currency)).alias("currency"), day.alias("day"))
        oldest = None if convert.max_age is None else int(Quantity.parse(convert.max_age).value)
        types, look_up = _look_up(table, convert.to, sorted(set(scales.values())), oldest)
        found = asked.map_batches(look_up, return_dtype=pl.Struct(types), is_elementwise=True)
        frame = _multiplied(frame.with_columns(found.struct.unnest()), scales).drop(types.keys() - {LACKS})
        return frame, {name: Kind("decimal", scale + table.scale) for name, scale in scales.items()}

    def exchange(
        self, source: str, contract: Contract, kinds: Mapping[str, Kind], values: Values
    ) -> Exchange:
        """What was converted, once the derived columns stand.

        Args:
            source: the source's name.
            contract: its contract.
            kinds: all columns.
            values: the parameters that derived columns may name.
        """
        assert contract.convert is not None
        amounts = {name: frozenset({name}) for name in contract.converts}
        marks = (LACKS, *map(beyond, contract.converts))
        exchange = Exchange(contract.convert.to, amounts, bool(contract.convert.columns), marks)
        for name, how in contract.derive.items():
            if isinstance(how, BusinessDaysAfter):
                read = {how.business_days_after}
            elif isinstance(how, BusinessDaysSince):
                read = {how.business_days_since}
            else:
                expression = parse(how, derived_scope(source, contract, kinds, values))
                read = {*expression.columns, *(column for column, _ in expression.tags)}
            if behind := exchange.behind(read):
                amounts[name] = behind
        return exchange

    def _table(self, contract: Contract) -> RateTable:
        """The rates; none where they can not be read."""
        convert = contract.convert
        assert convert is not None
        if self.contract is not None and self.contract.rates is None:
            what = f"the contract of {convert.rates!r} does not say which of its columns are rates"
            raise ContractError(f"convert: {what}")
        if self.contract is not None and self.contract.rates and self.contract.rates.to != convert.to:
            to = self.contract.rates.to
            raise ContractError(f"convert: the rates of {convert.rates!r} are in {to}, not in {convert.to}")
        if self.table is None:
            schema = {"currency": pl.String(), "day": pl.Date(), "rate": pl.Decimal(DECIMAL_DIGITS, 0)}
            return RateTable(convert.to, 0, pl.DataFrame(schema=schema))
        if self.table.rates.height > MOST_RATES:
            raise ContractError(f"convert: {convert.rates!r} has more than {MOST_RATES:,} rates")
        return self.table


def _multiplied(frame: pl.LazyFrame, scales: Mapping[str, int]) -> pl.LazyFrame:
    """Amounts times the rate beside them; null and marked where that has too many digits.

    Args:
        frame: rows with their rate and the largest amounts that it may multiply.
        scales: the digits after the point of each amount.
    """
    amounts = {name: pl.col(name).cast(pl.Decimal(DECIMAL_DIGITS, scale)) for name, scale in scales.items()}
    fits = {name: amount.abs() <= pl.col(_most(scales[name])) for name, amount in amounts.items()}
    kept = {name: f"{name} " for name in scales}
    frame = frame.with_columns(
        *((~fit).fill_null(value=False).alias(beyond(name)) for name, fit in fits.items()),
        *(pl.when(fit).then(amounts[name]).alias(kept[name]) for name, fit in fits.items()),
    )
    # As an expression of polars a product keeps the larger scale and rounds; in its SQL it is exact.
    products = [pl.sql_expr(f'"{amount}" * "{_RATE}"').alias(name) for name, amount in kept.items()]
    return frame.with_columns(products).drop(kept.values())


def _scale(contract: Contract, name: str) -> int:
    column = contract.columns[name]
    return column.scale if column.type == "decimal" else 0


def _most(scale: int) -> str:
    """The column with the largest amount of so many digits after the point that a rate may multiply."""
    return f"most {scale}"


def _look_up(
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
    columns = {_RATE: rates["rate"], "of": rates["day"]}
    for scale in scales:
        # Two numbers of m and n digits have a product of m + n digits at most.
        most = ["9" * (DECIMAL_DIGITS - n) if n else None for n in length]
        text = pl.Series([None if each is None else _point(each, scale) for each in most], dtype=pl.String)
        columns[_most(scale)] = text.cast(pl.Decimal(DECIMAL_DIGITS, scale))
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
    rate, age = pl.col(_RATE), (pl.col("day") - pl.col("of")).dt.total_days()
    old = pl.lit(value=False) if oldest is None else (age > oldest).fill_null(value=False)
    lacks = rate.is_null() | old
    kept = [pl.when(~lacks).then(pl.col(name)).alias(name) for name in names if name != LACKS]
    text = pl.lit(None, pl.String)
    if found.select(lacks.any()).item():
        which = pl.format("{} of {}", pl.col("currency"), pl.col("day"))
        newest = pl.format("{}, where the newest is of {}, {} days old", which, pl.col("of"), age)
        text = pl.when(old & rate.is_not_null()).then(newest).when(lacks).then(which)
    return [*kept, text.alias(LACKS)]


def _point(digits: str, scale: int) -> str:
    """A whole number of units of 10^-scale as text."""
    if not scale:
        return digits or "0"
    filled = digits.rjust(scale + 1, "0")
    return f"{filled[:-scale]}.{filled[-scale:]}"
