"""All projects that one may read, each as it stands by its newest run, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phasegate.reports.html.markup import Markup, joined, state_chip, tag
from phasegate.reports.text.sentences import gate_label, passing
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.verdict import STATE_BY_WORD
from phasegate.web.cache import Answer
from phasegate.web.errors import NotThereError
from phasegate.web.links import link
from phasegate.web.links import page as address
from phasegate.web.shell import document, table

if TYPE_CHECKING:
    from phasegate.web.asked import Asked
    from phasegate.web.ledgers.served import ServedProject


class Standing(NamedTuple):
    """How a project stands.

    Attributes:
        rank: where it stands among the others, the greatest first.
        row: what is told of it.
    """

    rank: int
    row: Markup


HEADS = ("Project", "Standing", "Gates", "Criteria that pass", "As of", "Run")
_WORST = 100


def page(asked: Asked) -> Answer:
    """The first page."""
    found = sorted((_standing(asked, each) for each in asked.projects), key=lambda each: -each.rank)
    parts = [tag("h1", asked.config.title)]
    if found:
        caption = "The worst first. What can not be read is worse than all: nothing is shown of it."
        parts.append(table("Projects", caption, HEADS, [each.row for each in found]))
    else:
        parts.append(tag("p", "There is no project that you may read."))
    return Answer(document(asked.config.title, *parts, asked=asked))


def _standing(asked: Asked, project: ServedProject) -> Standing:
    try:
        with asked.of(project) as own:
            return _of(own)
    except NotThereError:
        name = link(address(project.key), project.title)
        return Standing(
            _WORST - 2, _row(name, tag("td", state_chip("nothing")), "", "", "", "no run is kept yet")
        )
    except PhasegateError as error:
        name = link(address(project.key), project.key)
        told = tag("td", state_chip("error"), tag("p", error.message), class_="error")
        return Standing(_WORST, _row(name, told, "", "", "", ""))


def _row(name: Markup, standing: Markup, *cells: Markup | str) -> Markup:
    return tag("tr", tag("th", name, scope="row"), standing, *(tag("td", each) for each in cells))


def _of(own: Asked) -> Standing:
    run = own.run
    as_of, number = (
        str(run.entry["as_of"]),
        link(address(own.key, "run", run=run.number), f"run {run.number}"),
    )
    name = link(address(own.key), str(run.entry["title"]))
    if not own.viewer.may_read_whole(own.key):
        return Standing(0, _row(name, tag("td", "some areas of it"), "", "", as_of, ""))
    outcome, gates = str(run.entry["outcome"]), run.entry.get("gates")
    lines = [
        joined(
            [link(address(own.key, "gate", id=str(gate)), gate_label(str(gate))), " ", state_chip(str(word))]
        )
        for gate, word in (gates.items() if isinstance(gates, dict) else ())
    ]
    standing = tag("td", state_chip(outcome))
    row = _row(name, standing, joined(lines, "<br>"), passing(run.entry["score"]), as_of, number)
    rank = int(STATE_BY_WORD[outcome]) if outcome in STATE_BY_WORD else _WORST - 1
    return Standing(rank, row)
