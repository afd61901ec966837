"""A page of the terminal: lines, hanging paragraphs and tables, in colour or without.

It is the one place where text meets rich, and it takes every text literally: no markup, no emoji
codes, no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from phasegate.reports.plain import held, released, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Span = str | tuple[str, str]
"""A text, or a text with its style."""
MIN_WIDTH, MAX_WIDTH = 60, 160
LEAST_COLUMN, LEAST_BODY = 16, 20
TABLE_INDENT = 2


class Page:
    """Collects what is printed and gives it back as one text.

    Args:
        width: columns of the terminal; wider ones than MAX_WIDTH are not filled.
        colour: whether styles are written as escape sequences.
    """

    def __init__(self, width: int, colour: bool) -> None:
        from rich.console import Console

        self.width = max(MIN_WIDTH, min(width, MAX_WIDTH))
        self._out = StringIO()
        self._console = Console(
            file=self._out,
            width=self.width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=not colour,
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
        self._print(_text(spans))

    def heading(self, title: str, about: str = "") -> None:
        """A blank line and a heading."""
        self.blank()
        self._print(_text([(title, "bold"), (f"  {about}" if about else "", "dim")]))

    def blank(self) -> None:
        """A blank line."""
        self._out.write("\n")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Span]], flexible: int) -> None:
        """A table without lines; nothing in it is cut off.

        Args:
            heads: the columns' heads.
            rows: the cells; a row of one cell is a line of its own within the table.
            flexible: the column that wraps where the page is narrow.
        """
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

    def _row(self, cells: Sequence[Text], widths: Sequence[int], flexible: int) -> None:
        parts = _wrap(cells[flexible], self._console, widths[flexible])
        for place, part in enumerate(parts):
            row = _text([" " * TABLE_INDENT])
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                shown = part if column == flexible else cell if place == 0 else _text([])
                row.append_text(shown).append(" " * (max(0, width - shown.cell_len) + 2))
            row.rstrip()
            self._print(row)

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)

    def text(self) -> str:
        """Everything that was printed."""
        return released(self._out.getvalue())


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
