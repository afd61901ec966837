"""What ends next, if nothing is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, section
from phasegate.reports.html.plots.calendar import calendar
from phasegate.reports.html.plots.days import day_said
from phasegate.reports.text.plain import counted, listed
from phasegate.reports.text.sentences import gate_label

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Brief, Ends


def ends(brief: Brief) -> Markup | None:
    """A calendar of the weeks to come, and the next two days in words."""
    found = brief.ends
    if found is None:
        return None
    if not found.days:
        said = found.sentence or "Nothing ends in the weeks to come."
        parts = [filled('<p class="quiet">{}</p>', said)]
    else:
        parts = [filled("<div>{}<div>{}{}</div></div>", calendar(found), _key(found), _next(found))]
    return section("next", "What ends next", *parts, kind="ends")


def _key(found: Ends) -> Markup:
    shuts = list(dict.fromkeys(name for each in found.days for name in each.shuts))
    told = [Markup('<span class="soft">Criteria that end:')]
    if shuts:
        told.append(
            filled('<span class="patch shuts"></span>{} shuts', listed([gate_label(each) for each in shuts]))
        )
    if any(each.criteria and not each.shuts for each in found.days):
        told.append(Markup('<span class="patch ends"></span>no open gate shuts'))
    told.append(Markup("</span>"))
    return filled('<p class="key">{}</p>', joined(told))


def _next(found: Ends) -> Markup:
    items = [filled("<li><b>{}</b>: {}</li>", day_said(day), said) for day, said in found.next]
    if found.beyond:
        items.append(filled('<li class="soft">{} further on.</li>', counted(found.beyond, "day")))
    return filled('<ul class="soon">{}</ul>', joined(items))
