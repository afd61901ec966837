"""What is said of a source that is another now than in a run."""

from __future__ import annotations

from typing import Any

import pytest

from phasegate.records.source_diff import changed_sources

THEN: dict[str, Any] = {
    "name": "orders",
    "status": "present",
    "reason": "",
    "digest": "sha256:5",
    "files": {"a.csv": "sha256:5", "b.csv": "sha256:5"},
    "reading": {},
    "rows": 1,
    "totals": {},
}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, None),
        ({"status": "absent", "reason": "orders.csv is not there"}, "orders.csv is not there"),
        ({"status": "stale"}, "it is stale now, and was present"),
        # A digest says nothing by being the greater one.
        ({"digest": "sha256:4", "files": {"a.csv": "sha256:4", "b.csv": "sha256:5"}},
         "other content in a.csv (1 row then, 1 now)"),
        ({"digest": "sha256:6", "files": {"a.csv": "sha256:5", "b.csv": "sha256:6"}, "rows": 2_000},
         "other content in b.csv (1 row then, 2,000 now)"),
        ({"digest": "sha256:6", "files": {"a.csv": "sha256:5", "c.csv": "sha256:5"}},
         "other content in b.csv, c.csv (1 row then, 1 now)"),
        ({"digest": None}, "other content in no file (1 row then, 1 now)"),
        ({"reading": {"separator": ";"}}, "the same bytes, read in another way"),
        ({"totals": {"amount": "5"}}, "the same bytes, and another totals"),
    ],
)  # fmt: skip
def test_what_is_different(now: dict[str, Any], said: str | None) -> None:
    record: Any = {"sources": [THEN]}
    found: Any = [THEN | now]
    assert changed_sources(record, found) == ([("orders", said)] if said else [])


def test_sources_come_and_go() -> None:
    record: Any = {"sources": [THEN]}
    found: Any = [THEN | {"name": "plans"}]
    assert changed_sources(record, found) == [
        ("orders", "it is not read any more"),
        ("plans", "it was not read then"),
    ]


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("memory", "memory", None),
        ("memory", None, "a program gave its rows then, and nobody can read these again"),
        ("memory", "a.example", "a program gave its rows then, and nobody can read these again"),
        ("memory", "z.example", "a program gave its rows then, and nobody can read these again"),
        ("a.example", "memory", None),
        ("z.example", "memory", None),
        ("z.example", "a.example", None),
        (None, "memory", None),
    ],
)
def test_rows_that_a_program_gave_are_gone(then: str | None, now: str | None, said: str | None) -> None:
    before, after = (
        THEN if server is None else THEN | {"table": {"server": server}} for server in (then, now)
    )
    record: Any = {"sources": [before]}
    found: Any = [after]
    assert changed_sources(record, found) == ([("orders", said)] if said else [])
