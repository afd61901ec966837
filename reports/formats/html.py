"""The report as one page: it needs no script, asks for nothing, and reads without its style too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from phasegate.reports.brief.brief import brief as brief_of
from phasegate.reports.html.anchors import Anchors
from phasegate.reports.html.changes import changes
from phasegate.reports.html.ends import ends
from phasegate.reports.html.filters import Filters
from phasegate.reports.html.findings import Findings
from phasegate.reports.html.first import answer, disagreements, head
from phasegate.reports.html.gates import gates
from phasegate.reports.html.markup import Markup, joined, tag, void
from phasegate.reports.html.matrix import Matrix
from phasegate.reports.html.provenance import footer, sources
from phasegate.reports.html.signoff import sign_off
from phasegate.reports.html.stories import Stories
from phasegate.reports.html.style import STYLE, policy
from phasegate.reports.html.takes import takes
from phasegate.reports.html.targets import figures, ways
from phasegate.reports.terminal.gates import gates_shown
from phasegate.reports.text.labels import STARTS, state_sign

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief
    from phasegate.reports.report import Report


def render(report: Report) -> str:
    """The page: three questions first, then each step one nearer to proof."""
    return "".join(_parts(report))  # once, for it is long


def body(report: Report) -> tuple[Markup, str]:
    """What is on the page, and the rules of style that it needs beside the style of all pages.

    For a page that has a head of its own.
    """
    brief = _brief(report)
    filters = Filters(report, brief)
    return Markup("".join(_body(report, brief, filters))), filters.rules()


def _parts(report: Report) -> Iterator[str]:
    brief = _brief(report)
    filters = Filters(report, brief)
    style = f"{STYLE}{filters.rules()}"
    yield '<!DOCTYPE html>\n<html lang="en"><head>'
    yield void("meta", charset="utf-8")
    yield void("meta", http_equiv="Content-Security-Policy", content=policy(style))
    yield void("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield void("meta", name="color-scheme", content="light dark")
    yield void("meta", name="referrer", content="no-referrer")
    yield tag("title", _title(report))
    yield tag("style", Markup(style))
    yield "</head><body>"
    yield tag("a", "To the verdict", href="#verdict", class_="skip")
    yield from _body(report, brief, filters)
    yield "</body></html>\n"


def _brief(report: Report) -> Brief:
    """The page's data, with the gates that a run of these ids shows."""
    brief = brief_of(report)
    shown = {each["id"] for each in gates_shown(report.record, report.overdue)}
    return replace(brief, gates=tuple(each for each in brief.gates if each.id in shown))


def _body(report: Report, brief: Brief, filters: Filters) -> Iterator[str]:
    anchors = Anchors(report.record)
    matrix = Matrix(report, brief, anchors, filters).shown()
    findings = Findings(report, brief, anchors, filters).shown()
    stories = Stories(report, anchors, filters, brief.axis)
    figured = figures(brief, anchors, filters)
    tables = sources(report, anchors)
    named = [
        *([("points", "Criteria")] if matrix else []),
        *([("findings", "Findings")] if findings else []),
        *stories.sections(),
        *([("figures", "Targets")] if figured else []),
        ("sign-off", "Sign-off"),
        *([("sources", "Sources")] if tables else []),
        ("provenance", "Provenance"),
    ]
    yield head(report, brief, named)
    yield "<main>"
    yield joined([disagreements(report, anchors), answer(report, brief)])
    first = [
        gates(brief, anchors),
        changes(brief, anchors),
        takes(brief, anchors),
        ways(brief, anchors),
        ends(brief),
    ]
    yield tag("div", *first, class_="first" if first[0] or first[3] else "first two")
    yield joined([matrix, findings])
    yield from stories.parts()
    yield joined([figured, sign_off(report, brief), tables])
    yield "</main>"
    yield footer(report, brief)


def _title(report: Report) -> str:
    """The verdict before the title, for there are many tabs."""
    record = report.record
    word = STARTS if "what_if" in record else state_sign(record["outcome"]).word
    return f"{word}: {_start(record['title'], 36)}, as of {_start(record['as_of'], 10)}"


def _start(said: str, length: int) -> str:
    """The start of a text, for a tab of a browser: there is no room for more."""
    return said if len(said) <= length else f"{said[: length - 3]}..."
