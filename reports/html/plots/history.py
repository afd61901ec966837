"""What earlier runs found of a requirement, on the days of the cycle, and in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from phasegate.reports.html.plots.days import day_said
from phasegate.reports.html.plots.svg import disc, level, picture, trace, upright, verdict_mark, words
from phasegate.reports.text.labels import verdict_sign

if TYPE_CHECKING:
    from phasegate.audit.trail.past_verdicts import Past
    from phasegate.reports.brief.model import Axis
    from phasegate.reports.html.markup import Markup

TOP, HEIGHT = 18.0, 52.0
LONGEST = 24
"""What is longer has no room on a line."""
APART = 0.05
"""Signs that stand nearer than this would cover each other: the later one stays."""


def history(
    past: Sequence[Past],
    unit: str | None,
    bound: Fraction | None = None,
    axis: Axis | None = None,
    limit: str = "",
) -> Markup | None:
    """A line through the values, a sign for each run, and a line where the bound is; None of fewer than two.

    A value with two ends has a dot at each. Where no run found a number, there are signs alone.

    Args:
        past: what was found, the oldest first.
        unit: of the values.
        bound: what the newest run holds the value against; None where that is no number.
        axis: the days; from the first run to the last one where none are given.
        limit: the bound as it is said.
    """
    if len(past) < 2:
        return None
    numbers = [_numbers(each) for each in past]
    aim = _as_float(bound) if any(numbers) else None
    across = _across(past, axis)
    parts: list[str] = []
    foot = 0.0
    if any(numbers):
        parts += _line(numbers, across, aim, limit)
        parts += _values(numbers, across, aim, unit)
        foot = TOP + HEIGHT + 8
    parts += _signs(past, across, foot + 12)
    parts.append(level("rail", foot + 18))
    parts += _days(past, across, foot + 31)
    held = f"; bound about {_number(aim, unit)}" if aim is not None else ""
    return picture(f"Earlier runs: {in_words(past, unit)}{held}", int(foot + 36), parts, "past")


def unmoved(past: Sequence[Past]) -> bool:
    """Whether all runs found the same verdict and no number."""
    return len({each.verdict for each in past}) == 1 and not any(_numbers(each) for each in past)


def _as_float(bound: Fraction | None) -> float | None:
    try:
        return None if bound is None else float(bound)
    except OverflowError:
        return None


def in_words(past: Sequence[Past], unit: str | None) -> str:
    """``stale 2026-01-01; pass 2026-02-01 to 2026-03-01, about 88.2 % to 91 %``: runs alike together.

    Args:
        past: what was found, the oldest first.
        unit: of the values.
    """
    parts = []
    for word, group in groupby(past, _verdict):
        runs = list(group)
        values = [found for each in runs if (found := _numbers(each))]
        days = " to ".join(dict.fromkeys((runs[0].as_of, runs[-1].as_of)))
        ends = dict.fromkeys(_said(found, unit) for found in (*values[:1], *values[-1:]))
        about = f", about {' to '.join(ends)}" if ends else ""
        parts.append(f"{_word(word)} {days}{about}")
    return "; ".join(parts)


_verdict = attrgetter("verdict")


@lru_cache(maxsize=64)
def _word(verdict: str) -> str:
    return verdict_sign(verdict).word.lower()


def _numbers(past: Past) -> tuple[float, ...]:
    """The number that a run found, or both ends of it; empty where it found none."""
    return past.ends or (() if past.value is None else (past.value,))


def _said(numbers: Sequence[float], unit: str | None) -> str:
    told = [_number(each, unit) for each in numbers]
    return told[0] if len(told) == 1 else f"between {told[0]} and {told[1]}"


def _across(past: Sequence[Past], axis: Axis | None) -> list[float]:
    """Where each run stands: on its day; at even steps where one has no day."""
    days = [_day(each.as_of) for each in past]
    known = [each for each in days if each is not None]
    if len(known) == len(days):
        if axis is not None:
            return [min(0.98, max(0.02, axis.at(each))) for each in known]
        whole = (max(known) - min(known)).days
        if whole:
            return [0.02 + 0.9 * (each - min(known)).days / whole for each in known]
    return [0.02 + 0.9 * place / (len(past) - 1) for place in range(len(past))]


@lru_cache(maxsize=256)
def _day(said: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        return None


def _heights(numbers: Sequence[Sequence[float]], aim: float | None) -> tuple[list[list[float]], float | None]:
    """How far down each number stands, as a share of the height, and how far down the bound does."""
    values = [number for each in numbers for number in each] + ([aim] if aim is not None else [])
    low, high = min(values), max(values)
    # Halved first: the difference of two values may be larger than any number.
    span = high / 2 - low / 2
    if span <= 0:
        return [[0.5] * len(each) for each in numbers], None if aim is None else 0.5
    told = [[1 - (number / 2 - low / 2) / span for number in each] for each in numbers]
    return told, None if aim is None else 1 - (aim / 2 - low / 2) / span


def _line(
    numbers: Sequence[Sequence[float]], across: Sequence[float], aim: float | None, limit: str
) -> list[str]:
    heights, at_bound = _heights(numbers, aim)
    parts = []
    if at_bound is not None:
        y = TOP + HEIGHT * at_bound
        parts += [
            level("bound", y),
            words(f"bound {limit[:LONGEST]}" if limit else "bound", 0, y - 4, "soft"),
        ]
    single = [(x, each[0]) for x, each in zip(across, heights, strict=True) if len(each) == 1]
    if len(single) > 1:
        parts.append(trace(single, TOP, HEIGHT))
    parts += [
        upright("way", x, TOP + HEIGHT * each[1], TOP + HEIGHT * each[0])
        for x, each in zip(across, heights, strict=True)
        if len(each) > 1
    ]
    places = [(x, y) for x, each in zip(across, heights, strict=True) for y in each]
    last = across[-1]
    parts += [disc("dot", x, TOP + HEIGHT * y, 4.5 if x == last else 2.5) for x, y in places]
    return parts


def _values(
    numbers: Sequence[Sequence[float]],
    across: Sequence[float],
    aim: float | None,
    unit: str | None,
) -> list[str]:
    """The newest number beside its dot."""
    if len(numbers[-1]) != 1:
        return []
    heights, _ = _heights(numbers, aim)
    y = TOP + HEIGHT * heights[-1][0]
    x = across[-1]
    if x > 0.8:
        return [
            words(_number(numbers[-1][0], unit), x, y + (18 if y < TOP + HEIGHT / 2 else -9), "big", "end", 4)
        ]
    return [words(_number(numbers[-1][0], unit), x, y + 5, "big", "", 9)]


def _signs(past: Sequence[Past], across: Sequence[float], y: float) -> list[str]:
    parts, last = [], 2.0
    for each, x in zip(reversed(past), reversed(across), strict=True):
        if last - x >= APART:
            parts.append(verdict_mark(each.verdict, x, y))
            last = x
    return parts[::-1]


def _days(past: Sequence[Past], across: Sequence[float], y: float) -> list[str]:
    """The first day and the last one."""
    told = [(past[0], across[0]), (past[-1], across[-1])]
    parts = []
    for each, x in told if across[-1] - across[0] > 0.2 else told[1:]:
        day = _day(each.as_of)
        anchor = "middle" if 0.06 < x < 0.94 else "end" if x >= 0.94 else ""
        parts.append(words(day_said(day) if day else each.as_of[:10], x, y, "soft", anchor))
    return parts


def _number(value: float, unit: str | None) -> str:
    if unit == "%":
        return f"{value * 100:,.4g} %"
    shown = f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
    return f"{shown} {unit}" if unit else shown
