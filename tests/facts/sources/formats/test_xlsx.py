"""Workbooks: a table of a sheet, its values as they are stored, and what is refused with its cell."""

from __future__ import annotations

import datetime as dt
import random
import warnings
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from workbooks import MAIN, OFFICE, cell, inline, packed, parts, relations

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import passes
from phasegate.facts.sources.formats.staged_tables import xlsx_cells, xlsx_package
from phasegate.facts.sources.formats.staged_tables.xlsx_cells import column_letters, column_number, day_of
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
STRING = {"type": "string", "nullable": True}
DECIMAL = {"type": "decimal", "scale": 2, "nullable": True}


def read(
    folder: Path, said: dict[str, Any] | None = None, columns: dict[str, Any] | None = None
) -> tuple[SourceState, list[tuple[Any, ...]] | None]:
    contract = Contract.model_validate({"title": "One", "columns": columns or {"a": STRING}})
    source = open_source(
        "t", contract, SourceFile.model_validate({"path": "t.xlsx", **(said or {})}), folder, AS_OF
    )
    if source.frame is None:
        return source.settle({}), None
    *checks, found = pl.collect_all([*source.checks, source.frame.select(*source.kinds)])
    return source.settle(numbers(checks)), found.rows()


FORMS = ("yyyy\\-mm\\-dd", "[h]:mm", "#,##0.00&quot; days&quot;", "[Red]0.00")
STYLED = (0, 14, 22, 164, 165, 166, 167, 20, 46)
STYLES = (
    "<numFmts>"
    + "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{form}"/>' for at, form in enumerate(FORMS))
    + '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in STYLED)
    + "</cellXfs>"
)
VALUES: dict[str, tuple[str, str | None]] = {
    "a number as Excel writes it": ("<c><v>4.3499999999999996</v></c>", "4.35"),
    "a whole number": ("<c><v>5</v></c>", "5"),
    "a whole number with a point": ("<c><v>5.0</v></c>", "5"),
    "an exponent": ("<c><v>1E-3</v></c>", "0.001"),
    "fifteen digits": ("<c><v>123456789012345</v></c>", "123456789012345"),
    "a shared text": ('<c t="s"><v>0</v></c>', "x & y"),
    "a shared text of several pieces": ('<c t="s"><v>1</v></c>', "東京"),
    "a text with escaped signs": (
        '<c t="inlineStr"><is><t>a_x000D_b_x005F_x000D_</t></is></c>',
        "a\rb_x000D_",
    ),
    "true": ('<c t="b"><v>1</v></c>', "true"),
    "a day": ('<c s="1"><v>46053</v></c>', "2026-01-31"),
    "a day in a form of its own": ('<c s="3"><v>46053</v></c>', "2026-01-31"),
    "a moment": ('<c s="2"><v>46053.354166666664</v></c>', "2026-01-31T08:30:00"),
    "a day with a time": ('<c s="1"><v>46053.5</v></c>', "2026-01-31T12:00:00"),
    "a day before March 1900": ('<c s="1"><v>59</v></c>', "1900-02-28"),
    "a day that there was not": ('<c s="1"><v>60</v></c>', "day 60"),
    "the day after it": ('<c s="1"><v>61</v></c>', "1900-03-01"),
    "a day of ISO": ('<c t="d"><v>2026-01-31</v></c>', "2026-01-31"),
    "a time": ('<c s="7"><v>0.5</v></c>', "12:00:00"),
    "a number of days": ('<c s="5"><v>3</v></c>', "3"),
    "a red number": ('<c s="6"><v>3</v></c>', "3"),
    "a formula's number": ("<c><f>1+1</f><v>2</v></c>", "2"),
    "a formula's text": ('<c t="str"><f>A1</f><v>b</v></c>', "b"),
    "a formula's empty text": ('<c t="str"><f>A1</f><v></v></c>', None),
    "nothing": ('<c s="1"/>', None),
    "a word for nothing": ('<c t="e"><v>#N/A</v></c>', None),
}
SHARED = (
    "<si><t>x &amp; y</t></si>"
    '<si><r><t>東</t></r><r><rPr><b/></rPr><t>京</t></r><rPh sb="0" eb="1"><t>トウキョウ</t></rPh></si>'
)


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("case", VALUES)
def test_a_cell_is_the_text_that_says_it(case: str, tmp_path: Path) -> None:
    content, expected = VALUES[case]
    packed(tmp_path / "t.xlsx", parts(inline(("a", "b"), (content, "x")), styles=STYLES, shared=SHARED))
    state, rows = read(tmp_path, {"null_values": ["", "#N/A"]}, {"a": STRING, "b": STRING})
    assert (state.reason, rows) == ("", [(expected, "x")])


FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a formula never computed": (
        "<c><f>1+1</f></c>",
        STRING,
        "t.xlsx Q1!A2 has a formula that was never computed",
    ),
    "an empty value": (
        "<c><f>1+1</f><v></v></c>",
        DECIMAL,
        "t.xlsx Q1!A2 has a formula that was never computed",
    ),
    "a text formula never computed": (
        '<c t="str"><f>A1</f></c>',
        STRING,
        "Q1!A2 has a formula that was never computed",
    ),
    "a shared formula": (
        '<c><f t="shared" si="0"/></c>',
        STRING,
        "t.xlsx Q1!A2 has a formula that was never computed",
    ),
    "an error": ('<c t="e"><v>#REF!</v></c>', STRING, "t.xlsx Q1!A2 has #REF!"),
    "a formula's error": ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', DECIMAL, "t.xlsx Q1!A2 has #DIV/0!"),
    "a number of Python": ("<c><v>1_0</v></c>", STRING, "t.xlsx Q1!A2 has a number that is none"),
    "a number of others": ("<c><v>١</v></c>", STRING, "t.xlsx Q1!A2 has a number that is none"),
    "a number without end": ("<c><v>1e400</v></c>", STRING, "t.xlsx Q1!A2 has a number that is none"),
    "a style that is not there": ('<c s="99"><v>1</v></c>', STRING, "t.xlsx has no style 99"),
    "no number": ("<c><v>x</v></c>", STRING, "t.xlsx Q1!A2 has a number that is none"),
    "a long id": (
        "<c><v>1234567890123456</v></c>",
        STRING,
        "'a' is a text by its contract, and holds numbers of more",
    ),
    "a long decimal": ("<c><v>1234567890123456.78</v></c>", DECIMAL, 'has a "1234567890123456.8 (inexact)"'),
    "a computed sum": (
        "<c><v>0.30000000000000004</v></c>",
        DECIMAL,
        't.xlsx Q1!A2 has a "0.30000000000000004 (inexact)"',
    ),
    "a day for a number": ('<c s="1"><v>46053</v></c>', DECIMAL, 't.xlsx Q1!A2 has a "2026-01-31"'),
    "a time for a number": ('<c s="7"><v>0.5</v></c>', DECIMAL, 't.xlsx Q1!A2 has a "12:00:00"'),
    "hours": ('<c s="4"><v>1.5</v></c>', DECIMAL, "t.xlsx Q1!A2 has a length of time, of which nothing"),
    "hours of less than a day": ('<c s="4"><v>0.5</v></c>', STRING, "t.xlsx Q1!A2 has a length of time"),
    "hours in a form of Excel": (
        '<c s="8"><v>0.5</v></c>',
        STRING,
        "keep a number of hours there: the sam",
    ),
    "hours in a form of times": ('<c s="7"><v>1.5</v></c>', STRING, "t.xlsx Q1!A2 has a length of time"),
    "less than no time": ('<c s="7"><v>-0.25</v></c>', STRING, "t.xlsx Q1!A2 has a length of time"),
    "a number for a day": ("<c><v>46053</v></c>", {"type": "date"}, 't.xlsx Q1!A2 has a "46053"'),
    "a text that is not there": (
        '<c t="s"><v>9</v></c>',
        STRING,
        "t.xlsx has no text '9', which a cell of Q1 names",
    ),
    "a truth that is none": ('<c t="b"><v>2</v></c>', STRING, "t.xlsx Q1!A2 has a truth value that is none"),
    "two values": ("<c><v>1</v><v>2</v></c>", STRING, "t.xlsx has two values in a cell of Q1 row 2"),
    "a cell of another row": ('<c r="A3"><v>1</v></c>', STRING, "t.xlsx has cells of Q1 row 2 out of order"),
    "an unknown kind": ('<c t="x"><v>9</v></c>', STRING, "t.xlsx Q1!A2 has a cell of an unknown kind, 'x'"),
}


