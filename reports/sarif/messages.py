"""Texts as SARIF has them."""

from __future__ import annotations

from phasegate.reports.text.plain import visible

LONGEST = 1_024
"""Characters that GitHub takes of what describes a rule."""


def message(text: str) -> str:
    """A message that is what it says: in SARIF, braces hold a place and ``[text](place)`` is a link."""
    return visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def limited(text: str) -> str:
    """A text as such a message, with as many characters as a reader takes of what describes something."""
    told = message(text)
    kept = LONGEST
    while _units(told) > LONGEST:
        kept -= max(1, (_units(told) - LONGEST) // 2)
        told = message(text[:kept]) + " …"
    return told


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
