"""Which cells of a table stay on one line."""

from __future__ import annotations

import pytest

from phasegate.reports.html.markup import Markup, tag
from phasegate.reports.html.rows import LONGEST_WORD, row, unbroken

CELLS = {
    "d-110": True,
    "2026-02-16 10:05 UTC": True,
    "24 of 50": True,
    "1.1.3/systems/systems.runs_succeeded": True,
    "R&D": True,
    "x" * (LONGEST_WORD + 1): False,
    "The risk feed's scheduler was moved to another host.": False,
    tag("a", "run 3", href="/p/a-project-with-a-long-name/run?run=3"): True,
    Markup("gate 1 <b>CLOSED</b><br>programme <b>CLOSED</b>"): True,
    Markup("gate 1<br>It waits for what the finance team still has to sign."): False,
    tag("ul", tag("li", "short"), tag("li", "short too")): True,
}


@pytest.mark.parametrize("said", CELLS)
def test_what_does_not_break(said: str) -> None:
    assert unbroken(said) is CELLS[said]


def test_a_row_says_of_each_cell_whether_it_breaks() -> None:
    long = "This one is a sentence that may well break."
    assert row("d-110", long, None) == (
        f'<tr><th scope="row" class="unbroken">d-110</th><td>{long}</td><td></td></tr>'
    )
