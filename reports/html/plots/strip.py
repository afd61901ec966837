"""A strip with a width for each criterion, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import verdict_tone
from phasegate.reports.html.plots.svg import picture, share
from phasegate.reports.text.labels import verdict_sign

if TYPE_CHECKING:
    from phasegate.reports.brief.model import Count
    from phasegate.reports.html.markup import Markup

LEAST = 10
"""Fewer are counted at a glance, and a strip of them would seem to say more."""
HEIGHT = 8


def strip(counts: Sequence[Count]) -> Markup | None:
    """The counts as widths; None where they are few.

    Args:
        counts: how many have which verdict, the worst first.
    """
    whole = sum(each.number for each in counts)
    if whole < LEAST:
        return None
    parts, begin = [], 0.0
    for each in counts:
        end = begin + each.number / whole
        parts.append(share(verdict_tone(each.verdict), begin, end, HEIGHT))
        begin = end
    said = ", ".join(f"{each.number:,} {verdict_sign(each.verdict).word.lower()}" for each in counts)
    return picture(f"Of {whole:,}: {said}", HEIGHT, parts, "strip")
