"""The report as a workbook for Excel: three answers with charts, then a table each of all that was told.

The same record gives the same bytes: the workbook's date is the day that was decided, and XlsxWriter
writes no time of its own into the archive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from phasegate.reports.excel.sheets import attestations, criteria, requirements, sources, summary, waivers
from phasegate.reports.text.plain import visible
from phasegate.rules.errors import PhasegateError

if TYPE_CHECKING:
    from phasegate.reports.excel.workbook import Sheets
    from phasegate.reports.report import Report

_NOTHING_COMPUTED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_EARLIEST = dt.datetime(1980, 1, 1)  # noqa: DTZ001  a workbook's dates have no zone
_LONGEST_PROPERTY = 255


class ExcelMissingError(PhasegateError):
    """XlsxWriter is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "a workbook for Excel needs XlsxWriter", "install it with: pip install 'phasegate[excel]'"
        )


def render(report: Report) -> bytes:
    """The workbook.

    Raises:
        ExcelMissingError: if the extra ``excel`` is not installed.
    """
    from phasegate.reports.excel.questions import questions

    record = report.record

    def sheets(book: Sheets) -> None:
        for add in (questions, summary, criteria, requirements, waivers, attestations, sources):
            add(report, book)

    about = (record["title"], f"Verdicts as of {visible(record['as_of'])}", "a record", record["as_of"])
    return workbook_of(sheets, *about)


def workbook_of(add: Callable[[Sheets], None], title: str, subject: str, made_from: str, day: str) -> bytes:
    """A workbook in which nothing is computed.

    Args:
        add: adds its sheets.
        title: of the workbook.
        subject: what it is about.
        made_from: from what it was made.
        day: its date, so that the same gives the same bytes.

    Raises:
        ExcelMissingError: if the extra ``excel`` is not installed.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise ExcelMissingError from error
    from phasegate.reports.excel.workbook import Sheets

    out = BytesIO()
    with Workbook(out, _NOTHING_COMPUTED) as workbook:
        workbook.set_properties(
            {
                "title": visible(title)[:_LONGEST_PROPERTY],
                "subject": subject[:_LONGEST_PROPERTY],
                "comments": f"Made by phasegate from {made_from}; nothing in it is computed.",
                "created": _day(day),
            }
        )
        add(Sheets(workbook))
    return out.getvalue()


def _day(as_of: str) -> dt.datetime:
    try:
        return max(dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time()), _EARLIEST)
    except ValueError:
        return _EARLIEST
