"""Typed rows are written as PostgreSQL writes them."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import struct
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from erp_database import Erp
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.digest import RowsDigest
from phasegate.facts.connections.lines import frame_of
from phasegate.facts.connections.written import lines_of
from phasegate.rules.model.contract import Contract

DOUBLE, SINGLE, MOMENT, INSTANT = pl.Float64(), pl.Float32(), pl.Datetime("us"), pl.Datetime("us", "UTC")
CASES: list[tuple[pl.DataType, Any, bytes]] = [
    (DOUBLE, 0.0, b"0"),
    (DOUBLE, -0.0, b"-0"),
    (DOUBLE, 1.0, b"1"),
    (DOUBLE, 0.1, b"0.1"),
    (DOUBLE, 123456.789, b"123456.789"),
    (DOUBLE, 1e14, b"100000000000000"),
    (DOUBLE, 1e15, b"1e+15"),
    (DOUBLE, 123456789012345680.0, b"1.2345678901234568e+17"),
    (DOUBLE, 0.0001, b"0.0001"),
    (DOUBLE, 0.00012345, b"0.00012345"),
    (DOUBLE, 1e-5, b"1e-05"),
    (DOUBLE, -1.5e-300, b"-1.5e-300"),
    (DOUBLE, 5e-324, b"5e-324"),
    (DOUBLE, math.inf, b"Infinity"),
    (DOUBLE, math.nan, b"NaN"),
    (SINGLE, 0.1, b"0.1"),
    (SINGLE, 999999.0, b"999999"),
    (SINGLE, 1e6, b"1e+06"),
    (SINGLE, 16777216.0, b"1.6777216e+07"),
    (pl.Boolean(), True, b"t"),
    (pl.Boolean(), False, b"f"),
    (pl.Int64(), -(2**63), b"-9223372036854775808"),
    (pl.Decimal(38, 2), Decimal("-0.10"), b"-0.10"),
    (pl.Decimal(38, 0), Decimal("9" * 38), b"9" * 38),
    (pl.Date(), dt.date.min, b"0001-01-01"),
    (MOMENT, dt.datetime(2026, 1, 31, 12), b"2026-01-31 12:00:00"),
    (MOMENT, dt.datetime(2026, 1, 31, 12, 0, 0, 500_000), b"2026-01-31 12:00:00.5"),
    (INSTANT, dt.datetime(1, 1, 1, 0, 0, 0, 10, tzinfo=dt.UTC), b"0001-01-01 00:00:00.00001"),
    (pl.String(), "", b""),
    (pl.String(), "\\N", rb"\\N"),
    (pl.String(), "a\tb\nc\rd\be\ff\vg\\h", rb"a\tb\nc\rd\be\ff\vg\\h"),
    (pl.String(), "é ✓", "é ✓".encode()),
]


@pytest.mark.parametrize(("kind", "value", "line"), CASES, ids=[str(line)[2:30] for *_, line in CASES])
def test_a_value_is_written_as_copy_writes_it(kind: pl.DataType, value: Any, line: bytes) -> None:
    frame = pl.DataFrame({"a": pl.Series([value, None], dtype=kind)})
    assert lines_of(frame) == [line + b"\n", b"\\N\n"]


def test_rows_without_columns_are_rows() -> None:
    assert lines_of(pl.DataFrame({"a": [1, 2]}).select([])) in ([], [b"1\n", b"1\n"])


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


@given(
    st.lists(
        st.tuples(
            st.none() | TEXT,
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.datetimes(),
            st.none() | st.decimals(-(10**30), 10**30, places=2),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_is_read_as_the_same(rows: list[tuple[Any, ...]]) -> None:
    schema = {"a": pl.String(), "b": DOUBLE, "c": MOMENT, "d": pl.Decimal(38, 2)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    columns = [TableColumn(name, "", kind) for name, kind in schema.items()]
    assert frame_of(b"".join(lines_of(frame)), frame.height, columns, "t").equals(frame)


@pytest.mark.slow
def test_the_digest_is_that_of_the_same_rows_in_postgresql(erp: Erp) -> None:
    bits = [n * 0x0123456789ABCDEF % 2**64 for n in range(1, 4_000)]
    doubles = [x for x in (struct.unpack("d", struct.pack("Q", n))[0] for n in bits) if abs(x) < 2**53]
    places = itertools.product((1, -1), ("1", "9.5", "123456789"), range(-9, 6))
    near = [sign * float(f"{digits}e{place}") for sign, digits, place in places]
    doubles += near
    singles = [struct.unpack("f", struct.pack("f", x))[0] for x in near if abs(x) < 2**24]
    count = len(doubles)
    frame = pl.DataFrame(
        {
            "d": pl.Series(doubles, dtype=DOUBLE),
            "s": pl.Series((singles * (count // len(singles) + 1))[:count], dtype=SINGLE),
            "t": pl.Series([f"{chr(n % 127 + 1)}\\{n}" for n in range(count)]),
            "m": pl.Series(
                [dt.datetime(1500, 1, 1) + dt.timedelta(days=n, microseconds=n * 37) for n in range(count)],
                dtype=MOMENT,
            ),
            "b": pl.Series([n % 2 == 0 if n % 3 else None for n in range(count)]),
        }
    )
    erp.run("CREATE TABLE finance.t (d float8, s float4, t text, m timestamp, b bool)")
    import psycopg

    with (
        psycopg.connect(erp.server.url(erp.name), autocommit=True) as connection,
        connection.cursor().copy("COPY finance.t FROM STDIN") as copy,
    ):
        for row in frame.iter_rows():
            copy.write_row(row)
    state = erp.state("finance.t", Contract(title="t", infer=True))  # which breaks, and is read all the same
    digest = RowsDigest([TableColumn(name, "", kind) for name, kind in frame.schema.items()])
    lines = lines_of(frame)
    digest.see(lines, b"".join(lines))
    assert state.table is not None
    assert digest.in_order == state.table.rows
