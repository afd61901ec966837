"""SARIF for code scanning: a result for each criterion that keeps a gate shut, and for nothing else.

GitHub's code scanning makes an alert of every result, whatever kind it is of and whether or not it is
suppressed, and none of a notification. So what passes, does not apply or is waived has no result here, and
an error has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.formats.sarif import advisory, log, result
from phasegate.reports.output import Json, json_text

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry
    from phasegate.reports.report import Report

_NO_ALERT = frozenset({"pass", "waived", "not_applicable"})
_LEVELS = {"fail": "error", "error": "error"}


def render(report: Report) -> str:
    """The record as a log with one run, whose results are alerts."""
    shut = [
        (place, each)
        for place, each in enumerate(report.record["criteria"])
        if each["verdict"] not in _NO_ALERT
    ]
    return json_text(log(report, [_alert(report, each, place) for place, each in shut]))


def _alert(report: Report, criterion: CriterionEntry, rule: int) -> Json:
    level = "note" if advisory(criterion) else _LEVELS.get(criterion["verdict"], "warning")
    return {**result(report, criterion, rule), "kind": "fail", "level": level}
