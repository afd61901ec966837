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

_PARTS = re.compile(r"(?<=[/._])(?=[^/._])")
"""Where the line of an id may break."""


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
    return _escaped(said)


@lru_cache(maxsize=1024)
def _escaped(said: str) -> str:
    """What is asked and found is so of hundreds of requirements, and escaped once."""
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
    return Markup(
        template.format(
            *[
                "" if each is None else each if type(each) is Markup or _PLAIN(each) else _safe(each)
                for each in children
            ]
        )
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


def section(name: str, title: str, *parts: Child, kind: str = "section") -> Markup:
    """A section that can be linked to.

    Args:
        name: its place.
        title: its heading.
        parts: what stands in it.
        kind: its class.
    """
    return tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name, class_=kind)


def folded(said: str, *parts: Child, kind: str = "fold") -> Markup:
    """What is read by few: shut on a screen, until its line is chosen, and whole on paper.

    Args:
        said: what is in it, in a line.
        parts: what stands in it.
        kind: its class.
    """
    return filled('<details class="{}"><summary><h3>{}</h3></summary>{}</details>', kind, said, joined(parts))


def parted(name: str) -> Markup:
    """An id whose parts are where its line breaks, and not its words."""
    return (
        joined([text(each) for each in _PARTS.split(name)], "<wbr>") if len(name) <= LONGEST else text(name)
    )


def lede(said: str) -> Markup:
    """What a section shows, in a sentence under its heading."""
    return filled('<p class="lede">{}</p>', said)


def contents(sections: Iterable[tuple[str, str]]) -> Markup:
    """Links to the sections of the page, each given by its name and its title."""
    links = [filled('<li><a href="#{}">{}</a></li>', name, title) for name, title in sections]
    return filled('<nav aria-label="Contents"><ul>{}</ul></nav>', joined(links))


def table(
    label: str, heads: Sequence[str], rows: Iterable[Markup], kind: str = "", *, scrolls: bool = False
) -> Markup:
    """A table.

    Args:
        label: what it shows; for those who do not see the heading above it.
        heads: of its columns; what ends with ``#`` is of numbers.
        rows: of its body.
        kind: its class.
        scrolls: whether it scrolls by itself where the page is narrow, by keyboard too.
    """
    named = [
        filled('<th scope="col" class="number">{}</th>', each[:-1])
        if each.endswith("#")
        else filled('<th scope="col">{}</th>', each)
        for each in heads
    ]
    made = filled(
        '<table class="{}"><caption class="unseen">{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        kind or "plain",
        label,
        joined(named),
        joined(rows),
    )
    if not scrolls:
        return made
    return filled('<div class="wide" tabindex="0" role="group" aria-label="{}">{}</div>', label, made)


@lru_cache(maxsize=64)
def verdict(word: str) -> Markup:
    """A verdict within a text: its sign and its word, in its colour."""
    return _signed(verdict_sign(word), verdict_tone(word), "word")


@lru_cache(maxsize=64)
def verdict_chip(word: str) -> Markup:
    """A verdict that stands out."""
    return _signed(verdict_sign(word), verdict_tone(word), "chip")


@lru_cache(maxsize=64)
def verdict_mark(word: str) -> Markup:
    """The sign of a verdict alone, before a line that says its word."""
    return tag("span", verdict_sign(word).mark, class_=f"sign {verdict_tone(word)}", aria_hidden="true")


def state(word: str) -> Markup:
    """A gate's state, or a run's outcome, within a text."""
    return _signed(state_sign(word), state_tone(word), "word")


def state_chip(word: str) -> Markup:
    """A gate's state that stands out."""
    return _signed(state_sign(word), state_tone(word), "chip")


def verdict_tone(word: str) -> str:
    """The colour of a verdict, by its class; what is no verdict looks like unknown."""
    known = known_verdict(word)
    return _OF_VERDICT.get(known, known)


def state_tone(word: str) -> str:
    """The colour of a gate's state, by its class; what is none looks undecided."""
    return _OF_STATE[word] if word in STATES else "open"


_OF_VERDICT = {"stale": "open", "unknown": "open", "not_applicable": "none"}
_OF_STATE = {
    "open": "pass",
    "open_with_waivers": "waived",
    "closed": "fail",
    "undecided": "open",
    "nothing": "open",
    "error": "error",
}


def _signed(sign: Sign, tone: str, kind: str) -> Markup:
    return tag("span", f"{sign.mark} {sign.word}", class_=f"{kind} {tone}")
