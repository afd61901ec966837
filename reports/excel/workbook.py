"""Where a report meets XlsxWriter: sheets of texts, numbers and dates, and nothing that is computed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from phasegate.reports.text.verdict_rows import fitting

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
NARROWEST, WIDEST = 8, 74
"""Columns are as wide as their contents, within these, in characters: a digest has its line."""
LINE, MOST_LINES = 15, 20
"""Points that a line of text takes, and how many lines of a cell are shown."""
READABLE = 330
"""Characters of a row that can still be read where it is printed on one page's width."""
MOST_DIGITS = 15
"""So many digits of a number are kept by Excel; one with more stays a text, so that none is lost."""
_MOST_PLACES = 30
"""So many places a number's form may have."""
_NUMBER = re.compile(r"-?[0-9]{1,1000}(\.[0-9]{1,1000})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?")
_FIRST_YEAR = 1901
"""Excel takes 1900 for a leap year, and knows no day before it."""
_FILLS = {
    "fail": ("#FFC7CE", "#7A0012"), "closed": ("#FFC7CE", "#7A0012"),
    "error": ("#E9D2F4", "#5B1A78"),
    "stale": ("#FFEB9C", "#664700"), "unknown": ("#FFEB9C", "#664700"),
    "undecided": ("#FFEB9C", "#664700"), "nothing": ("#FFEB9C", "#664700"),
    "waived": ("#CDE9F5", "#0B4A63"), "open_with_waivers": ("#CDE9F5", "#0B4A63"),
    "pass": ("#C6EFCE", "#0A5216"), "open": ("#C6EFCE", "#0A5216"),
    "not_applicable": ("#EDEDED", "#4A4A4A"),
}  # fmt: skip
"""Background and text by verdict or state; the contrast of each is 7 to 1 or better."""


Kind = Literal["text", "number", "percent", "date"]


class Cell(NamedTuple):
    """A cell's text, and how it is shown.

    Attributes:
        text: as the record has it; a percentage in percent.
        colour: the verdict or state that it tells; empty for none.
        kind: what it is written as, where its text is one. A number is shown with the digits that it has,
            a moment in UTC.
    """

    text: str
    colour: str = ""
    kind: Kind = "text"


