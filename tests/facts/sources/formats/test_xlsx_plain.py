"""Sheets that are written plainly are read many cells at a time: the same as cell by cell, or not at all."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import examples
from workbooks import packed, parts

from phasegate.facts.sources.files import FoundFile, SourceError, find_files
from phasegate.facts.sources.formats import xlsx
from phasegate.facts.sources.formats.staged_tables import xlsx_plain
from phasegate.facts.sources.formats.staged_tables.xlsx_cells import Cells, Said
from phasegate.facts.sources.formats.staged_tables.xlsx_package import Unreadable, Workbook
from phasegate.rules.model.project import SourceFile

Read = tuple[Any, ...]


@contextmanager
def cells_of(path: Path, source: SourceFile | None = None) -> Iterator[tuple[FoundFile, Cells]]:
    (file,) = find_files(path.parent, path.name, outside=False)
    with file.open() as raw:
        workbook = Workbook(file, raw)
        yield (
            file,
            Cells(workbook, workbook.sheets[0], Said(workbook, "Q1", source or SourceFile(path=path.name))),
        )


def read(way: str, path: Path, **keys: Any) -> Read:
    """All that is found of a sheet, one way or the other; or what is wrong with it."""
    source = SourceFile.model_validate({"path": path.name, **keys})
    with cells_of(path, source) as (file, cells):
        try:
            reader, table = getattr(xlsx, way)(file, source, "Q1", cells)
        except (SourceError, Unreadable) as error:
            return error.message, error.hint
    faults = {name: fault.sentence for name, fault in reader.faults.items()}
    rows = table.frame.collect().rows()
    doubted = {name: {*doubts} for name, doubts in table.doubted.items()}
    return reader.names, reader.header, reader.first, faults, rows, table.rows, doubted


def both(path: Path, **keys: Any) -> Read:
    """What is found of a sheet, which is the same both ways."""
    plainly = read("_plainly", path, **keys)
    assert plainly == read("_cell_by_cell", path, **keys)
    return plainly


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-1e6, 1e6).map(lambda number: round(number, 2))
    | st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2199, 1, 1))
    | st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=6)
    | st.sampled_from(["Total", "a & b", "<x>", "&amp;", " ", "#REF!", "1.50", "_x0041_", "]]>", "\n"])
)


def write(writer: str, path: Path, rows: list[list[Any]]) -> None:
    if writer == "openpyxl":
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.title = "Q1"
        for row in rows:
            book.active.append(
                [None if isinstance(value, str) and value.startswith("=") else value for value in row]
            )
        book.save(path)
        return
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet, day = workbook.add_worksheet("Q1"), workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, dt.datetime):
                    sheet.write_datetime(number, column, value, day)
                elif value is not None:
                    sheet.write(number, column, value)


def printable(value: Any) -> bool:
    """Whether a workbook can hold it."""
    return not isinstance(value, str) or not any(ord(sign) < 32 and sign not in "\t\n" for sign in value)


@pytest.mark.slow
@pytest.mark.parametrize("writer", ["xlsxwriter", "openpyxl"])
@given(
    rows=st.lists(st.lists(VALUES.filter(printable), min_size=3, max_size=3), min_size=1, max_size=8),
    keys=st.sampled_from(
        [{}, {"stop_at": "Total"}, {"header": False, "columns": ["a", "b", "c"]}, {"header_row": 2}]
    ),
)
@settings(max_examples=examples(40))
def test_what_programs_write_is_the_same_both_ways(
    writer: str, rows: list[list[Any]], keys: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("plain") / "t.xlsx"
    write(writer, path, [["a", "b", "c"], *rows])
    try:
        both(path, **keys)
    except xlsx_plain.NotPlainError:  # a text with signs that XML can not hold as they are
        assert any(isinstance(value, str) and not value.isprintable() for row in rows for value in row)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("writer", ["xlsxwriter", "openpyxl"])
@pytest.mark.parametrize("piece", [1 << 21, 2_000])
def test_what_programs_write_is_plain(
    writer: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would take ten times as long in silence."""
    monkeypatch.setattr(xlsx_plain, "_PIECE", piece)
    some = random.Random(7)
    rows = [
        [place, f"a & b {place % 5}", some.random(), dt.datetime(2026, 1, 1), True, None]
        for place in range(60)
    ]
    write(writer, tmp_path / "t.xlsx", [["id", "team", "share", "day", "done", "note"], *rows])
    names, _, _, faults, found, count, _ = both(tmp_path / "t.xlsx")
    assert (names, faults, count) == (["id", "team", "share", "day", "done", "note"], {}, 60)
    assert found[7][:2] == ("7", "a & b 2")


