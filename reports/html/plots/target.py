"""A target on its way: where it began, where it is, and where it must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.plots.svg import block, disc, level, picture, upright

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Places, Target
    from phasegate.reports.html.markup import Markup

HEIGHT, MIDDLE = 16, 8.0
EDGE = 0.04
"""What stays free at either end, so that no dot is cut."""


def ends_of(targets: Sequence[Target]) -> tuple[float, float] | None:
    """The ends of the scale that some targets share; None where none can be drawn."""
    found: list[float] = []
    for each in targets:
        if each.places is not None:
            found += [each.places.target, *(each.places.value or ())]
            found += [each.places.start] if each.places.start is not None else []
    if not found:
        return None
    low, high = min(found), max(found)
    if all(each.unit == "%" for each in targets):
        low, high = 10 * (low // 10), 10 * -(-high // 10)
    return (low, high) if low < high else (low - 1, high + 1)


def dots(target: Target, ends: tuple[float, float]) -> Markup | None:
    """A full dot is now, a hollow one the start, the upright line the target, the thick one the way."""
    at = target.places
    if at is None:
        return None
    parts = [level("rail", MIDDLE, EDGE / 2, 1 - EDGE / 2)]
    value = at.value
    if value is not None and at.start is not None:
        parts.append(level("way", MIDDLE, *sorted((_place(at.start, ends), _place(value[0], ends)))))
    if at.start is not None:
        parts.append(disc("begin", _place(at.start, ends), MIDDLE, 3.5))
    parts.append(upright("aim", _place(at.target, ends), 1, HEIGHT - 1))
    if value is not None:
        if value[0] != value[1]:
            parts.append(level("way", MIDDLE, _place(value[0], ends), _place(value[1], ends)))
        parts += [disc("dot", _place(each, ends), MIDDLE, 4.5) for each in dict.fromkeys(value)]
    return picture(_said(target), HEIGHT, parts, "dots")


def bar(target: Target, top: float) -> Markup | None:
    """A bar from nothing, with a line where the target is; paler between two ends that a value may have."""
    at: Places | None = target.places
    if at is None or at.value is None or top <= 0:
        return None
    low, high = (max(0.0, each / top) for each in at.value)
    kind = "bar fails" if target.verdict == "fail" else "bar"
    parts = [block("bar", 0, low, 3, 10).replace('class="bar"', f'class="{kind}"')]
    if low != high:
        parts.append(block("maybe", low, high, 3, 10))
    parts.append(upright("aim", min(1.0, max(0.0, at.target / top)), 0, HEIGHT))
    return picture(_said(target), HEIGHT, parts, "bars")


def _place(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return EDGE + (1 - 2 * EDGE) * min(1.0, max(0.0, (value - low) / (high - low)))


def _said(target: Target) -> str:
    begin = f"began with {target.start.said}, " if target.start else ""
    return f"{target.text}: {begin}now {target.value}, target {target.bound}"
