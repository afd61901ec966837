"""The axis that score, gates and histories share, and days as people write them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup
from phasegate.reports.html.plots.svg import percent, upright, words

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Axis

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_TICKS = 8
HEIGHT = 30


def day_said(day: dt.date) -> str:
    """``5 Jan``: English, whatever the reader's machine speaks."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def full_day(day: dt.date) -> str:
    """``5 Jan 2026``."""
    return f"{day_said(day)} {day.year}"


def scale(axis: Axis) -> Markup:
    """The weeks of the cycle under a picture, or the ends where there is no cycle.

    It is hidden from those who do not see it: every picture says its days.
    """
    if axis.weeks:
        step = -(-len(axis.weeks) // MOST_TICKS)
        ticks = [(axis.at(each.first), f"w{each.number}", each.first) for each in axis.weeks[::step]]
    else:
        ticks = [(axis.at(day), "", day) for day in dict.fromkeys((axis.first, axis.today))]
    parts = []
    for x, week, day in ticks:
        parts.append(upright("tick", x, 0, 6))
        late = x > 0.85
        parts += [words(week, x, 13, "soft", dx=4)] if week else []
        parts.append(
            words(
                day_said(day),
                x,
                26 if week else 16,
                "soft date",
                "end" if late else "",
                -4 if late and not week else 4,
            )
            if not (late and week)
            else words(day_said(day), x, 26, "soft date", dx=4)
        )
    return Markup(
        f'<svg class="plot scale" width="100%" height="{HEIGHT}" aria-hidden="true">'
        f'<line class="tick" x1="0" x2="{percent(1)}" y1="0.5" y2="0.5" stroke="#8590a0"/>'
        f"{''.join(parts)}</svg>"
    )
