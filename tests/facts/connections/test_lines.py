"""Lines of a database become typed values, each of them or none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.lines import UnreadableRowsError, frame_of

DATE, MOMENT, INSTANT = pl.Date(), pl.Datetime("us"), pl.Datetime("us", "UTC")
TEXT, WHOLE, TRUTH, MONEY, FLOAT = pl.String(), pl.Int64(), pl.Boolean(), pl.Decimal(38, 2), pl.Float64()


def read(line: bytes, kind: pl.DataType) -> Any:
    column = TableColumn("value", "what the database calls it", kind)
    return frame_of(line + b"\n", 1, [column], "erp:finance.t").item()


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        (rb"\N", TEXT, None),
        (b"", TEXT, ""),
        (b'"quoted"', TEXT, '"quoted"'),
        (rb"\\N", TEXT, r"\N"),
        (rb"a\tb\nc\rd\\e", TEXT, "a\tb\nc\rd\\e"),
        (rb"\\n", TEXT, r"\n"),
        ("Müller ✓".encode(), TEXT, "Müller ✓"),
        (b"9223372036854775807", WHOLE, 2**63 - 1),
        (b"-0.01", MONEY, Decimal("-0.01")),
        (b"9" * 36 + b".99", MONEY, Decimal("9" * 36 + ".99")),
        (b"0.1", FLOAT, 0.1),
        (b"1.7976931348623157e+308", FLOAT, 1.7976931348623157e308),
        (b"t", TRUTH, True),
        (b"f", TRUTH, False),
        (b"0001-01-01", DATE, dt.date.min),
        (b"9999-12-31", DATE, dt.date.max),
        (b"2026-03-01 23:59:59.999999", MOMENT, dt.datetime(2026, 3, 1, 23, 59, 59, 999999)),
        (b"2026-03-01 12:00:00", INSTANT, dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)),
        *[(rb"\N", kind, None) for kind in (WHOLE, MONEY, FLOAT, TRUTH, DATE, MOMENT, INSTANT)],
    ],
)
def test_a_value_is_read_as_it_is(line: bytes, kind: pl.DataType, value: Any) -> None:
    assert read(line, kind) == value


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"NaN", MONEY),
        (b"Infinity", MONEY),
        (b"9" * 40, MONEY),
        (b"", MONEY),
        (b"9223372036854775808", WHOLE),
        (b"", WHOLE),
        (b"yes", TRUTH),
        (b"infinity", DATE),
        (b"-infinity", DATE),
        (b"0044-03-15 BC", DATE),
        (b"10000-01-01", DATE),
        (b"2026-02-30", DATE),
        (b"0000-01-01", DATE),
        (b"0000-00-00", DATE),
        (b"2026-00-10", DATE),
        (b"0000-01-01 00:00:00", MOMENT),
        (b"0044-03-15 00:00:00 BC", MOMENT),
        (b"10000-01-01 00:00:00", INSTANT),
        (b"infinity", INSTANT),
        (b"\xff", TEXT),
        (b"a\tb", TEXT),
    ],
)
def test_what_a_type_does_not_hold_is_an_error_and_never_a_missing_value(
    line: bytes, kind: pl.DataType
) -> None:
    with pytest.raises(UnreadableRowsError) as raised:
        read(line, kind)
    told = str(raised.value).replace("NaN or infinity", "").replace("infinity, or days", "")
    value = line.decode(errors="ignore")
    assert value == "" or value not in told, "it may be personal"


@pytest.mark.parametrize(("lines", "rows"), [(b"1\t2\n3\n", 2), (b"1\t2", 1), (b"1\t2\n3\t4", 2)])
def test_a_row_that_is_cut_off_is_no_row(lines: bytes, rows: int) -> None:
    columns = [TableColumn(name, "text", TEXT) for name in "ab"]
    with pytest.raises(UnreadableRowsError, match="another form"):
        frame_of(lines, rows, columns, "erp:finance.t")


def test_a_mark_at_the_beginning_is_a_part_of_the_first_value() -> None:
    columns = [TableColumn(name, "text", TEXT) for name in "ab"]
    assert frame_of("\ufeffx\t\ufeffy\n".encode(), 1, columns, "erp:t").rows() == [("\ufeffx", "\ufeffy")]


def escaped(text: str | None) -> bytes:
    """What COPY writes of a text, by a table of its own."""
    if text is None:
        return rb"\N"
    signs = {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
    return "".join(signs.get(sign, sign) for sign in text).encode()


TEXTS = st.one_of(st.none(), st.text(st.sampled_from("\0\ufeff\\Nntbfrv\t\n\r\b\f\v\"',#é✓ ")))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), st.booleans())
def test_every_text_comes_back(rows: list[tuple[str | None, str | None]], alone: bool) -> None:
    width = 1 if alone else 2
    columns = [TableColumn(name, "text", TEXT) for name in "ab"[:width]]
    lines = b"".join(b"\t".join(escaped(value) for value in row[:width]) + b"\n" for row in rows)
    assert frame_of(lines, len(rows), columns, "erp:t").rows() == [row[:width] for row in rows]
