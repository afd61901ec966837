"""Text that stays text: what data and packs say never steers a terminal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

_SPACES = frozenset("\t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_ASCII = str.maketrans(
    {
        "✗": "x", "✓": "+", "·": "-", "–": "-", "—": "-", "…": "...", "≥": ">=", "≤": "<=", "×": "x",
        "→": "->", "‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ",
    }
)  # fmt: skip


def visible(text: str) -> str:
    """The text on one line, without characters that could steer a terminal.

    Control characters, escape sequences and marks that turn the direction of writing become U+FFFD;
    line breaks and tabs become spaces.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else " " if char in _SPACES or char.isspace() else "\ufffd"
        for char in text
    )


_BEFORE_UNIT = re.compile(r" (?=%)|(?<=\d) (?=(?:k |M |bn )?[A-Z]{3}\b)|(?<=\d [kM]) (?=[A-Z]{3}\b)")
HELD = "\ue000"
"""Stands for a space at which no line breaks; `visible` lets none from outside through."""


def held(text: str) -> str:
    """The text with its quantities held together: ``95 %`` and ``17.3 M USD`` do not break."""
    return _BEFORE_UNIT.sub(HELD, text)


def released(text: str) -> str:
    """The text with plain spaces again, once its lines are broken."""
    return text.replace(HELD, " ")


def moment(at: dt.datetime | str) -> str:
    """A moment as people read it, such as ``2026-02-16 10:05 UTC``; a text that is none stays as it is."""
    try:
        found = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{found.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if found.tzinfo is not None else str(at)
    except (ValueError, OverflowError):
        return str(at)


def encodable(text: str, encoding: str | None) -> str:
    """The text with our own signs in ASCII where an encoding lacks them; the rest becomes ``?``."""
    name = encoding or "ascii"
    try:
        text.encode(name)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(name, "replace").decode(name)
    return text


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """``1 row``, ``2 rows``, ``1,000 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def some(parts: Sequence[str], most: int) -> str:
    """The first parts, and how many more there are."""
    shown = ", ".join(parts[:most])
    return shown if len(parts) <= most else f"{shown} and {len(parts) - most:,} more"


def tally(words: Iterable[str], order: Sequence[str]) -> list[tuple[str, int]]:
    """How often each word occurs, in a given order; words that do not occur are left out."""
    found = list(words)
    return [(word, found.count(word)) for word in order if word in found]


def begun(said: str, longest: int) -> str:
    """The beginning of a sentence that is longer than there is room for: whole clauses, or words."""
    if len(said) <= longest:
        return said
    kept = said[:longest]
    ends = max(kept.rfind("; "), kept.rfind(". "))
    return f"{kept[: ends if ends > longest // 3 else max(kept.rfind(' '), longest // 2)]} ..."


def digest_start(digest: str | None) -> str:
    """The beginning of a digest, enough to tell two apart by eye."""
    return (digest or "no digest")[: len("sha256:") + 12]
