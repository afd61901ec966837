"""Columns taken from the file as it is, for a project that brings no contract.

The whole file is looked at, not its first lines, and every value must fit: a column is a number
only if each text in it is one. Numbers become decimals with as many digits as the longest has, so
that their sums are exact; so do floats, which are the decimals that their shortest texts say.

What a column may still be is narrowed down batch by batch, and nothing is asked of it twice: a
column of names is none of numbers after its first values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from phasegate.facts.contracts_numbers import DECIMAL_DIGITS, NUMBER, number_text, width_of
from phasegate.facts.contracts_types import Reading, typed
from phasegate.facts.sources_batches import columns_at_a_time, rows_at_a_time
from phasegate.facts.sources_floats import measure
from phasegate.rules.contract import Column

Guess = Literal["number", "boolean", "date", "datetime"]
_SCALE_AT_MOST, _INTEGER_AT_MOST = 18, 18
# A leading zero is part of a name, such as an account's, and would be lost in a number.
_NAME = r"\A[+-]?0[0-9]"
_WHOLE = r"\A[+-]?[0-9]+\z"
_DAY = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_DATED = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass
class _Seen:
    """What is known of a column of texts.

    Attributes:
        guesses: what it may still be, all of it.
        values: whether it has any value.
        whole: whether each number was written without a point.
        before, after: the most digits before and after the point that a number has.
    """

    guesses: set[Guess] = field(default_factory=lambda: {"number", "boolean", "date", "datetime"})
    values: bool = False
    whole: bool = True
    before: int = 0
    after: int = 0


def infer_columns(raw: pl.LazyFrame, found: Mapping[str, pl.DataType], reading: Reading) -> dict[str, Column]:
    """The columns of a file, each with the narrowest type that holds all of its values.

    Columns of types that no contract knows, such as lists, are left out.

    Args:
        raw: the columns as the file has them.
        found: their types.
        reading: how texts are written.
    """
    seen = _look_at([name for name, kind in found.items() if kind == pl.String()], raw, reading)
    floats = measure(raw, {name: kind for name, kind in found.items() if kind.is_float()}, reading)
    columns: dict[str, Column] = {}
    for name, kind in found.items():
        if name in seen:
            column: Column | None = _from_texts(seen[name])
        elif name in floats:
            column = _number(*floats[name])
        else:
            column = _from_type(kind)
        if column is not None:
            columns[name] = column
    return columns


def _look_at(texts: list[str], raw: pl.LazyFrame, reading: Reading) -> dict[str, _Seen]:
    seen = {name: _Seen() for name in texts}
    if not texts:
        return seen
    for rows in rows_at_a_time(raw, texts):
        open_ = [name for name in texts if seen[name].guesses or not seen[name].values]
        for names in columns_at_a_time(open_):
            _narrow(rows, {name: seen[name] for name in names}, reading)
    return seen


def _narrow(rows: pl.DataFrame, seen: Mapping[str, _Seen], reading: Reading) -> None:
    """Gives up the guesses that some rows prove wrong: first those that cost little to prove so."""
    cheap = {name: _cheap_tests(name, one.guesses, reading) for name, one in seen.items()}
    _give_up(rows, seen, cheap)
    _give_up(rows, seen, {name: _costly_tests(name, one.guesses, reading) for name, one in seen.items()})
    numbers = [name for name, one in seen.items() if "number" in one.guesses]
    for name, row in zip(numbers, _rows(rows, [_measures(name, reading) for name in numbers]), strict=True):
        one = seen[name]
        one.whole = one.whole and bool(row["whole"])
        one.before = max(one.before, row["before"] or 0)
        one.after = max(one.after, row["after"] or 0)


def _give_up(
    rows: pl.DataFrame, seen: Mapping[str, _Seen], tests: Mapping[str, Mapping[str, pl.Expr]]
) -> None:
    for one, row in zip(seen.values(), _rows(rows, tests.values()), strict=True):
        one.values = one.values or bool(row.pop("values", False))
        one.guesses -= {guess for guess, wrong in row.items() if wrong}


def _rows(rows: pl.DataFrame, asked: Iterable[Mapping[str, pl.Expr]]) -> list[dict[str, int]]:
    """What some rows answer to what is asked of each column."""
    asked = list(asked)
    wanted = [
        expr.alias(f"{place} {what}") for place, exprs in enumerate(asked) for what, expr in exprs.items()
    ]
    if not wanted:
        return [{} for _ in asked]
    found = rows.select(wanted).row(0, named=True)
    return [{what: found[f"{place} {what}"] for what in exprs} for place, exprs in enumerate(asked)]


def _cheap_tests(name: str, guesses: set[Guess], reading: Reading) -> dict[str, pl.Expr]:
    """By guess, whether some text proves it wrong; and whether there is any text."""
    text = pl.col(name)
    tests = {"values": text.count() > 0}
    if "number" in guesses:
        number = number_text(text, reading.numbers)
        tests["number"] = (~number.str.contains(NUMBER) | number.str.contains(_NAME)).any()
    if "boolean" in guesses:
        truths = pl.Series(_truths(reading), dtype=pl.String).implode()
        tests["boolean"] = (~text.str.to_lowercase().is_in(truths)).any()
    if "date" in guesses and reading.date_format is None:
        tests["date"] = (~text.str.contains(_DAY)).any()
    if "datetime" in guesses and reading.datetime_format is None:
        tests["datetime"] = (~text.str.contains(_DATED)).any()
    return tests


def _truths(reading: Reading) -> list[str]:
    """The words of truth; a digit among them is a number, unless somebody names it as a truth value."""
    words = (*reading.numbers.true_values, *reading.numbers.false_values)
    return [word.lower() for word in words if word not in ("0", "1")]


def _costly_tests(name: str, guesses: set[Guess], reading: Reading) -> dict[str, pl.Expr]:
    text = pl.col(name)
    tests: dict[str, pl.Expr] = {}
    dates: tuple[Literal["date", "datetime"], ...] = ("date", "datetime")
    for guess in dates:
        if guess in guesses:
            value = typed(text, pl.String(), Column(type=guess), reading)
            assert value is not None
            tests[guess] = (text.is_not_null() & value.is_null()).any()
    return tests


def _measures(name: str, reading: Reading) -> dict[str, pl.Expr]:
    number = number_text(pl.col(name), reading.numbers)
    width = width_of(number)
    return {
        "whole": number.str.contains(_WHOLE).all(),
        "before": width.before.max(),
        "after": width.after.max(),
    }


def _from_texts(seen: _Seen) -> Column:
    if seen.values:
        if "number" in seen.guesses:
            if seen.whole and seen.before <= _INTEGER_AT_MOST:
                return Column(type="integer", nullable=True)
            # Too long for a decimal stays a text rather than lose digits.
            if seen.before + seen.after <= DECIMAL_DIGITS:
                return _number(seen.before, seen.after)
        others: tuple[Literal["boolean", "date", "datetime"], ...] = ("boolean", "date", "datetime")
        for guess in others:
            if guess in seen.guesses:
                return Column(type=guess, nullable=True)
    return Column(type="string", nullable=True)


def _number(before: int, after: int) -> Column:
    """A column of numbers with a point; of those that no decimal of a contract holds, a float's."""
    if after <= _SCALE_AT_MOST and before + after <= DECIMAL_DIGITS:
        return Column(type="decimal", scale=after, nullable=True)
    return Column(type="float", nullable=True)


def _from_type(kind: pl.DataType) -> Column | None:
    if kind.is_integer():
        return Column(type="integer", nullable=True)
    if isinstance(kind, pl.Decimal):
        return Column(type="decimal", scale=min(kind.scale, _SCALE_AT_MOST), nullable=True)
    if isinstance(kind, pl.Boolean):
        return Column(type="boolean", nullable=True)
    if isinstance(kind, pl.Date):
        return Column(type="date", nullable=True)
    if isinstance(kind, pl.Datetime):
        return Column(type="datetime", nullable=True)
    return Column(type="string", nullable=True) if isinstance(kind, pl.Null) else None
