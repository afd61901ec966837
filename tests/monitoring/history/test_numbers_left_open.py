"""What was known and is not, from run to run: trends, differences and earlier runs tell both ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kept_runs import DAYS, keep, write_project

from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.past_verdicts import Past, history
from phasegate.audit.trail.runs import find_run
from phasegate.monitoring.history.load import Compared, compare
from phasegate.monitoring.history.trend import trend
from phasegate.reports.html.plots.history import history as drawn_history
from phasegate.reports.html.plots.history import in_words
from phasegate.reports.views.diff import compared_text
from phasegate.reports.views.trend import trend_document, trend_text

RECONCILED = "1.2/cranes/invoices.reconciled"
SPAN = "16 to 18 of 20 = 80 % to 90 % (2 rows have no `status`)"


@pytest.fixture
def lost(folder: Path) -> Path:
    """A project of two runs: 18 of 20 invoices are reconciled, and then of two of them nobody knows."""
    write_project(folder)
    pack = folder / "pack" / "pack.yaml"
    text = pack.read_text(encoding="utf-8")
    pack.write_text(text.replace("status: {type: string}", "status: {type: string, nullable: true}"))
    keep(folder, DAYS[0])
    invoices = folder / "invoices.csv"
    text = invoices.read_text(encoding="utf-8")
    invoices.write_text(text.replace("reconciled", "", 2), encoding="utf-8")
    keep(folder, DAYS[1])
    return folder


def test_a_trend_tells_both_ends_and_plots_none_of_them(lost: Path) -> None:
    with Ledger.open(lost / "phasegate.db") as ledger:
        found = trend(ledger, RECONCILED, 20)
    assert [(each.verdict, each.observed, each.value, each.ends) for each in found.moments] == [
        ("pass", "18 of 20 = 90 %", 0.9, None),
        ("unknown", SPAN, None, (0.8, 0.9)),
    ]
    assert SPAN in " ".join(trend_text(found, width=200, colour=False).split())
    assert [each["ends"] for each in trend_document(found)["runs"]] == [None, (0.8, 0.9)]


def test_a_difference_tells_what_became_of_a_number_and_which_rows_made_it(lost: Path) -> None:
    with Ledger.open(lost / "phasegate.db") as ledger:
        found: Compared = compare(ledger, "1", "2")
    text = " ".join(compared_text(found, width=300, colour=False).split())
    assert f"18 of 20 = 90 % → {SPAN}" in text
    assert "says 2 of 20 rows have no `status`: write " in text
    assert "the data changed: invoices" in text


def test_a_picture_of_earlier_runs_has_both_ends_and_nothing_between(lost: Path) -> None:
    with Ledger.open(lost / "phasegate.db") as ledger:
        past = history(ledger, find_run(ledger, "latest"))[RECONCILED]
    assert past == (
        Past(1, DAYS[0].isoformat(), "pass", 0.9),
        Past(2, DAYS[1].isoformat(), "unknown", None, (0.8, 0.9)),
    )
    assert in_words(past, "%") == (
        "pass 2026-03-01, about 90 %; unknown 2026-03-02, about between 80 % and 90 %"
    )
    drawn = drawn_history(past, "%") or ""
    assert drawn.count('<line class="way"') == 1  # from the one end to the other
    heights = [float(each) for each in re.findall('<circle class="dot" cx="92%" cy="([0-9.]+)"', drawn)]
    assert len(heights) == 2  # and none half-way
    assert f'y1="{min(heights):g}" y2="{max(heights):g}"' in drawn
