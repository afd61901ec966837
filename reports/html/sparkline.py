"""What earlier runs found of a requirement, as a small picture and in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Markup, text, verdict_class
from phasegate.reports.text.labels import verdict_sign

if TYPE_CHECKING:
    from phasegate.audit.trail.past_verdicts import Past

WIDTH, HEIGHT, EDGE = 120, 24, 4
_BEGIN = (
    f'<svg role="img" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="currentColor"'
    ' stroke-linecap="round">'
)


def sparkline(past: Sequence[Past], unit: str | None, bound: Fraction | None = None) -> Markup | None:
    """A line through the values, a dot for each run, and a line where the bound is; None of fewer than two.

    A value with two ends has a dot at each, and a line of its own between them.

    Args:
        past: what was found, the oldest first.
        unit: of the values.
        bound: what the newest run holds the value against; None where that is no number.
    """
    if len(past) < 2:
        return None
    aim = _as_float(bound) if any(_numbers(each) for each in past) else None
    places, at_bound = _places(past, aim)
    line = " ".join([at for (at, *_), each in zip(places, past, strict=True) if each.value is not None])
    dots: dict[str, list[str]] = {}
    for at, each in zip(places, past, strict=True):
        dots.setdefault(each.verdict, []).extend(at)
    apart = "".join(["M" + " ".join(at) for at in places if len(at) > 1])
    trace = "".join(
        [f'<path d="{each}" class="trace"></path>' for each in (line and f"M{line}", apart) if each]
    )
    drawn = "".join(
        f'<path d="M{"h0M".join(found)}h0" class="dot {verdict_class(word)}" stroke-width="6"></path>'
        for word, found in dots.items()
    )
    line_at = f'<path d="M0,{at_bound}h{WIDTH}" class="aim"></path>' if at_bound is not None else ""
    held = f"; bound about {_number(aim, unit)}" if aim is not None else ""
    said = text(f"Earlier runs: {in_words(past, unit)}{held}")
    return Markup(f"{_BEGIN}<title>{said}</title>{line_at}{trace}{drawn}</svg>")


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


def _places(past: Sequence[Past], bound: float | None) -> tuple[list[list[str]], int | None]:
    """Where each run stands, in the order of the runs, and how far down the bound does.

    What has no value stands half-way up.
    """
    values = [number for each in past for number in _numbers(each)]
    values += [bound] if bound is not None else []
    low, high = min(values, default=0.0), max(values, default=0.0)
    across, height = _across(len(past)), HEIGHT - 2 * EDGE
    if high <= low:
        middle = HEIGHT // 2
        return [[f"{at},{middle}"] for at in across], None if bound is None else middle
    # Halved first: the difference of two values may be larger than any number.
    span, ground = high / 2 - low / 2, HEIGHT - EDGE
    shares = [[(number / 2 - low / 2) / span for number in _numbers(each)] or [0.5] for each in past]
    places = [
        [f"{at},{round(ground - share * height)}" for share in own]
        for at, own in zip(across, shares, strict=True)
    ]
    return places, None if bound is None else round(ground - (bound / 2 - low / 2) / span * height)


@lru_cache(maxsize=64)
def _across(runs: int) -> tuple[int, ...]:
    step = (WIDTH - 2 * EDGE) / (runs - 1)
    return tuple(round(EDGE + place * step) for place in range(runs))


def _number(value: float, unit: str | None) -> str:
    if unit == "%":
        return f"{value * 100:,.4g} %"
    shown = f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
    return f"{shown} {unit}" if unit else shown