@pytest.mark.sampled(every=10)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("case", FAULTS)
def test_a_cell_that_says_nothing_certain_is_told_with_its_place(
    case: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    content, column, told = FAULTS[case]
    packed(tmp_path / "t.xlsx", parts(inline(("a", "b"), (content, "x")), styles=STYLES))
    state, _ = read(tmp_path, {}, {"a": column, "b": STRING})
    assert (state.status, told in state.reason) == ("error", True), state.reason
    if ("(inexact)" not in told and "has a" in told and '"' in told) or "holds" in told:
        return
    assert read(tmp_path, {}, {"b": STRING})[0].status in ("ok", "error")


def test_a_fault_in_a_column_that_nobody_reads_is_nobodys(tmp_path: Path) -> None:
    packed(tmp_path / "t.xlsx", parts(inline(("a", "b"), ("<c><f>1+1</f></c>", "x"))))
    assert read(tmp_path, {}, {"b": STRING})[0].status == "ok"
    source = open_source("t", None, SourceFile.model_validate({"path": "t.xlsx"}), tmp_path, AS_OF)
    assert [*source.contract.columns] == ["b"]
    assert "never computed" in source.left_out["a"]


def test_without_a_contract_texts_among_long_numbers_are_left_out(tmp_path: Path) -> None:
    ids = (("<c><v>1234567890123456</v></c>", "x"), ("A-1", "y"))
    packed(tmp_path / "t.xlsx", parts(inline(("a", "b"), *ids)))
    source = open_source("t", None, SourceFile.model_validate({"path": "t.xlsx"}), tmp_path, AS_OF)
    assert [*source.contract.columns] == ["b"]
    assert "holds numbers of more than 15 digits" in source.left_out["a"]


def test_without_a_contract_a_column_with_long_numbers_is_one_of_floats(tmp_path: Path) -> None:
    long = ("<c><v>0.30000000000000004</v></c>", "<c><v>2.5</v></c>")
    packed(tmp_path / "t.xlsx", parts(inline(("a", "b"), long)))
    source = open_source("t", None, SourceFile.model_validate({"path": "t.xlsx"}), tmp_path, AS_OF)
    assert {name: column.type for name, column in source.contract.columns.items()} == {
        "a": "float",
        "b": "decimal",
    }


A, B = ("a", "b"), ("x", "y")
SHIFTED = "".join(
    f'<row><c r="C{row}" t="inlineStr"><is><t>{one}</t></is></c>{cell(other)}</row>'
    for row, (one, other) in enumerate((A, B), start=1)
)
TABLES: dict[str, tuple[str, str, dict[str, Any], list[tuple[str, ...]] | str]] = {
    "a header": (inline(A, B), "", {}, [B]),
    "titles above": (inline(("Costs",), ("of 2026",), A, B), "", {"header_row": 3}, [B]),
    "titles skipped": (inline(("Costs",), A, B), "", {"skip_rows": 1}, [B]),
    "three header rows": (inline(("Q", "Q"), ("1", "2"), A, B), "", {"header_row": 3}, [B]),
    "empty rows above": ('<row r="1"/><row r="2"/>' + inline(A, B), "", {}, [B]),
    "a table further right": (SHIFTED, "", {}, [B]),
    "totals below": (inline(A, B, ("Total", "9")), "", {"stop_at": "Total"}, [B]),
    "totals below an empty row": (
        f'{inline(A, B)}<row r="5">{cell("Total")}</row>{inline(("note",))}',
        "",
        {"stop_at": "Total"},
        [B],
    ),
    "empty rows below": (f'{inline(A, B)}<row r="9"><c s="1"/></row>', "", {}, [B]),
    "no header": (inline(B, B), "", {"header": False, "columns": ["a", "b"]}, [B, B]),
    "names like years": (inline(("a", "b", "2026"), (*B, "1")), "", {"header": True}, [B]),
    "cells merged above": (
        inline(("Costs",), A, B),
        '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
        {"header_row": 2},
        [B],
    ),
    "cells merged below": (
        inline(A, B, ("Total",)),
        '<mergeCells><mergeCell ref="A3:B3"/></mergeCells>',
        {"stop_at": "Total"},
        [B],
    ),
    "cells merged": (
        inline(A, B, B),
        '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>',
        {},
        "t.xlsx Q1!A2 is merged with others, down to row 3",
    ),
    "an empty row below a title": (
        f'{inline(A)}<row r="3">{cell("a")}{cell("b")}</row>',
        "",
        {},
        "t.xlsx Q1 row 2 is empty, and row 3 is not; does the header stand further below? Then say which row",
    ),
    "an empty row where there is no header": (
        f'<row r="2">{cell("x")}</row><row r="4">{cell("y")}</row>',
        "",
        {"header": False, "columns": ["a"]},
        "t.xlsx Q1 row 3 is empty, and row 4 is not; remove it",
    ),
    "an empty row": (
        f'{inline(A, B)}<row r="4">{cell("x")}</row>',
        "",
        {},
        "t.xlsx Q1 row 3 is empty, and row 4 is not",
    ),
    "an empty header row": (
        inline(("Costs",)) + f'<row r="4">{cell("a")}</row>',
        "",
        {"header_row": 3},
        "t.xlsx Q1 row 3 is empty where the header should be",
    ),
    "totals that never come": (
        inline(A, B),
        "",
        {"stop_at": "Total"},
        "t.xlsx Q1 row 2: no row begins with 'Total'",
    ),
    "totals that come twice": (
        inline(A, ("T",), B, ("T",)),
        "",
        {"stop_at": "T"},
        "t.xlsx Q1 row 2 begins with 'T', and so does row 4",
    ),
    "no rows at all": ("", "", {}, "t.xlsx Q1 row 1 is empty where the header should be"),
    "a header twice": (
        inline(("a", "a"), B),
        "",
        {"header": True},
        "t.xlsx Q1 row 1 has the column 'a' more than once",
    ),
    "other columns": (inline(("a", "c"), B), "", {}, "t.xlsx has no column 'b'"),
    "a header that is a row": (inline(("a", "b", "2026-01-31"), (*B, "1")), "", {}, [B]),
    "other names": (
        inline(B),
        "",
        {"header": False, "columns": ["a"]},
        "t.xlsx Q1 row 1 has 2 cells, 'columns' names 1",
    ),
    "another sheet": (inline(A, B), "", {"sheet": "Q2"}, "t.xlsx has no sheet 'Q2'; the sheets are Q1"),
    "rows out of order": ('<row r="2"/><row r="1"/>', "", {}, "t.xlsx has rows of Q1 out of order, at row 1"),
    "a cell twice": (
        f'<row r="1"><c r="B1"/><c r="A1"/></row>{inline(A)}',
        "",
        {},
        "t.xlsx has cells of Q1 row 1 out of order",
    ),
    "rows without end": ('<row r="1048577"/>', "", {}, "t.xlsx has rows of Q1 out of order, at row 1048577"),
    "a key of other formats": (
        inline(A, B),
        "",
        {"separator": ";"},
        "t.xlsx is no CSV file, and separator is about CSV files",
    ),
}


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("case", TABLES)
def test_a_table_of_a_sheet_is_where_the_source_says(case: str, tmp_path: Path) -> None:
    rows, sheet, said, expected = TABLES[case]
    packed(tmp_path / "t.xlsx", parts(rows, sheet))
    state, found = read(tmp_path, said, {"a": STRING, "b": STRING})
    if isinstance(expected, str):
        assert (state.status, expected in state.reason) == ("error", True), state.reason
    else:
        assert (state.reason, found) == ("", expected)


OTHER = 'xmlns:x="urn:other"'
ROW = "<row><c><v>1</v></c><c><v>2</v></c></row>"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OF_OTHERS: dict[str, dict[str, str]] = {
    "a kind": {"rows": f'<row><c {OTHER} x:t="b" x:r="D9"><v>1</v></c><c><v>2</v></c></row>'},
    "a form of numbers of a condition": {
        "rows": '<row><c s="1"><v>1</v></c><c><v>2</v></c></row>',
        "styles": '<numFmts><numFmt numFmtId="164" formatCode="0.0"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="164"/></cellXfs><dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf></dxfs>',
    },
    "a shared text": {
        "rows": '<row><c t="s"><v>0</v></c><c><v>2</v></c></row>',
        "shared": f'<si><t>1</t></si><extLst><ext uri="u" {OTHER}><x:si><x:t>9</x:t></x:si></ext></extLst>',
    },
    "a row": {"rows": ROW, "sheet": f'<extLst><ext uri="u" {OTHER}><x:row><x:c/></x:row></ext></extLst>'},
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", OF_OTHERS)
def test_what_a_program_keeps_for_itself_says_nothing(case: str, tmp_path: Path) -> None:
    """The oracle is openpyxl, which does not see it either."""
    said = dict(OF_OTHERS[case])
    contents = parts(inline(("a", "b")) + said.pop("rows"), **said)
    kinds = {
        "workbook": "sheet.main",
        "worksheets/sheet1": "worksheet",
        "shared": "sharedStrings",
        "styles": "styles",
    }
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{office}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    contents["[Content_Types].xml"] = f'<Types xmlns="{TYPES}">{xml}{named}</Types>'
    packed(tmp_path / "t.xlsx", contents)
    whole = {"type": "decimal", "scale": 0, "nullable": True}
    state, found = read(tmp_path, columns={"a": whole, "b": whole})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    assert (state.status, state.reason) == ("ok", "")
    assert found == [tuple(Decimal(cell) for cell in row) for row in sheet.iter_rows(2, values_only=True)]
    assert found == [(1, 2)]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (f"{ROW}<x:row {OTHER}><x:c/></x:row>", "has a 'row' in xl/worksheets/sheet1.xml that not every"),
        (f"<x:choice {OTHER}>{ROW}</x:choice>", "has a 'choice' in xl/worksheets/sheet1.xml that not every"),
        (f"<row><c><v>1</v></c><x:c {OTHER}/></row>", "has a 'c' in xl/worksheets/sheet1.xml that not every"),
        (f"<row><c><x:v {OTHER}>1</x:v></c></row>", "has a 'v' in xl/worksheets/sheet1.xml that not every"),
        (f"</sheetData><x:any {OTHER}>{ROW}</x:any><sheetData>", "has a 'row' in xl/worksheets/sheet1.xml"),
        ("<row><c><v>1<b>2</b></v></c></row>", "has more than text in a cell of Q1 row 2"),
    ],
)
def test_what_programs_show_differently_is_refused(rows: str, told: str, tmp_path: Path) -> None:
    packed(tmp_path / "t.xlsx", parts(inline(("a", "b")) + rows))
    assert told in read(tmp_path)[0].reason


