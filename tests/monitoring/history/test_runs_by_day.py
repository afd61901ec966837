"""What is taken where nobody names a run is the newest by its day, and never one that looked back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import DAYS, keep, write_project

from phasegate import cli
from phasegate.audit.ledger.ledger import Ledger
from phasegate.monitoring.history.due import due
from phasegate.monitoring.history.load import compare
from phasegate.monitoring.history.trend import trend

LATER = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def looked_back(folder: Path) -> Path:
    """Two days in their order, then a look at the first of them once more, and one at a day to come."""
    keep(folder, DAYS[0])
    write_project(folder, open_invoices=())
    keep(folder, DAYS[1])
    keep(folder, DAYS[0], now=LATER)
    keep(folder, dt.date(2026, 6, 1), now=LATER)
    return folder


def compared(folder: Path, *given: str) -> tuple[int, int]:
    with Ledger.open(folder / "phasegate.db") as ledger:
        found = compare(ledger, *given)
    return found.before.number, found.after.number


def test_diff_compares_the_newest_days(looked_back: Path) -> None:
    assert compared(looked_back) == (1, 2)
    assert compared(looked_back, "1") == (1, 2)
    assert compared(looked_back, "2") == (2, 2)  # there is nothing newer
    assert compared(looked_back, "3", "4") == (3, 4)  # whoever names them means them
    assert compared(looked_back, "3", "latest") == (3, 4)


def test_diff_compares_what_was_decided_alike(looked_back: Path) -> None:
    keep(looked_back, DAYS[2], gate="1", now=LATER)
    assert compared(looked_back) == (2, 5)  # no other run is of that gate
    keep(looked_back, DAYS[2], now=LATER)
    assert compared(looked_back) == (2, 6)
    assert compared(looked_back, "1") == (1, 6)


def test_a_trend_and_what_is_due_leave_looks_back_out(looked_back: Path) -> None:
    with Ledger.open(looked_back / "phasegate.db") as ledger:
        assert [each.run for each in trend(ledger, "programme", 20).moments] == [1, 2]
        assert due(ledger, DAYS[2], dt.timedelta(days=30)).run.number == 2


def test_a_report_is_of_the_newest_day(looked_back: Path) -> None:
    told = CliRunner().invoke(cli.main, ["report", "--project", str(looked_back), "--format", "json"])
    assert '"as_of": "2026-03-02"' in told.output
