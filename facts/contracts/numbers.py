"""How a number becomes what its contract says: from the text that people write, or from a float.

A float is the decimal that its shortest text says: the fewest digits that are read as the same float
again. It is what every program shows of it, and what the same table holds as CSV or NDJSON; the binary
value behind it has up to a thousand digits that nobody wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import polars as pl

DECIMAL_DIGITS = 38
"""Digits that a decimal of polars holds, before and after the point together."""
NUMBER = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z"
"""A number once its signs of currency, thousands and the like are gone; ASCII digits only."""
_NO_NUMBER = r"\A[+-]?(?i:nan|inf|infinity)\z"
_WHOLE = r"\A([+-]?[0-9]+)\.(?:00?|0{4,})\z"
_BLANK = "[ \u00a0\u202f]"
_ALIKE = {" ": _BLANK, "\u00a0": _BLANK, "\u202f": _BLANK, "'": "['\u2019]", "\u2019": "['\u2019]"}
"""Signs between thousands that nobody can tell apart on paper."""
_PLAIN = 1e15
"""Floats below it show each decimal of so many digits as another one; above, two may look the same."""
_EXACT_POWER = 22
"""The greatest power of ten that a float holds exactly."""
_WHOLE_FLOATS = float(2**53)
"""The greatest float up to which each whole number is a float of its own."""
_BEYOND = 10_000
"""So many digits stand for an exponent that is too long to be read."""


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How numbers and truth values are written as text.

    Attributes:
        decimal_comma: whether the decimal point is a comma.
        thousands: the sign between groups of three digits; None where there is none.
        currency_sign: what may stand before or after an amount; None for nothing.
        percent: whether ``95%`` is read, as 0.95.
        accounting: whether ``(5.50)`` is read, as -5.50.
        true_values, false_values: the texts that are true and false, in any case of letters.
    """

    decimal_comma: bool = False
    thousands: str | None = None
    currency_sign: str | None = None
    percent: bool = False
    accounting: bool = False
    true_values: tuple[str, ...] = ("true", "1")
    false_values: tuple[str, ...] = ("false", "0")


class Width(NamedTuple):
    """The digits of numbers, each without those that say nothing.

    Attributes:
        before: how many stand before the decimal point.
        after: how many stand after it.
    """

    before: pl.Expr
    after: pl.Expr


def number_text(text: pl.Expr, form: NumberForm) -> pl.Expr:
    """The text of a number with a decimal point and nothing else; not `NUMBER` where it is none.

    What does not have the stated form keeps a sign that makes it unreadable: nobody can tell whether
    ``1,23`` is a slip of the pen or a comma for a point.
    """
    percent = None
    if form.percent:
        sign = rf"{_BLANK}?%(\)?)\z"
        percent = text.str.contains(sign)
        text = text.str.replace(sign, "${1}")
    if form.currency_sign is not None:
        sign = re.escape(form.currency_sign)
        either = rf"\A(?:([-+(]?){sign}{_BLANK}?(.*)|(.*?){_BLANK}?{sign}(\)?))\z"
        text = text.str.replace(either, "${1}${2}${3}${4}")
    if form.accounting:
        text = text.str.replace(r"\A\(([^-+()]+)\)\z", "-${1}")
    point = "," if form.decimal_comma else "."
    if form.thousands is not None:
        between = _ALIKE.get(form.thousands, re.escape(form.thousands))
        grouped = rf"\A[+-]?[1-9][0-9]{{0,2}}(?:{between}[0-9]{{3}})+(?:{re.escape(point)}[0-9]*)?\z"
        odd = text.str.contains(between) & ~text.str.contains(grouped)
        text = pl.when(odd).then(pl.lit("?")).otherwise(text.str.replace_all(between, ""))
    if form.decimal_comma:
        text = text.str.replace_all(".", "?", literal=True).str.replace_all(",", ".", literal=True)
    if percent is not None:
        text = pl.when(percent).then(text + "e-2").otherwise(text)
    return text


def has_percent(text: pl.Expr) -> pl.Expr:
    """Whether a text ends in the sign of a percentage."""
    return text.str.contains(r"%\)?\z")


def integer_from_text(number: pl.Expr) -> pl.Expr:
    """Whole numbers, those with a point and nothing but zeros after it included, as floats are written.

    Three zeros are none: ``1.000`` may be a thousand. An exponent is none either, for spreadsheets show
    long numbers by it, without their last digits.

    Args:
        number: what `number_text` makes.
    """
    return number.map_batches(_integers, return_dtype=pl.Int64, is_elementwise=True)


def _integers(numbers: pl.Series) -> pl.Series:
    found = numbers.cast(pl.Int64, strict=False)
    if found.null_count() == numbers.null_count():
        return found
    return numbers.str.replace(_WHOLE, "${1}").cast(pl.Int64, strict=False)


def integer_from_number(original: pl.Expr, found: pl.DataType) -> pl.Expr:
    """The whole ones of floats or decimals; null for others.

    Floats of more than 53 bits are none: the whole number that somebody meant may be another one.
    """
    if isinstance(found, pl.Decimal):
        whole = original.cast(pl.Decimal(DECIMAL_DIGITS, 0), strict=False)
        return pl.when(whole == original).then(whole).cast(pl.Int64, strict=False)
    fit = (original.round() == original) & (original.abs() <= _WHOLE_FLOATS)
    return pl.when(fit).then(original).cast(pl.Int64, strict=False)


def decimal_from_text(number: pl.Expr, scale: int) -> pl.Expr:
    """Decimals, rounded to their scale; where that loses something, `excess_of_text` is true."""
    return number.cast(pl.Decimal(DECIMAL_DIGITS, scale), strict=False)


