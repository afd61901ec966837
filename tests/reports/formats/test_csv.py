"""CSV: one row a requirement, for readers that compute what looks like a formula and those that do not."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from dressed_record import dressed
from hostile_text import TEXTS, with_text
from hypothesis import given
from hypothesis import strategies as st
from made_records import counted, many, with_verdict
from numbered_record import numbered
from syrupy.assertion import SnapshotAssertion

from phasegate.records.schema import Record
from phasegate.reports.formats.csv import defused, render
from phasegate.reports.report import Report
from phasegate.reports.text.plain import visible
from phasegate.reports.text.verdict_rows import COLUMNS, LONGEST, rows

Ready = Callable[[str], Report]
Saved = Callable[[str], Record]
NAMES = sorted(path.stem for path in (Path(__file__).parents[1] / "records").glob("*.json"))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_snapshot(name: str, report: Ready, snapshot: SnapshotAssertion) -> None:
    text = render(report(name))
    assert text.count("\r\n") == text.count("\n")
    assert text.replace("\r\n", "\n") == snapshot


def test_snapshot_of_numbers_and_attestations(saved: Saved, snapshot: SnapshotAssertion) -> None:
    text = render(Report(dressed(numbered(saved("programme"))), 1))
    assert text.replace("\r\n", "\n") == snapshot


@pytest.mark.parametrize("name", NAMES)
def test_numbers_for_programs_are_those_of_the_record(name: str, saved: Saved) -> None:
    record = numbered(saved(name))
    decimals = [column for column, kind in COLUMNS.items() if kind == "decimal"]
    for row, told in zip(read(render(Report(record, 1))), record["requirements"], strict=True):
        found = {column: row[column] for column in [*decimals, "days_left", "rounded"]}
        assert found == {column: str(told.get(column, "")).lower() for column in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_a_row_and_every_number_a_number(name: str, report: Ready) -> None:
    told = report(name)
    text = render(told)
    assert not text.startswith("\ufeff")
    frame = pl.read_csv(text.encode(), infer_schema_length=None)
    assert tuple(frame.columns) == tuple(COLUMNS)
    assert frame["requirement"].to_list() == [each["id"] for each in told.record["requirements"]]
    facts = [told.facts[each["fact"]] for each in told.record["requirements"]]
    for column in ("numerator", "denominator"):
        numbers = [int(fact[column]) if fact[column] is not None else None for fact in facts]  # type: ignore[literal-required]
        assert frame[column].to_list() == numbers


def test_an_empty_record_is_heads_alone(report: Ready) -> None:
    told = report("minimal_pass")
    told.record["requirements"].clear()
    assert read(render(told)) == []
    assert render(told) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("name", NAMES)
def test_counts_agree_with_the_record(name: str, report: Ready) -> None:
    told = report(name)
    found = [row["verdict"] for row in read(render(told))]
    assert {word: found.count(word) for word in found} == {
        word: requirements for word, (_, requirements) in counted(told.record).items() if requirements
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("-5 points", "-5 points"),
        ("+5 points", "+5 points"),
        ("-0.001 %", "-0.001 %"),
        ("-15 points to +1,234.5 points", "-15 points to +1,234.5 points"),
        ("+1,234.50 USD", "+1,234.50 USD"),
        ("-5 points to", "'-5 points to"),
        ("-5 A1", "'-5 A1"),
        ("-5 points()", "'-5 points()"),
        ("-5 SUM(A1)", "'-5 SUM(A1)"),
        ("-5 x!A", "'-5 x!A"),
        ("-5 points to -1+1", "'-5 points to -1+1"),
        ("-5 points\n=1", "'-5 points =1"),
        ("+1", "+1"),
        ("+", "'+"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\tx", "' x"),
        ("\rx", "' x"),
        ("\n=1", "' =1"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "' =1"),
        ('"=1', "'\"=1"),
        ("'=1", "''=1"),
        (" \"' =1", "' \"' =1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("a;=1", "a;'=1"),
        ('a; "=1', "a; \"'=1"),
        ("a\nb", "a b"),
        ("a\x00b", "a\ufffdb"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("5", "5"),
        ("-" + "5" * 40, "-" + "5" * 40),
        ("1; 2", "1; 2"),
        ("1 = 1", "1 = 1"),
        (">= 95 %", ">= 95 %"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_what_could_be_a_formula_is_a_text(text: str, written: str) -> None:
    assert defused(text) == written


@given(st.text())
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    cell = defused(text)
    bare = cell.lstrip(' "‘’“”')
    if bare[:1] in tuple("=+-@\t\r\n＝＋－＠"):  # nothing stands there but signed numbers with their units
        assert re.fullmatch(r"([+-]?[0-9][0-9.,]*( ([^\W\d_]+|%))?( to )?)+", cell)
    assert cell.isprintable()


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("text", [*TEXTS.values(), "=1+1", "a;=1", "＝1"], ids=repr)
def test_hostile_text_stays_in_its_cell(text: str, before: bool, saved: Saved) -> None:
    told = Report(with_text(saved("gate_with_waivers"), text, before=before), 1)
    written = render(told)
    found = read(written)
    assert written.count("\n") == 1 + len(told.record["requirements"])
    for row, meant in zip(found, rows(told), strict=True):
        for column in COLUMNS:
            cell, raw = row[column], meant[column]
            assert cell.replace("'", "") == visible(raw).replace("'", "")
            assert len(cell) <= len(raw) + 2  # one in front, one behind a semicolon
    frame = pl.read_csv(written.encode(), infer_schema=False)
    assert frame.fill_null("").to_dicts() == found


@pytest.mark.parametrize("text", ["x" * 1_000_000, "\U0001f600" * 300_000], ids=["x", "beyond"])
def test_what_no_cell_holds_is_cut_with_a_note(text: str, saved: Saved) -> None:
    told = Report(with_text(saved("minimal_fail"), text), 1)
    (row,) = read(render(told))
    for column in (name for name, kind in COLUMNS.items() if kind in ("text", "id") and name != "verdict"):
        raw = next(iter(rows(told)))[column]
        if len(raw) > LONGEST:
            assert row[column].endswith(f" … (cut: the text has {len(raw):,} characters)")
            assert len(row[column].encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST, LONGEST + 1)


def test_ten_thousand_failures_are_all_there(saved: Saved) -> None:
    record = many(saved("programme"), 10_000, "fail")
    found = read(render(Report(record, 1)))
    assert len(found) == len(record["requirements"])
    assert sum(row["verdict"] == "fail" for row in found) == counted(record)["fail"][1]


def test_another_verdict_changes_its_row_alone(saved: Saved) -> None:
    record = saved("programme")
    requirement = record["requirements"][0]["id"]
    one, other = (
        read(render(Report(each, 1))) for each in (record, with_verdict(record, requirement, "fail"))
    )
    changed = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    assert [a["requirement"] for a, _ in changed] == [requirement]
    (a, b), *_ = changed
    assert {column for column in COLUMNS if a[column] != b[column]} == {"verdict", "criterion_verdict"}
