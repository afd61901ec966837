"""Each piece of advice works: it is given, it is followed, and the fault is gone."""

from __future__ import annotations

import datetime as dt
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
DECIMAL = {"type": "decimal", "scale": 2}


@dataclass
class Advice:
    """A fault, what is advised, and what somebody does who follows the advice.

    Attributes:
        column: the contract of the column ``v``.
        cells: its texts, in quotes; the first one is right.
        says: stands in what is advised.
        source: options of the source that are set.
        contract: keys of the column that are set.
        better: the cells, corrected.
        more: further keys of the contract.
        given: options of the source that are there from the beginning.
    """

    column: dict[str, Any]
    cells: list[str]
    says: str
    source: dict[str, Any] = field(default_factory=dict)
    contract: dict[str, Any] = field(default_factory=dict)
    better: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)


ADVICE = {
    "empty": Advice(DECIMAL, ["1", ""], "'nullable: true' for v", contract={"nullable": True}),
    "empty event": Advice(
        {"type": "date"}, ["2026-01-01", ""], "leave the row out", better=["2026-01-01"], more={"event": "v"}
    ),
    "nothing in words": Advice(
        DECIMAL,
        ["1", "n/a", "-"],
        'null_values: ["", "n/a", "-"]',
        source={"null_values": ["", "n/a", "-"]},
        contract={"nullable": True},
    ),
    "no day": Advice(
        {"type": "datetime"},
        ["2026-01-31", "0001-01-01T00:00:00", "0000-00-00"],
        'null_values: ["", "0001-01-01T00:00:00", "0000-00-00"]',
        source={"null_values": ["", "0001-01-01T00:00:00", "0000-00-00"]},
        contract={"nullable": True},
    ),
    "thousands": Advice(DECIMAL, ["1.5", "1,234.50"], 'thousands: ","', source={"thousands": ","}),
    "thousands with blanks": Advice(DECIMAL, ["1", "1 234.50"], 'thousands: " "', source={"thousands": " "}),
    "thousands or a decimal comma": Advice(
        DECIMAL, ["1", "1,234"], 'thousands: "," for the source, or decimal_comma', source={"thousands": ","}
    ),
    "thousands with points": Advice(
        DECIMAL,
        ["1", "1.234,50"],
        'thousands: "." and decimal_comma: true',
        source={"thousands": ".", "decimal_comma": True},
    ),
    "decimal comma": Advice(DECIMAL, ["1", "12,5"], "decimal_comma: true", source={"decimal_comma": True}),
    "decimal commas beside points": Advice(
        DECIMAL, ["1.5", "12,5"], "write these with a decimal point, as others are", better=["1.5", "12.5"]
    ),
    "points beside decimal commas": Advice(
        DECIMAL,
        ["1.5"],
        "take 'decimal_comma' off",
        source={"decimal_comma": False},
        given={"decimal_comma": True},
    ),
    "currency sign before": Advice(DECIMAL, ["1", "$5"], 'currency_sign: "$"', source={"currency_sign": "$"}),
    "currency sign behind": Advice(
        DECIMAL, ["1", "5 €"], 'currency_sign: "€"', source={"currency_sign": "€"}
    ),
    "two currencies": Advice(DECIMAL, ["1", "$5", "6 €"], 'these have "$" and "€"', better=["1", "5"]),
    "percent": Advice(DECIMAL, ["95%", "7 %"], "percent: true", source={"percent": True}),
    "percent here and there": Advice(
        DECIMAL,
        ["1", "95%"],
        "give the whole column a percent sign and set percent: true",
        source={"percent": True},
        better=["100%", "95%"],
    ),
    "accounting": Advice(DECIMAL, ["1", "(5.50)"], "accounting: true", source={"accounting": True}),
    "blanks around": Advice(DECIMAL, ["1", "12 "], "trim: true", source={"trim": True}),
    "blanks around words": Advice(
        {"type": "string", "allowed": ["a"]}, ["a", "a "], "trim: true", source={"trim": True}
    ),
    "digits after the point": Advice(DECIMAL, ["1", "1.2345"], "'scale: 4'", contract={"scale": 4}),
    "too many digits": Advice(
        {"type": "decimal", "scale": 18}, ["1", "9" * 30], "a 'scale' of 8 or less", contract={"scale": 8}
    ),
    "an integer with a point": Advice(
        {"type": "integer"}, ["1", "1.5"], "'type: decimal'", contract={"type": "decimal"}
    ),
    "an integer that is too large": Advice(
        {"type": "integer"},
        ["1", "9" * 25],
        "'type: decimal, scale: 0'",
        contract={"type": "decimal", "scale": 0},
    ),
    "an integer with thousands and a point": Advice(
        {"type": "integer"},
        ["1", "1,234.50"],
        "thousands: \",\" for the source, and write 'type: decimal' for v",
        source={"thousands": ","},
        contract={"type": "decimal"},
    ),
    "an integer with a decimal comma": Advice(
        {"type": "integer"},
        ["1", "12,5"],
        "decimal_comma: true for the source, and write 'type: decimal' for v",
        source={"decimal_comma": True},
        contract={"type": "decimal"},
    ),
    "an integer with a percent sign": Advice(
        {"type": "integer"},
        ["95%", "100%"],
        "percent: true for the source, and write 'type: decimal' for v",
        source={"percent": True},
        contract={"type": "decimal"},
    ),
    "an integer with a percent sign that is told": Advice(
        {"type": "integer"},
        ["95%"],
        "; write 'type: decimal' for v",
        contract={"type": "decimal"},
        given={"percent": True},
    ),
    "an option that is set, and does not help": Advice(
        DECIMAL,
        ["1", "(-5.50)"],
        "; correct it in the file",
        better=["1", "-5.50"],
        given={"accounting": True},
    ),
    "no number at all": Advice(DECIMAL, ["1", "0x1"], "'type: string'", contract={"type": "string"}),
    "words for truth": Advice(
        {"type": "boolean"},
        ["true", "0", "Yes", "no"],
        'true_values: ["true", "1", "Yes"] and false_values: ["false", "0", "no"]',
        source={"true_values": ["true", "1", "Yes"], "false_values": ["false", "0", "no"]},
    ),
    "days first": Advice(
        {"type": "date"}, ["31/01/2026"], 'date_format: "%d/%m/%Y"', source={"date_format": "%d/%m/%Y"}
    ),
    "months first": Advice(
        {"type": "date"}, ["01/31/2026"], 'date_format: "%m/%d/%Y"', source={"date_format": "%m/%d/%Y"}
    ),
    "days or months first": Advice(
        {"type": "date"}, ["01/02/2026"], 'or "%m/%d/%Y" if that is meant', source={"date_format": "%m/%d/%Y"}
    ),
    "days told by the others": Advice(
        {"type": "date"},
        [*["01/02/2026"] * 6, "31/02/2026"],
        'date_format: "%d/%m/%Y" for the source, or "%m/%d/%Y" if that is meant, and correct the 1 that',
        source={"date_format": "%d/%m/%Y"},
        better=["01/02/2026", "28/02/2026"],
    ),
    "months in words": Advice(
        {"type": "date"}, ["31-Jan-2026"], 'date_format: "%d-%b-%Y"', source={"date_format": "%d-%b-%Y"}
    ),
    "days without signs": Advice(
        {"type": "date"}, ["20260131"], 'date_format: "%Y%m%d"', source={"date_format": "%Y%m%d"}
    ),
    "another form beside": Advice(
        {"type": "date"}, ["2026-01-31", "31/01/2026"], "as the others are", better=["2026-01-31"] * 2
    ),
    "day numbers": Advice({"type": "date"}, ["46053"], "format the column as a date", better=["2026-01-31"]),
    "moments": Advice(
        {"type": "datetime"},
        ["31/01/2026 10:30"],
        'datetime_format: "%d/%m/%Y %H:%M"',
        source={"datetime_format": "%d/%m/%Y %H:%M"},
    ),
    "the wrong case": Advice(
        {"type": "string", "allowed": ["open", "closed"]}, ["open", "OPEN"], 'write "open"', better=["open"]
    ),
    "another word": Advice(
        {"type": "string", "allowed": ["open"]},
        ["open", "new"],
        "change 'allowed'",
        contract={"allowed": ["open", "new"]},
    ),
    "another pattern": Advice(
        {"type": "string", "pattern": "a"}, ["a", "b"], "change 'pattern'", contract={"pattern": "a|b"}
    ),
    "too large": Advice({"type": "integer", "max": 5}, ["1", "7"], "change 'max'", contract={"max": 7}),
    "still to come": Advice(
        {"type": "date", "past": True},
        ["2026-01-01", "2027-01-01"],
        "take 'past' off v",
        contract={"past": False},
    ),
    "twice": Advice(
        {"type": "string", "unique": True}, ["a", "a"], "take 'unique' off v", contract={"unique": False}
    ),
    "twice in the key": Advice(
        {"type": "string"},
        ["a", "a"],
        "remove the row that is there twice",
        better=["a"],
        more={"key": ["v"]},
    ),
}


