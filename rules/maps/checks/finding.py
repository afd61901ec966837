"""A finding: one odd thing in a map, and the words to say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One odd thing in a map.

    Attributes:
        kind: its name, such as ``points-in-no-phase``.
        lines: where it shows, in order.
        text: what is odd, as a sentence.
    """

    kind: str
    lines: tuple[int, ...]
    text: str


def listed(items: Iterable[str], limit: int = 12) -> str:
    """``a``, ``a and b``, ``a, b and c``; a long list is cut and says so."""
    names = list(items)
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """``1 point``, ``8 points``."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
