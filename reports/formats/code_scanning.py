"""SARIF for code scanning: a result for each criterion that keeps a gate shut, and for nothing else.

GitHub's code scanning makes an alert of every result, whatever kind it is of and whether or not it is
suppressed, and none of a notification. So what passes, does not apply or is waived has no result here, and
an error has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.formats.sarif import advisory, log, result
from phasegate.reports.json_text import Json, json_text
from phasegate.reports.text.labels import verdict_sign
from phasegate.rules.model.verdict import HOLDING

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry
    from phasegate.reports.report import Report


def render(report: Report) -> str:
    """The record as a log with one run, whose results are alerts."""
    shut = [
        (place, each)
        for place, each in enumerate(report.record["criteria"])
        if each["verdict"] not in HOLDING
    ]
    return json_text(log(report, [_alert(report, each, place) for place, each in shut]))


def _alert(report: Report, criterion: CriterionEntry, rule: int) -> Json:
    level = "note" if advisory(criterion) else verdict_sign(criterion["verdict"]).level
    return {**result(report, criterion, rule), "kind": "fail", "level": level}
