"""What earlier runs found of a requirement, as a small picture and in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from phasegate.reports.hypertext.markup import Markup, tag
from phasegate.reports.hypertext.signed import verdict_class
from phasegate.reports.signs import verdict_sign

if TYPE_CHECKING:
    from phasegate.audit.kept.history import Past

WIDTH, HEIGHT, EDGE = 120, 24, 4


def sparkline(past: Sequence[Past], unit: str | None) -> Markup | None:
    """A line through the values, and a dot for each run; None where there are fewer than two.

    Args:
        past: what was found, the oldest first.
        unit: of the values.
    """
    if len(past) < 2:
        return None
    places = _places(past)
    line = " ".join(at for at, each in zip(places, past, strict=True) if each.value is not None)
    dots: dict[str, str] = {}
    for at, each in zip(places, past, strict=True):
        kind = verdict_class(each.verdict)
        dots[kind] = f"{dots.get(kind, '')}M{at}h0"
    return tag(
        "svg",
        tag("title", f"Earlier runs: {in_words(past, unit)}"),
        tag("path", d=f"M{line}", class_="trace") if line else None,
        *(tag("path", d=path, class_=f"dot {kind}", stroke_width="6") for kind, path in dots.items()),
        role="img",
        width=str(WIDTH),
        height=str(HEIGHT),
        fill="none",
        stroke="currentColor",
        stroke_linecap="round",
    )


def in_words(past: Sequence[Past], unit: str | None) -> str:
    """``stale 2026-01-01; pass 2026-02-01 to 2026-03-01, about 88.2 % to 91 %``: runs alike together.

    Args:
        past: what was found, the oldest first.
        unit: of the values.
    """
    parts = []
    for word, group in groupby(past, lambda each: verdict_sign(each.verdict).word.lower()):
        runs = list(group)
        values = [_number(each.value, unit) for each in runs if each.value is not None]
        days = " to ".join(dict.fromkeys((runs[0].as_of, runs[-1].as_of)))
        about = f", about {' to '.join(dict.fromkeys((values[0], values[-1])))}" if values else ""
        parts.append(f"{word} {days}{about}")
    return "; ".join(parts)


def _places(past: Sequence[Past]) -> list[str]:
    """Where each run stands, in the order of the runs; what has no value stands half-way up."""
    values = [each.value for each in past if each.value is not None]
    low, high = min(values, default=0.0), max(values, default=0.0)
    step = (WIDTH - 2 * EDGE) / (len(past) - 1)

    def share(value: float | None) -> float:
        # Halved first: the difference of two values may be larger than any number.
        return 0.5 if value is None or high <= low else (value / 2 - low / 2) / (high / 2 - low / 2)

    height = HEIGHT - 2 * EDGE
    return [
        f"{EDGE + place * step:.0f},{HEIGHT - EDGE - share(each.value) * height:.0f}"
        for place, each in enumerate(past)
    ]


def _number(value: float, unit: str | None) -> str:
    if unit == "%":
        return f"{value * 100:,.4g} %"
    shown = f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
    return f"{shown} {unit}" if unit else shown
