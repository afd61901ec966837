"""A page without colours looks the same whether rich lays it out or not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from phasegate.reports.terminal.page import NARROW, Page, Span

PIECES = [
    "a",
    "bb",
    "ccc ",
    "  ",
    " ",
    "95 %",
    "17 k EUR",
    "–",
    "\n",
    "\t",
    "\x1b[1m",
    "é",
    "漢",
    "word" * 8,
    "✓",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
SPANS = st.one_of(TEXTS, TEXTS.map(lambda text: (text, "bold")))
WIDTHS = st.integers(40, 180)


class ByRich(Page):
    """Lays everything out with rich."""

    def _plain(self, spans: Iterable[Span]) -> str | None:
        return None


def pages(width: int) -> tuple[Page, Page]:
    return Page(width, colour=False), ByRich(width, colour=False)


@given(
    WIDTHS, st.lists(SPANS, max_size=3), st.lists(SPANS, max_size=4), st.integers(0, 5), st.integers(0, 12)
)
def test_paragraphs_look_the_same(
    width: int, label: list[Span], spans: list[Span], indent: int, label_width: int
) -> None:
    ours, rich = pages(width)
    for page in (ours, rich):
        page.item(label, spans, indent, label_width)
        page.line(*spans, indent=indent)
        page.unbroken(*spans)
        page.heading("Heading", "".join(span if isinstance(span, str) else span[0] for span in label))
    assert ours.text() == rich.text()


@given(WIDTHS, st.data())
def test_tables_look_the_same(width: int, data: st.DataObject) -> None:
    heads = data.draw(st.lists(TEXTS, min_size=1, max_size=4))
    row = st.one_of(
        st.lists(SPANS, min_size=len(heads), max_size=len(heads)), st.lists(SPANS, min_size=1, max_size=1)
    )
    rows = data.draw(st.lists(row, max_size=4))
    flexible = data.draw(st.integers(0, len(heads) - 1))
    ours, rich = pages(width)
    for page in (ours, rich):
        page.table(heads, rows, flexible)
    assert ours.text() == rich.text()


def test_what_is_taken_for_narrow_is_one_column_wide() -> None:
    narrow = [char for code in range(sys.maxunicode + 1) if NARROW.fullmatch(char := chr(code))]
    assert len(narrow) > 700
    assert [char for char in narrow if cell_len(char) != 1] == []


def test_short_lines_need_no_rich() -> None:
    page = "page = Page(100, colour=False); page.line('✓ OPEN'); page.table(['a'], [['b']], 0); page.text()"
    program = (
        f"import sys; from phasegate.reports.terminal.page import Page; {page}; print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
