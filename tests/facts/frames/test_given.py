"""Tables that programs give: the same rows have the same digest and the same facts, whatever holds them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from phasegate.facts.frames.given import given_table
from phasegate.facts.frames.source import GivenSource
from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.contract import Contract

AS_OF = dt.date(2026, 3, 1)
UTC = dt.UTC
NAN = float("nan")
CONTRACT = {
    "title": "Things",
    "columns": {
        "id": {"type": "string"},
        "count": {"type": "integer", "nullable": True},
        "price": {"type": "decimal", "scale": 2, "nullable": True},
        "done": {"type": "boolean", "nullable": True},
        "day": {"type": "date", "nullable": True},
        "at": {"type": "datetime", "nullable": True},
    },
}
ROWS: dict[str, list[Any]] = {
    "id": ["a", "b\tc", "é\\N"],
    "count": [1, None, -3],
    "price": [Decimal("1.50"), Decimal("-0.01"), None],
    "done": [True, None, False],
    "day": [dt.date(2026, 2, 1), None, dt.date(1999, 12, 31)],
    "at": [dt.datetime(2026, 2, 1, 12, 30), None, dt.datetime(2026, 2, 1, 0, 0, 0, 123456)],
}
EXACT = pl.DataFrame(ROWS)


def opened(table: object, contract: dict[str, Any] = CONTRACT) -> tuple[SourceState, pl.DataFrame | None]:
    """What is found of a table that is given for a source, and its rows as they are measured."""
    file = GivenSource.model_construct()
    file._name, file._given = "things", given_table("things", table)
    source = open_source("things", Contract.model_validate(contract), file, Path(), AS_OF)
    if source.frame is None:
        return source.settle({}), None
    state = source.settle(numbers(pl.collect_all(source.checks)))
    return state, source.frame.select(list(source.kinds)).collect()


def one(values: object, type_: str = "string", **more: object) -> tuple[SourceState, list[Any]]:
    """What is found of one column, which the contract says is of a type."""
    column = {"type": type_, "nullable": True, **more}
    table = pd.DataFrame({"x": values}).assign(beside=1)
    state, rows = opened(table, {"title": "T", "columns": {"x": column}})
    return state, [] if rows is None else rows.get_column("x").to_list()


HOLDERS: dict[str, Callable[[], object]] = {
    "polars": lambda: EXACT,
    "polars, lazy": EXACT.lazy,
    "polars, in pieces": lambda: pl.concat([EXACT[:1], EXACT[1:]], rechunk=False),
    "arrow": EXACT.to_arrow,
    "arrow, as a stream alone": lambda: Stream(EXACT),
    "pandas on Arrow": lambda: EXACT.to_pandas(use_pyarrow_extension_array=True),
    "pandas, objects": lambda: pd.DataFrame(
        {name: pd.Series(each, dtype=object) for name, each in ROWS.items()}
    ),
    "pandas, nullable": lambda: pd.DataFrame(
        {
            **{name: pd.Series(each, dtype=object) for name, each in ROWS.items()},
            "id": pd.Series(ROWS["id"], dtype="string"),
            "count": pd.Series(ROWS["count"], dtype="Int32"),
            "done": pd.Series(ROWS["done"], dtype="boolean"),
            "at": pd.to_datetime(pd.Series(ROWS["at"])).astype("datetime64[ns]"),
        }
    ),
    "pandas, categories": lambda: pd.DataFrame(
        {
            **{name: pd.Series(each, dtype=object) for name, each in ROWS.items()},
            "id": pd.Categorical(ROWS["id"]),
            "count": pd.Categorical(ROWS["count"]),
        }
    ),
    "columns in another order": lambda: EXACT.select(reversed(EXACT.columns)),
    "rows of a larger frame": lambda: pd.concat(
        [EXACT.to_pandas(use_pyarrow_extension_array=True)] * 2, ignore_index=True
    ).iloc[3:],
    "a column that nobody reads": lambda: EXACT.with_columns(beside=pl.lit([1])),
    "read of Parquet": lambda: pl.read_parquet(written(EXACT)),
}


class Stream:
    """Nothing but Arrow's stream."""

    def __init__(self, frame: pl.DataFrame | pl.Series) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


def written(frame: pl.DataFrame) -> Any:
    import io

    file = io.BytesIO()
    frame.write_parquet(file)
    file.seek(0)
    return file


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("holder", HOLDERS)
def test_the_same_rows_are_the_same(holder: str) -> None:
    state, rows = opened(HOLDERS[holder]())
    expected, exact = opened(EXACT)
    assert (state.status, state.reason) == ("ok", "")
    assert rows is not None
    assert rows.equals(exact)
    assert (state.digest, state.content, state.table.rows) == (  # type: ignore[union-attr]  # it has one
        expected.digest,
        expected.content,
        expected.table.rows,  # type: ignore[union-attr]  # as above
    )