def row(number: int, *cells: str, more: str = "") -> str:
    return f'<row r="{number}"{more}>{"".join(cells)}</row>'


def cell(reference: str, value: str = "1", more: str = "") -> str:
    return f'<c r="{reference}"{more}><v>{value}</v></c>'


HEAD = row(1, *(f'<c r="{letter}1" t="inlineStr"><is><t>{letter.lower()}</t></is></c>' for letter in "AB"))
STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/><xf numFmtId="20"/></cellXfs>'
PLAIN: dict[str, str] = {
    "numbers": row(2, cell("A2"), cell("B2", "-0.50")),
    "numbers of other forms": row(2, cell("A2", "1E3"), cell("B2", "-0"))
    + row(3, cell("A3", "007"), cell("B3", ".5")),
    "numbers of many digits": row(2, cell("A2", "1234567890123456.78"), cell("B2", "0.30000000000000004")),
    "what is no number": row(2, cell("A2", "x"), cell("B2", "1e999")),
    "white space around numbers": row(2, cell("A2", " 5 "), cell("B2", "5\n")),
    "days": row(2, cell("A2", "46023", ' s="1"'), cell("B2", "60", ' s="1"')),
    "lengths of time": row(2, cell("A2", "1.5", ' s="2"'), cell("B2", "0.5", ' s="3"'))
    + row(3, cell("A3", "0.5", ' s="2"'), cell("B3", "1.5", ' s="3"')),
    "computed": row(2, '<c r="A2"><f>1+1</f><v>2</v></c>', '<c r="B2"><f t="shared" si="0"/><v>3</v></c>'),
    "errors": row(2, cell("A2", "#REF!", ' t="e"'), cell("B2", "1", ' t="b"')),
    "computed texts": row(2, cell("A2", "a &lt; b", ' t="str"'), cell("B2", "&amp;lt;", ' t="str"')),
    "moments": row(2, cell("A2", "2026-01-01T00:00:00", ' t="d"'), cell("B2", "0", ' t="s"')),
    "empty cells": row(2, '<c r="A2"/>', '<c r="B2" s="1" />') + row(3),
    "an empty row": row(2, cell("A2")) + row(4, cell("A4")),
    "cells beside the table": row(2, cell("A2"), cell("D2")) + row(3, cell("D3")) + row(4, cell("C4")),
    "a row without cells": row(2, cell("A2")) + '<row r="3" spans="1:2"/>' + row(4, cell("D4")),
    "nothing": "",
    "totals": row(2, cell("A2", "0", ' t="s"'), cell("B2"))
    + row(3, cell("A3", "1", ' t="s"'))
    + row(5, cell("A5")),
    "totals twice": "".join(row(number, cell(f"A{number}", "1", ' t="s"')) for number in (2, 3)),
}
OTHERWISE: dict[str, str] = {
    "cells out of order": row(2, cell("B2"), cell("A2")),
    "a cell twice": row(2, cell("A2"), cell("A2", "9")),
    "rows out of order": row(3, cell("A3")) + row(2, cell("A2")),
    "a row twice": row(2, cell("A2")) + row(2, cell("B2")),
    "a cell of another row": row(2, cell("A3")),
    "a cell of no row": row(2, cell("A02")),
    "two values": row(2, '<c r="A2"><v>1</v><v>2</v></c>'),
    "a value that is cut": row(2, '<c r="A2"><v>1<!-- x -->2</v></c>'),
    "a value in parts": row(2, '<c r="A2"><v>1<![CDATA[2]]></v></c>'),
    "a value by its sign": row(2, cell("A2", "&#49;")),
    "no references": "<row><c><v>1</v></c></row>",
    "a text that is not there": row(2, cell("A2", "9", ' t="s"')),
    "a text before the first": row(2, cell("A2", "-1", ' t="s"')),
    "a style that is not there": row(2, cell("A2", "1", ' s="9"')),
    "another kind": row(2, cell("A2", "1", ' t="x"')),
    "a number called a text in place": row(2, cell("A2", "1", ' t="inlineStr"')),
    "a formula without a value": row(2, '<c r="A2"><f>1+1</f></c>', '<c r="B2"><f>1+1</f><v></v></c>'),
    "a row that says twice which": row(2, cell("A2"), more=' r="3"'),
    "text between": row(2, "1", cell("A2")),
    "more in a cell": row(2, '<c r="A2"><v>1</v><extLst/></c>'),
    "cells between rows": row(2, cell("A2")) + cell("B2") + row(3),
    "cut off": row(2, cell("A2")) + "<row r='3'>",
    "too far right": row(2, cell("ZZZ2")),
    "too far down": row(2_000_000, cell("A2000000")),
}