def settled(root: Path, name: str, contract: Contract, **options: Any) -> SourceState:
    source = open_source("t", contract, SourceFile(path=name, **options), root, AS_OF)
    checks = pl.collect_all(list(source.checks), engine="streaming")
    return source.settle(numbers(checks))


def cells(
    root: Path, advice: Advice, texts: list[str], column: dict[str, Any], **options: Any
) -> SourceState:
    quoted = "".join(f'"{text}","x"\n' for text in texts)
    (root / "t.csv").write_text(f"v,w\n{quoted}", encoding="utf-8")
    contract = Contract.model_validate({"title": "a row", "columns": {"v": column}, **advice.more})
    return settled(root, "t.csv", contract, **options)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", ADVICE)
def test_advice_about_cells_works(tmp_path: Path, name: str) -> None:
    advice = ADVICE[name]
    before = cells(tmp_path, advice, advice.cells, advice.column, **advice.given)
    assert before.status == "error"
    assert advice.says in before.reason
    column, options = advice.column | advice.contract, advice.given | advice.source
    after = cells(tmp_path, advice, advice.better or advice.cells, column, **options)
    assert (after.status, after.reason) == ("ok", "")


@pytest.mark.parametrize(
    ("value", "says", "contract"),
    [
        (1.5, "'type: decimal' for v", {"type": "decimal"}),
        (2.0**60, "'type: decimal' with 'scale: 0' for v", {"type": "decimal", "scale": 0}),
    ],
)
def test_advice_about_floats_of_an_integer_column_works(
    tmp_path: Path, value: float, says: str, contract: dict[str, Any]
) -> None:
    pl.DataFrame({"v": [1.0, value]}).write_parquet(tmp_path / "t.parquet")

    def state(column: dict[str, Any]) -> SourceState:
        return settled(
            tmp_path, "t.parquet", Contract.model_validate({"title": "a row", "columns": {"v": column}})
        )

    before = state({"type": "integer"})
    assert before.status == "error"
    assert says in before.reason
    assert state(contract).status == "ok"


