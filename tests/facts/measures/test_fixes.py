"""The one-line remedy of undetermined rows: it helps, and hides no row that lacks something else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from phasegate.facts.model.fact import Fact

One = Callable[..., Fact]
PERSON = {"type": "string", "nullable": True, "personal": True}
LINES: dict[str, Any] = {
    "title": "An approval",
    "columns": {
        "fin": PERSON, "dev": PERSON, "Tags": {"type": "string", "nullable": True}, "day": {"type": "date"},
    },
}  # fmt: skip
ROWS = [
    {"fin": "a", "dev": "b", "Tags": '{"o": "x"}'},
    {"fin": "F-1", "dev": "f-1", "Tags": "{}"},
    {"fin": None, "dev": "c", "Tags": None},
]
ALIKE = "write ids of one person alike in the source, where `dev` and `fin` differ only as F-1 and f-1 do"
NOT_MET = "write `(fin = dev) IS TRUE` if no `fin` means not met"
NO_TAG = "write `(tag('o') = 'x') IS TRUE` if no `tag('o')` means not met"


@pytest.mark.parametrize(
    ("sql", "rows", "fix"),
    [
        ("fin = dev", ROWS, ALIKE),  # `IS TRUE` would take one person for two
        ("fin = dev", ROWS[:2], ALIKE),
        ("fin = dev", [ROWS[0], ROWS[2]], NOT_MET),
        ("tag('o') = 'x'", ROWS, NO_TAG),
        ("tag('o') = 'x'", ROWS[:2], NO_TAG),
        ("tag('o') = 'x'", [ROWS[0], ROWS[2]], NO_TAG),
    ],
)
def test_what_an_author_can_write(one: One, sql: str, rows: list[dict[str, Any]], fix: str) -> None:
    told = [{**row, "day": dt.date(2026, 3, 1)} for row in rows]
    assert one({"count": sql}, told, contracts={"lines": LINES}).fix == fix
