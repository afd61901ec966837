r"""The report as CSV (RFC 4180): one row a requirement, for spreadsheets and databases.

UTF-8 without a byte order mark: with one, programs that do not expect it call the first column
``\ufeffrequirement``, and who opens the table in Excel is better served by ``--format excel``.
A line break within a text becomes a space, so that a line is a row for tools that read by lines. Texts
are cut at what a cell of Excel holds, which is also less than Python's own reader takes.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING

from phasegate.reports.text.verdict_rows import COLUMNS, fitting, rows

if TYPE_CHECKING:
    from phasegate.reports.report import Report

_AMOUNT = r"[+-]?[0-9][0-9,]{0,1000}(\.[0-9]{1,1000})?( (%|[^\W\d_]{2,30}))?"
# A number, or a margin such as `-15 points to +5 points`: nothing there can be computed.
_NUMBER = re.compile(rf"{_AMOUNT}( to {_AMOUNT})?")
# Full-width and small forms are computed as well where Chinese, Japanese or Korean is set.
_STARTS = "=+\\-@\t\r\n＝＋－＠﹦﹢﹣﹫"
_FORMULA = re.compile(rf"[\s\"'‘’“”]*[{_STARTS}]")
# Where the list separator is a semicolon, a cell may begin after each one.
_NEXT_CELL = re.compile(rf"(;[\s\"]*)(?=[{_STARTS}])")


def render(report: Report) -> str:
    """The table with its heads; lines end with CR and LF."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    told: dict[str, str] = {}  # most texts stand in many rows
    for row in rows(report):
        cells = [row[column] for column in COLUMNS]
        told.update((text, defused(text)) for text in cells if text not in told)
        writer.writerow([told[text] for text in cells])
    return out.getvalue()


def defused(text: str) -> str:
    """A text that no spreadsheet computes; numbers stay numbers, and so do those with a unit.

    What could be a formula gets an apostrophe in front, which Excel takes for the mark of a text. So
    does what already has one there: taking away one apostrophe before such a text gives it back.
    """
    if text[:1].isalpha() and ";" not in text:  # most are names: nothing begins a cell in them
        return fitting(text)
    if _NUMBER.fullmatch(text):
        return text
    start = "'" if _FORMULA.match(text) else ""
    return start + _NEXT_CELL.sub(r"\1'", fitting(text))
