"""The record itself, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.records.build import to_json

if TYPE_CHECKING:
    from phasegate.reports.report import Report


def render(report: Report) -> str:
    """The record as it is kept in a file."""
    return to_json(report.record)
