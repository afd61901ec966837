"""Values of Delta tables: each is what the table's type says, or the column is refused with the reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from delta_tables import COLUMNS, Table, frame, metadata, opened, protocol, read

from phasegate.rules.model.contract import Contract

CENTS = pl.Series([Decimal("1.25")], dtype=pl.Decimal(10, 2))
VALUES: dict[str, tuple[str, pl.Series, str, Any]] = {
    "string": ("string", pl.Series(["é"]), "é", "é"),
    "long": ("long", pl.Series([-(2**63)]), "-9223372036854775808", -(2**63)),
    "integer": ("integer", pl.Series([-3], dtype=pl.Int32), "-3", -3),
    "short": ("short", pl.Series([3], dtype=pl.Int16), "3", 3),
    "short, stored as an integer": ("short", pl.Series([3], dtype=pl.Int32), "3", 3),
    "byte": ("byte", pl.Series([3], dtype=pl.Int8), "3", 3),
    "long, of integers": ("long", pl.Series([3], dtype=pl.Int32), "3", 3),
    "double": ("double", pl.Series([0.1]), "0.1", Decimal("0.1")),
    "double, of floats": ("double", pl.Series([0.5], dtype=pl.Float32), "0.5", Decimal("0.5")),
    "boolean": ("boolean", pl.Series([True]), "true", True),
    "date": ("date", pl.Series([dt.date(2026, 1, 31)]), "2026-01-31", dt.date(2026, 1, 31)),
    "decimal": ("decimal(10,2)", CENTS, "1.25", Decimal("1.25")),
    "decimal, made wider": (
        "decimal(12, 3)",
        CENTS,
        "1.25",
        Decimal("1.250"),
    ),
    "timestamp": (
        "timestamp",
        pl.Series([dt.datetime(2026, 1, 31, 23, 30, tzinfo=dt.UTC)], dtype=pl.Datetime("us", "UTC")),
        "2026-01-31T23:30:00.000000Z",
        dt.datetime(2026, 1, 31, 23, 30),
    ),
    "timestamp of 96 bits": (
        "timestamp",
        pl.Series([dt.datetime(2026, 1, 31, 23, 30)], dtype=pl.Datetime("ns")),
        "2026-01-31 23:30:00Z",
        dt.datetime(2026, 1, 31, 23, 30),
    ),
    "timestamp_ntz": (
        "timestamp_ntz",
        pl.Series([dt.datetime(2026, 1, 31, 23, 30)], dtype=pl.Datetime("us")),
        "2026-01-31 23:30:00.5",
        dt.datetime(2026, 1, 31, 23, 30),
    ),
}


CONTRACTED = {
    **dict.fromkeys(("long", "integer", "short", "byte"), "integer"),
    "double": "float",
    "timestamp": "datetime",
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", VALUES)
def test_a_value_is_that_of_the_tables_type(case: str, tmp_path: Path) -> None:
    type_, stored, text, value = VALUES[case]
    table = Table(tmp_path / "t")
    half = dt.timedelta(milliseconds=500 if case == "timestamp_ntz" else 0)
    both = pl.DataFrame({"stored": stored})
    table.commit(
        protocol("timestampNtz"),
        metadata({"stored": type_, "told": type_}, ["told"]),
        table.file("1.parquet", both, {"told": text}),
    )
    column = {
        "decimal": {"type": "decimal", "scale": 3},
        "date": {"type": "date"},
        "double": {"type": "float"},
    }
    kinds: dict[str, Any] = {
        "string": {"type": "string"},
        "boolean": {"type": "boolean"},
        "timestamp": {"type": "datetime"},
        **column,
    }
    name = type_.partition("(")[0].partition("_")[0]
    of = kinds.get(name, {"type": "integer"})
    contract = Contract.model_validate({"title": "t", "columns": {"stored": of, "told": of}})
    state, rows = read(tmp_path, contract=contract, time_zone="UTC")
    assert (state.status, state.reason) == ("ok", "")
    ((first, second),) = rows
    assert (first, second - half if isinstance(value, dt.datetime) else second) == (value, value)


NO_VALUE = {
    "a long that is none": ("long", "1.0", "is no Int64"),
    "a number that is too long": ("byte", "300", "is no Int8"),
    "a truth in words": ("boolean", "True", "is no Boolean"),
    "a day that is none": ("date", "2026-02-30", "is no Date"),
    "too many digits": ("decimal(3,1)", "1.25", "is no Decimal"),
    "not a number": ("double", "NaN", "is no Float64"),
    "a moment of no zone": ("timestamp", "2026-01-01 00:00:00", "does not say of which zone it is"),
    "a moment of UTC without one": ("timestamp_ntz", "2026-01-01T00:00:00Z", "is a moment of UTC"),
}


@pytest.mark.parametrize("case", NO_VALUE)
def test_a_partitions_text_that_says_no_value_is_told(case: str, tmp_path: Path) -> None:
    type_, text, why = NO_VALUE[case]
    table = Table(tmp_path / "t")
    table.commit(
        protocol("timestampNtz"),
        metadata({"id": "long", "of": type_}, ["of"]),
        table.file("1.parquet", frame(1).select("id"), {"of": text}),
    )
    source = opened(tmp_path)
    assert why in source.left_out["of"]
    assert "t/1.parquet has a 'of' in the log that" in source.left_out["of"]
    asked = Contract.model_validate({"title": "t", "columns": {"of": {"type": "string", "nullable": True}}})
    state, _ = read(tmp_path, contract=asked)
    assert state.status == "error"
    assert why in state.reason


def of_another_type(table: Table) -> None:
    table.commit(protocol(), metadata({"id": "integer", "team": "string"}), table.file("1.parquet", frame(1)))


def of_another_case(table: Table) -> None:
    table.commit(protocol(), metadata(COLUMNS), table.file("1.parquet", frame(1).rename({"id": "ID"})))


def of_another_zone(table: Table) -> None:
    local = pl.DataFrame(
        {"id": [dt.datetime(2026, 1, 1)], "team": ["a"]}, schema_overrides={"id": pl.Datetime("us")}
    )
    table.commit(protocol(), metadata({**COLUMNS, "id": "timestamp"}), table.file("1.parquet", local))


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (of_another_type, "t/1.parquet has 'id' as Int64, and the table as integer"),
        (of_another_case, "t/1.parquet has no column 'id', and one 'ID'"),
        (
            of_another_zone,
            "t/1.parquet has 'id' as Datetime(time_unit='us', time_zone=None), and the table as timestamp",
        ),
    ],
)
def test_a_file_that_has_a_column_otherwise_is_told_where_it_is_read(
    write: Callable[[Table], None], why: str, tmp_path: Path
) -> None:
    write(Table(tmp_path / "t"))
    asked = Contract.model_validate({"title": "t", "columns": {"id": {"type": "integer"}}})
    state, _ = read(tmp_path, contract=asked)
    assert state.status == "error"
    assert why in state.reason
    others = Contract.model_validate({"title": "t", "columns": {"team": {"type": "string"}}})
    assert read(tmp_path, contract=others)[1] == [("a",)]


def test_nested_columns_are_left_out_with_the_reason(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    nested = {"type": "array", "elementType": "long", "containsNull": True}
    both = pl.DataFrame({"id": [1], "list": [[1, 2]]})
    types = {"id": "long", "list": nested, "raw": "binary", "any": "variant"}
    table.commit(protocol("variantType"), metadata(types), table.file("1.parquet", both))
    source = opened(tmp_path)
    assert source.left_out == {
        name: f"the table has it as {type_}, of which nothing is measured: add a plain column"
        for name, type_ in {"list": "array", "raw": "binary", "any": "variant"}.items()
    }
    asked = Contract.model_validate({"title": "t", "columns": {"list": {"type": "string"}}})
    state, _ = read(tmp_path, contract=asked)
    assert "t/1.parquet has no column 'list'; the table has it as array" in state.reason
