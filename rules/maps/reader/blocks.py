"""Markdown as a flat list of headings, lines and list items, each with its line number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from phasegate.rules.maps.reader.lines import Line, read_lines, shown_lines
from phasegate.rules.maps.reader.patterns import is_known_label
from phasegate.rules.maps.reader.text import MapError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 40
MAX_INLINE_NESTING = 8  # brackets within brackets cost the parser more than their number
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<body>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_BULLET = re.compile(r"^\s*(?:[-*+•‣▪◦·]|\d{1,3}[.)])\s+")
_TASK = re.compile(r"^\[[ xX]\]\s+")
_PLAIN_LABEL = re.compile(r"^(?P<label>[^:]{1,80}?)\s*:(?!//)\s*(?P<value>.*)$", re.DOTALL)
_DASHED = re.compile(r"^\s*(?::|\N{EN DASH}|\N{EM DASH}|-(?=\s))\s*")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a line of a paragraph, or a list item or table row.

    Attributes:
        level: a heading's depth, or how deep an item is nested, from 1.
        text: the text without markup.
        links: the texts of its links, in order.
        label: what stands before its colon, None without one; ``value`` is what follows.
        bold: whether the label is emphasised.
        task: whether it is an item of a checklist.
        cells: of a row of a table, what stands under each head; lines within a cell are kept.
    """

    kind: Literal["heading", "line", "item"]
    text: str
    line: int
    level: int = 0
    links: tuple[str, ...] = ()
    label: str | None = None
    value: str = ""
    bold: bool = False
    task: bool = False
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document's blocks, its front matter, and the rule that turned a footer into a heading."""

    blocks: tuple[Block, ...]
    front: tuple[tuple[str, str, int], ...]
    ruled_footer: int | None


def read_blocks(text: str, name: str) -> Blocks:
    """Reads Markdown into blocks.

    Args:
        text: clean text, as `text.clean_text` returns it.
        name: how messages call the document.

    Raises:
        MapError: if lists or quotes are nested so deeply that the parser would drop what they hold.
    """
    from markdown_it import MarkdownIt

    front, text = _front_matter(text)
    # Indented text is never code in a map; inline markup is read line by line, where it is short.
    markdown = (
        MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable(["code", "inline"])
    )
    env: dict[str, Any] = {}
    tokens = markdown.parse(text, env)
    for token in tokens:
        if token.level >= MAX_NESTING - 2:
            line = token.map[0] + 1 if token.map else None
            raise MapError(
                name, line, "lists or quotes are nested too deeply", "a map nests lists twice or so"
            )
    flat = _Flattening(MarkdownIt("commonmark", {"maxNesting": MAX_INLINE_NESTING}), env)
    flat.run(tokens)
    return Blocks(tuple(flat.blocks), front, flat.ruled_footer)


