"""Targets: on their way on the first screen, in figures below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, lede, section, table, verdict, verdict_mark
from phasegate.reports.html.plots.days import day_said
from phasegate.reports.html.plots.target import bar, dots, ends_of
from phasegate.reports.text.plain import counted

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief, Target
    from phasegate.reports.html.anchors import Anchors
    from phasegate.reports.html.filters import Filters

MOST_AREAS, COLUMNS = 6, 2
_NAMES = {"success": "Success target", "kpi": "KPI", "annual_value": "Annual value"}
_KEY = (
    '<p class="key">'
    '<svg width="10" height="10" aria-hidden="true">'
    '<circle class="begin" cx="5" cy="5" r="3.5" fill="#fff" stroke="#0a5a9c" stroke-width="1.5"/></svg>{}'
    '<svg width="10" height="10" aria-hidden="true">'
    '<circle class="dot" cx="5" cy="5" r="4.5" fill="#0a5a9c"/></svg>now'
    '<svg width="4" height="12" aria-hidden="true">'
    '<line class="aim" x1="2" x2="2" y1="0" y2="12" stroke="#16202b" stroke-width="2"/></svg>target</p>'
)


def ways(brief: Brief, anchors: Anchors) -> Markup | None:
    """Each area's targets as dots on the way from where they began; None where no area has one."""
    kinds = _kinds(brief.targets)
    areas = list(
        dict.fromkeys(each.area for each in brief.targets if each.area is not None and each.kind in kinds)
    )
    if not kinds or not areas:
        return None
    scales = {
        kind: ends_of([each for each in brief.targets if each.kind == kind and each.area]) for kind in kinds
    }
    heads = [_head(kind, scales[kind], brief.targets) for kind in kinds]
    rows = []
    for area in areas[:MOST_AREAS]:
        own = {each.kind: each for each in brief.targets if each.area == area}
        title = next(each.area_title for each in own.values())
        cells = [_cell(own.get(kind), scales[kind], anchors) for kind in kinds]
        rows.append(filled('<tr><th scope="row"><b>{}</b> {}</th>{}</tr>', area, title, joined(cells)))
    more = len(areas) - MOST_AREAS
    left = (
        filled('<p class="more"><a href="#figures">and {} more areas</a></p>', f"{more:,}")
        if more > 0
        else None
    )
    made = filled(
        '<table><caption class="unseen">Targets of each area</caption><thead><tr>'
        '<th scope="col">Area</th>{}</tr>'
        "</thead><tbody>{}</tbody></table>",
        joined(heads),
        joined(rows),
    )
    begun = {each.start.kind for each in brief.targets if each.start}
    key = filled(_KEY, " or ".join(_BEGAN[each] for each in sorted(begun))) if begun else None
    return section("targets", "Targets", made, left, key, kind="ways")


_BEGAN = {"baseline": "baseline", "cycle": "first run"}


def _kinds(targets: Sequence[Target]) -> list[str]:
    """The kinds that have a column: those that areas have, what counts first."""
    found = [
        each.kind
        for each in targets
        if each.area is not None and each.places is not None and each.unit == "%"
    ]
    return list(dict.fromkeys(found))[:COLUMNS]


def _head(kind: str, ends: tuple[float, float] | None, targets: Sequence[Target]) -> Markup:
    unit = next(each.unit for each in targets if each.kind == kind)
    between = f"{ends[0]:g} to {ends[1]:g} {unit}" if ends else ""
    return filled('<th scope="col">{}<span>{}</span></th>', _NAMES.get(kind, kind), between)


def _cell(target: Target | None, ends: tuple[float, float] | None, anchors: Anchors) -> Markup:
    if target is None:
        return Markup("<td></td>")
    said = filled(
        '<span class="held">{} {} <span class="soft">{}</span></span>',
        verdict_mark(target.verdict),
        anchors.link("criterion", target.id, filled("<b>{}</b>", target.value)),
        target.bound,
    )
    return filled("<td>{}{}</td>", dots(target, ends) if ends else None, said)


def figures(brief: Brief, anchors: Anchors, filters: Filters) -> Markup | None:
    """Every target with its figures, and a bar from nothing where one can be drawn."""
    if not brief.targets:
        return None
    rows: list[Markup] = []
    for counts, said in ((True, "They hold gates shut"), (False, "Advisory: they hold no gate shut")):
        groups = dict.fromkeys((each.kind, each.unit) for each in brief.targets if each.counts == counts)
        for kind, unit in groups:
            own = [
                each for each in brief.targets if (each.counts, each.kind, each.unit) == (counts, kind, unit)
            ]
            title = f"{_NAMES.get(kind, kind.replace('_', ' ').capitalize())}"
            rows.append(
                filled(
                    '<tr class="group {}"><th scope="rowgroup" colspan="6">{} '
                    '<span class="soft">{}</span></th></tr>',
                    filters.kinds([each.id for each in own]),
                    title,
                    said,
                )
            )
            top = max([_reach(each) for each in own], default=0.0) * 1.02
            rows += [_row(each, top, anchors, filters) for each in own]
    heads = ("target", "from 0; the line is the target", "found#", "bound", "verdict", "margin#")
    made = table("Targets in figures", heads, rows, "plain figures stacked")
    return section("figures", "Targets in figures", lede(_begun(brief.targets)), made)


def _reach(target: Target) -> float:
    at = target.places
    return max(at.target, *(at.value or (0.0,))) if at else 0.0


def _begun(targets: Sequence[Target]) -> str:
    number = counted(len(targets), "target")
    behind = sum(each.verdict == "fail" for each in targets)
    return f"{number}, {behind:,} of them missed; what is advisory holds no gate shut."


def _row(target: Target, top: float, anchors: Anchors, filters: Filters) -> Markup:
    began = ""
    if target.start:
        since = f" on {day_said(target.start.day)}" if target.start.day else ""
        began = f"began with {target.start.said}{since}"
    return filled(
        '<tr class="{}"><th scope="row">{} {}<span class="quiet"> {}</span></th><td class="drawn">{}</td>'
        '<td class="number" data-head="found"><b>{}</b></td><td data-head="bound">{}</td><td>{}</td>'
        '<td class="number held" data-head="margin">{}</td></tr>',
        filters.kinds((target.id,)),
        filled('<span class="id">{}</span>', anchors.link("criterion", target.id)),
        target.text,
        began,
        bar(target, top) if top else None,
        target.value,
        target.bound,
        verdict(target.verdict),
        target.margin,
    )
