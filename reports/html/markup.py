"""Markup that can not be broken: every text is escaped, and what is markup already is of its own type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from phasegate.reports.text.plain import visible

LONGEST = 2_000
"""So many characters of one text are shown; a page of verdicts is no place for more."""
_PLAIN = re.compile(rf"[ !#-%(-;=?-~]{{0,{LONGEST}}}").fullmatch
"""Printable ASCII without the five characters that can be taken for markup, and not too much of it."""


class Markup(str):
    """Text that is markup, and stays as it is."""

    __slots__ = ()


Child = str | Markup | None
"""A text, some markup, or nothing."""


def text(said: str) -> Markup:
    """A text as markup: visible characters alone, none of which is taken for markup."""
    return Markup(_safe(said))


def _safe(said: str) -> str:
    if _PLAIN(said):  # as most are, and to see so is much quicker than to escape nothing
        return said
    if len(said) > LONGEST:
        return escape(f"{visible(said[:LONGEST])}... ({len(said):,} characters)")
    return escape(visible(said))


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """An element.

    Args:
        name: of the element.
        children: what stands in it; texts are escaped.
        attributes: by name, ``_`` for ``-`` and without one at the end; True for one without a value,
            None or False for none.
    """
    inside = "".join([each if type(each) is Markup else _safe(each) for each in children if each is not None])
    return Markup(
        f"<{name}{_written(attributes)}>{inside}</{name}>" if attributes else f"<{name}>{inside}</{name}>"
    )


def filled(template: str, *children: Child) -> Markup:
    """A piece of our own markup with texts in it; the quick way to write what a page has thousands of.

    Args:
        template: the markup, with ``{}`` where a child stands, be it within quotation marks.
        children: what stands there; texts are escaped.
    """
    shown = ["" if each is None else each for each in children]
    return Markup(
        template.format(*[each if type(each) is Markup or _PLAIN(each) else _safe(each) for each in shown])
    )


def void(name: str, /, **attributes: str | bool | None) -> Markup:
    """An element that holds nothing and is not closed."""
    return Markup(f"<{name}{_written(attributes)}>")


def joined(parts: Iterable[Child], between: str = "") -> Markup:
    """Several parts, one behind the other."""
    return Markup(
        between.join([each if type(each) is Markup else _safe(each) for each in parts if each is not None])
    )


def _written(attributes: dict[str, str | bool | None]) -> str:
    written = ""
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        known = name.rstrip("_").replace("_", "-") if "_" in name else name
        written += f" {known}" if value is True else f' {known}="{_safe(value)}"'
    return written
