"""Floats of MySQL and MariaDB as they are written everywhere: each version begins an exponent elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.floats import FIXED, in_form

_NULL = rb"\N"


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
    return in_form(
        _shortest(value) if single else repr(value), FIXED[pl.Float32() if single else pl.Float64()]
    )


def _shortest(value: float) -> str:
    """The text of fewest digits that means a float of 32 bits."""
    meant = struct.pack("f", value)
    texts = (f"{value:.{some}e}" for some in range(9))
    return next(text for text in texts if struct.pack("f", float(text)) == meant)
