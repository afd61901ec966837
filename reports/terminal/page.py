"""A page of the terminal: lines, hanging paragraphs and tables, in colour or without.

It is the one place where text meets rich, and it takes every text literally: no markup, no emoji
codes, no control characters. What has no colour is written without rich where every character takes one
column: rich takes longer to import than to write a short report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING

from phasegate.reports.text.plain import held, released, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Span = str | tuple[str, str]
"""A text, or a text with its style."""
MIN_WIDTH, MAX_WIDTH = 60, 160
LEAST_COLUMN, LEAST_BODY = 16, 20
TABLE_INDENT = 2
NARROW = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff–—‘’“”…→≤≥✓✗▁-█\ue000\ufffd]*")
"""Texts of which every character takes one column, so that their length is their width."""


class Page:
    """Collects what is printed and gives it back as one text.

    Args:
        width: columns of the terminal; wider ones than MAX_WIDTH are not filled.
        colour: whether styles are written as escape sequences.
    """

    def __init__(self, width: int, colour: bool) -> None:
        self.width = max(MIN_WIDTH, min(width, MAX_WIDTH))
        self._colour = colour
        self._out = StringIO()

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(
            file=self._out,
            width=self.width,
            force_terminal=self._colour,
            color_system="standard" if self._colour else None,
            no_color=not self._colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    def line(self, *spans: Span, indent: int = 0) -> None:
        """A paragraph; where it wraps, it goes on at the same indent."""
        self.item((), spans, indent)

    def item(
        self, label: Sequence[Span], spans: Iterable[Span], indent: int = 0, label_width: int = 0
    ) -> None:
        """A paragraph behind a label; where it wraps, it goes on behind the label's column."""
        spans = list(spans)
        name, words = self._plain(label), self._plain(spans)
        if name is not None and words is not None:
            start = " " * indent + name.ljust(label_width)
            for part in wrapped(words, max(LEAST_BODY, self.width - len(start))):
                self._write(start + part)
                start = " " * len(start)
            return
        head = _text(label)
        head.append(" " * max(0, label_width - head.cell_len))
        self._hanging(head, _text(spans), indent)

    def _hanging(self, head: Text, body: Text, indent: int) -> None:
        hang = indent + head.cell_len
        for place, part in enumerate(_wrap(body, self._console, max(LEAST_BODY, self.width - hang))):
            start = _text([" " * indent]).append_text(head) if place == 0 else _text([" " * hang])
            self._print(start.append_text(part))

    def unbroken(self, *spans: Span) -> None:
        """One line, however long it is."""
        words = self._plain(spans)
        if words is None:
            self._print(_text(spans))
        else:
            self._write(words)

    def heading(self, title: str, about: str = "") -> None:
        """A blank line and a heading."""
        self.blank()
        self.unbroken((title, "bold"), (f"  {about}" if about else "", "dim"))

    def blank(self) -> None:
        """A blank line."""
        self._write("")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Span]], flexible: int) -> None:
        """A table without lines; nothing in it is cut off.

        Args:
            heads: the columns' heads.
            rows: the cells; a row of one cell is a line of its own within the table.
            flexible: the column that wraps where the page is narrow.
        """
        rows = [list(row) for row in rows]
        if self._plain_table(heads, rows):
            return
        lines = [[_text([cell]) for cell in row] for row in rows]
        widths = [len(head) for head in heads]
        for line in lines:
            if len(line) > 1:
                widths = [max(width, cell.cell_len) for width, cell in zip(widths, line, strict=True)]
        spare = self.width - TABLE_INDENT - sum(widths) - 2 * (len(widths) - 1)
        widths[flexible] = min(widths[flexible], max(LEAST_COLUMN, widths[flexible] + spare))
        self._row([_text([(head, "dim")]) for head in heads], widths, flexible)
        for line in lines:
            if len(line) > 1:
                self._row(line, widths, flexible)
            else:
                self._hanging(_text([" " * TABLE_INDENT]), line[0], 0)

    def _plain_table(self, heads: Sequence[str], rows: Sequence[Sequence[Span]]) -> bool:
        """Writes a table without rich, if that can be done."""
        lines = [[self._plain([cell]) for cell in row] for row in (heads, *rows)]
        full = [[cell for cell in line if cell is not None] for line in lines]
        if full != lines:
            return False
        widths = [len(head) for head in heads]
        for line in full:
            if len(line) > 1:
                widths = [max(width, len(cell)) for width, cell in zip(widths, line, strict=True)]
        if TABLE_INDENT + sum(widths) + 2 * (len(widths) - 1) > self.width:
            return False
        self._plain_row(full[0], widths)
        for row, line in zip(rows, full[1:], strict=True):
            if len(line) > 1:
                self._plain_row(line, widths)
            else:
                self.line(row[0], indent=TABLE_INDENT)
        return True

    def _plain_row(self, cells: Iterable[str], widths: Iterable[int]) -> None:
        padded = [cell.ljust(width + 2) for cell, width in zip(cells, widths, strict=True)]
        self._write((" " * TABLE_INDENT + "".join(padded)).rstrip())

    def _row(self, cells: Sequence[Text], widths: Sequence[int], flexible: int) -> None:
        parts = _wrap(cells[flexible], self._console, widths[flexible])
        for place, part in enumerate(parts):
            row = _text([" " * TABLE_INDENT])
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                shown = part if column == flexible else cell if place == 0 else _text([])
                row.append_text(shown).append(" " * (max(0, width - shown.cell_len) + 2))
            row.rstrip()
            self._print(row)

    def _plain(self, spans: Iterable[Span]) -> str | None:
        """The words of some spans; None where they have a colour or characters of another width."""
        if self._colour:
            return None
        words = "".join(held(visible(span if isinstance(span, str) else span[0])) for span in spans)
        return words if NARROW.fullmatch(words) else None

    def _write(self, line: str) -> None:
        self._out.write(f"{line}\n")

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)

    def text(self) -> str:
        """Everything that was printed."""
        return released(self._out.getvalue())


_WORD = re.compile(r"\s*\S+\s*")


def wrapped(words: str, width: int) -> list[str]:
    """The lines of a text of `NARROW` characters, as rich wraps it.

    Args:
        words: the text.
        width: the characters of a line; a longer word is cut.
    """
    lines, line = [], ""
    for match in _WORD.finditer(words):
        word = match[0]
        length = len(word.rstrip())
        if len(line) + length <= width:
            line += word
            continue
        if line:
            lines.append(line)
        while length > width and len(word) > width:
            lines.append(word[:width])
            word = word[width:]
        line = word
    return [part.rstrip() for part in (*lines, line)]


def _text(spans: Iterable[Span]) -> Text:
    from rich.text import Text

    text = Text()
    for span in spans:
        words, style = (span, "") if isinstance(span, str) else span
        text.append(held(visible(words)), style or None)
    return text


def _wrap(text: Text, console: Console, width: int) -> list[Text]:
    parts = list(text.wrap(console, width, overflow="fold"))
    for part in parts:
        part.rstrip()
    return parts
