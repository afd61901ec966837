"""Rows of tables whose short cells stay on one line: ids, days, people, moments and figures."""

from __future__ import annotations

import re

from phasegate.reports.html.markup import Child, Markup, tag

LONGEST_WORD, SHORT = 40, 24
"""So many characters of one word, and of several, do not break."""
_LINES = re.compile(r"<br>|</?(?:div|li|p|ul)\b[^>]*>")
_TAGS = re.compile(r"<[^>]*>|(?<=&)[#\w]+;")


def row(first: Child, *cells: Child) -> Markup:
    """A row of a table, headed by its first cell."""
    return tag("tr", cell(first, head=True), *map(cell, cells))


def cell(said: Child, *, head: bool = False) -> Markup:
    """A cell; its lines break where they are long, and never within an id, a day or a short figure."""
    whole = "unbroken" if said and unbroken(said) else None
    return tag("th", said, scope="row", class_=whole) if head else tag("td", said, class_=whole)


def unbroken(said: str | Markup) -> bool:
    """Whether each line of a cell is one word or a few short ones."""
    lines = _LINES.split(said) if isinstance(said, Markup) else [said]
    return all(_is_short(_TAGS.sub("", each) if isinstance(said, Markup) else each) for each in lines)


def _is_short(line: str) -> bool:
    return len(line) <= (SHORT if " " in line.strip() else LONGEST_WORD)
