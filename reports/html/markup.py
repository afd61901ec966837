"""Markup that can not be broken: every text is escaped, and what is markup already is of its own type.

And what a page is laid out of: sections, tables that scroll by themselves, and verdicts and states, each a
sign and a word, never a colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape

from phasegate.reports.text.labels import STATES, Sign, known_verdict, state_sign, verdict_sign
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


def section(name: str, title: str, *parts: Markup) -> Markup:
    """A section that can be linked to."""
    return tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name)


def contents(sections: Iterable[tuple[str, str]]) -> Markup:
    """Links to the sections of the page, each given by its name and its title."""
    links = [filled('<li><a href="#{}">{}</a></li>', name, title) for name, title in sections]
    return filled('<nav aria-label="Contents"><ul>{}</ul></nav>', joined(links))


def table(
    label: str, caption: str, heads: Sequence[str], rows: Iterable[Markup], kind: str | None = None
) -> Markup:
    """A table that scrolls by itself where the page is narrow, by keyboard too.

    Args:
        label: what it is called.
        caption: what it shows, in a sentence.
        heads: of its columns.
        rows: of its body.
        kind: its class.
    """
    made = tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *(tag("th", each, scope="col") for each in heads))),
        tag("tbody", *rows),
        class_=kind,
    )
    return tag("div", made, class_="wide", tabindex="0", role="group", aria_label=label)


@lru_cache(maxsize=64)
def verdict(word: str) -> Markup:
    """A verdict."""
    return _signed(verdict_sign(word), verdict_class(word))


def state(word: str) -> Markup:
    """A gate's state, or a run's outcome."""
    return _signed(state_sign(word), state_class(word))


def verdict_class(word: str) -> str:
    """The class of a verdict; what is none looks like unknown."""
    return known_verdict(word)


def state_class(word: str) -> str:
    """The class of a state; what is none looks undecided."""
    return word if word in STATES else "undecided"


def _signed(sign: Sign, kind: str) -> Markup:
    return tag("span", f"{sign.mark} {sign.word}", class_=f"sign {kind}")
