"""Each format tells a number that missing values leave open as a span, and never as anything between."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook

from phasegate.records.build import exit_code
from phasegate.records.schema import Record
from phasegate.reports.formats.registry import FORMATS
from phasegate.reports.report import Report

Saved = Callable[[str], Record]
PASSES = (
    "25 % to 45 % (4 rows have no `closed`)",
    "6 to 9 (3 rows have no `due`)",
    "yes (2 rows have no `signed`)",
)
FAILS = (
    "30.01 % to 65.01 % (11 rows have no `owner`)",
    "at worst 2,599.5 more of 4,000 (cost) must have an owner",
)
OPEN = (
    (
        "7 of 20 rows have no `answered` (5) or `due` (3): write `(answered <= due) IS TRUE` if no `answered`"
        " or `due` means not met; 5 to 12 of 20 = 25 % to 60 %, where >= 40 % is required"
    ),
    (
        "3 rows have no `late`: write `(NOT late) IS TRUE` if no `late` means not met; 4 of 9 to 6 of 7 = "
        "44.44 % to 85.71 %, where >= 50 % is required"
    ),
    "3 rows have no `paid`: write `(paid) IS TRUE` if no `paid` means not met",
)
BETWEEN = re.compile(r"\b(35|42\.5|47\.5\d|65\.08|66\.67) ?%|\b7\.5\b")
"""The middles of the ends, and what the rows that are certain would give by themselves."""
SILENT_ON_PASSES = frozenset({"junit", "github", "code-scanning"})
TOLD_OTHERWISE = {"text": "Undetermined rows"}
"""Formats that do not list what passes: where they tell of rows beside it."""


def told(record: Record, name: str) -> str:
    """All that a reader of a format reads, on one line and without the format's own marks."""
    text = FORMATS[name].render(Report(record, exit_code(record["outcome"])))
    if isinstance(text, bytes):
        cells = [
            cell.value
            for sheet in load_workbook(BytesIO(text))
            for line in sheet.iter_rows()
            for cell in line
        ]
        text = "\n".join(str(each) for each in cells if each is not None)
    text = re.sub(r"\\([`<>*_~-])", r"\1", text).replace("%25", "%").replace('\\"', '"')
    return " ".join(html.unescape(text).split())


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_tells_both_ends_and_what_to_do(name: str, saved: Saved) -> None:
    text = told(saved("undetermined"), name)
    for said in (*OPEN, *FAILS, *(() if name in {*SILENT_ON_PASSES, *TOLD_OTHERWISE} else PASSES)):
        assert said in text, said
    assert not BETWEEN.search(text)


@pytest.mark.parametrize("name", TOLD_OTHERWISE)
def test_who_lists_no_passes_tells_of_the_rows_beside_them(name: str, saved: Saved) -> None:
    text = told(saved("undetermined"), name)
    assert TOLD_OTHERWISE[name] in text
    for said in (
        "25 % to 45 %; 4 rows have no `closed`",
        "6 to 9; 3 rows have no `due`",
        "yes; 2 rows have no",
    ):
        assert said in text


@pytest.mark.parametrize("name", FORMATS)
def test_a_known_number_is_told_as_before(name: str, saved: Saved) -> None:
    text = told(saved("minimal_fail"), name)
    assert "18 of 20 = 90 %" in text
    assert "rows have no" not in text
    assert "Undetermined rows" not in text
