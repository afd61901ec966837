"""The report as one page: it needs no script, asks for nothing, and reads without its style too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.hypertext.anchors import Anchors
from phasegate.reports.hypertext.markup import Markup, tag, void
from phasegate.reports.hypertext.overview import counts, gates, head, matrix
from phasegate.reports.hypertext.plots import targets
from phasegate.reports.hypertext.provenance import calendar, footer, sources
from phasegate.reports.hypertext.stories import Stories
from phasegate.reports.hypertext.style import STYLE, policy

if TYPE_CHECKING:
    from phasegate.reports.report import Report


def render(report: Report) -> str:
    """The page: verdict and gates first, then all points at a glance, then each story."""
    return "".join(_parts(report))  # once, for it is long


def _parts(report: Report) -> Iterator[str]:
    anchors = Anchors(report.record)
    title = f"{_start(report.record['title'], 50)}, as of {_start(report.record['as_of'], 10)}"
    yield '<!DOCTYPE html>\n<html lang="en"><head>'
    yield void("meta", charset="utf-8")
    yield void("meta", http_equiv="Content-Security-Policy", content=policy())
    yield void("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield void("meta", name="referrer", content="no-referrer")
    yield tag("title", title)
    yield tag("style", Markup(STYLE))
    yield "</head><body>"
    yield tag("a", "To the verdict", href="#verdict", class_="skip")
    yield tag("header", head(report, anchors), id="verdict")
    yield "<main>"
    yield counts(report)
    yield from (part for each in (gates, matrix, targets) if (part := each(report, anchors)))
    yield from Stories(report, anchors).parts()
    yield from (part for each in (calendar, sources) if (part := each(report, anchors)))
    yield "</main>"
    yield footer(report)
    yield "</body></html>\n"


def _start(said: str, length: int) -> str:
    """The start of a text, for a tab of a browser: there is no room for more."""
    return said if len(said) <= length else f"{said[: length - 3]}..."
