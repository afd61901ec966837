"""The report as one page: it needs no script, asks for nothing, and reads without its style too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.hypertext.anchors import Anchors
from phasegate.reports.hypertext.markup import Markup, joined, tag, void
from phasegate.reports.hypertext.overview import counts, gates, head, matrix
from phasegate.reports.hypertext.plots import targets
from phasegate.reports.hypertext.provenance import calendar, footer, sources
from phasegate.reports.hypertext.stories import Stories
from phasegate.reports.hypertext.style import STYLE, policy

if TYPE_CHECKING:
    from phasegate.reports.report import Report


def render(report: Report) -> str:
    """The page: verdict and gates first, then all points at a glance, then each story."""
    anchors = Anchors(report.record)
    glance = [part(report, anchors) for part in (gates, matrix, targets)]
    parts = (
        *glance,
        *Stories(report, anchors).sections(),
        calendar(report, anchors),
        sources(report, anchors),
    )
    body = tag(
        "body",
        tag("a", "To the verdict", href="#verdict", class_="skip"),
        tag("header", head(report, anchors), id="verdict"),
        tag("main", counts(report), *parts),
        footer(report),
    )
    meta = [
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=policy()),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="referrer", content="no-referrer"),
        tag("title", f"{_start(report.record['title'], 50)}, as of {_start(report.record['as_of'], 10)}"),
        tag("style", Markup(STYLE)),
    ]
    page = tag("html", tag("head", *meta), body, lang="en")
    return joined([Markup("<!DOCTYPE html>\n"), page, Markup("\n")])


def _start(said: str, length: int) -> str:
    """The start of a text, for a tab of a browser: there is no room for more."""
    return said if len(said) <= length else f"{said[: length - 3]}..."
