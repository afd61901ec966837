"""The second question: what changed since the last run, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.first import changed_said
from phasegate.reports.html.markup import Markup, filled, joined, section, state, verdict, verdict_mark
from phasegate.reports.text.plain import begun, counted

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief, Change, ChangedCriterion, GateChange, Listed, Why
    from phasegate.reports.html.anchors import Anchors

MOST_NAMES, MOST_VALUES, MOST_CAUSES, MOST_GATES, LONGEST = 3, 1, 1, 4, 110
MOST_ROWS = {"worse": 5, "better": 3, "otherwise": 1}
"""So many rows of one kind: what is worse is told before what is better."""


def changes(brief: Brief, anchors: Anchors) -> Markup:
    """What is worse, what is better, and which gates are in another state."""
    found = brief.changed
    if found is None:
        said = filled('<p class="quiet">{}</p>', changed_said(brief))
        return section("changes", "What changed?", said, kind="changes")
    parts: list[Markup | None] = [filled('<p class="since">{}</p>', changed_said(brief))]
    for name, changed in (("worse", found.worse), ("better", found.better), ("otherwise", found.other)):
        parts.append(_group(name, changed, anchors))
    parts.append(_gates(found.gates, anchors))
    for rule in (*found.rules.shown, found.rules.more_said):
        parts.append(filled('<p class="quiet">{}</p>', rule) if rule else None)
    if found.score is not None and found.score != brief.answer.score:
        now = brief.answer.score
        parts.append(
            filled('<p class="quiet">Score {} → <b>{}</b>.</p>', f"{found.score.passing:,}", now.said)
        )
    return section("changes", "What changed?", *parts, kind="changes")


def _group(name: str, changed: Listed[Change], anchors: Anchors) -> Markup | None:
    if not changed.all:
        return None
    number = sum(len(each.criteria) for each in changed.all)
    shown = changed.shown[: MOST_ROWS[name]]
    items = [_change(each, anchors) for each in shown]
    left = sum(len(each.criteria) for each in changed.all[len(shown) :])
    more = filled('<p class="more soft">and {} more</p>', f"{left:,}") if left else None
    return filled(
        '<h3 class="part-of">{} {}</h3><ul class="rows">{}</ul>{}', f"{number:,}", name, joined(items), more
    )


def _change(change: Change, anchors: Anchors) -> Markup:
    """Criteria that turned alike: their names, from what to what, what was found, and why."""
    names = [
        filled('<span class="id">{}</span>', anchors.link("criterion", each.id)) for each in change.criteria
    ]
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    then = verdict(change.before) if change.before else "not decided"
    now = verdict(change.after) if change.after else "not decided"
    said = [
        filled('{}{} <span class="held">{} → {}</span>', joined(names[:MOST_NAMES], " "), more, then, now),
        _found(change.criteria),
        filled('<span class="soft">{}</span>', why_said(change.why)) if change.why else None,
    ]
    return filled(
        "<li>{}<p>{}</p></li>",
        verdict_mark(change.after or ""),
        joined([each for each in said if each], " · "),
    )


def _found(criteria: tuple[ChangedCriterion, ...]) -> Markup | None:
    """What was found then and now, of the first that found something else."""
    told = [
        filled('{} <span class="held">{} → <b>{}</b></span>', f"{each.asked}:", each.before, each.after)
        for criterion in criteria
        for each in criterion.moved
        if each.before and each.after and "no value" not in (each.before, each.after)
    ]
    more = f"; and {counted(len(told) - MOST_VALUES, 'more figure')}" if len(told) > MOST_VALUES else ""
    return filled("{}{}", joined(told[:MOST_VALUES], "; "), more) if told else None


def why_said(why: tuple[Why, ...]) -> str:
    """The causes in a line."""
    told = [f"{each.label}: {each.said}" if each.said else each.label for each in why]
    said = "; ".join([begun(each, LONGEST) for each in told[:MOST_CAUSES]])
    more = f"; and {counted(len(told) - MOST_CAUSES, 'more cause')}" if len(told) > MOST_CAUSES else ""
    return f"{said[:1].upper()}{said[1:]}{more}."


def _gates(found: tuple[GateChange, ...], anchors: Anchors) -> Markup | None:
    if not found:
        return None
    lines = []
    for each in found[:MOST_GATES]:
        then = state(each.before) if each.before else "not decided"
        now = state(each.after) if each.after else "not decided"
        soft = Markup(' <b class="late">because its rules ask for less</b>') if each.softened else None
        name = anchors.link("gate", each.id, each.label[:1].upper() + each.label[1:])
        lines.append(filled('<p>{}: <span class="held">{} → {}</span>{}</p>', name, then, now, soft))
    more = f"and {len(found) - MOST_GATES:,} more gates" if len(found) > MOST_GATES else ""
    return filled('<div class="part-of">{}{}</div>', joined(lines), more)