def by_hand(path: Path, rows: str, **more: str) -> Path:
    said = parts(HEAD + rows, shared="<si><t>a</t></si><si><t>Total</t></si>", styles=STYLES, **more)
    packed(path, said)
    return path


@pytest.mark.sampled(every=10)
@pytest.mark.parametrize(
    "keys", [{}, {"stop_at": "Total"}, {"header": False, "columns": ["a", "b"]}, {"decimal_comma": True}]
)
@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_sheet_is_the_same_both_ways(case: str, keys: dict[str, Any], tmp_path: Path) -> None:
    both(by_hand(tmp_path / "t.xlsx", PLAIN[case]), **keys)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", OTHERWISE)
def test_any_other_sheet_is_read_cell_by_cell(case: str, tmp_path: Path) -> None:
    path = by_hand(tmp_path / "t.xlsx", OTHERWISE[case])
    with cells_of(path) as (_, cells), pytest.raises((xlsx_plain.NotPlainError, Unreadable)):
        list(xlsx_plain.plain_blocks(cells))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ('<?xml version="1.0" encoding="latin1"?>', ""),
        ('<?xml version="1.0" encoding="utf-16"?>', ""),
        ("<!-- x -->", ""),
        ("", "<!-- <row r='9'> -->"),
        ("\ufeff", ""),
    ],
)
def test_other_encodings_and_comments_are_left_to_who_knows_xml(begin: str, end: str, tmp_path: Path) -> None:
    said = parts(HEAD + row(2, cell("A2")), end)
    sheet = "xl/worksheets/sheet1.xml"
    packed(tmp_path / "t.xlsx", {**said, sheet: begin + said[sheet]})
    with cells_of(tmp_path / "t.xlsx") as (_, cells), pytest.raises(xlsx_plain.NotPlainError):
        list(xlsx_plain.plain_blocks(cells))


def test_merged_cells_behind_the_rows_are_seen(tmp_path: Path) -> None:
    merged = '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
    rows = row(2, cell("A2"), cell("B2")) + row(3, '<c r="A3"/>', cell("B3"))
    faults = both(by_hand(tmp_path / "t.xlsx", rows, sheet=merged))[3]
    assert "t.xlsx Q1!A2 is merged with others" in faults["a"]


@pytest.mark.parametrize(
    "behind",
    [
        f"<sheetData>{row(3, cell('A3'))}</sheetData>",
        '<extLst><ext><row r="3"><c r="A3"><v>9</v></c></row></ext></extLst>',
    ],
)
def test_rows_behind_the_cells_are_none_of_them(behind: str, tmp_path: Path) -> None:
    path = by_hand(tmp_path / "t.xlsx", row(2, cell("A2"), cell("B2")), sheet=behind)
    found = read("_cell_by_cell", path)
    with pytest.raises(xlsx_plain.NotPlainError):
        read("_plainly", path)
    assert "twice" in found[0] if "sheetData" in behind else found[5] == 1


SIGNS = st.sampled_from(
    ["<", ">", "/", '"', "&", " ", "\0", "c", "row", "r=", "<v>", "</v>", "</row>", "9", "é"]
)


@given(at=st.integers(0, 400), cut=st.integers(0, 6), put=st.lists(SIGNS, max_size=3))
def test_a_sheet_that_somebody_changed_is_never_read_otherwise(
    at: int, cut: int, put: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = row(2, cell("A2"), cell("B2", "0", ' t="s"')) + row(
        3, cell("A3", "46023", ' s="1"'), cell("B3", "2.5")
    )
    at %= len(rows)
    path = by_hand(tmp_path_factory.mktemp("changed") / "t.xlsx", rows[:at] + "".join(put) + rows[at + cut :])
    try:
        plainly = read("_plainly", path)
    except xlsx_plain.NotPlainError:
        return
    assert plainly == read("_cell_by_cell", path)