def _front_matter(text: str) -> tuple[tuple[tuple[str, str, int], ...], str]:
    """The front matter's plain keys, and the text with blank lines in its place."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return (), text
    entries = []
    for line, raw in enumerate(found["body"].splitlines(), start=2):
        key, colon, value = raw.partition(":")
        if colon and key and not key[0].isspace() and not key.startswith("#"):
            entries.append((key.strip().casefold(), _unquoted(value.strip()), line))
    return tuple(entries), "\n" * found.group().count("\n") + text[found.end() :]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


@dataclass(slots=True)
class _Flattening:
    """Walks the tokens once and gathers blocks."""

    markdown: MarkdownIt
    env: dict[str, Any]
    blocks: list[Block] = field(default_factory=list)
    more: list[Line] = field(default_factory=list)
    ruled_footer: int | None = None
    lists: int = 0
    containers: int = 0
    fresh_item: bool = False
    bare: int = 0
    row: list[str] | None = None
    head: list[str] = field(default_factory=list)
    row_line: int = 1
    in_head: bool = False

    def run(self, tokens: Sequence[Token]) -> None:
        heading: Token | None = None
        for token in tokens:
            kind = token.type
            if kind in ("bullet_list_open", "ordered_list_open"):
                # The first item within one that has no text of its own stands in its place.
                self.bare = (self.bare or self.lists) if self.fresh_item else 0
                self.lists += 1
                self.containers += 1
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.lists -= 1
                self.containers -= 1
            elif kind == "list_item_open":
                self.fresh_item = True
            elif kind in ("blockquote_open", "blockquote_close"):
                self.containers += 1 if kind == "blockquote_open" else -1
            elif kind in ("thead_open", "thead_close"):
                self.in_head = kind == "thead_open"
            elif kind == "tr_open":
                self.row, self.row_line = [], token.map[0] + 1 if token.map else self.row_line + 1
            elif kind == "tr_close":
                self._row()
            elif kind in ("heading_open", "heading_close"):
                heading = token if kind == "heading_open" else None
            elif kind == "inline":
                self._inline(token, heading)
            elif kind == "html_block" or (kind in ("fence", "code_block") and self.fresh_item):
                self._paragraph(shown_lines(token))
        self._settle()

    def _inline(self, token: Token, heading: Token | None) -> None:
        lines = list(read_lines(token, self.markdown, self.env))
        if self.row is not None:
            self.row.append(" ".join(each.text.strip() for each in lines).strip())
            return
        if heading is not None and self.containers == 0:
            if not self._is_footer(lines, heading):
                text = " ".join(" ".join(each.text for each in lines).split())
                self._add(Block("heading", text, lines[0].line, level=int(heading.tag[1:])))
                return
            self.ruled_footer = heading.map[1] if heading.map else None
        self._paragraph(lines)

    def _is_footer(self, lines: Sequence[Line], heading: Token) -> bool:
        """Whether a rule below a paragraph made a heading of labelled lines or of sentences."""
        if heading.markup not in ("-", "="):
            return False
        if len(lines) > 1 or lines[0].text.rstrip().endswith((".", ";", ":", "!", "?")):
            return True
        label, colon, _ = lines[0].text.partition(":")
        return bool(colon) and is_known_label(label)

    def _row(self) -> None:
        cells, self.row = self.row or [], None
        if self.in_head:
            self.head = cells
        if self.in_head or not any(cells):
            return
        first, *others = (" ".join(cell.split()) for cell in cells)
        rest = " ".join(filter(None, others))
        text = f"{first}: {rest}" if rest else first
        under = tuple(zip(self.head, cells, strict=False))
        self._add(Block("item", text, self.row_line, level=1, label=first, value=rest, cells=under))

    fresh_line: list[int] | None = None

    def _paragraph(self, lines: Sequence[Line]) -> None:
        """Adds a paragraph's lines, or an item's text; wrapped lines join the one they continue."""
        if not lines:
            return
        for place, each in enumerate(lines):
            is_item = place == 0 and self.fresh_item and self.lists > 0
            bullet = _BULLET.match(each.text) if not is_item else None
            starts = place == 0 or bullet is not None or _starts_field(each) or (each.hard and not self.lists)
            if not starts:
                self._continue(each)
            elif is_item or bullet is not None:
                text = each.text[bullet.end() :] if bullet else each.text
                words = _TASK.sub("", text)
                block = _block("item", each, words, self.bare or max(self.lists, 1))
                self._add(replace(block, task=words != text))
            elif place == 0 and self.lists > 0:  # a further paragraph of an item continues it
                self._continue(each) if not _starts_field(each) else self._line(each)
            else:
                self._line(each)
        self.fresh_item, self.bare = False, 0

    def _line(self, each: Line) -> None:
        self._add(_block("line", each, each.text, 0))

    def _continue(self, each: Line) -> None:
        if not self.blocks or self.blocks[-1].kind == "heading":
            self._line(each)
            return
        self.more.append(each)

    def _add(self, block: Block) -> None:
        self._settle()
        self.blocks.append(block)

    def _settle(self) -> None:
        """Joins the lines that go on to the block that they belong to, all at once."""
        if not self.more:
            return
        last = self.blocks[-1]
        more = [words for each in self.more if (words := " ".join(each.text.split()))]
        self.blocks[-1] = replace(
            last,
            text=" ".join([last.text, *more]).strip(),
            links=(*last.links, *(link for each in self.more for link in each.links)),
            value=" ".join([last.value, *more]).strip() if last.label is not None else last.value,
        )
        self.more = []


def _starts_field(line: Line) -> bool:
    """Whether a line begins a labelled field of its own."""
    if line.strong is not None and _bold_label(line) is not None:
        return True
    label, colon, _ = line.text.partition(":")
    return bool(colon) and is_known_label(label)


def _bold_label(line: Line) -> tuple[str, str] | None:
    strong = (line.strong or "").strip()
    if not strong:
        return None
    rest = line.text.strip()[len(strong) :]
    if strong.endswith(":"):
        return strong.rstrip(": "), rest.strip()
    if found := _DASHED.match(rest):
        return strong, rest[found.end() :].strip()
    if ":" in strong:  # the whole line is emphasised
        label, _, value = (strong + rest).partition(":")
        return label.strip(), value.strip()
    return (strong, "") if not rest.strip() else None


def _block(kind: Literal["line", "item"], line: Line, text: str, level: int) -> Block:
    text = " ".join(text.split())
    links = tuple(line.links)
    bold = _bold_label(line)
    if bold is not None:
        return Block(kind, text, line.line, level, links, bold[0], bold[1], bold=True)
    if found := _PLAIN_LABEL.match(text):
        return Block(kind, text, line.line, level, links, found["label"].strip(), found["value"].strip())
    return Block(kind, text, line.line, level, links)
