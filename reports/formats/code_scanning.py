"""SARIF for code scanning: a result for each criterion that keeps a gate shut, and for nothing else.

GitHub's code scanning makes an alert of every result, whatever kind it is of and whether or not it is
suppressed, and none of a notification. So what passes, does not apply or is waived has no result here, and
an error has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.formats.sarif import log, result
from phasegate.reports.output import Json, json_text
from phasegate.reports.sarif.notifications import advisory
from phasegate.reports.text.labels import verdict_sign
from phasegate.rules.model.verdict import HOLDING

if TYPE_CHECKING:
    from phasegate.records.schema import CriterionEntry
    from phasegate.reports.report import Report

MOST = 24_000
"""Criteria; GitHub refuses a run with more than 25,000 rules or results, and keeps the gravest 5,000."""
_GRAVEST = {"error": 0, "warning": 1}


def render(report: Report) -> str:
    """The record as a log with one run, whose results are alerts."""
    rules = report.record["criteria"]
    shut = [each for each in rules if each["verdict"] not in HOLDING]
    if len(rules) > MOST:
        rules = shut = sorted(shut, key=lambda each: _GRAVEST.get(_level(each), 2))[:MOST]
    return json_text(log(report, rules, [_alert(report, each) for each in shut]))


def _alert(report: Report, criterion: CriterionEntry) -> Json:
    return {**result(report, criterion), "kind": "fail", "level": _level(criterion)}


def _level(criterion: CriterionEntry) -> str:
    return "note" if advisory(criterion) else verdict_sign(criterion["verdict"]).level
