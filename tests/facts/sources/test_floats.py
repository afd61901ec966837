"""A float is the decimal that its shortest text says, in files of every format."""

from __future__ import annotations

import datetime as dt
import json
import math
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import examples

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS, decimal_from_float, excess_of_float, width_of
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import OpenSource, numbers
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
INFERRED = Contract(title="a row", infer=True)
IN_A_FOLDER = settings(
    deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
AMOUNTS = st.one_of(
    st.integers(-(10**12), 10**12).flatmap(lambda n: st.integers(0, 12).map(lambda k: n / 10**k)),
    st.floats(allow_nan=False, allow_infinity=False, width=64),
    st.floats(-1e9, 1e9),
    st.sampled_from([0.1 + 0.2, 1e-7, 1e16, -0.0, 32111772268038.996, 5e-324, 2.0**53, 1e15, 9.999e14]),
)


def contract_of(**column: Any) -> Contract:
    return Contract(title="a row", columns={"x": Column(**{"nullable": True, **column})})


def opened(root: Path, contract: Contract, path: str) -> OpenSource:
    source = open_source("t", contract, SourceFile(path=path), root, AS_OF)
    assert source.frame is not None, source.state
    return source


def values(source: OpenSource) -> list[Any]:
    assert source.frame is not None
    return source.frame.select("x").collect().to_series().to_list()


def breaches(source: OpenSource) -> list[tuple[str, int]]:
    state = source.settle(numbers(pl.collect_all(list(source.checks), engine="streaming")))
    return [(breach.clause, breach.rows) for breach in state.breaches]


def digits(value: Decimal) -> tuple[int, int]:
    """Before and after the point, without those that say nothing."""
    normal = value.normalize()
    after = max(0, -int(normal.as_tuple().exponent))
    return (0 if abs(value) < 1 else normal.adjusted() + 1), (0 if value == 0 else after)


def fit(texts: list[str]) -> bool:
    found = [digits(Decimal(text)) for text in texts]
    return max(before for before, _ in found) + max(after for _, after in found) <= DECIMAL_DIGITS


@IN_A_FOLDER
@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_floats_of_parquet_are_their_shortest_texts(tmp_path: Path, floats: list[float]) -> None:
    pl.DataFrame({"x": floats}).write_parquet(tmp_path / "f.parquet")
    texts = [repr(value) for value in floats]
    for contract in (INFERRED, contract_of(type="float")):
        source = opened(tmp_path, contract, "f.parquet")
        if fit(texts):
            assert values(source) == [Decimal(text) for text in texts]
            assert breaches(source) == []
        else:
            assert breaches(source)
            told = zip(texts, values(source), strict=True)
            assert any(value is None or value != Decimal(text) for text, value in told)


@IN_A_FOLDER
@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.integers(0, 18))
def test_a_float_fits_a_scale_or_breaks_the_contract(tmp_path: Path, floats: list[float], scale: int) -> None:
    pl.DataFrame({"x": floats}).write_parquet(tmp_path / "f.parquet")
    source = opened(tmp_path, contract_of(type="decimal", scale=scale), "f.parquet")
    large = [text for text in map(repr, floats) if digits(Decimal(text))[0] + scale > DECIMAL_DIGITS]
    long = [text for text in map(repr, floats) if digits(Decimal(text))[1] > scale and text not in large]
    expected = [("x: decimal", len(large))] if large else []
    expected += [(f"x: at most {scale} digits after the point", len(long))] if long else []
    assert breaches(source) == expected
    for text, value in zip(map(repr, floats), values(source), strict=True):
        assert text in large or text in long or value == Decimal(text)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1))
@settings(deadline=None)
def test_a_short_float_has_a_shorter_text(floats: list[float]) -> None:
    frame = pl.DataFrame({"x": floats}, schema={"x": pl.Float32})
    texts = frame["x"].cast(pl.String).to_list()
    for text, value in zip(texts, floats, strict=True):
        assert struct.unpack("<f", struct.pack("<f", float(text)))[0] == value
        assert len(Decimal(text).normalize().as_tuple().digits) <= 9
    found = frame.select(y=decimal_from_float(pl.col("x"), pl.Float32(), 9))["y"].to_list()
    for text, value in zip(texts, found, strict=True):
        if digits(Decimal(text))[1] <= 9 and digits(Decimal(text))[0] <= 29:
            assert value == Decimal(text)


