"""Exchange: amounts in several currencies converted to one, at dated rates.

An amount times its rate is exact; where it would not be, there is no number, and the row is marked. So is
one without a rate. Whoever reads converted amounts counts the marks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from phasegate.facts.contracts.clauses import HIDDEN, ContractError, Values
from phasegate.facts.contracts.derived import derived_scope
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.expressions.expression import Kind, parse
from phasegate.facts.model.exchange import Exchange
from phasegate.facts.sources.currency.rates import (
    LACKS,
    MOST_RATES,
    RATE,
    RateTable,
    most_of,
    rate_finder,
    read_rates,
)
from phasegate.facts.sources.scan import READ_ERRORS, Scanned
from phasegate.rules.model.contract import BusinessDaysAfter, BusinessDaysSince, Contract
from phasegate.rules.values.units import days_in

MOST_DIGITS = 28
"""Digits after the point that an amount and a rate may have together, as `rules.lint.currency` has it."""


def beyond(column: str) -> str:
    """The column that is true where a converted amount would have more digits than are kept."""
    return f"{HIDDEN}beyond {column}"


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
    if contract.currency_column is not None:
        _check_type(contract, "currency", contract.currency_column, "string")
    for name in contract.convert.columns:
        _check_type(contract, "convert.columns", name, "decimal", "integer")
    hint = "name the columns that are amounts under convert.columns"
    if contract.infer and not contract.convert.columns:
        raise ContractError(f"convert: the file decides which columns are decimals; {hint}")
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


def _rates_of(scanned: Scanned, as_of: dt.date) -> RateTable | None:
    if scanned.contract.rates is None:
        return None
    try:
        check_exchange(scanned.contract)
        return read_rates(scanned, as_of)
    except (*READ_ERRORS, ContractError):
        return None


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
    tables = {name: _rates_of(scanned[name], as_of) for name in named if name in scanned}
    return {
        name: Conversion(contracts.get(convert.rates), tables.get(convert.rates))
        for name, convert in wanted.items()
    }


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
        column = contract.currency_column
        currency = pl.lit(contract.fixed_currency) if column is None else pl.col(column)
        asked = pl.struct(currency.alias("currency"), day.alias("day"))
        oldest = None if convert.max_age is None else days_in(convert.max_age)
        types, find = rate_finder(table, convert.to, sorted(set(scales.values())), oldest)
        found = asked.map_batches(find, return_dtype=pl.Struct(types), is_elementwise=True)
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
    fits = {name: amount.abs() <= pl.col(most_of(scales[name])) for name, amount in amounts.items()}
    kept = {name: f"{HIDDEN}{place}" for place, name in enumerate(scales)}
    frame = frame.with_columns(
        *((~fit).fill_null(value=False).alias(beyond(name)) for name, fit in fits.items()),
        *(pl.when(fit).then(amounts[name]).alias(kept[name]) for name, fit in fits.items()),
    )
    # As an expression of polars a product keeps the larger scale and rounds; in its SQL it is exact.
    products = [pl.sql_expr(f'"{amount}" * "{RATE}"').alias(name) for name, amount in kept.items()]
    return frame.with_columns(products).drop(kept.values())


def _scale(contract: Contract, name: str) -> int:
    column = contract.columns[name]
    return column.scale if column.type == "decimal" else 0
