"""The line that says how far sources have come: rows or bytes, and the time left where that is known."""

from __future__ import annotations

import io

import pytest

from phasegate.facts.model.progress import Come
from phasegate.reports.terminal.progress import ReadingLine


class Seconds:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def last_of(stream: io.StringIO) -> str:
    return stream.getvalue().rpartition("\r\x1b[K")[2]


MINUTES = 180
CASES = [
    (10.0, Come("costs", 250_000, None, "rows"), "reading costs: 250,000 rows (0 sources read)"),
    (
        10.0,
        Come("costs", 250_000, 1_000_000, "rows", True),
        "reading costs: 250,000 of some 1,000,000 rows, 30 s left (0 sources read)",
    ),
    (1.0, Come("costs", 1, 1_000_000, "rows"), "reading costs: 1 of 1,000,000 rows (0 sources read)"),
    (
        MINUTES,
        Come("costs", 500, 1_500, "rows"),
        "reading costs: 500 of 1,500 rows, 6 minutes left (0 sources read)",
    ),
    (10.0, Come("costs", 1_500, 1_000, "rows", True), "reading costs: 1,500 rows (0 sources read)"),
    (
        10.0,
        Come("costs", 30_000_000, 119_000_001, "bytes"),
        "reading costs: 30 of 120 MB, 30 s left (0 sources read)",
    ),
    (10.0, Come("costs", 120, 120, "bytes"), "reading costs (0 sources read)"),
    (10.0, Come("costs", 0, 120, "rows"), "reading costs: 0 of 120 rows (0 sources read)"),
]


@pytest.mark.parametrize(("took", "so_far", "shown"), CASES)
def test_rows_and_the_time_left_are_told(took: float, so_far: Come, shown: str) -> None:
    stream, clock = io.StringIO(), Seconds()
    line = ReadingLine(stream, clock)
    line.started("costs")
    line.came(so_far._replace(done=0))
    clock.now += took
    line.came(so_far)
    assert last_of(stream) == shown
    line.finished("costs")
    assert last_of(stream) == ""


def test_a_line_stands_long_enough_to_be_read() -> None:
    stream, clock = io.StringIO(), Seconds()
    line = ReadingLine(stream, clock)
    line.started("costs")
    for rows in range(1, 1_000):
        clock.now += 0.001
        line.came(Come("costs", rows, None, "rows"))
    assert len(stream.getvalue().split("\r\x1b[K")) <= 7


def test_what_is_read_anew_takes_as_long_again() -> None:
    stream, clock = io.StringIO(), Seconds()
    line = ReadingLine(stream, clock)
    line.started("costs")
    line.came(Come("costs", 900, 1_000, "rows"))
    clock.now += 500
    line.came(Come("costs", 1, 1_000, "rows"))
    clock.now += 10
    line.came(Come("costs", 500, 1_000, "rows"))
    assert last_of(stream) == "reading costs: 500 of 1,000 rows, 10 s left (0 sources read)"


def test_what_comes_of_a_source_that_is_read_already_is_not_shown() -> None:
    stream, clock = io.StringIO(), Seconds()
    line = ReadingLine(stream, clock)
    line.started("costs")
    line.finished("costs")
    clock.now += 10
    line.came(Come("costs", 5, 10, "rows"))
    assert last_of(stream) == ""
