"""The score over the days of a cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.plots.days import day_said
from phasegate.reports.html.plots.svg import disc, level, picture, trace, upright, words

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Axis, ScoreOn
    from phasegate.reports.html.markup import Markup

LEAST = 3
"""A line of fewer runs would show a course where there is none."""
TOP, HEIGHT, FOOT = 16.0, 54.0, 6.0
EARLY, LATE = 0.06, 0.93
"""Nearer to the ends than this there is no room for a number."""
APART = 0.09
"""Two labels that stand nearer than this would cover each other."""


def score_line(runs: Sequence[ScoreOn], axis: Axis) -> Markup | None:
    """A line through the shares that pass, up to the day that was decided; None of fewer than three runs.

    Args:
        runs: what each found, the oldest first.
        axis: the days.
    """
    told = [each for each in runs if each.score.apply]
    if len(told) < LEAST:
        return None
    shares = [each.score.passing / each.score.apply for each in told]
    ground = max(0.0, min(shares) - 0.08)
    span = 1 - ground or 1.0
    places = [
        (axis.at(run.day), 1 - (found - ground) / span) for run, found in zip(told, shares, strict=True)
    ]
    now = told[-1]
    said = ", ".join(f"{day_said(each.day)} {each.score.passing:,} of {each.score.apply:,}" for each in told)
    parts = [
        level("bound", TOP),
        words(f"all {now.score.apply:,} pass", 0, TOP - 5, "soft"),
        upright("now", axis.at(axis.today), TOP, TOP + HEIGHT + FOOT),
        trace(places, TOP, HEIGHT),
        *(disc("dot", x, TOP + HEIGHT * y, 2.5) for x, y in places[:-1]),
        disc("dot", places[-1][0], TOP + HEIGHT * places[-1][1], 4.5),
        *_labels(told, places),
    ]
    return picture(f"Score, criteria that pass: {said}", int(TOP + HEIGHT + FOOT), parts, "score")


def _labels(told: Sequence[ScoreOn], places: Sequence[tuple[float, float]]) -> list[str]:
    """The first number, the last one, and the one before it where that was another."""
    (x, y), last = places[-1], told[-1].score.passing
    at = max(TOP + HEIGHT * y + 5, TOP + 14)
    shift = ("", 11) if x < LATE else ("end", -11)
    labels = [
        words(f"{last:,}", x, at, "big", *shift),
        words("today", x, TOP - 5, "now", "middle" if x < LATE else "end"),
    ]
    first_x, first_y = places[0]
    if x - first_x > APART:
        low = TOP + HEIGHT * first_y
        said = f"{told[0].score.passing:,}"
        beside = first_x > EARLY
        labels.append(
            words(said, first_x, low + 4, "", "end", -8) if beside else words(said, first_x, low - 8, dx=2)
        )
    turn_x, turn_y = places[-2]
    turn = told[-2].score.passing
    if turn != last and len(told) > LEAST and turn_x - first_x > APART:
        labels.append(words(f"{turn:,}", turn_x, TOP + HEIGHT * turn_y + 16, "soft", "middle"))
    return labels
