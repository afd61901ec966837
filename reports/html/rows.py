"""Rows of tables whose short cells stay on one line: ids, days, people, moments and figures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from phasegate.reports.html.markup import Child, Markup, tag

LONGEST_WORD, SHORT = 40, 24
"""So many characters of one word, and of several, do not break."""
STACKED = "plain stacked"
"""The kind of a table whose rows a phone shows cell below cell."""
_LINES = re.compile(r"<br>|</?(?:div|li|p|ul)\b[^>]*>")
_TAGS = re.compile(r"<[^>]*>|(?<=&)[#\w]+;")


def row(first: Child, *cells: Child, heads: Sequence[str] = ()) -> Markup:
    """A row of a table, headed by its first cell.

    Its lines break where they are long, and never within an id, a day or a short figure.

    Args:
        first: the first cell.
        cells: the others.
        heads: of the columns, where a phone shows one cell below the other and each says what it is.
    """
    names: Sequence[str | None] = heads[1:] or [None] * len(cells)
    others = [
        tag("td", each, class_=_class(each), data_head=name) for each, name in zip(cells, names, strict=True)
    ]
    return tag("tr", tag("th", first, scope="row", class_=_class(first)), *others)


def _class(said: Child) -> str | None:
    return "unbroken" if said and unbroken(said) else None


def unbroken(said: str | Markup) -> bool:
    """Whether each line of a cell is one word or a few short ones."""
    lines = _LINES.split(said) if isinstance(said, Markup) else [said]
    return all(_is_short(_TAGS.sub("", each) if isinstance(said, Markup) else each) for each in lines)


def _is_short(line: str) -> bool:
    return len(line) <= (SHORT if " " in line.strip() else LONGEST_WORD)
