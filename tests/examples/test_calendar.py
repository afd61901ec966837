"""On any day the example decides as a calendar says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from calendar_oracle import Calendar, Tables, figures
from example_runs import generator, place, run
from sizes import SIZE

FEW = [dt.date(2024, 2, 29), dt.date(2026, 3, 31)]
MONTH_ENDS = [dt.date(2026 + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1) for month in range(1, 13)]
DAYS = [
    *MONTH_ENDS,  # two ends of quarters and the end of the year among them
    *(day + dt.timedelta(days=1) for day in MONTH_ENDS),
    *(dt.date(2024, 2, day) for day in (28, 29)),
    dt.date(2024, 3, 1),
    dt.date(2024, 12, 31),
    *(dt.date(2026, 1, day) for day in (2, 5, 6, 7, 8, 9, 10)),  # while the books of December close
    *(dt.date(2026, 3, day) for day in (7, 8, 9)),  # a weekend, and when the close of February is over
    dt.date(2025, 12, 25),
    dt.date(2026, 6, 13),
]
AT_LEAST = 60
"""So many figures are compared on a day, slices included."""


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("day", FEW, ids=str)
def test_the_example_decides_as_a_calendar_says(day: dt.date, tmp_path: Path) -> None:
    _compared(tmp_path, day)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(day, id=str(day), marks=pytest.mark.long if place % 9 else pytest.mark.slow)
        for place, day in enumerate(DAYS)
    ],
)
def test_the_example_decides_as_a_calendar_says_on_forty_days(day: dt.date, tmp_path: Path) -> None:
    _compared(tmp_path, day)


def test_there_are_forty_days() -> None:
    assert len(set(DAYS)) == 40


def test_the_calendar_of_the_oracle() -> None:
    at = Calendar(dt.date(2026, 1, 8), [dt.date(2026, 1, 1)])
    assert (at.month_start, at.month_end, at.year_start) == (
        dt.date(2025, 12, 1),
        dt.date(2025, 12, 31),
        dt.date(2025, 1, 1),
    )
    assert at.close(dt.date(2025, 12, 31)) == dt.date(2026, 1, 8)  # not the 1st, and a weekend between
    assert at.close(dt.date(2025, 11, 30)) == dt.date(2025, 12, 5)  # from Friday the 28th on
    assert at.business_age(dt.date(2025, 12, 31)) == 5


def _compared(folder: Path, day: dt.date) -> None:
    """Compares the day for which the data are made, and in the slow tests its neighbours."""
    place("developer_finance", folder)
    generator("developer_finance").generate(folder, day, 1_000)
    table = Tables(folder)
    for shift in (0,) if SIZE == "fast" else (-1, 0, 1):
        as_of = day + dt.timedelta(days=shift)
        facts, due = run(folder, as_of).facts.facts, figures(table, as_of)
        found = {key: facts[key] for key in due}
        assert {key: fact.reason for key, fact in found.items() if fact.status == "error"} == {}
        assert len(due) >= AT_LEAST
        values = {key: fact.value for key, fact in found.items() if fact.value is not None}
        assert values == {key: due[key].value for key in values}, as_of
        assert len(values) >= AT_LEAST
        rows = {key: fact.rows for key, fact in found.items() if due[key].rows >= 0}
        assert rows == {key: due[key].rows for key in rows}, as_of
