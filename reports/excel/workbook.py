"""Where a report meets XlsxWriter: sheets of texts and whole numbers, and nothing that is computed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.text.verdict_rows import fitting

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
NARROWEST, WIDEST = 8, 74
"""Columns are as wide as their contents, within these, in characters: a digest has its line."""
LINE, MOST_LINES = 15, 20
"""Points that a line of text takes, and how many lines of a cell are shown."""
READABLE = 330
"""Characters of a row that can still be read where it is printed on one page's width."""
# Excel keeps 15 digits of a number; more of them stay a text, so that none is lost.
_NUMBER = re.compile(r"(0|-?[1-9][0-9]{0,14})")
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


class Cell(NamedTuple):
    """A cell's text, and how it is shown.

    Attributes:
        text: as the record has it.
        colour: the verdict or state that it tells; empty for none.
        number: whether it is written as a number where it is one.
    """

    text: str
    colour: str = ""
    number: bool = False


class Sheets:
    """Adds tables to a workbook, a sheet each.

    Args:
        workbook: an open one.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._head = workbook.add_format({"bold": True, "bg_color": "#D9D9D9", "valign": "top"})
        self._plain = workbook.add_format({"valign": "top", "text_wrap": True})
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
            widths = [max(width, len(cell.text) + 1) for width, cell in zip(widths, line, strict=True)]
        widths = [min(width, WIDEST) for width in widths]
        for column, (head, width) in enumerate(zip(shown, widths, strict=True)):
            sheet.write_string(0, column, head, self._head)
            sheet.set_column(column, column, width)
        for place, line in enumerate(lines[: MOST_ROWS - 1], 1):
            # Not every reader makes a row as high as its wrapped texts.
            high = max(
                (1 + len(cell.text) // width for cell, width in zip(line, widths, strict=True)), default=1
            )
            sheet.set_row(place, min(high, MOST_LINES) * LINE)
            for column, cell in enumerate(line):
                self._write(sheet, place, column, cell)
        if len(heads) > MOST_COLUMNS or len(lines) >= MOST_ROWS:
            sheet.write_comment(0, 0, "Excel has no room for the whole table; the CSV has it.")
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, min(len(lines), MOST_ROWS - 1), len(shown) - 1)
        _to_print(sheet, sum(widths))

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        style: Format = self._colours.get(cell.colour, self._plain)
        if cell.number and _NUMBER.fullmatch(cell.text):
            sheet.write_number(row, column, int(cell.text), style)
        elif cell.text:
            sheet.write_string(row, column, fitting(cell.text), style)


def _to_print(sheet: Worksheet, width: int) -> None:
    """Prints across the page, the heads on each; on one page's width where that can be read."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    if width <= READABLE:
        sheet.fit_to_pages(1, 0)
