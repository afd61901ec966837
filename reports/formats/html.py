"""The report as one page: it needs no script, asks for nothing, and reads without its style too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phasegate.reports.html.anchors import Anchors
from phasegate.reports.html.markup import Markup, contents, tag, void
from phasegate.reports.html.overview import counts, gates, head, matrix
from phasegate.reports.html.plots import targets
from phasegate.reports.html.provenance import calendar, footer, sources
from phasegate.reports.html.stories import Stories
from phasegate.reports.html.style import STYLE, policy
from phasegate.reports.text.labels import STARTS

if TYPE_CHECKING:
    from phasegate.reports.report import Report


_Parts = tuple[tuple[str, str, Callable[["Report", Anchors], Markup | None]], ...]
_BEFORE: _Parts = (("gates", "Gates", gates), ("points", "Points", matrix), ("targets", "Targets", targets))
_AFTER: _Parts = (("next", "What ends next", calendar), ("sources", "Sources", sources))


def render(report: Report) -> str:
    """The page: verdict and gates first, then all points at a glance, then each story."""
    return "".join(_parts(report))  # once, for it is long


def body(report: Report) -> str:
    """What is on the page, for a page that has a head of its own."""
    return "".join(_body(report))


def _parts(report: Report) -> Iterator[str]:
    title = f"{_start(report.record['title'], 50)}, as of {_start(report.record['as_of'], 10)}"
    title = f"{STARTS}: {title}" if "what_if" in report.record else title
    yield '<!DOCTYPE html>\n<html lang="en"><head>'
    yield void("meta", charset="utf-8")
    yield void("meta", http_equiv="Content-Security-Policy", content=policy())
    yield void("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield void("meta", name="referrer", content="no-referrer")
    yield tag("title", title)
    yield tag("style", Markup(STYLE))
    yield "</head><body>"
    yield from _body(report)
    yield "</body></html>\n"


def _body(report: Report) -> Iterator[str]:
    anchors = Anchors(report.record)
    yield tag("a", "To the verdict", href="#verdict", class_="skip")
    yield tag("header", head(report, anchors), id="verdict")
    before = _sections(report, anchors, _BEFORE)
    stories = Stories(report, anchors)
    after = _sections(report, anchors, _AFTER)
    named = [*before, *stories.sections(), *after]
    yield contents([*[(each[0], each[1]) for each in named], ("provenance", "Provenance")])
    yield "<main>"
    yield counts(report)
    yield from (part for _, _, part in before)
    yield from stories.parts()
    yield from (part for _, _, part in after)
    yield "</main>"
    yield footer(report)


def _sections(report: Report, anchors: Anchors, parts: _Parts) -> list[tuple[str, str, Markup]]:
    """Name, title and content of the sections that there is something to tell in."""
    return [(name, title, part) for name, title, told in parts if (part := told(report, anchors))]


def _start(said: str, length: int) -> str:
    """The start of a text, for a tab of a browser: there is no room for more."""
    return said if len(said) <= length else f"{said[: length - 3]}..."
