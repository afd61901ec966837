"""The cycle: the score over its days, and each gate in its weeks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, section, state_chip, tag
from phasegate.reports.html.plots.days import day_said, scale
from phasegate.reports.html.plots.lane import lane
from phasegate.reports.html.plots.score import score_line
from phasegate.reports.text.plain import counted, listed
from phasegate.rules.model.pack import PROGRAMME
from phasegate.rules.model.verdict import OPEN_STATES

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Advance, Brief, Gate, ScoreOn
    from phasegate.reports.html.anchors import Anchors


def gates(brief: Brief, anchors: Anchors) -> Markup | None:
    """Score and gates on one axis; None where there is neither."""
    axis = brief.axis
    drawn = score_line(brief.score, axis) if axis is not None else None
    if not brief.gates and drawn is None:
        return None
    parts: list[Markup | None] = [drawn if drawn is not None else _few(brief.score)]
    if axis is not None:
        parts.append(scale(axis))
    items = [_gate(each, brief, anchors) for each in brief.gates]
    parts.append(filled('<ul class="gates">{}</ul>', joined(items)) if items else None)
    return section("gates", "The cycle" if axis is not None and axis.weeks else "Gates", *parts, kind="cycle")


def _few(runs: tuple[ScoreOn, ...]) -> Markup | None:
    """Two runs are no line."""
    if len(runs) != 2:
        return None
    then, now = runs
    said = f"Score {then.score.passing:,} on {day_said(then.day)}, {now.score.said} now."
    return filled('<p class="quiet">{}</p>', said)


def _gate(gate: Gate, brief: Brief, anchors: Anchors) -> Markup:
    name = filled("<b>{}</b> {}", _upper(gate.label), gate.title)
    if gate.id == PROGRAMME:
        name = filled("<b>Programme</b>")
    notes = joined(list(_notes(gate)), " · ")
    return tag(
        "li",
        filled('<p class="gate"><span>{}</span>{}</p>', name, state_chip(gate.state)),
        lane(gate, brief.axis) if brief.axis is not None else None,
        filled('<p class="quiet">{}</p>', notes),
        id=anchors.place("gate", gate.id),
    )


def _notes(gate: Gate) -> Iterator[Markup]:
    if gate.overdue:
        yield filled('<span class="late">{}</span>', gate.overdue_said)
    elif gate.due is not None and gate.state not in OPEN_STATES:
        left = f", in {counted(gate.days_left, 'day')}" if gate.days_left else ""
        yield filled("<b>due {}</b>{}", day_said(gate.due), left)
    yield filled("{}", gate.score.said)
    if gate.advanced is not None:
        yield filled("{}", advanced_said(gate.advanced))
    for each in gate.notes:
        yield filled("{}", each)


def advanced_said(advance: Advance) -> str:
    """``advanced 9 Feb by f-101 and d-110``."""
    on = f" {day_said(advance.day)}" if advance.day else ""
    return f"advanced{on} by {listed(list(dict.fromkeys(each.name for each in advance.by)))}"


def _upper(said: str) -> str:
    return said[:1].upper() + said[1:]