class Sheets:
    """Adds tables to a workbook, a sheet each.

    Args:
        workbook: an open one.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._head = workbook.add_format({"bold": True, "bg_color": "#D9D9D9", "valign": "top"})
        self._plain = workbook.add_format({"valign": "top", "text_wrap": True})
        self._shown: dict[str, Format] = {}
        self._colours = {
            name: workbook.add_format(
                {"valign": "top", "text_wrap": True, "bg_color": back, "font_color": front}
            )
            for name, (back, front) in _FILLS.items()
        }

    def table(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """A sheet with a row of heads that stays in view, and a filter on every column.

        Args:
            name: of the sheet.
            heads: of the columns; those that Excel has no room for are left out, as a note says.
            rows: as many cells each as there are heads.
        """
        sheet = self._workbook.add_worksheet(name)
        shown = [fitting(head) for head in heads[:MOST_COLUMNS]]
        lines = [row[:MOST_COLUMNS] for row in islice(rows, MOST_ROWS)]
        widths = [max(len(head) + 3, NARROWEST) for head in shown]  # the filter's arrow takes some
        for line in lines:
            for column, cell in enumerate(line):
                if cell.text and (length := _length(cell) + 1) > widths[column]:
                    widths[column] = length
        widths = [min(width, WIDEST) for width in widths]
        for column, (head, width) in enumerate(zip(shown, widths, strict=True)):
            sheet.write_string(0, column, head, self._head)
            sheet.set_column(column, column, width)
        for place, line in enumerate(lines[: MOST_ROWS - 1], 1):
            # Not every reader makes a row as high as its wrapped texts.
            high = 1
            for column, cell in enumerate(line):
                if cell.text:  # half of them have none
                    high = max(high, 1 + len(cell.text) // widths[column])
                    self._write(sheet, place, column, cell)
            sheet.set_row(place, min(high, MOST_LINES) * LINE)
        if len(heads) > MOST_COLUMNS or len(lines) >= MOST_ROWS:
            sheet.write_comment(0, 0, "Excel has no room for the whole table; the CSV has it.")
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, min(len(lines), MOST_ROWS - 1), len(shown) - 1)
        _to_print(sheet, sum(widths))

    def page(self, name: str, widths: Sequence[int]) -> Worksheet:
        """A sheet for words and charts, without heads and filters; printed on one page's width.

        Args:
            name: of the sheet.
            widths: of its columns, in characters.
        """
        sheet = self._workbook.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def heading(self, sheet: Worksheet, row: int, text: str, *, title: bool = False) -> None:
        """A heading in the first column of a page."""
        style = self._workbook.add_format({"bold": True, "font_size": 16 if title else 13})
        sheet.set_row(row, 24 if title else 20)
        sheet.write_string(row, 0, fitting(text), style)

    def heads(self, sheet: Worksheet, row: int, heads: Sequence[str]) -> None:
        """The heads of a table within a page."""
        for column, head in enumerate(heads):
            sheet.write_string(row, column, head, self._head)

    def cell(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        """A cell of a page."""
        self._write(sheet, row, column, cell)

    def across(self, sheet: Worksheet, row: int, first: int, last: int, cell: Cell) -> None:
        """A cell of a page that reaches over several columns."""
        style = self._colours.get(cell.colour, self._plain)
        if first == last:
            sheet.write_string(row, first, fitting(cell.text), style)
        else:
            sheet.merge_range(row, first, row, last, "", style)
            sheet.write_string(row, first, fitting(cell.text), style)

    def chart(self, kind: str) -> Chart:
        """A chart that is still to be filled and placed."""
        return self._workbook.add_chart({"type": kind})

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if cell.kind == "text":
            self._write_text(sheet, row, column, cell)
        elif (found := _number(cell)) is not None:
            number, shown = found
            sheet.write_number(row, column, number, self._as(shown))
        elif cell.kind == "date" and (day := _date(cell.text)) is not None:
            clock = "" if type(day) is dt.date else ' hh:mm:ss "UTC"'
            sheet.write_datetime(row, column, day, self._as(f"yyyy-mm-dd{clock}"))
        else:
            self._write_text(sheet, row, column, cell)

    def _write_text(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if cell.text:
            sheet.write_string(row, column, fitting(cell.text), self._colours.get(cell.colour, self._plain))

    def _as(self, shown: str) -> Format:
        """The style of numbers and dates that are shown in some form."""
        if shown not in self._shown:
            style: dict[str, Any] = {"valign": "top", "num_format": shown}
            self._shown[shown] = self._workbook.add_format(style)
        return self._shown[shown]


def _length(cell: Cell) -> int:
    """How many characters of a cell are shown; Excel shows none of a number or a date that has less room."""
    if cell.kind == "date" and "T" in cell.text:
        return len("2026-03-01 00:00:00 UTC")
    return len(cell.text) + (cell.kind == "percent")


def is_number(text: str) -> bool:
    """Whether a text is digits, with a sign and a point where there are such."""
    return _NUMBER.fullmatch(text) is not None


def _number(cell: Cell) -> tuple[float, str] | None:
    """A cell's number, and the form in which all of its digits are shown; None where it is none."""
    if cell.kind not in ("number", "percent") or not is_number(cell.text):
        return None
    digits, places = cell.text.lstrip("-").replace(".", "").lstrip("0"), len(cell.text.partition(".")[2])
    if len(digits) > MOST_DIGITS or places > _MOST_PLACES:
        return None
    shown = f"0.{'0' * places}" if places else "0"
    if cell.kind == "percent":
        return float(Decimal(cell.text) / 100), f"{shown}%"
    return (float(cell.text), shown) if places else (int(cell.text), "General")


def _date(text: str) -> dt.date | dt.datetime | None:
    """A day, or a moment as the clock of UTC shows it; None where Excel has no such one."""
    if not _DATE.fullmatch(text):
        return None
    try:
        if "T" not in text:
            day = dt.date.fromisoformat(text)
            return day if day.year >= _FIRST_YEAR else None
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= _FIRST_YEAR else None


def _to_print(sheet: Worksheet, width: int) -> None:
    """Prints across the page, the heads on each; on one page's width where that can be read."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    if width <= READABLE:
        sheet.fit_to_pages(1, 0)
