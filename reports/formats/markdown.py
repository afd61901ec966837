"""The report as Markdown: for a comment on a pull request, or the summary of a step.

GitHub takes 65,536 characters for a comment and 1 MiB for a summary. However much fails, this stays
below 60,000 and says what it left out: each part has room up to a mark, and leaves what it does not
need to the parts that follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.brief.brief import brief
from phasegate.reports.markdown import questions, tables
from phasegate.reports.markdown import verdicts as parts
from phasegate.reports.markdown.text import Sheet, code, text
from phasegate.reports.text.labels import NOT_KEPT, state_sign
from phasegate.reports.text.plain import counted
from phasegate.reports.text.provenance import approval_line, run_line
from phasegate.reports.text.sentences import criterion_counts, cycle_line, outcome_line, supposed_line

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.report import Report

LIMIT = 60_000
"""Bytes of UTF-8 that the report may have; what is told at its end needs less than 5,000."""
_PARTS = (
    (parts.failed, 36_000),
    (parts.undecided, 41_000),
    (parts.waived, 44_500),
    (tables.attested, 46_000),
    (tables.advisory, 47_000),
    (tables.sources, 49_000),
    (tables.idle_waivers, 50_000),
    (tables.points, 52_500),
    (tables.targets, 53_500),
    (parts.passed, 55_000),
)
"""The parts behind the gates, what changed and what it takes, and where the page must end after each."""
_LONG, _SHOWN = 600, 5


def render(report: Report) -> str:
    """The report; its first line is the outcome and the reason of it."""
    sheet = Sheet(_whole(report))
    sign = state_sign(report.record["outcome"])
    said = outcome_line(report.record, report.ended_with, report.strict)
    sheet.add(f"## {text(sign.mark)} {text(said, _LONG)}")
    if not report.quiet:
        _head(report, sheet)
        told = brief(report)
        _answer(told, sheet)
        parts.gates(report, sheet, 9_000)
        questions.changed(told, sheet, 14_000)
        questions.takes(told, sheet, 20_000)
        for part, mark in _PARTS:
            part(report, sheet, mark)
        _foot(report, sheet)
    return sheet.text()


def _answer(told: Brief, sheet: Sheet) -> None:
    """May we advance, in a sentence, and what must be known before it is believed."""
    sheet.add("", f"**{text(told.answer.sentence, _LONG)}** {text(told.answer.score.said)}.")
    for each in told.answer.because:
        sheet.add("", text(each))


def _whole(report: Report) -> str:
    options = "--format html -o report.html"
    if report.kept is None:
        return f"the same command with `{options}` tells the whole."
    return f"`phasegate report {report.kept.run} {options}` tells the whole."


def _head(report: Report, sheet: Sheet) -> None:
    record = report.record
    if (supposed := supposed_line(record)) is not None:
        sheet.add("", f"**{text(supposed)}**")
    told = [text(record["title"])]
    if (cycle := cycle_line(record)) is not None:
        told.append(text(cycle, 100))
    if record["scope"] and record["kind"] == "check":
        told.append(f"only {text(', '.join(record['scope']))}")
    sheet.add("", " · ".join(part for part in told if part))
    sheet.add("", text(run_line(record, report.kept)))
    found = record["disagreements"]
    if found:
        number = counted(len(found), "verdict")
        sheet.add("", f"**! THE ENGINES DISAGREE on {number}.** This is a fault of phasegate: nothing below")
        sheet.add("can be relied upon. Please report it, with the record.", "")
    for each in found[:_SHOWN]:
        what, one, other = (str(each.get(key)) for key in ("id", "inferred", "evaluated"))
        sheet.add(f"- {code(what, 100)}: inferred {code(one, 50)}, evaluated {code(other, 50)}")


def _foot(report: Report, sheet: Sheet) -> None:
    record, kept = report.record, report.kept
    sheet.add("", "### Counts", "", *tables.counts(record), "", text(criterion_counts(record)))
    sheet.add("", text(approval_line(record)), "")
    if kept is not None:
        sheet.add(
            f"- Kept as run {kept.run} in {code(kept.name, 100)}; checkpoint {code(kept.checkpoint, 120)}"
        )
    pack = record["pack"]
    rules = f"{text(pack['title'], 100)}, version {text(pack['version'], 40)}"
    sheet.add(f"- Rules: {rules}, {code(pack['digest'], 100)}")
    sheet.add(f"- Record: {code(report.digest or 'no digest')}")
    sheet.add(f"- Made with phasegate {text(record['versions'].get('phasegate', '?'), 40)}")
    if "what_if" in record:
        sheet.add("", f"**{NOT_KEPT}**")