CONTRACT = Contract.model_validate(
    {"title": "a row", "columns": {"status": {"type": "string"}, "n": {"type": "integer"}}}
)
TABLE = pl.DataFrame({"status": ["a"], "n": [1]})
TEXT = "status,n\na,1\n"


def parquet(path: Path) -> None:
    TABLE.write_parquet(path)


def database(path: Path) -> None:
    with sqlite3.connect(path) as held:
        held.execute("CREATE TABLE t (status TEXT, n INTEGER)")
    held.close()


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as file:
        sheet = file.add_worksheet()
        sheet.write_row(0, 0, ["status", "n"])
        sheet.write_row(1, 0, ["a", 1])


def archive(*names: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            for name in names:
                file.writestr(name, "x")

    return write


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode(encoding)) and None


FILES: dict[str, tuple[str, Callable[[Path], None], str, dict[str, Any], Callable[[Path], None] | None]] = {
    "a workbook by another name": ("t.csv", workbook, "set format: xlsx", {"format": "xlsx"}, None),
    "an open workbook": (
        "t.ods",
        archive("mimetype", "content.xml"),
        "save its sheet as CSV",
        {},
        text(TEXT),
    ),
    "a document": ("t.docx", archive("word/document.xml"), "save its table as CSV", {}, text(TEXT)),
    "an old workbook": (
        "t.xls",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9) and None,
        "save it as .xlsx without a password",
        {},
        text(TEXT),
    ),
    "a packed table": ("t.zip", archive("t.csv"), "unpack it first", {}, text(TEXT)),
    "a database by another name": ("t.csv", database, "set format: sqlite", {"format": "sqlite"}, None),
    "lines of JSON": (
        "t.json",
        text('{"status": "a", "n": 1}\n'),
        "set format: ndjson",
        {"format": "ndjson"},
        None,
    ),
    "a list of JSON": (
        "t.dat",
        text('[{"status": "a", "n": 1}]\n'),
        "set format: json",
        {"format": "json"},
        None,
    ),
    "a list within JSON": (
        "t.json",
        text('{"of": {"rows": [{"status": "a", "n": 1}]}}\n'),
        "records: of.rows",
        {"records": "of.rows"},
        None,
    ),
    "a value deeper in JSON": (
        "t.json",
        text('[{"f": {"status": "a"}, "n": 1}]\n'),
        "columns: {status: f.status}",
        {"columns": {"status": "f.status"}},
        None,
    ),
    "Parquet by no name": ("t.dat", parquet, "set format: parquet", {"format": "parquet"}, None),
    "Parquet by another name": ("t.csv", parquet, "set format: parquet", {"format": "parquet"}, None),
    "text by no name": ("t.dat", text(TEXT), "set format: csv", {"format": "csv"}, None),
    "another separator": ("t.csv", text("status;n\na;1\n"), 'set separator: ";"', {"separator": ";"}, None),
    "tabs": ("t.csv", text("status\tn\na\t1\n"), 'set separator: "\\t"', {"separator": "\t"}, None),
    "another case": (
        "t.csv",
        text("Status,n\na,1\n"),
        'rename: {"Status": status}',
        {"rename": {"Status": "status"}},
        None,
    ),
    "a blank behind a name": (
        "t.csv",
        text("status ,n\na,1\n"),
        'rename: {"status ": status}',
        {"rename": {"status ": "status"}},
        None,
    ),
    "a blank that does not break": (
        "t.csv",
        text("status\u00a0,n\na,1\n"),
        'rename: {"status\\u00a0": status}',
        {"rename": {"status\u00a0": "status"}},
        None,
    ),
    "a mark that nobody sees": (
        "t.csv",
        text("n,\ufeffstatus\n1,a\n"),
        'rename: {"\\ufeffstatus": status}',
        {"rename": {"\ufeffstatus": "status"}},
        None,
    ),
    "another encoding": (
        "t.csv",
        text("status,n\nä,1\n", "latin1"),
        "set encoding, such as latin1",
        {"encoding": "latin1"},
        None,
    ),
    "UTF-16": ("t.csv", text(TEXT, "utf-16"), "set encoding: utf-16", {"encoding": "utf-16"}, None),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", FILES)