def decimal_from_float(original: pl.Expr, found: pl.DataType, scale: int) -> pl.Expr:
    """The decimals that the shortest texts of floats say, rounded to their scale."""
    wanted = pl.Decimal(DECIMAL_DIGITS, scale)
    if _by_text(found, scale):
        return original.cast(pl.String).cast(wanted, strict=False)
    plain = _is_plain(original, scale)
    rest = pl.when(~plain).then(original).cast(pl.String)
    return pl.coalesce(
        pl.when(plain).then(original).cast(wanted, strict=False), rest.cast(wanted, strict=False)
    )


def _by_text(found: pl.DataType, scale: int) -> bool:
    """Whether floats of a type are turned into decimals by their texts alone."""
    return found != pl.Float64() or scale > _EXACT_POWER


def _is_plain(original: pl.Expr, scale: int) -> pl.Expr:
    """Whether polars' own rounding of a float yields the decimal, four times as fast as by its text.

    So it is where the decimal has fewer than 16 digits, see `_PLAIN`.
    """
    return original.abs() < _PLAIN / 10.0**scale


def excess_of_text(number: pl.Expr, value: pl.Expr, scale: int) -> pl.Expr:
    """Whether a number has more digits after the point than its decimal keeps."""
    # By Python, since polars computes each branch of a condition: hardly any column has an exponent, and
    # what moves a point costs five times as much as all else that is asked of a number.
    found = number.map_batches(partial(_excess, scale=scale), return_dtype=pl.Boolean, is_elementwise=True)
    return found & value.is_not_null()


def _excess(numbers: pl.Series, scale: int) -> pl.Series:
    surplus = rf"\.[0-9]{{{scale}}}[0-9]*[1-9]"
    found = numbers.str.contains(f"{surplus}|[eE]")
    if not found.any():
        return found
    number = pl.col(numbers.name)
    raised = is_raised(number)
    many = _raised_width(pl.when(raised).then(number)).after > scale
    plain = ~raised & number.str.contains(surplus)
    return numbers.to_frame().select(plain | many.fill_null(value=False)).to_series()


def excess_of_float(original: pl.Expr, value: pl.Expr, found: pl.DataType, scale: int) -> pl.Expr:
    """Likewise for the shortest text of a float."""
    if _by_text(found, scale):
        return excess_of_text(original.cast(pl.String), value, scale)
    plain = _is_plain(original, scale)
    # Back through the decimal, not divided by a power of ten: polars multiplies by its reciprocal.
    changed = plain & (value.cast(pl.Float64) != original)
    rest = pl.when(~plain).then(original).cast(pl.String)
    return changed | excess_of_text(rest, value, scale).fill_null(value=False)


def is_no_number(text: pl.Expr) -> pl.Expr:
    """Whether a text stands for infinity or for a result that is no number."""
    return text.str.contains(_NO_NUMBER)


def width_of(number: pl.Expr) -> Width:
    """The digits of each number; null where the text is none.

    Args:
        number: what `number_text` makes.
    """
    number = pl.when(number.str.contains(NUMBER)).then(number)
    raised = is_raised(number)
    plain, other = plain_width(pl.when(~raised).then(number)), _raised_width(pl.when(raised).then(number))
    return Width(pl.coalesce(plain.before, other.before), pl.coalesce(plain.after, other.after))


def is_raised(number: pl.Expr) -> pl.Expr:
    """Whether a number has an exponent."""
    return number.str.contains("[eE]")


def plain_width(number: pl.Expr) -> Width:
    """Likewise of numbers that have no exponent, at a tenth of the cost."""
    whole = number.str.strip_chars_start("+-0")
    before = pl.coalesce(whole.str.find(".", literal=True), whole.str.len_bytes()).cast(pl.Int64)
    kept = number.str.strip_chars_end("0")  # of what stands before the point nothing is asked of it
    after = kept.str.len_bytes().cast(pl.Int64) - kept.str.find(".", literal=True).cast(pl.Int64) - 1
    return Width(before, pl.when(number.is_not_null()).then(after.fill_null(0)))


def _raised_width(number: pl.Expr) -> Width:
    """The digits of numbers with an exponent, which moves the point."""
    mantissa = number.str.extract(r"\A[+-]?([0-9.]*)", 1)
    power = number.str.extract(r"[eE]\+?(-?[0-9]+)\z", 1).cast(pl.Int64, strict=False)
    down = number.str.contains("[eE]-")
    power = power.fill_null(pl.when(down).then(-_BEYOND).otherwise(_BEYOND)).clip(-_BEYOND, _BEYOND)
    written = mantissa.str.len_bytes().cast(pl.Int64)
    before = mantissa.str.find(".", literal=True).cast(pl.Int64).fill_null(written)
    digits = mantissa.str.replace(".", "", literal=True)
    all_ = digits.str.len_bytes().cast(pl.Int64)
    left = all_ - digits.str.strip_chars_start("0").str.len_bytes().cast(pl.Int64)
    right = all_ - digits.str.strip_chars_end("0").str.len_bytes().cast(pl.Int64)
    zero = left == all_
    return Width(
        pl.when(zero).then(0).otherwise((before - left + power).clip(lower_bound=0)),
        pl.when(zero).then(0).otherwise((all_ - before - power - right).clip(lower_bound=0)),
    )


def boolean_from_text(text: pl.Expr, form: NumberForm) -> pl.Expr:
    """Truth values."""
    lower = text.str.to_lowercase()
    true, false = ([word.lower() for word in words] for words in (form.true_values, form.false_values))
    return pl.when(lower.is_in(true)).then(True).when(lower.is_in(false)).then(False)
