"""Text that stays text in Markdown, and a page that knows how much room it has left.

What a renderer of GitHub's Markdown takes for syntax is escaped with a backslash. What GitHub and GitLab
look for in the finished text (mentions, issues, addresses, commits, emoji, formulas) would survive that,
so a word that holds any of it becomes code, where they look for nothing. No field is changed otherwise,
but for control characters, which `plain.visible` replaces, and for length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import visible

if TYPE_CHECKING:
    from phasegate.reports.text.labels import Sign

LONGEST = 300
"""Characters of one field that are shown."""
_SYNTAX = re.compile(r"([\\`*_\[\]<>&|~#])")
_BEGINS_A_BLOCK = re.compile(r"^([0-9]{1,9}(?=[.)](?: |$))|(?=[-+=:](?: |$)|[-=:]{2}))")
_LOOKED_FOR = re.compile(
    r"@|\$|://|www\.|\bGH-\d|(?<!\w)[#!%~&][\w\"]|\w#\d|\b[0-9a-f]{7,40}\b|:(?!\d\d:)[\w+-]+:", re.IGNORECASE
)
# These cannot stand in code that is also to stand in a table, nor can what GitHub's runner obeys.
_NOT_IN_CODE = re.compile(r"([`|\\]|(?<=##)\[)")


def shortened(text: str, most: int = LONGEST) -> str:
    """The text on one line; where it is too long, its beginning and how long it is."""
    line = visible(text).strip()
    return line if len(line) <= most else f"{line[:most].rstrip()}… ({len(line):,} characters)"


def text(raw: str, most: int = LONGEST) -> str:
    """Markdown that shows a text as it is, wherever inline content may stand.

    Args:
        raw: the text.
        most: how many of its characters are shown.
    """
    words = shortened(raw, most).split(" ")
    line = " ".join(
        _as_code(word) if _LOOKED_FOR.search(word) else _SYNTAX.sub(r"\\\1", word) for word in words
    )
    return _BEGINS_A_BLOCK.sub(r"\1\\", line)


def code(raw: str, most: int = LONGEST) -> str:
    """Markdown that shows a name, a place or a digest as code; nothing for an empty one."""
    return _as_code(shortened(raw, most))


def _as_code(line: str) -> str:
    parts = _NOT_IN_CODE.split(line)
    return "".join(f"\\{part}" if place % 2 else _span(part) for place, part in enumerate(parts))


def _span(part: str) -> str:
    if not part:
        return ""
    # One space on either side is taken off by whoever reads it, if there is one on both.
    padding = " " if part != part.strip(" ") and part.strip(" ") else ""
    return f"`{padding}{part}{padding}`"


def signed(sign: Sign) -> str:
    """A verdict or a state as sign and word."""
    return f"{text(sign.mark)} {sign.word}"


def broken(parts: Iterable[str]) -> str:
    """Parts of a cell, each on its own line; empty ones are left out."""
    return "<br>".join(part for part in parts if part)


def row(cells: Sequence[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


class Sheet:
    """A page that is filled from above, up to a limit.

    Sizes are bytes of UTF-8: whoever counts characters or UTF-16 units counts no more than that.

    Args:
        whole: what to say of where the whole report is.
    """

    def __init__(self, whole: str) -> None:
        self._whole = whole
        self._lines: list[str] = []
        self._used = 0

    def add(self, *lines: str) -> None:
        """Lines that must be there."""
        self._lines += lines
        self._used += sum(len(line.encode()) + 1 for line in lines)

    def table(
        self, title: str, heads: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], mark: int,
        total: int, nouns: str, *, folded: bool = False,
    ) -> None:  # fmt: skip
        """A heading and a table with as many rows as there is room for; nothing where it has no rows.

        Args:
            title: the heading, of words of our own.
            heads: the heads of the columns.
            rows: for each row, how many things it tells and its cells, as Markdown.
            mark: where the page must end after this table.
            total: how many things all rows tell.
            nouns: what these are.
            folded: whether it is shown only when asked for.
        """
        if not total:
            return
        after = f"{{left:,}} of {total:,} {nouns} left out here: {self._whole}"
        self.add("", *(("<details>", f"<summary>{title}</summary>") if folded else (f"### {title}",)))
        self.add("", row(heads), row(["---"] * len(heads)))
        room = mark - self._used - len(after.encode()) - 40
        left = total
        for number, cells in rows:
            line = row(cells)
            room -= len(line.encode()) + 1
            if room < 0:
                break
            self.add(line)
            left -= number
        if left:
            self.add("", after.format(left=left))
        if folded:
            self.add("", "</details>")

    def text(self) -> str:
        """The whole page."""
        return "\n".join([*self._lines, ""])
