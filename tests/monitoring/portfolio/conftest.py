"""What the tests of portfolios share: rows of the small project of the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_runs import write_project

from phasegate.monitoring.portfolio.model import PortfolioRow
from phasegate.monitoring.portfolio.places import place_of_project
from phasegate.monitoring.portfolio.read import read_rows
from phasegate.monitoring.portfolio.row import Asked

Row = Callable[..., PortfolioRow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in which all invoices are reconciled; nothing is kept yet."""
    made = tmp_path / "harbour"
    made.mkdir()
    return write_project(made, open_invoices=(), id_="harbour.0001")


@pytest.fixture
def row(folder: Path) -> Row:
    """Reads its row at noon of a day."""

    def read(day: dt.date, gate: str | None = None, max_age: int = 400) -> PortfolioRow:
        now = dt.datetime.combine(day, dt.time(12), dt.UTC)
        (found,) = read_rows([place_of_project(folder, {})], now, Asked(gate, max_age))
        return found

    return read
