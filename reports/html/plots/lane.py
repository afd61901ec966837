"""A gate on the days of the cycle: its planned weeks, its state at each run, and whether it is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import state_tone
from phasegate.reports.html.plots.days import day_said
from phasegate.reports.html.plots.svg import (
    block,
    knot,
    level,
    picture,
    state_mark,
    upright,
)
from phasegate.reports.text.labels import state_sign

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Axis, Gate, StateOn
    from phasegate.reports.html.markup import Markup

MOST = 12
"""Of more runs only those are shown in which the state changed, and today's."""
HEIGHT, MIDDLE, RAIL = 19, 8.5, 17.5
APART = 0.033
"""Signs that stand nearer than this would cover each other: the later one stays."""


def lane(gate: Gate, axis: Axis) -> Markup:
    """One gate.

    Args:
        gate: what is known of it.
        axis: the days.
    """
    parts = []
    if gate.first and gate.last:
        parts.append(block("band", axis.at(gate.first), axis.after(gate.last), 0, RAIL))
    parts.append(level("rail", RAIL))
    if gate.overdue and gate.last:
        begin = axis.after(gate.last)
        parts += [
            level("late", RAIL - 0.5, begin, axis.at(axis.today)),
            upright("cap", begin, RAIL - 6, RAIL + 1.5),
        ]
    now, before = gate.state, gate.runs[:-1] if gate.runs and gate.runs[-1].day == axis.today else gate.runs
    place = min(max(axis.at(axis.today), 0.02), 0.98)
    parts += [state_mark(each.state, x, MIDDLE + 4) for x, each in _apart(_shown(before), axis, place)]
    parts += [knot(state_tone(now), place, MIDDLE, 8), state_mark(now, place, MIDDLE + 4.5, on=True)]
    return picture(_said(gate), HEIGHT, parts, "lane")


def _shown(runs: Sequence[StateOn]) -> list[StateOn]:
    if len(runs) < MOST:
        return list(runs)
    return [
        each for each, was in zip(runs, [None, *runs], strict=False) if was is None or was.state != each.state
    ]


def _apart(runs: Sequence[StateOn], axis: Axis, last: float) -> list[tuple[float, StateOn]]:
    found = []
    for each in reversed(runs):
        x = max(axis.at(each.day), 0.01)
        if last - x >= APART:
            found.append((x, each))
            last = x
    return found[::-1]


def _said(gate: Gate) -> str:
    planned = f" planned {day_said(gate.first)} to {day_said(gate.last)};" if gate.first and gate.last else ""
    runs = ", ".join(f"{day_said(each.day)} {state_sign(each.state).word.lower()}" for each in gate.runs)
    late = f"; {gate.overdue_said}" if gate.overdue else ""
    return f"{gate.label}:{planned} {runs or state_sign(gate.state).word.lower()}{late}"
