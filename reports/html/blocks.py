"""What the page is laid out of: sections with a heading, and tables that scroll by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from phasegate.reports.html.markup import Markup, filled, joined, tag


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
