"""The days on which something ends, as the weeks of a wall calendar: a table, which needs no other words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, filled, joined, tag
from phasegate.reports.html.plots.days import day_said, full_day
from phasegate.reports.text.plain import counted, listed
from phasegate.reports.text.sentences import gate_label

if TYPE_CHECKING:
    from phasegate.reports.brief.model import EndingDay, Ends

SHORT = 7
"""What is longer has no room in a day."""
_HEAD = "".join(
    f'<th scope="col"><abbr title="{day}">{day[:2]}</abbr></th>'
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
)


def calendar(ends: Ends) -> Markup:
    """Five weeks; a number tells how many criteria end, a heavy edge that an open gate shuts with them."""
    first = ends.monday
    rows = []
    for week in ends.weeks():
        cells = [_cell(day, told, ends.today, first) for day, told in week]
        rows.append(tag("tr", *cells))
    caption = filled('<caption class="unseen">Criteria that end, from {} on</caption>', full_day(first))
    return Markup(
        f'<table class="days">{caption}<thead><tr>{_HEAD}</tr></thead><tbody>{joined(rows)}</tbody></table>'
    )


def _cell(day: dt.date, told: EndingDay | None, today: dt.date, first: dt.date) -> Markup:
    named = day_said(day) if day.day == 1 or day == first else str(day.day)
    kinds = [
        "today" if day == today else "",
        "shuts" if told and told.shuts else "ends" if told and told.criteria else "",
    ]
    kind = " ".join(each for each in kinds if each)
    parts = [filled('<span class="day">{}</span>', named)]
    if told is not None and told.criteria:
        said = f" {counted(len(told.criteria), 'criterion', 'criteria')}{_shut(told)}"
        parts.append(
            filled(
                '<b aria-hidden="true">{}</b><span class="unseen">{}</span>', f"{len(told.criteria):,}", said
            )
        )
    if day == today:
        parts.append(Markup('<span class="now">today</span>'))
    elif told is not None and told.overdue:
        late = listed([gate_label(each) for each in told.overdue])
        short = gate_label(told.overdue[0])
        shown = short if len(short) <= SHORT else "due"
        parts.append(filled('<span class="late"><span class="unseen">overdue: {}</span>', late))
        parts.append(filled('<span aria-hidden="true">{}</span></span>', shown))
    return tag("td", *parts, class_=kind or None)


def _shut(told: EndingDay) -> str:
    return f": {listed([gate_label(each) for each in told.shuts])} shuts" if told.shuts else ""