def test_the_facts_of_a_table_are_those_of_its_file(tmp_path: Path) -> None:
    """What breaks a contract in a Parquet file breaks it in memory, in the same words but for the place."""
    from phasegate.rules.model.project import SourceFile

    odd = EXACT.with_columns(price=pl.Series([NAN, 1.005, 2.0]), count=pl.Series([1.5, 2.0, None]))
    odd.write_parquet(tmp_path / "things.parquet")
    contract = Contract.model_validate(CONTRACT)
    file = open_source("things", contract, SourceFile(path="things.parquet"), tmp_path, AS_OF)
    of_file = file.settle(numbers(pl.collect_all(file.checks)))
    of_table, _ = opened(odd)
    assert of_table.status == of_file.status == "error"
    assert [(each.clause, each.rows) for each in of_table.breaches] == [
        (each.clause, each.rows) for each in of_file.breaches
    ]
    assert len(of_table.breaches) > 1


@pytest.mark.parametrize(
    "other",
    [
        EXACT.with_columns(price=pl.Series([Decimal("1.50"), Decimal("-0.02"), None])),
        EXACT.with_columns(id=pl.Series(["a", "b\tc", "é\\n"])),
        EXACT.with_columns(at=pl.col("at") + pl.duration(microseconds=1)),
        EXACT.with_columns(count=pl.col("count").fill_null(0)),
        EXACT[:2],
        pl.concat([EXACT, EXACT[:1]]),
    ],
)
def test_other_rows_have_another_digest(other: pl.DataFrame) -> None:
    assert opened(other)[0].digest != opened(EXACT)[0].digest


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("values", "type_", "found"),
    [
        ([1.0, None, 3.0], "integer", [1, None, 3]),  # what pandas makes of whole numbers beside a gap
        ([NAN, 1.5], "decimal", [None, Decimal("1.50")]),
        (pd.Series([None, NAN, pd.NA, pd.NaT, "x"], dtype=object), "string", [None, None, None, None, "x"]),
        (pd.Series([None, NAN], dtype=object), "decimal", [None, None]),
        (pd.Series([NAN, "a"]), "string", [None, "a"]),
        (pd.to_datetime(["2026-02-01", None]), "datetime", [dt.datetime(2026, 2, 1), None]),
        (
            pd.to_datetime(["2026-02-01T00:30+02:00", None], utc=True).tz_convert("Asia/Tokyo"),
            "datetime",
            [dt.datetime(2026, 1, 31, 22, 30), None],
        ),
        (
            pd.Series([dt.datetime(2026, 2, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))], dtype=object),
            "datetime",
            [dt.datetime(2026, 1, 31, 22)],
        ),
        (pd.Series([np.int64(5), 7], dtype=object), "integer", [5, 7]),
        (pd.Series([np.float32(0.1)]), "decimal", [Decimal("0.10")]),
        (pd.array([1, 0, 0], dtype=pd.SparseDtype("int64", 0)), "integer", [1, 0, 0]),
        (
            pd.Series([Decimal("1E+2"), Decimal("0.01")], dtype=object),
            "decimal",
            [Decimal(100), Decimal("0.01")],
        ),
        (pd.Series(["", "x"]), "string", [None, "x"]),  # as in every file
    ],
)
def test_what_pandas_says(values: object, type_: str, found: list[Any]) -> None:
    state, rows = one(values, type_, **({"scale": 2} if type_ == "decimal" else {}))
    assert (state.reason, rows) == ("", found)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("values", "type_", "reason"),
    [
        (
            pd.Series([1, "a"], dtype=object),
            "string",
            "'x' can not be read: it holds values of several types (int, str)",
        ),
        (pd.Series([[1], [2]], dtype=object), "string", "it holds values of the type list"),
        (pd.Series([b"a"], dtype=object), "string", "it holds values of the type bytes"),
        (pd.Series([True, 1], dtype=object), "integer", "several types (bool, int)"),
        (pd.Series([dt.date(2026, 1, 1), dt.datetime(2026, 1, 1)], dtype=object), "date", "several types"),
        (pd.Series([Decimal("NaN")], dtype=object), "decimal", "it holds a decimal that is no number"),
        (pd.Series([Decimal("1e40")], dtype=object), "decimal", "its decimals need more than 38 digits"),
        (pd.period_range("2026-01", periods=1, freq="M"), "date", "of the type period[M], of which nothing"),
        (pd.to_timedelta(["1h"]), "integer", "of the type timedelta64["),
        (pd.to_datetime(pd.Series([1], dtype="int64"), unit="ns"), "datetime", "finer than a microsecond"),
        (pd.Series([pd.Timestamp(1)], dtype=object), "datetime", "finer than a microsecond"),
        (
            pd.Series([dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=UTC)], dtype=object),
            "datetime",
            "some of its moments have a time zone",
        ),
        (
            pd.Series([1.0]),
            "string",
            "column 'x' is retyped: the file has it as float, the contract says string",
        ),
        (pd.Series(["1", "2"]), "date", "x"),
        (pd.Series([2.0**53 + 2]), "integer", "x"),  # nobody knows which whole number was meant
        (
            pd.array(pd.arrays.ArrowExtensionArray(pa.array([NAN]))),
            "decimal",
            "x",
        ),  # which tells NaN from missing
        (pl.Series([float("inf")]).to_pandas(), "decimal", "x"),
    ],
)
def test_what_is_an_error_of_its_source(values: object, type_: str, reason: str) -> None:
    state, _ = one(values, type_)
    assert state.status == "error"
    assert reason in state.reason


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            pd.DataFrame({"x": [1]}, index=pd.Index(["a"], name="id")),
            "has an index called 'id'\nhelp: make a column",
        ),
        (pd.DataFrame({"x": [1]}, index=pd.Index([7], name="id")), "has an index called 'id'"),
        (pd.DataFrame({"x": [1]}, index=["a"]), "has an index of its own"),
        (pd.DataFrame({"x": [1]}, index=pd.to_datetime(["2026-01-01"])), "has an index of its own"),
        (
            pd.DataFrame({"x": [1, 2]}, index=pd.MultiIndex.from_product([[0], [0, 1]])),
            "has an index of its own",
        ),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "has the column 'x' more than once"),
        (pd.DataFrame([[1, 2]], columns=["x", 7]), "has a column that is called 7, which is no text"),
        (
            pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])),
            "has columns of several levels",
        ),
        (pa.table([[1], [2]], names=["x", "x"]), "has the column 'x' more than once"),
        (Stream(pl.Series([1])), "can not be read"),
        (pl.Series("x", [1]), "is a polars.Series, and no table"),
        ({"x": [1]}, "is a builtins.dict, and no table\nhelp: give a DataFrame"),
        (pl.LazyFrame({"x": ["a"]}).select(pl.col("x").cast(pl.Int64)), "can not be read"),
        (pl.LazyFrame({"x": ["a"]}).select("y"), "can not be read"),
        (pl.DataFrame(), "has no column that can be read"),
        (pl.DataFrame({"x": [[1]]}), "has no column that can be read: 'x', for one: it is of the type list"),
    ],
)
def test_what_is_no_table(table: object, message: str) -> None:
    with pytest.raises(PhasegateError, match=f"the table given for 'things' {message}"):
        given_table("things", table)


