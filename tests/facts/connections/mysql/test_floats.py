"""Floats in lines are written as PostgreSQL writes them, whatever wrote them before."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.mysql.floats import float_text, rewritten

DOUBLE, SINGLE, TEXT = (
    TableColumn(name, name, kind)
    for name, kind in (("double", pl.Float64()), ("single", pl.Float32()), ("text", pl.String()))
)


@pytest.mark.parametrize(
    ("value", "double", "single"),
    [
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.0, "1", "1"),
        (0.5, "0.5", "0.5"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1e-05", "1e-05"),
        (-123.25, "-123.25", "-123.25"),
        (999999.0, "999999", "999999"),
        (1000000.0, "1000000", "1e+06"),
        (16777216.0, "16777216", "1.6777216e+07"),
        (999999999999999.0, "999999999999999", "1e+15"),
        (1e15, "1e+15", "1e+15"),
        (1e22, "1e+22", "1e+22"),
        (1.5e-7, "1.5e-07", "1.5e-07"),
    ],
)
def test_what_postgresql_15_writes(value: float, double: str, single: str) -> None:
    """As `SELECT value::float8, value::float4` showed it."""
    assert float_text(value, single=False) == double
    near = struct.unpack("f", struct.pack("f", value))[0]
    assert float_text(near, single=True) == single


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_means_what_it_meant_in_as_few_digits(value: float) -> None:
    text = float_text(value, single=False)
    assert float(text) == value
    assert Decimal(text) == Decimal(repr(value))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_single_means_what_it_meant_in_no_more_digits_than_that_takes(value: float) -> None:
    text = float_text(value, single=True)
    assert struct.pack("f", float(text)) == struct.pack("f", value)
    digits = Decimal(text).normalize().as_tuple().digits
    if len(digits) > 1:
        fewer = f"{value:.{len(digits) - 2}e}"
        assert struct.unpack("f", safely(fewer))[0] != value


def safely(text: str) -> bytes:
    try:
        return struct.pack("f", float(text))
    except OverflowError:
        return struct.pack("f", float("inf"))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([b"1.50\t0.10000000149011612\tx\n"], [b"1.5\t0.1\tx\n"]),
        ([b"\\N\t\\N\t\\N\n"], [b"\\N\t\\N\t\\N\n"]),
        ([b"no number\t1e999\tx\n"], [b"no number\t1e999\tx\n"]),
        ([b"1.50\tx\n"], [b"1.50\tx\n"]),
    ],
)
def test_nothing_else_of_a_line_is_changed(lines: list[bytes], found: list[bytes]) -> None:
    assert rewritten(lines, [DOUBLE, SINGLE, TEXT]) == found


def test_lines_without_floats_are_the_same_ones() -> None:
    lines: Any = [b"1.50\n"]
    assert rewritten(lines, [TEXT]) is lines
