"""The frame that all pages share: where one is, what else there is, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phasegate.reports.html.markup import Child, Markup, joined, lede, tag, text, void
from phasegate.reports.html.markup import table as plain_table
from phasegate.reports.html.rows import STACKED, row
from phasegate.web.links import link, page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phasegate.reports.text.labels import Sign
    from phasegate.web.asked import Asked

STYLE = "/style.css"
MOST_ON_PAPER = 6
"""So many columns a sheet has room for."""
Cells = Sequence[Child]
"""The cells of a row of a table."""
PAGES: tuple[tuple[str, str], ...] = (
    ("", "Now"),
    ("runs", "Runs"),
    ("compare", "Compare"),
    ("people", "People and signatures"),
    ("schedules", "Schedules"),
    ("notifications", "Notifications"),
    ("verification", "Verification"),
)
"""The pages of a project that one goes to from each other."""


def document(
    title: str,
    *parts: Markup | None,
    asked: Asked | None = None,
    here: str | None = None,
    refresh: int | None = None,
    framed: bool = True,
    style: str | None = None,
) -> bytes:
    """A page.

    Args:
        title: in the tab of a browser.
        parts: of the page; a heading is the first. None is left out.
        asked: what is asked for; None of what is about no project.
        here: the name of the page, among those of its project.
        refresh: after so many seconds the page is asked for again.
        framed: whether the parts are the content of the page's main part, and not whole with a footer.
        style: the address of further rules of style.
    """
    of_project = asked is not None and asked.project is not None
    head = [
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="referrer", content="no-referrer"),
        void("meta", http_equiv="refresh", content=str(refresh)) if refresh is not None else None,
        tag("title", shortened(title)),
        void("link", rel="stylesheet", href=STYLE),
        void("link", rel="stylesheet", href=style) if style is not None else None,
    ]
    if asked is not None and of_project:
        feed = page(asked.key, "feed.atom")
        head.append(void("link", rel="alternate", type="application/atom+xml", href=feed, title="Changes"))
    body = [
        tag("a", "To the content", href="#main" if framed else "#verdict", class_="skip"),
        site(asked, here),
        tag("main", *parts, id="main") if framed else joined(parts),
        rests_on(asked) if framed and asked is not None and asked.opened is not None else None,
    ]
    inside = joined([tag("head", *head), tag("body", *body)])
    return f'<!DOCTYPE html>\n<html lang="en">{inside}</html>\n'.encode("utf-8", "replace")


def shortened(title: str) -> str:
    """A text for a tab of a browser."""
    return title if len(title) <= 80 else f"{title[:77]}..."


def site(asked: Asked | None, here: str | None) -> Markup:
    """The way to the other pages, and the search."""
    links = [tag("li", link("/", "All projects"))]
    if asked is not None and asked.project is not None:
        key = asked.key
        links += [
            tag("li", link(page(key, name), title, aria_current="page" if name == here else None))
            for name, title in PAGES
        ]
    ways = tag("ul", *links) if len(links) == 1 else small("Pages", tag("ul", *links))
    found = asked.query.get("q", "") if asked is not None and asked.project is None else ""
    form = tag(
        "form",
        tag("label", "Search ", void("input", type="search", name="q", value=found, maxlength="200")),
        tag("button", "Find", type="submit"),
        action="/search",
        method="get",
        role="search",
    )
    out = asked.viewer.sign_out if asked is not None else None
    leave = (
        tag("form", tag("button", "Sign out", type="submit"), action=out, method="post")
        if out is not None
        else None
    )
    return tag("nav", ways, form, leave, aria_label="Site", class_="site")


def small(said: str, inside: Markup) -> Markup:
    """What a phone shows behind a line, and a wider screen at once."""
    return tag("details", tag("summary", said), inside)


def rests_on(asked: Asked) -> Markup:
    """The head of the ledger that the page was made from, and how to hold it against another day's."""
    from phasegate.audit.ledger.checkpoint import in_a_line

    head = asked.ledger.head
    if not head.size:
        return tag("footer", tag("p", "The ledger holds no entry yet."))
    checkpoint = in_a_line(head.size, head.root)
    return tag(
        "footer",
        tag("p", f"From {asked.ledger.whole.shown.rpartition('/')[2]} at checkpoint ", code(checkpoint), "."),
        tag("p", "To verify: ", code(f"phasegate verify --against '{checkpoint}'")),
    )


def code(said: str) -> Markup:
    """What is typed, or a digest."""
    return tag("code", said)


def table(label: str, caption: str, heads: Sequence[str], rows: Iterable[Cells], kind: str = "") -> Markup:
    """A table with a sentence before it; a phone shows the cells of a row below each other, each by its name.

    Args:
        label: what it shows.
        caption: the same in a sentence.
        heads: of its columns.
        rows: the cells of each; the first one heads the row.
        kind: a class beside.
    """
    made = (row(*each, heads=heads) for each in rows)
    broad = "broad" if len(heads) > MOST_ON_PAPER else ""
    return joined(
        [lede(caption), plain_table(label, heads, made, f"{STACKED} {broad} {kind}".strip(), scrolls=True)]
    )


def banner(sign: Sign, tone: str, said: str) -> Markup:
    """A verdict or a state at the top of a page, and what it is of."""
    box = tag("p", f"{sign.mark} {sign.word}", class_=f"box {tone}")
    return tag("div", box, tag("p", said, class_="said"), class_="banner")


def pairs(*told: tuple[str, Child]) -> Markup:
    """Names and what is said under each; without those of which nothing is."""
    return tag("dl", *(joined([tag("dt", name), tag("dd", said)]) for name, said in told if said))


def bullets(*items: Child) -> Markup:
    """A list."""
    return tag("ul", *(tag("li", each) for each in items), class_="bullets")


def first_of(items: Sequence[str], most: int, rest: str) -> list[Child]:
    """The first of many things that are told, and where the others stand.

    Args:
        items: all of them.
        most: so many are told.
        rest: the address of the page that tells all.
    """
    more = len(items) - most
    return [*items[:most], *([link(rest, f"and {more:,} more")] if more > 0 else [])]


def lead(asked: Asked) -> Markup | None:
    """That a page tells of a run of the past, where it does."""
    if asked.run_given is None:
        return None
    told = f"Told of run {asked.run.number}, as of {asked.run.entry['as_of']}. "
    now = link(page(asked.key), "How it stands now")
    return tag("p", tag("strong", text(told)), now, class_="past")
