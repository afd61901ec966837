"""What is said of rows of which nobody knows whether they count."""

from __future__ import annotations

import pytest

from phasegate.facts.model.lacking import cause_said, lacking_said, remedy

FIX = "write `(days > 30) IS TRUE` if no days means not met"


@pytest.mark.parametrize(
    ("rows", "columns", "of", "lack", "cure"),
    [
        (3, [("days", 3)], None, "3 rows have no `days`", "give 3 rows their `days`, or FIX"),
        (1, [("days", 1)], None, "1 row has no `days`", "give 1 row its `days`, or FIX"),
        (1, [("days", 1)], 20, "1 of 20 rows has no `days`", "give 1 row its `days`, or FIX"),
        (1, [("days", 1)], 1, "1 of 1 row has no `days`", "give 1 row its `days`, or FIX"),
        (1200, [("days", 1200)], 5000, "1,200 of 5,000 rows have no `days`",
         "give 1,200 rows their `days`, or FIX"),
        (9, [("a", 5), ("b", 4)], None, "9 rows have no `a` (5) or `b` (4)",
         "give 9 rows their `a` or `b`, or FIX"),
        (9, [("a", 9), ("b", 4)], None, "9 rows have no `a` or `b` (4)",
         "give 9 rows their `a` or `b`, or FIX"),
        (9, [("a", 3), ("b", 3), ("c", 3)], None, "9 rows have no `a` (3), `b` (3) or `c` (3)",
         "give 9 rows their `a`, `b` or `c`, or FIX"),
        (9, [("a", 5)], None, "9 rows leave open whether they count, some without `a` (5)",
         "give 9 rows their `a`, or FIX"),
        (1, [], None, "1 row leaves open whether it counts", "FIX"),
        (2, [], 7, "2 of 7 rows leave open whether they count", "FIX"),
    ],
)  # fmt: skip
def test_what_rows_lack(
    rows: int, columns: list[tuple[str, int]], of: int | None, lack: str, cure: str
) -> None:
    assert lacking_said(rows, columns, of) == lack
    assert cause_said(rows, columns, FIX, of) == f"{lack}: {FIX}"
    assert cause_said(rows, columns, "", of) == lack
    assert remedy(rows, columns, FIX) == cure.replace("FIX", FIX)


@pytest.mark.parametrize(
    ("rows", "columns", "cure"),
    [
        (2, [("days", 2)], "give 2 rows their `days`"),
        (2, [], "decide whether 2 rows count"),
        (1, [], "decide whether 1 row counts"),
    ],
)
def test_without_a_fix_there_is_something_to_do_all_the_same(
    rows: int, columns: list[tuple[str, int]], cure: str
) -> None:
    assert remedy(rows, columns, "") == cure
