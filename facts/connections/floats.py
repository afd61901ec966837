"""Floats as PostgreSQL writes them: the fewest digits that mean the number, whatever wrote it before.

Databases, their versions and polars differ in where an exponent begins. A digest of rows must not.
"""

from __future__ import annotations

import re

import polars as pl

FIXED: dict[pl.DataType, int] = {pl.Float64(): 15, pl.Float32(): 6}
"""From so many digits before the point on, a number is written with an exponent; below 0.0001 too."""
SMALL = -4
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


def in_form(text: str, most: int) -> str:
    """A decimal in that form, whatever form it has.

    Args:
        text: the fewest digits that mean the number.
        most: so many digits stand before the point without an exponent, see `FIXED`.

    Raises:
        ValueError: if it is no number.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError("no number")
    sign, whole, fraction, exponent = found.groups(default="")
    digits = (whole + fraction).lstrip("0")
    # The number is 0.DIGITS * 10 ** point.
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0"
    if not SMALL < point <= most:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{point - 1:+03d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"
