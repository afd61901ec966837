"""When the project is decided by itself, and what its schedules made last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.trail.project import title_of
from phasegate.monitoring.schedules.due_runs import CompletedRuns, pending, upcoming
from phasegate.reports.html.markup import Markup, tag
from phasegate.reports.text.plain import counted, moment
from phasegate.reports.views.schedules import what, when
from phasegate.rules.loading.project import load_project
from phasegate.web.cache import Answer
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import document, table

if TYPE_CHECKING:
    from phasegate.web.asked import Asked


def page(asked: Asked) -> Answer:
    """The page of schedules."""
    parts = [tag("h1", "Schedules")]
    if asked.ledger.reading.project.schedules:
        parts += _schedules(asked)
    else:
        parts.append(tag("p", "The project has no schedule: it is decided when somebody asks for it."))
    return Answer(document("Schedules", *parts, asked=asked, here="schedules"))


def _schedules(asked: Asked) -> list[Markup]:
    loaded = load_project(asked.ledger.reading.file)
    made = CompletedRuns(title_of(loaded)).look(asked.ledger.log)
    coming = {each.name: each for each in upcoming(loaded, asked.now)}
    late = pending(loaded, made, asked.now)
    rows = []
    for name, schedule in loaded.project.schedules.items():
        last = made[name].newest(asked.now) if name in made else None
        following = coming.get(name)
        run = link(address(asked.key, "run", run=last.run), f"run {last.run}") if last is not None else "none"
        due = moment(following.at) if following is not None else "never again"
        missed = sum(each.name == name for each in late)
        rows.append((name, what(schedule), when(schedule), due, run, f"{missed:,}" if missed else "none"))
    heads = ("Schedule", "Decides", "When", "Due next", "Newest run", "Due and not made")
    found = [table("Schedules", "What is decided by itself.", heads, rows)]
    if late:
        told = f"{counted(len(late), 'run')} due by now and not made: is a scheduler running?"
        found.append(tag("p", tag("strong", told)))
    return found
