"""Columns taken from the file as it is, for a project that brings no contract.

The whole file is looked at, not its first lines, and every value must fit: a column is a number
only if each text in it is one. Numbers become decimals with as many digits as the longest has, so
that their sums are exact; so do floats, which are the decimals that their shortest texts say.

What a column may still be is narrowed down batch by batch, and nothing is asked of it twice: a
column of names is none of numbers after its first values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from phasegate.facts.contracts.numbers import (
    DECIMAL_DIGITS,
    NUMBER,
    is_raised,
    number_text,
    plain_width,
    width_of,
)
from phasegate.facts.contracts.types import Reading, typed
from phasegate.facts.sources.batches import VALUE, greatest, rows_at_a_time
from phasegate.facts.sources.floats import SCALE_AT_MOST, is_fine, measure
from phasegate.rules.model.contract import Column

Guess = Literal["number", "boolean", "date", "datetime"]
_INTEGER_AT_MOST = 18
# A leading zero is part of a name, such as an account's, and would be lost in a number.
_NAME = r"\A[+-]?0[0-9]"
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
    floats = measure(raw, {name: kind for name, kind in found.items() if is_fine(kind)}, reading)
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
    questions = _questions(reading)
    for rows in rows_at_a_time(raw, texts):
        for guess, wrong in questions:
            names = [name for name in texts if guess in seen[name].guesses]
            if guess == "datetime" and reading.date_format is None and reading.datetime_format is None:
                names = [name for name in names if "date" not in seen[name].guesses]  # days are moments too
            for name, answer in greatest(rows, names, {"wrong": wrong}).items():
                if answer["wrong"]:
                    seen[name].guesses.discard(guess)
                seen[name].values = seen[name].values or answer["wrong"] is not None
        _measure(rows, {name: one for name, one in seen.items() if "number" in one.guesses}, reading)
    return seen


def _measure(rows: pl.DataFrame, seen: Mapping[str, _Seen], reading: Reading) -> None:
    """Counts the digits of columns of numbers, at no more cost than they are worth."""
    number = number_text(VALUE, reading.numbers)
    form = {"point": number.str.contains(".", literal=True), "raised": is_raised(number)}
    forms = greatest(rows, list(seen), form)
    raised = [name for name, answer in forms.items() if answer["raised"]]
    points = [name for name, answer in forms.items() if answer["point"] and not answer["raised"]]
    plain = [name for name, answer in forms.items() if not answer["point"] and not answer["raised"]]
    for names, width in ((raised, width_of(number)), (points, plain_width(number))):
        for name, answer in greatest(rows, names, width._asdict()).items():
            one = seen[name]
            one.whole = False
            one.before, one.after = max(one.before, answer["before"]), max(one.after, answer["after"])
    digits = {"before": number.str.strip_chars_start("+-0").str.len_bytes()}
    for name, answer in greatest(rows, plain, digits).items():
        seen[name].before = max(seen[name].before, answer["before"] or 0)


def _questions(reading: Reading) -> list[tuple[Guess, pl.Expr]]:
    """What proves a guess wrong, those questions first that cost little; null of a missing value."""
    number = number_text(VALUE, reading.numbers)
    truths = pl.Series(_truths(reading), dtype=pl.String).implode()
    found: list[tuple[Guess, pl.Expr]] = [
        ("number", ~number.str.contains(NUMBER) | number.str.contains(_NAME)),
        ("boolean", ~VALUE.str.to_lowercase().is_in(truths)),
    ]
    day = None
    if reading.date_format is None:
        found.append(("date", ~VALUE.str.contains(_DAY)))
        day = len("2026-01-31")  # of all that are left
    if reading.datetime_format is None:
        found.append(("datetime", ~VALUE.str.contains(_DATED)))
    dates: tuple[Literal["date", "datetime"], ...] = ("date", "datetime")
    for guess in dates:
        value = typed(VALUE, pl.String(), Column(type=guess), reading, day)
        assert value is not None
        found.append((guess, pl.when(VALUE.is_not_null()).then(value.is_null())))
    return found


def _truths(reading: Reading) -> list[str]:
    """The words of truth; a digit is none here, though a source may name it: it is a number."""
    words = (*reading.numbers.true_values, *reading.numbers.false_values)
    return [word.lower() for word in words if word not in ("0", "1")]


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
    if after <= SCALE_AT_MOST and before + after <= DECIMAL_DIGITS:
        return Column(type="decimal", scale=after, nullable=True)
    return Column(type="float", nullable=True)


def _from_type(kind: pl.DataType) -> Column | None:
    if kind.is_integer():
        return Column(type="integer", nullable=True)
    if isinstance(kind, pl.Decimal):
        return Column(type="decimal", scale=kind.scale, nullable=True)
    if isinstance(kind, pl.Boolean):
        return Column(type="boolean", nullable=True)
    if isinstance(kind, pl.Date):
        return Column(type="date", nullable=True)
    if isinstance(kind, pl.Datetime):
        return Column(type="datetime", nullable=True)
    return Column(type="string", nullable=True) if isinstance(kind, pl.Null) else None
