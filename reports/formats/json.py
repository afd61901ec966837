"""The record itself, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.records.build import to_json
from phasegate.records.schema import WHAT_IF
from phasegate.reports.output import as_json

if TYPE_CHECKING:
    from phasegate.reports.report import Report


def render(report: Report) -> str:
    """The record as it is kept in a file; that of a what-if stands in a document which is no record."""
    if "what_if" not in report.record:
        return to_json(report.record)
    return as_json({"schema": WHAT_IF, "what_if": report.record["what_if"], "record": report.record})
