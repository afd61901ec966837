"""Converted amounts are the exact products, or none at all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.sources.currency.conversion import Conversion, beyond
from phasegate.facts.sources.currency.rates import LACKS, RateTable
from phasegate.rules.model.contract import Contract

DAY = dt.date(2026, 1, 1)
CURRENCIES = ("USD", "EUR", "JPY", "")


class Case(NamedTuple):
    """Amounts and rates in units of their last digit; days from `DAY`."""

    amount_scale: int
    rate_scale: int
    rows: list[tuple[int | None, str, int]]
    rates: dict[tuple[str, int], int]
    oldest: int | None


def digits(most: int) -> st.SearchStrategy[int]:
    """Numbers of up to so many digits, long ones as often as short ones."""
    return st.integers(1, most).flatmap(lambda length: st.integers(10 ** (length - 1), 10**length - 1))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    amount_scale, rate_scale = draw(st.integers(0, 12)), draw(st.integers(0, 16))
    amounts = digits(38).flatmap(lambda number: st.sampled_from([number, -number, 0, None]))
    days = st.integers(-40, 40)
    rows = draw(st.lists(st.tuples(amounts, st.sampled_from(CURRENCIES), days), min_size=1, max_size=30))
    keys = st.tuples(st.sampled_from(CURRENCIES[1:3]), days)
    rates = draw(st.dictionaries(keys, digits(30), max_size=12))
    return Case(amount_scale, rate_scale, rows, rates, draw(st.sampled_from([None, 0, 5])))


def decimals(numbers: list[int | None], scale: int) -> pl.Series:
    """Numbers in units of 10^-scale."""
    texts = [None if number is None else f"{Decimal(number):f}E-{scale}" for number in numbers]
    written = [None if text is None else format(Decimal(text), "f") for text in texts]
    return pl.Series(written, dtype=pl.String).cast(pl.Decimal(38, scale))


def rate_of(case: Case, currency: str, day: int) -> int | None:
    """The rate that holds, found by looking at every one."""
    if currency == "USD":
        return int(10**case.rate_scale)
    found = max((of for name, of in case.rates if name == currency and of <= day), default=None)
    if found is None or (case.oldest is not None and day - found > case.oldest):
        return None
    return case.rates[currency, found]


@settings(max_examples=examples(300), deadline=None)
@given(cases())
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_an_amount_becomes_the_exact_product_or_nothing(
    engine: Literal["in-memory", "streaming"], case: Case
) -> None:
    contract = Contract.model_validate(
        {
            "title": "T",
            "columns": {
                "day": {"type": "date"},
                "currency": {"type": "string"},
                "amount": {"type": "decimal", "scale": case.amount_scale},
            },
            "event": "day",
            "currency": "currency",
            "convert": {"to": "USD", "rates": "fx"}
            | ({} if case.oldest is None else {"max_age": f"{case.oldest} days"}),
        }
    )
    rates = pl.DataFrame(
        {
            "currency": pl.Series([name for name, _ in case.rates], dtype=pl.String),
            "day": pl.Series([DAY + dt.timedelta(of) for _, of in case.rates], dtype=pl.Date),
            "rate": decimals([*case.rates.values()], case.rate_scale),
        }
    )
    rows = pl.LazyFrame(
        {
            "day": [DAY + dt.timedelta(day) for _, _, day in case.rows],
            "currency": pl.Series([currency or None for _, currency, _ in case.rows], dtype=pl.String),
            "amount": decimals([amount for amount, _, _ in case.rows], case.amount_scale),
        }
    )
    frame, kinds = Conversion(None, RateTable("USD", case.rate_scale, rates)).applied(rows, contract)
    scale = case.amount_scale + case.rate_scale
    found = frame.collect(engine=engine)
    assert (kinds["amount"].scale, found.schema["amount"]) == (scale, pl.Decimal(38, scale))
    for (amount, currency, day), row in zip(case.rows, found.to_dicts(), strict=True):
        rate = rate_of(case, currency, day)
        assert (row[LACKS] is not None) == (rate is None and currency != "")
        if row["amount"] is not None:
            assert Fraction(row["amount"]) == Fraction((amount or 0) * (rate or 0), 10**scale)
            assert not row[beyond("amount")]
        elif row[beyond("amount")]:
            assert len(str(abs(amount or 0))) + len(str(rate)) > 38
        else:
            assert amount is None or rate is None
