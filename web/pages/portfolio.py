"""All projects that one may read, each as it stands today, the worst first, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phasegate.monitoring.portfolio.model import Portfolio, PortfolioRow
from phasegate.monitoring.portfolio.read import Distinct
from phasegate.monitoring.portfolio.rollup import roll_up
from phasegate.monitoring.portfolio.standing import Standing
from phasegate.reports.html.first import boxed
from phasegate.reports.html.markup import (
    Child,
    Markup,
    filled,
    joined,
    section,
    state,
    state_chip,
    state_tone,
    tag,
)
from phasegate.reports.portfolio.html import at_a_glance, counts
from phasegate.reports.portfolio.words import (
    asked_said,
    ends_shortly,
    lacking_said,
    last_run_said,
    score_said,
    sign_of,
)
from phasegate.reports.text.plain import counted
from phasegate.rules.errors import PhasegateError
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import Cells, bullets, document, first_of, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phasegate.web.asked import Asked
    from phasegate.web.ledgers.served import ServedProject
    from phasegate.web.ledgers.today import Turned


class _Shown(NamedTuple):
    """A project; None for how it stands where some areas of it alone may be read."""

    key: str
    name: str
    today: PortfolioRow | None
    turned: Turned | None = None


HEADS = ("Project", "Today", "Gates", "Criteria that pass", "Overdue", "Ends next", "Newest run", "Why")
MOST_REASONS = 3
"""So many reasons of a project are told before its own page tells all of them."""
MOST_TOLD = 4
"""So many projects are told under each question; the table has all."""


def page(asked: Asked) -> Answer:
    """The first page."""
    distinct = Distinct()
    found = sorted((_shown(asked, each, distinct) for each in asked.projects), key=_worst_first)
    parts = [tag("h1", asked.config.title)]
    if found:
        parts += [_answer(asked, found), tag("div", _changed(found), _takes(found), class_="first two")]
        parts.append(section("projects", "Projects", _table(found)))
    else:
        parts.append(tag("p", "There is no project that you may read."))
    return Answer(document(asked.config.title, *parts, asked=asked))


def _shown(asked: Asked, project: ServedProject, distinct: Distinct) -> _Shown:
    """A project as it stands; an error where it was counted before, as by a copy of its ledger."""
    if not asked.viewer.may_read_whole(project.key):
        return _Shown(project.key, project.key, None)
    try:
        with asked.of(project) as own:
            today = own.today()
            if today.standing is not Standing.ERROR:
                distinct.count(own.ledger.head.origin, own.ledger.reading.project.id, today.name)
            return _Shown(project.key, project.title, today, own.turned())
    except PhasegateError as error:
        name = project.name or project.key
        hints = (error.hint,) if error.hint else ()
        failed = PortfolioRow(name, Standing.ERROR, weight=project.weight, why=(error.message,), hints=hints)
        return _Shown(project.key, name, failed)


def _worst_first(each: _Shown) -> tuple[int, int, str]:
    if each.today is None:
        return (-Standing.OPEN, 0, each.name)
    return (-each.today.standing, -each.today.overdue_days, each.name)


def _answer(asked: Asked, found: Sequence[_Shown]) -> Markup:
    """What the projects come to; of whoever may not read all of them, how many stand where."""
    rows = [each.today for each in found if each.today is not None]
    config = asked.config
    if len(rows) < len(config.projects):
        said = filled(
            '<p class="said">{}</p>', "You may read some of the projects: what all come to is not told."
        )
        return tag("div", said, counts(rows), class_="answer")
    rolled = roll_up(rows, config.rule)
    told = Portfolio(config.title, asked.now, config.asked.gate, tuple(rows), rolled)
    why = f"{rolled.why[:1].upper()}{rolled.why[1:]}; it takes {rolled.rule}."
    said = filled('<p class="said">{}</p><p class="because">{}</p>', why, asked_said(told))
    tone = state_tone(rolled.standing.word)
    return boxed(sign_of(rolled.standing), tone, "May we advance?", said, counts(rows))


def _changed(found: Sequence[_Shown]) -> Markup:
    """Which projects the newest run found otherwise than the one before, what is worse first."""
    turned = [(each, each.turned) for each in found if each.turned is not None]
    turned.sort(key=lambda each: each[1].better)
    told = (
        f"{counted(len(turned), 'project')} decided otherwise than by the run before."
        if turned
        else ("The newest run of each project came out as the one before it.")
    )
    items = [
        filled(
            '<li><span></span><p>{} <span class="held">{} → {}</span> <span class="soft">{}</span></p></li>',
            link(address(each.key, "compare", before=run.before.number, after=run.now.number), each.name),
            state(str(run.before.entry["outcome"])),
            state(str(run.now.entry["outcome"])),
            str(run.now.entry["as_of"]),
        )
        for each, run in turned
    ]
    return section("changes", "What changed?", _since(told), _first_of(items), kind="changes")


def _takes(found: Sequence[_Shown]) -> Markup:
    """What the projects lack that are not open, the worst first."""
    shut = [(each, each.today) for each in found if each.today is not None and not each.today.standing.opens]
    told = (
        f"{counted(len(shut), 'project')} to open, the worst first."
        if shut
        else ("Nothing: every project is open.")
    )
    items = [
        filled(
            '<li><span class="sign {}" aria-hidden="true">{}</span><p>{} '
            '<span class="soft">{}</span></p></li>',
            state_tone(today.standing.word),
            sign_of(today.standing).mark,
            link(address(each.key), each.name),
            lacking_said(today),
        )
        for each, today in shut
    ]
    return section("takes", "What will it take?", _since(told), _first_of(items), kind="takes")


def _since(told: str) -> Markup:
    return filled('<p class="since">{}</p>', told)


def _first_of(items: Sequence[Markup]) -> Markup | None:
    if not items:
        return None
    left = len(items) - MOST_TOLD
    more = (
        filled('<p class="more"><a href="#projects">{}</a></p>', f"and {left:,} more") if left > 0 else None
    )
    return joined([tag("ul", *items[:MOST_TOLD], class_="rows"), more])


def _table(found: Sequence[_Shown]) -> Markup:
    many = counted(len(found), "project")
    caption = f"{many}, the worst first. None stands better than its runs decided, less what ended since."
    return table("Projects", caption, HEADS, [_row(each) for each in found])


def _row(each: _Shown) -> Cells:
    name, today = link(address(each.key), each.name), each.today
    if today is None:
        return (name, "some areas of it", "", "", "", "", "", "")
    cells: list[Child] = [
        at_a_glance(today.gates, lambda gate: link(address(each.key, "gate", id=gate.id), gate.id)),
        score_said(today),
        counted(today.overdue_days, "day") if today.overdue_days else "",
        ends_shortly(today),
        last_run_said(today) if today.last_run is not None else "",
    ]
    return (name, state_chip(today.standing.word), *cells, _why(each.key, today))


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