@given(st.lists(AMOUNTS, min_size=1, max_size=30), st.integers(0, 30))
@settings(deadline=None)
def test_an_excess_is_seen_whichever_way_a_float_goes(floats: list[float], scale: int) -> None:
    """Alone and among others: polars computes with a column of one row as with a literal."""
    for some in (floats, floats[:1]):
        frame = pl.DataFrame({"x": some})
        value = decimal_from_float(pl.col("x"), pl.Float64(), scale)
        found = frame.with_columns(y=value).with_columns(
            excess=excess_of_float(pl.col("x"), pl.col("y"), pl.Float64(), scale)
        )
        for row in found.iter_rows(named=True):
            exact = Decimal(repr(row["x"]))
            assert row["excess"] == (row["y"] is not None and digits(exact)[1] > scale)
            if not row["excess"] and row["y"] is not None:
                assert row["y"] == exact


TEXTS = st.builds(
    lambda sign, whole, part, power: f"{sign}{whole}{part}{power}",
    st.sampled_from(["", "-", "+"]),
    st.from_regex(r"\A(0|[0-9]{1,12})\Z"),
    st.from_regex(r"\A(\.[0-9]{0,12})?\Z"),
    st.from_regex(r"\A([eE][+-]?[0-9]{1,2})?\Z"),
)


@given(st.lists(TEXTS, min_size=1))
@settings(deadline=None)
def test_the_digits_of_a_text_are_counted(texts: list[str]) -> None:
    width = width_of(pl.col("x"))
    frame = pl.DataFrame({"x": texts}).select("x", before=width.before, after=width.after)
    for text, before, after in frame.iter_rows():
        exact = Decimal(text)
        assert after == digits(exact)[1], text
        # Leading zeros before a point that moves right may count, which only leaves less room after it.
        assert before >= digits(exact)[0], text
        assert before == digits(exact)[0] or "e" in text.lower(), text


def test_what_is_no_number_is_a_breach_beside_the_digits_of_the_others(tmp_path: Path) -> None:
    floats = [0.25, math.nan, math.inf, -math.inf, None]
    pl.DataFrame({"x": floats}).write_parquet(tmp_path / "f.parquet")
    for contract in (INFERRED, contract_of(type="float"), contract_of(type="decimal", scale=2)):
        source = opened(tmp_path, contract, "f.parquet")
        assert values(source) == [Decimal("0.25"), None, None, None, None]
        assert breaches(source) == [("x: finite", 3)]
    (tmp_path / "f.csv").write_text("x,y\n0.25,1\nNaN,1\ninf,1\n-Infinity,1\n,1\n")
    source = opened(tmp_path, contract_of(type="float"), "f.csv")
    assert breaches(source) == [("x: finite", 3)]


def test_more_digits_than_a_decimal_has_are_a_breach_and_name_the_row(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1.5, 1e20, 1e-20, 1e300]}).write_parquet(tmp_path / "f.parquet")
    (tmp_path / "f.csv").write_text("x,y\n1.5,1\n1e20,1\n1e-20,1\n1e300,1\n")
    for path in ("f.parquet", "f.csv"):
        source = opened(tmp_path, contract_of(type="float"), path)
        state = source.settle(numbers(pl.collect_all(list(source.checks), engine="streaming")))
        assert [(each.clause, each.rows) for each in state.breaches] == [
            ("x: float", 1),
            ("x: at most 17 digits after the point, since 38 are kept in all", 1),
        ]
        assert [row["row"] for each in state.breaches for row in each.sample] == ["4", "3"]