def test_values_are_not_told() -> None:
    """What polars says of a value that it can not convert may be personal."""
    frame = pl.LazyFrame({"x": ["secret"]}).select(pl.col("x").cast(pl.Int64))
    with pytest.raises(PhasegateError, match="can not be read") as raised:
        given_table("things", frame)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("kind", ["numpy", "arrow", "polars"])
def test_what_is_written_into_it_later_changes_nothing(kind: str) -> None:
    memory = np.arange(1_000, dtype="int64")
    table = {
        "numpy": lambda: pd.DataFrame({"x": memory}, copy=False),
        "arrow": lambda: pa.table({"x": pa.array(memory)}),
        "polars": lambda: pl.DataFrame({"x": pl.from_arrow(pa.array(memory))}),
    }[kind]()
    contract = {"title": "T", "columns": {"x": {"type": "integer"}}}
    file = GivenSource.model_construct()
    file._name, file._given = "things", given_table("things", table)
    memory[:] = -1
    source = open_source("things", Contract.model_validate(contract), file, Path(), AS_OF)
    assert source.frame is not None
    assert source.frame.select(pl.col("x").sum()).collect().item() == 499_500


def test_who_writes_into_it_meanwhile_changes_the_copy_and_not_what_it_says_of_itself() -> None:
    """Digest and rows are of one copy, whatever it caught."""
    memory = np.zeros(50_000, dtype="int64")
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            memory[:] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        contract = {"title": "T", "columns": {"x": {"type": "integer"}}}
        state, rows = opened(pd.DataFrame({"x": memory}, copy=False), contract)
    finally:
        ended.set()
        writer.join()
    assert rows is not None
    assert opened(rows, contract)[0].digest == state.digest
