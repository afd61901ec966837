"""The lines of a paragraph without their markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_INLINE = 2_000  # the parser's time may grow with the square of what it reads at once
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[/!]?[a-z][^>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_WORDS = frozenset({"text", "text_special", "code_inline", "image"})


@dataclass(slots=True)
class Line:
    """One line of a paragraph.

    Attributes:
        links: the texts of its links.
        strong: the emphasised text that it begins with, None without one.
        hard: whether it follows a hard break, or is the first.
    """

    line: int
    text: str = ""
    links: list[str] = field(default_factory=list)
    strong: str | None = None
    hard: bool = True


def read_lines(token: Token, markdown: MarkdownIt, env: dict[str, Any]) -> Iterator[Line]:
    """The lines of an inline token.

    Args:
        token: a token of type ``inline``.
        markdown: the parser that made it.
        env: the document's link references.
    """
    number = token.map[0] + 1 if token.map else 1
    if len(token.content) <= MAX_INLINE:
        yield from _read(token.content, number, markdown, env)
        return
    hard = True
    for offset, raw in enumerate(token.content.split("\n")):
        if len(raw) <= MAX_INLINE:
            for each in _read(raw.strip(), number + offset, markdown, env):
                yield replace(each, hard=hard)
        else:  # no sentence of a map is as long: its words count, not its emphasis
            yield Line(number + offset, raw.replace("*", "").replace("`", "").strip(), hard=hard)
        hard = raw.endswith(("  ", "\\"))


def shown_lines(token: Token) -> list[Line]:
    """The lines of a block of HTML or of code that a reader sees, without tags and comments.

    Args:
        token: a token of type ``html_block``, ``fence`` or ``code_block``.
    """
    first = token.map[0] + 1 if token.map else 1
    text = token.content
    if token.type == "html_block":
        text = _UNSEEN.sub(lambda found: "\n" * found.group().count("\n"), text)
    lines = enumerate(text.split("\n"), start=first + (token.type == "fence"))
    return [Line(number, words) for number, raw in lines if (words := html.unescape(raw).strip())]


def _read(text: str, number: int, markdown: MarkdownIt, env: dict[str, Any]) -> Iterator[Line]:
    children: list[Token] = []
    markdown.inline.parse(text, markdown, env, children)
    current = _Open(Line(number))
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield current.line
            current = _Open(Line(current.line.line + 1, hard=child.type == "hardbreak"))
        else:
            current.take(child)
    yield current.line


@dataclass(slots=True)
class _Open:
    """A line that is being read, with the link and the emphasis that are open."""

    line: Line
    link: list[str] | None = None
    strong: list[str] | None = None

    def take(self, token: Token) -> None:
        if token.type in _WORDS:
            self.line.text += token.content
            for opened in (self.link, self.strong):
                if opened is not None:
                    opened.append(token.content)
        elif token.type == "link_open":
            self.link = []
        elif token.type == "link_close":
            self.line.links.append("".join(self.link or []))
            self.link = None
        elif token.type == "strong_open":
            if not self.line.text.strip() and self.line.strong is None:
                self.strong = []
        elif token.type == "strong_close":
            if self.strong is not None:
                self.line.strong = "".join(self.strong)
            self.strong = None
        elif token.type == "html_inline":
            self.line.line += token.content.count("\n")
            if token.content.casefold().startswith("<br"):
                self.line.text += "\n"
