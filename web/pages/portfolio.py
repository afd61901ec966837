"""All projects that one may read, each as it stands today, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phasegate.monitoring.portfolio.standing import Standing
from phasegate.reports.html.markup import Markup, state_chip, tag
from phasegate.reports.html.rows import STACKED, row
from phasegate.reports.portfolio.html import at_a_glance
from phasegate.reports.portfolio.words import ends_shortly, last_run_said, score_said
from phasegate.reports.text.plain import counted
from phasegate.rules.errors import PhasegateError
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import bullets, document, first_of, table

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import PortfolioRow
    from phasegate.web.asked import Asked
    from phasegate.web.ledgers.served import ServedProject


class _Row(NamedTuple):
    standing: Standing
    shown: Markup


HEADS = ("Project", "Today", "Gates", "Criteria that pass", "Overdue", "Ends next", "Newest run", "Why")
MOST_REASONS = 3
"""So many reasons of a project are told before its own page tells all of them."""


def page(asked: Asked) -> Answer:
    """The first page."""
    found = sorted((_row(asked, each) for each in asked.projects), key=lambda each: -each.standing)
    parts = [tag("h1", asked.config.title)]
    if found:
        many = counted(len(found), "project")
        caption = f"{many}, the worst first. None stands better than its runs decided, less what ended since."
        parts.append(table("Projects", caption, HEADS, [each.shown for each in found], STACKED))
    else:
        parts.append(tag("p", "There is no project that you may read."))
    return Answer(document(asked.config.title, *parts, asked=asked))


def _row(asked: Asked, project: ServedProject) -> _Row:
    name = link(address(project.key), project.key)
    if not asked.viewer.may_read_whole(project.key):
        return _Row(Standing.OPEN, row(name, "some areas of it", "", "", "", "", "", ""))
    try:
        with asked.of(project) as own:
            today = own.today()
            title = project.title
    except PhasegateError as error:
        told = state_chip("error")
        return _Row(Standing.ERROR, row(name, told, "", "", "", "", "", error.message))
    shown = row(
        link(address(project.key), title),
        state_chip(today.standing.word),
        at_a_glance(today.gates, lambda gate: link(address(project.key, "gate", id=gate.id), gate.id)),
        score_said(today),
        counted(today.overdue_days, "day") if today.overdue_days else "",
        ends_shortly(today),
        last_run_said(today),
        _why(project.key, today),
        heads=HEADS,
    )
    return _Row(today.standing, shown)


def _why(key: str, today: PortfolioRow) -> Markup | None:
    """The first reasons why a project stands as it does; the others stand on its own page."""
    if not today.why:
        return None
    return bullets(*first_of(today.why, MOST_REASONS, address(key)), *today.hints)


def since(row: PortfolioRow, gate: str, run: int) -> tuple[str, tuple[str, ...]] | None:
    """How a gate stands today and why, where that is not as a run decided it; None where it is.

    Another run than the one at hand may be the one that counts, such as of the cycle that the project is in.

    Where nobody can tell, such as of a run that looked back, it is an error: it was not decided for today.
    """
    found = next((each for each in row.gates if each.id == gate), None)
    if found is None:
        told = row.why or ("no run that stands for its day has decided it",)
        return Standing.ERROR.word, (*told, *row.hints)
    if found.run != run:
        return found.standing.word, (f"what counts is run {found.run}, as of {found.as_of}", *found.why)
    return None if found.standing.word == found.decided else (found.standing.word, found.why)
