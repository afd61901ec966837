"""Numbers as people write them: only what a source states is read, and everything else is a breach."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Column, Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
Write = Callable[[Path, list[str]], str]


def csv(folder: Path, texts: list[str]) -> str:
    (folder / "f.csv").write_text("x,n\n" + "".join(f'"{text}",1\n' for text in texts))
    return "f.csv"


def ndjson(folder: Path, texts: list[str]) -> str:
    (folder / "f.ndjson").write_text("".join(json.dumps({"x": text}) + "\n" for text in texts))
    return "f.ndjson"


def parquet(folder: Path, texts: list[str]) -> str:
    pl.DataFrame({"x": texts}).write_parquet(folder / "f.parquet")
    return "f.parquet"


FORMATS = pytest.mark.parametrize("write", [csv, ndjson, parquet], ids=lambda write: write.__name__)


def read(
    root: Path, write: Write, texts: list[str], column: dict[str, Any] | None, **options: Any
) -> tuple[list[Any], list[str]]:
    """The values of a column, and the clauses that its rows break."""
    if column is None:
        contract = Contract(title="a row", infer=True)
    else:
        contract = Contract(title="a row", columns={"x": Column(**{"nullable": True, **column})})
    source = open_source("t", contract, SourceFile(path=write(root, texts), **options), root, AS_OF)
    assert source.frame is not None, source.state
    values = source.frame.select("x").collect().to_series().to_list()
    state = source.settle(numbers(pl.collect_all(list(source.checks), engine="streaming")))
    return values, [breach.clause for breach in state.breaches]


THOUSANDS = {"thousands": ","}
FORMS: list[tuple[dict[str, Any], dict[str, str | None]]] = [
    (
        {},
        {
            "+5": "5", ".5": "0.5", "5.": "5", "5e3": "5000", "5E-2": "0.05", "-0": "0", "007": "7",
            "1_000": None, " 5": None, "5 ": None, "\u0663": None, "0x10": None, "1e400": None,
            "1,000": None, "$5": None, "5%": None, "(5)": None, "\u22125": None, "--5": None, "5-": None,
        },
    ),
    (
        THOUSANDS,
        {
            "1,234,567.89": "1234567.89", "1,234": "1234", "-1,234.5": "-1234.5", "1234.5": "1234.5",
            "12,34": None, "1,23": None, "1,2345": None, ",123": None, "1234,567": None, "0,123": None,
            "1,234,": None, "1.234,567": None, "1,234e3": None, "1,,234": None,
        },
    ),
    (
        {"thousands": ".", "decimal_comma": True},
        {
            "1.234.567,89": "1234567.89", "1.234": "1234", "1234,5": "1234.5", "-1.234,5": "-1234.5",
            "1,234.5": None, "1.23": None, "12.34": None, "1,234,567": None, "1.5": None,
        },
    ),
    (
        {"thousands": " ", "decimal_comma": True},
        {
            "1 234,5": "1234.5", "1\u00a0234,5": "1234.5", "1\u202f234\u202f567": "1234567",
            "1  234": None, " 234": None, "12 34": None, "1 234 ": None,
        },
    ),
    ({"thousands": "'"}, {"1'234.50": "1234.5", "1\u2019234.50": "1234.5", "1'23": None}),
    (
        {"currency_sign": "$"},
        {
            "$5": "5", "-$5": "-5", "$-5": "-5", "$ 5": "5", "5 $": "5", "5$": "5", "-5 $": "-5",
            "5.5": "5.5", "+$5": "5",
            "$5$": None, "$$5": None, "-$-5": None, "\u20ac5": None, "($5)": None, "$": None, "5$5": None,
        },
    ),
    (
        {"currency_sign": "EUR", **THOUSANDS},
        {
            "EUR 1,234.50": "1234.5", "1,234.50 EUR": "1234.5", "1,234.50\u00a0EUR": "1234.5",
            "-EUR5": "-5", "eur 5": None, "USD 5": None, "EUR 1,23": None,
        },
    ),
    ({"currency_sign": "kr."}, {"5 kr.": "5", "5.5kr.": "5.5", "kr.5": "5", "5 kr": None, "5 krx": None}),
    (
        {"accounting": True, "currency_sign": "$", **THOUSANDS},
        {
            "(5.50)": "-5.5", "($5.50)": "-5.5", "$(5.50)": "-5.5", "(1,234)": "-1234", "5": "5", "-5": "-5",
            "(5.50 $)": "-5.5", "(-5)": None, "-(5)": None, "(5": None, "5)": None, "((5))": None, "()": None,
        },
    ),
    (
        {"percent": True, "accounting": True},
        {
            "95%": "0.95", "95 %": "0.95", "100%": "1", "-2.5%": "-0.025", "(5%)": "-0.05", "(5)%": "-0.05",
            "0%": "0", "250\u00a0%": "2.5",
            "%": None, "%5": None, "5%%": None, "5e1%": None, "5% %": None,
        },
    ),
    ({"trim": True}, {" 5": "5", "5 ": "5", "\u00a05\u202f": "5", "\t5": "5", "5 5": None, "- 5": None}),
    (
        {"trim": True, "percent": True, "decimal_comma": True, "thousands": "."},
        {" 1.095,5 % ": "10.955", "1,095 %": "0.01095", "1.095,5%": "10.955", "1,0,5": None},
    ),
]  # fmt: skip
NAMES = [",".join(options) or "none" for options, _ in FORMS]


@pytest.mark.sampled(every=9)
@FORMATS
@pytest.mark.parametrize(("options", "texts"), FORMS, ids=NAMES)
@pytest.mark.parametrize("type_", ["decimal", "float"])
def test_a_number_is_read_as_stated_or_is_a_breach(
    tmp_path: Path, write: Write, options: dict[str, Any], texts: dict[str, str | None], type_: str
) -> None:
    good = {text: value for text, value in texts.items() if value is not None}
    values, breaches = read(tmp_path, write, list(good), {"type": type_}, **options)
    assert dict(zip(good, values, strict=True)) == {text: Decimal(value) for text, value in good.items()}
    assert breaches == []
    bad = [text for text, value in texts.items() if value is None]
    values, breaches = read(tmp_path, write, bad, {"type": type_}, **options)
    assert dict(zip(bad, values, strict=True)) == dict.fromkeys(bad)
    assert breaches[:1] == ([f"x: {type_}"] if bad else [])


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize(("options", "texts"), FORMS, ids=NAMES)
def test_what_is_inferred_is_a_number_where_a_contract_reads_one(
    tmp_path: Path, options: dict[str, Any], texts: dict[str, str | None]
) -> None:
    frame = pl.DataFrame({f"x{place}": [text] for place, text in enumerate(texts)})
    frame.write_csv(tmp_path / "f.csv", quote_style="always")
    frame.write_ndjson(tmp_path / "f.ndjson")
    frame.write_parquet(tmp_path / "f.parquet")
    # A leading zero is part of a name.
    expected = [text if value is None or text == "007" else Decimal(value) for text, value in texts.items()]
    if options.get("trim"):
        expected = [value.strip() if isinstance(value, str) else value for value in expected]
    for path in ("f.csv", "f.ndjson", "f.parquet"):
        contract = Contract(title="a row", infer=True)
        source = open_source("t", contract, SourceFile(path=path, **options), tmp_path, AS_OF)
        assert source.frame is not None, source.state
        assert list(source.frame.select(list(frame.columns)).collect().row(0)) == expected


@FORMATS
def test_a_column_with_percent_signs_has_one_in_each_row(tmp_path: Path, write: Write) -> None:
    """97 beside 95 % would be 9,700 %, and pass every bound."""
    for column in ({"type": "decimal", "scale": 4}, None):
        _, breaches = read(tmp_path, write, ["95%", "97", "96 %"], column, percent=True)
        assert breaches == ["x: % in each row or in none"]
        values, breaches = read(tmp_path, write, ["95", "97"], column, percent=True)
        assert (values, breaches) == ([95, 97], [])


@FORMATS
def test_digits_beyond_the_scale_are_counted_once_the_number_is_read(tmp_path: Path, write: Write) -> None:
    column = {"type": "decimal", "scale": 2}
    for text, options in {
        "1,234.567": THOUSANDS,
        "99.5%": {"percent": True},
        "(0.001)": {"accounting": True},
        "1e-3": {},
        "0.000001e3": {},
    }.items():
        _, breaches = read(tmp_path, write, [text], column, **options)
        assert (text, breaches) == (text, ["x: at most 2 digits after the point"])
    for text, options in {"50%": {"percent": True}, "1500e-3": {}, "0.001e1": {}, "0e-9": {}}.items():
        _, breaches = read(tmp_path, write, [text], column, **options)
        assert (text, breaches) == (text, [])


@FORMATS
def test_whole_numbers_are_those_that_64_bits_hold(tmp_path: Path, write: Write) -> None:
    values, breaches = read(
        tmp_path, write, ["1,234", "-9223372036854775808", "+5"], {"type": "integer"}, **THOUSANDS
    )
    assert (values, breaches) == ([1234, -(2**63), 5], [])
    for text in ("9223372036854775808", "1.5", "1,23", "99999999999999999999999999999999999999999"):
        values, breaches = read(tmp_path, write, [text], {"type": "integer"}, **THOUSANDS)
        assert (text, values, breaches) == (text, [None], ["x: integer"])


@FORMATS
def test_truth_has_the_words_that_a_source_names(tmp_path: Path, write: Write) -> None:
    options: dict[str, Any] = {"true_values": ("Ja", "x"), "false_values": ("Nein",)}
    for column in ({"type": "boolean"}, None):
        values, breaches = read(tmp_path, write, ["ja", "NEIN", "x"], column, **options)
        assert (values, breaches) == ([True, False, True], [])
    values, breaches = read(tmp_path, write, ["true"], {"type": "boolean"}, **options)
    assert (values, breaches) == ([None], ["x: boolean"])
    values, _ = read(tmp_path, write, ["1", "0"], None, true_values=("1",), false_values=("0",))
    assert values == [1, 0]


@FORMATS
def test_trimmed_texts_are_alike_and_blank_ones_missing(tmp_path: Path, write: Write) -> None:
    column = {"type": "string", "nullable": False, "allowed": ("open", "closed")}
    texts = [" open", "open\u00a0", "closed", "\u202f"]
    values, breaches = read(tmp_path, write, texts, column, trim=True)
    assert (values, breaches) == (["open", "open", "closed", None], ["x: not null"])
    values, _ = read(tmp_path, write, ["5", " NA "], None, trim=True, null_values=("NA",))
    assert values == [5, None]