@pytest.mark.parametrize(
    ("found", "whole"),
    [
        ([1.0, -3.0, 0.0, -0.0, 2.0**53, None], True),
        ([Decimal("1.00"), Decimal("-7.00"), None], True),
        ([1.5], False),
        ([2.0**53 + 2], False),
        ([Decimal("1.01")], False),
        ([Decimal("92233720368547758080.00")], False),
    ],
)
def test_whole_floats_and_decimals_are_integers(tmp_path: Path, found: list[Any], whole: bool) -> None:
    """As pandas writes whole numbers of which one is missing."""
    pl.DataFrame({"x": found}).write_parquet(tmp_path / "f.parquet")
    source = opened(tmp_path, contract_of(type="integer"), "f.parquet")
    assert breaches(source) == ([] if whole else [("x: integer", 1)])
    assert values(source) == ([None if one is None else int(one) for one in found] if whole else [None])


def test_bounds_of_a_float_are_held_exactly(tmp_path: Path) -> None:
    pl.DataFrame({"x": [32111772268038.996, 0.1]}).write_parquet(tmp_path / "f.parquet")
    for column, broken in (
        ({"max": "32111772268038.996"}, []),
        ({"max": "32111772268038.9959"}, [("x: at most 32111772268038.9959", 1)]),
        ({"min": "0.1"}, []),
        ({"min": "0.10000000000000000555"}, [("x: at least 0.10000000000000000555", 1)]),
        ({"allowed": ("0.1", "32111772268038.996")}, []),
        ({"allowed": ("0.1", "32111772268039")}, [("x: one of 0.1, 32111772268039", 1)]),
    ):
        assert breaches(opened(tmp_path, contract_of(type="float", **column), "f.parquet")) == broken


JSON_NUMBERS = [
    "94.51", "1234567890123456.78", "1e3", "1E-7", "0.1", "12345678901234567890", "0.10000000000000001",
    "-1188699057872184.2", "1.10", "-0.0", "9007199254740993", "32111772268038.996", "1e16", "-5.5E+2",
    "0.1000000000000000055511151231", "123456789012345678901234567890123456", "4.35",
]  # fmt: skip


@pytest.mark.sampled(every=9)
@pytest.mark.parametrize("number", JSON_NUMBERS)
@pytest.mark.parametrize("around", ["?", "? ", '?,"s":"a: 1234567890.1234567, \\"1e400"'])
def test_a_number_of_json_is_its_own_decimal(tmp_path: Path, number: str, around: str) -> None:
    text = '{"x": ' + around.replace("?", number) + "}\n"
    (tmp_path / "f.ndjson").write_text('{"x":1,"s":"b"}\n' + text)
    for contract in (contract_of(type="float"), INFERRED):
        source = opened(tmp_path, contract, "f.ndjson")
        assert values(source) == [1, Decimal(number)]
        assert breaches(source) == []
    if '"s"' in text:
        assert source.frame is not None
        assert source.frame.select("s").collect().to_series().to_list() == ["b", json.loads(text)["s"]]


def test_a_number_of_json_that_no_decimal_holds_is_a_breach(tmp_path: Path) -> None:
    for number in ("1e400", "1e-400", "4e-324", "1" * 39, "0." + "0" * 38 + "1"):
        (tmp_path / "f.ndjson").write_text('{"x": 1}\n{"x": ' + number + "}\n")
        for column in ({"type": "float"}, {"type": "decimal"}):
            assert breaches(opened(tmp_path, contract_of(**column), "f.ndjson")), (number, column)


def test_texts_that_are_not_closed_are_no_json_before_and_after(tmp_path: Path) -> None:
    lines = '{"x": 1}\n{"x": "a, 1234567890.12345678}\n{"x": 1234567890.12345678}\n'
    (tmp_path / "f.ndjson").write_text(lines)
    source = open_source("t", contract_of(type="string"), SourceFile(path="f.ndjson"), tmp_path, AS_OF)
    state = source.diagnose() if source.frame is not None else source.state
    assert state is not None
    assert "f.ndjson:2 is no JSON" in state.reason
