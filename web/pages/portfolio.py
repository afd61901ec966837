"""All projects that one may read, each as it stands today, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phasegate.monitoring.portfolio.standing import Standing
from phasegate.reports.html.markup import Markup, joined, state_chip, tag
from phasegate.reports.portfolio.words import ends_said, last_run_said, score_said
from phasegate.reports.text.plain import counted
from phasegate.reports.text.sentences import gate_label
from phasegate.rules.errors import PhasegateError
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import bullets, document, table

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import PortfolioRow
    from phasegate.web.asked import Asked
    from phasegate.web.ledgers.served import ServedProject


class _Row(NamedTuple):
    standing: Standing
    shown: Markup


HEADS = ("Project", "Today", "Gates", "Criteria that pass", "Overdue", "Ends next", "Newest run", "Why")


def page(asked: Asked) -> Answer:
    """The first page."""
    found = sorted((_row(asked, each) for each in asked.projects), key=lambda each: -each.standing)
    parts = [tag("h1", asked.config.title)]
    if found:
        many = counted(len(found), "project")
        caption = f"{many}, the worst first. None stands better than its runs decided, less what ended since."
        parts.append(table("Projects", caption, HEADS, [each.shown for each in found]))
    else:
        parts.append(tag("p", "There is no project that you may read."))
    return Answer(document(asked.config.title, *parts, asked=asked))


def _row(asked: Asked, project: ServedProject) -> _Row:
    name = link(address(project.key), project.key)
    if not asked.viewer.may_read_whole(project.key):
        return _Row(Standing.OPEN, _cells(name, "some areas of it", "", "", "", "", "", ""))
    try:
        with asked.of(project) as own:
            row = own.today()
            title = project.title
    except PhasegateError as error:
        told = state_chip("error")
        return _Row(Standing.ERROR, _cells(name, told, "", "", "", "", "", error.message))
    gates = [
        joined(
            [
                link(address(project.key, "gate", id=each.id), gate_label(each.id)),
                " ",
                state_chip(each.standing.word),
            ]
        )
        for each in row.gates
    ]
    shown = _cells(
        link(address(project.key), title),
        state_chip(row.standing.word),
        joined(gates, "<br>"),
        score_said(row),
        counted(row.overdue_days, "day") if row.overdue_days else "",
        ends_said(row) if row.last_run is not None else "",
        last_run_said(row),
        bullets(*row.why, *row.hints) if row.why else "",
    )
    return _Row(row.standing, shown)


def _cells(name: Markup, *cells: Markup | str) -> Markup:
    return tag("tr", tag("th", name, scope="row"), *(tag("td", each) for each in cells))


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