def test_advice_about_files_works(tmp_path: Path, name: str) -> None:
    file, write, says, options, better = FILES[name]
    write(tmp_path / file)
    before = settled(tmp_path, file, CONTRACT)
    assert before.status == "error"
    assert says in before.reason
    if better is not None:
        (tmp_path / file).unlink()
        if not options:
            file = "better.parquet" if better is parquet else "better.csv"
        better(tmp_path / file)
    after = settled(tmp_path, file, CONTRACT, **options)
    assert (after.status, after.reason) == ("ok", "")


NO_ADVICE = {
    "a minus sign of typography": ("\u22125", {}),
    "a dash": ("\u20135", {}),
    "millions": ("5 MIO", {}),
    "thousands of euros": ("5 K€", {}),
    "per mille": ("5\u2030", {}),
    "thousands that are set": ("0,123", {"thousands": ","}),
    "other thousands than those that are set": ("1 234", {"thousands": ","}),
    "accounting that is set": ("(-5)", {"accounting": True}),
    "a sign twice": ("$5$", {"currency_sign": "$"}),
}


@pytest.mark.parametrize("name", NO_ADVICE)
def test_no_option_is_advised_that_would_not_read_it_as_it_is_meant(tmp_path: Path, name: str) -> None:
    cell, given = NO_ADVICE[name]
    told = cells(tmp_path, Advice(DECIMAL, [], ""), ["1", cell], DECIMAL, **given).reason
    assert "correct it in the file" in told
    assert "set " not in told


def test_percentages_of_an_integer_column_become_decimals(tmp_path: Path) -> None:
    whole = {"type": "integer"}
    advice = Advice(whole, ["95%", "100 %"], "")
    assert "write 'type: decimal' for v" in cells(tmp_path, advice, advice.cells, whole, percent=True).reason
    after = cells(tmp_path, advice, advice.cells, DECIMAL, percent=True)
    assert (after.status, after.reason) == ("ok", "")


def test_two_currencies_are_told_apart_where_one_is_set(tmp_path: Path) -> None:
    found = cells(tmp_path, Advice(DECIMAL, [], ""), ["$1", "€5"], DECIMAL, currency_sign="$")
    assert "keep one currency in the column" in found.reason