def test_a_sheet_of_another_namespace_has_no_cells(tmp_path: Path) -> None:
    """Written by hand as plainly as can be, so that it is tried both ways."""
    text = '<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    contents = parts(text)
    sheet = "xl/worksheets/sheet1.xml"
    packed(tmp_path / "t.xlsx", contents)
    assert read(tmp_path)[0].status == "ok"
    packed(tmp_path / "t.xlsx", {**contents, sheet: contents[sheet].replace(MAIN, "urn:other")})
    assert "Q1 row 1 is empty where the header should be" in read(tmp_path)[0].reason


def test_days_may_be_counted_from_1904(tmp_path: Path) -> None:
    day = '<c s="1"><v>44591</v></c>'
    contents = parts(inline(("a",), (day,)), styles=STYLES, workbook='<workbookPr date1904="1"/>')
    packed(tmp_path / "t.xlsx", contents)
    assert read(tmp_path)[1] == [("2026-01-31",)]


def changed(part: str, content: str | None) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        contents = parts(inline(A, B))
        if content is None:
            del contents[part]
        else:
            contents[part] = content
        packed(path, contents)

    return change


def cut(path: Path) -> None:
    packed(path, parts(inline(A, B)))
    path.write_bytes(path.read_bytes()[:-30])


def bomb(path: Path) -> None:
    packed(path, parts(inline(A, B) + f"<row>{' ' * (40 << 20)}</row>"))


def damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts(inline(A, B)).items():
            file.writestr(name, content)
    path.write_bytes(path.read_bytes().replace(b"<t>x</t>", b"<t>z</t>"))


def merged(path: Path) -> None:
    packed(path, parts(inline(A, B), "<mergeCells>" + '<mergeCell ref="A9"/>' * 9 + "</mergeCells>"))


def added(part: str, old: str, new: str, **more: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        contents = parts(inline(A, B))
        assert old in contents[part]
        contents[part] = contents[part].replace(old, new)
        packed(path, {**contents, **{name.replace("__", "/") + ".xml": text for name, text in more.items()}})

    return change


RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION = '<Relationship Id="{}" Type="{}" Target="/xl/other.xml"/></Relationships>'
SHEET = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
DOCTYPE = f'<!DOCTYPE x [<!ENTITY a "b">]><worksheet xmlns="{MAIN}"/>'
BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut off": (cut, "t.xlsx is compressed (zip)"),
    "entities": (
        changed("xl/worksheets/sheet1.xml", DOCTYPE),
        "t.xlsx is no workbook: its XML declares entities",
    ),
    "no XML": (changed("xl/worksheets/sheet1.xml", "<x"), "t.xlsx is damaged in xl/worksheets/sheet1.xml"),
    "an unknown encoding": (
        changed("xl/worksheets/sheet1.xml", '<?xml version="1.0" encoding="UcTF-8"?><worksheet/>'),
        "t.xlsx is damaged in xl/worksheets/sheet1.xml",
    ),
    "no sheet": (
        changed("xl/worksheets/sheet1.xml", None),
        "t.xlsx has no readable xl/worksheets/sheet1.xml",
    ),
    "no workbook": (changed("_rels/.rels", relations(other="x")), "t.xlsx is no workbook that can be read"),
    "a binary one": (
        changed("_rels/.rels", relations(officeDocument="xl/workbook.bin")),
        "t.xlsx is a binary workbook",
    ),
    "another text": (damaged, "t.xlsx is damaged in xl/worksheets/sheet1.xml"),
    "a bomb": (bomb, "t.xlsx unpacks from"),
    "two sheets of one name": (
        added("xl/workbook.xml", "</sheets>", '<sheet name="q1" sheetId="2" r:id="r1"/></sheets>'),
        "t.xlsx has two sheets of one name",
    ),
    "two parts called alike": (
        added(RELATIONS, "</Relationships>", RELATION.format("r1", f"{OFFICE}/worksheet"), xl__other=SHEET),
        "t.xlsx is no workbook: it calls two of its parts alike",
    ),
    "two tables of texts": (
        added(
            RELATIONS, "</Relationships>", RELATION.format("r9", f"{OFFICE}/sharedStrings"), xl__other=SHEET
        ),
        "t.xlsx has its sharedStrings twice",
    ),
    "two parts of one name": (
        added("xl/workbook.xml", "Q1", "Q1", xl__Worksheets__Sheet1=SHEET),
        "t.xlsx is no workbook: it has a part twice",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_whole_workbook_is_told(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_package, "RATIO_AT_MOST", 900)  # zip archives hardly reach a thousand
    write, told = BROKEN[case]
    write(tmp_path / "t.xlsx")
    state, _ = read(tmp_path, {}, {"a": STRING, "b": STRING})
    assert (state.status, told in state.reason) == ("error", True), state.reason


def test_parts_that_are_held_have_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    merged(tmp_path / "t.xlsx")
    assert read(tmp_path)[0].status == "ok"
    monkeypatch.setattr(xlsx_cells, "MERGED_AT_MOST", 8)
    assert "has more than 8 merged cells in Q1" in read(tmp_path)[0].reason
    changed("xl/styles.xml", f"<styleSheet>{' ' * 2_000}</styleSheet>")(tmp_path / "t.xlsx")
    assert read(tmp_path)[0].status == "ok"
    monkeypatch.setattr(xlsx_package, "PART_AT_MOST", 2_000)
    assert "bytes in xl/styles.xml, of which 2,000 are read" in read(tmp_path)[0].reason


def test_texts_that_no_cell_names_have_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes five bytes, which are packed into next to none."""
    packed(tmp_path / "t.xlsx", parts(inline(A, B), shared="<si/>" * 1_001))
    assert read(tmp_path)[0].status == "ok"
    monkeypatch.setattr(xlsx_package, "TEXTS_AT_MOST", 1_000)
    assert "shares more than 1,000 texts, and has not as many cells" in read(tmp_path)[0].reason
    packed(tmp_path / "t.xlsx", parts(inline(A, *[B] * 200), shared="<si/>" * 1_001))
    assert read(tmp_path)[0].status == "ok"


def test_more_than_is_ever_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed(tmp_path / "t.xlsx", parts(inline(A, B)))
    monkeypatch.setattr(xlsx_package, "UNPACKED_AT_MOST", 999)
    assert "t.xlsx unpacks from" in read(tmp_path)[0].reason


def test_formulas_that_are_to_be_computed_anew_have_no_value(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(
        tmp_path / "t.xlsx"
    ) as workbook:  # which writes 0 for whatever it did not compute
        sheet = workbook.add_worksheet("Q1")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=1+1")
        sheet.write(1, 1, "x")
    assert "t.xlsx Q1!A2 has a formula that was never computed" in read(tmp_path)[0].reason
    assert read(tmp_path, {}, {"b": STRING})[0].status == "ok"


def drawn(seed: int) -> list[list[Any]]:
    some = random.Random(seed)
    makers: list[Callable[[], Any]] = [
        lambda: round(some.uniform(-1e6, 1e6), some.randrange(5)),
        lambda: some.randrange(-(10**14), 10**14),
        lambda: some.choice(["ä", "a & b", "<x>", " blank ", "1", "true", "line\nend"]),
        lambda: dt.datetime(1901, 1, 1) + dt.timedelta(seconds=some.randrange(6_000_000_000)),
        lambda: some.choice([True, False]),
        lambda: None,
    ]
    return [[some.choice(makers)() for _ in range(8)] for _ in range(60)]


def said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat() if value.time() != dt.time() else value.date().isoformat()
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_others_write_is_read(writer: str, seed: int, tmp_path: Path) -> None:
    rows = drawn(seed)
    for row in rows:
        row[0] = row[0] if row[0] is not None else "x"
    names = [f"c{place}" for place in range(8)]
    if writer == "openpyxl":
        book = openpyxl.Workbook()
        sheet = book.active
        for row in [names, *rows]:
            sheet.append(row)
        book.save(tmp_path / "t.xlsx")
    else:
        with xlsxwriter.Workbook(
            tmp_path / "t.xlsx", {"default_date_format": "yyyy-mm-dd hh:mm"}
        ) as workbook:
            out = workbook.add_worksheet()
            for number, row in enumerate([names, *rows]):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        out.write_string(number, place, value)
                    else:
                        out.write(number, place, value)
    state, found = read(tmp_path, {}, dict.fromkeys(names, STRING))
    assert state.status == "ok", state.reason
    assert found == [tuple(said(value) for value in row) for row in rows]


@given(st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)))
def test_a_moment_comes_back_to_the_millisecond(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    serial = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    found = dt.datetime.fromisoformat(day_of(serial, "date", since_1904=False))
    assert found == moment


@given(st.integers(1, 1 << 14))
def test_columns_have_letters(number: int) -> None:
    assert column_number(column_letters(number)) == number
    assert column_letters(number) == openpyxl.utils.get_column_letter(number)
