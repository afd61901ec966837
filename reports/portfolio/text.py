"""A portfolio on a terminal: a line a project, the worst first, and below it why it stands so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.portfolio.words import (
    NOTHING,
    asked_said,
    ends_said,
    gates_said,
    last_run_said,
    overdue_lines,
    score_said,
    sign_of,
    verdict_line,
    verified_said,
)
from phasegate.reports.terminal.page import Page
from phasegate.reports.text.plain import moment, visible

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import Portfolio, PortfolioRow

MOST = 5
"""So many reasons of one project are told."""


def render(found: Portfolio, *, width: int, colour: bool) -> str:
    """The portfolio, the verdict last, where a terminal shows it."""
    page = Page(width, colour)
    page.line((f"{visible(found.title)}, {moment(found.now)}", "bold"))
    page.line((asked_said(found), "dim"))
    for row in found.rows:
        page.blank()
        sign = sign_of(row.standing)
        page.item(
            [(f"{sign.mark} {sign.word}", sign.style), "  "],
            [(visible(row.name), "bold"), f"  {visible(row.project)}" if row.project else ""],
        )
        for label, told, style in _lines(row):
            page.item([(label, "dim")], [(told, style)], indent=4, label_width=12)
    page.blank()
    page.line((verdict_line(found), sign_of(found.rolled_up.standing).style))
    return page.text()


def _lines(row: PortfolioRow) -> Iterator[tuple[str, str, str]]:
    """Label, text and style of what is told of a project."""
    if row.last_run is not None:
        yield "gates", gates_said(row), ""
        yield "score", score_said(row), ""
        yield "last run", last_run_said(row), ""
    for line in overdue_lines(row):
        yield "overdue", line, "bold yellow"
    for number, line in enumerate(row.why[:MOST]):
        yield ("" if number else "why"), visible(line), ""
    if len(row.why) > MOST:
        yield "", f"and {len(row.why) - MOST:,} more; the other formats tell all", ""
    for line in row.hints:
        yield "help", visible(line), ""
    if (ends := ends_said(row)) != NOTHING:
        yield "ends next", ends, ""
    yield "verified", verified_said(row), ""
    for line in row.notes:
        yield "note", visible(line), ""
