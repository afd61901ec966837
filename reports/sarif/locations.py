"""Where rules stand, as SARIF has places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.output import Json
from phasegate.reports.text.locations import location, uri

if TYPE_CHECKING:
    from phasegate.reports.report import Report


def locations(report: Report, at: str) -> list[Json]:
    """The place of a rule; none where none is told.

    Args:
        report: the record, and the paths of its files in the repository.
        at: the place as the record has it.
    """
    found = location(at)
    if not found.file:
        return []
    # From the root of the repository where the file lies in it; a location there must be in any case.
    file = (report.files or {}).get(found.file, found.file)
    physical: Json = {"artifactLocation": {"uri": uri(file)}}
    if found.line is not None:
        physical["region"] = {"startLine": found.line}
    return [{"physicalLocation": physical}]
