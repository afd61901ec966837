"""The third question: what will it take?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, section, verdict_mark
from phasegate.reports.html.plots.days import day_said
from phasegate.reports.text.labels import verdict_sign
from phasegate.reports.text.plain import begun, counted, some

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Action, Brief, GateTakes
    from phasegate.reports.html.anchors import Anchors

MOST, MOST_NAMES, LONGEST = 7, 3, 130
"""So many things are told on the first screen in all; the findings below have every one."""


def takes(brief: Brief, anchors: Anchors) -> Markup:
    """What opens the gates, in their order; each thing once."""
    parts: list[Markup | None] = [filled('<p class="since">{}</p>', brief.takes.sentence)]
    left, gated = MOST, {each.id for each in brief.gates}
    for gate in brief.takes.gates:
        shown = gate.actions.shown[: max(left, 0)]
        left -= len(shown)
        parts.append(_gate(gate, shown, anchors, named=gate.id in gated))
    return section("takes", "What will it take?", *parts, kind="takes")


def _gate(gate: GateTakes, shown: tuple[Action, ...], anchors: Anchors, *, named: bool) -> Markup:
    when = (
        filled('<span class="late">overdue {}</span>', counted(gate.overdue, "day"))
        if gate.overdue
        else filled('<span class="soft">due {}</span>', day_said(gate.due))
        if gate.due
        else None
    )
    label = gate.label[:1].upper() + gate.label[1:]
    heading = filled("<h3>{} {}</h3>", anchors.link("gate", gate.id, label), when) if named else None
    items = joined([_action(each, anchors) for each in shown])
    left = len(gate.actions) - len(shown)
    more = (
        filled(
            '<p class="more"><a href="#findings">{}</a></p>',
            f"and {left:,} more" if shown else f"{counted(left, 'thing')}",
        )
        if left
        else None
    )
    notes = joined([filled('<p class="more soft">{}</p>', each) for each in gate.notes])
    if heading is not None and not items and len(gate.notes) == 1:
        return filled('<div class="part-of">{} <span class="soft"> · {}</span></div>', heading, gate.notes[0])
    return joined(
        [
            filled('<div class="part-of">{}</div>', heading) if heading else None,
            filled('<ul class="rows">{}</ul>', items) if items else None,
            more,
            notes,
        ]
    )


def _action(action: Action, anchors: Anchors) -> Markup:
    names = [
        filled('<span class="id">{}</span>', anchors.link("criterion", each)) for each in action.criteria
    ]
    more = f"and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else None
    about = [
        joined([*names[:MOST_NAMES], more], " "),
        filled("{}", some(action.owners, 2)) if action.owners else None,
        filled("may be waived") if action.may_be_waived else None,
    ]
    steps = begun(action.steps[0] if action.steps else verdict_sign(action.verdict).word, LONGEST)
    further = f" And {counted(len(action.steps) - 1, 'more step')}." if len(action.steps) > 1 else ""
    return filled(
        '<li>{}<p>{}{} <span class="soft">{}</span></p></li>',
        verdict_mark(action.verdict),
        steps,
        further,
        joined([each for each in about if each], " · "),
    )
