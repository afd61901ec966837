"""Floats as PostgreSQL writes them: the fewest digits that mean the number, whatever wrote it before.

MySQL, MariaDB and their versions differ in where an exponent begins. A digest of rows must not.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from decimal import Decimal

import polars as pl

from phasegate.facts.connections.base import TableColumn

_NULL = rb"\N"
_PLAIN_SINGLE = struct.unpack("f", struct.pack("f", 1e-4))[0], 1e6
_PLAIN_DOUBLE = 1e-4, 1e15
"""From where to where there is no exponent."""


def rewritten(lines: list[bytes], columns: Sequence[TableColumn]) -> list[bytes]:
    """Lines, the floats in them as they are written everywhere."""
    places = [
        (place, each.kind == pl.Float32()) for place, each in enumerate(columns) if each.kind in _FLOATS
    ]
    if not places:
        return lines
    found = []
    for line in lines:
        values = line[:-1].split(b"\t")
        if len(values) == len(columns):  # another form is told where lines are read
            for place, single in places:
                if values[place] != _NULL:
                    values[place] = _written(values[place], single=single)
        found.append(b"\t".join(values) + b"\n")
    return found


_FLOATS = (pl.Float32(), pl.Float64())


def _written(text: bytes, *, single: bool) -> bytes:
    try:
        value = float(text)
        return float_text(value, single=single).encode()
    except (ValueError, OverflowError):  # no number: told where lines are read
        return text


def float_text(value: float, *, single: bool) -> str:
    """A float with the fewest digits that mean it.

    Args:
        value: a finite one.
        single: whether it has 32 bits.

    Raises:
        OverflowError: if it has more than those.
    """
    least, beyond = _PLAIN_SINGLE if single else _PLAIN_DOUBLE
    if value == 0 or least <= abs(value) < beyond:
        return (_shortest(value, "g", range(6, 10)) if single else repr(value)).removesuffix(".0")
    given = Decimal(_shortest(value, "e", range(9)) if single else repr(value)).as_tuple()
    sign, digits = "-" * given.sign, "".join(map(str, given.digits)).lstrip("0")
    exponent, digits = int(given.exponent) + len(digits) - 1, digits.rstrip("0")
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _shortest(value: float, form: str, places: Iterable[int]) -> str:
    """The text of fewest digits that means a float of 32 bits."""
    meant = struct.pack("f", value)
    texts = (f"{value:.{some}{form}}" for some in places)
    return next(text for text in texts if struct.pack("f", float(text)) == meant)
