"""Markup that can not be broken: every text is escaped, and what is markup already is of its own type."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from phasegate.reports.plain import visible

LONGEST = 2_000
"""So many characters of one text are shown; a page of verdicts is no place for more."""


class Markup(str):
    """Text that is markup, and stays as it is."""

    __slots__ = ()


Child = str | Markup | None
"""A text, some markup, or nothing."""


def text(said: str) -> Markup:
    """A text as markup: visible characters alone, none of which is taken for markup."""
    return Markup(escape(_cut(said)))


def _cut(said: str) -> str:
    if len(said) <= LONGEST:
        return visible(said)
    return f"{visible(said[:LONGEST])}... ({len(said):,} characters)"


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """An element.

    Args:
        name: of the element.
        children: what stands in it; texts are escaped.
        attributes: by name, ``_`` for ``-`` and without one at the end; True for one without a value,
            None or False for none.
    """
    inside = "".join(each if type(each) is Markup else text(each) for each in children if each is not None)
    return Markup(
        f"<{name}{_written(attributes)}>{inside}</{name}>" if attributes else f"<{name}>{inside}</{name}>"
    )


def void(name: str, /, **attributes: str | bool | None) -> Markup:
    """An element that holds nothing and is not closed."""
    return Markup(f"<{name}{_written(attributes)}>")


def joined(parts: Iterable[Child], between: str = "") -> Markup:
    """Several parts, one behind the other."""
    return Markup(
        between.join(each if type(each) is Markup else text(each) for each in parts if each is not None)
    )


def _written(attributes: dict[str, str | bool | None]) -> str:
    parts = []
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        known = name.rstrip("_").replace("_", "-")
        parts.append(f" {known}" if value is True else f' {known}="{escape(_cut(value))}"')
    return "".join(parts)
