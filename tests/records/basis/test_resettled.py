"""A recorded fact on another day, or where its evidence may be older or must have more rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from phasegate.records.basis.parts import Parts
from phasegate.records.basis.resettled import (
    Held,
    UndecidableError,
    held_by,
    parts_of,
    resettled,
    word_age,
)

DAY = dt.date(2026, 3, 1)
THEN = Held(DAY, 31, 5)


def fact(status: str = "present", rows: int = 20, newest: str | None = "2026-02-20", **more: Any) -> Any:
    return {
        "status": status, "rows": rows, "nulls": 0, "newest": newest, "reason": "", "max_age_days": 31,
        "numerator": None, "denominator": None, "truth": None, "text": None, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "now", "becomes"),
    [
        (fact(), THEN, {}),
        (fact(), Held(dt.date(2026, 3, 23), 31, 5), {}),
        (fact(), Held(dt.date(2026, 3, 24), 31, 5), {
            "status": "stale", "reason": "the newest row is of 2026-02-20, 32 days old, 31 are allowed"}),
        (fact("stale"), Held(DAY, None, 5), {"status": "present", "max_age_days": None}),
        (fact("stale"), Held(DAY, 9, 5), {
            "status": "present", "max_age_days": 9}),
        (fact(), Held(DAY, 8, 5), {"max_age_days": 8,
            "status": "stale", "reason": "the newest row is of 2026-02-20, 9 days old, 8 are allowed"}),
        # More rows: of too few there is no value.
        (fact(numerator=19, denominator=20), Held(DAY, 31, 21), {
            "status": "unknown", "reason": "20 rows, fewer than the 21 that it takes",
            "numerator": None, "denominator": None}),
        (fact(), Held(DAY, 31, 20), {}),
        (fact(), Held(DAY, 31, 21), {
            "status": "unknown", "reason": "20 rows, fewer than the 21 that it takes"}),
        (fact(rows=1), Held(DAY, 31, 1_000), {
            "status": "unknown", "reason": "1 row, fewer than the 1,000 that it takes"}),
        (fact(rows=4), Held(DAY, 31, 4), {}),
        (fact(rows=4), Held(DAY + dt.timedelta(1), 31, 5), {}),
        (fact("unknown", rows=4), Held(DAY, 31, 6), {
            "reason": "4 rows, fewer than the 6 that it takes"}),
        (fact("unknown", rows=4, reason="few"), Held(dt.date(2027, 1, 1), 31, 5), {
            "reason": "4 rows, fewer than the 5 that it takes"}),
        # What had no value for another reason stays as it is.
        (fact("unknown", rows=0), Held(DAY, 1, 1), {}),
        (fact("unknown", rows=5), Held(DAY, 1, 1), {}),
        (fact("error"), Held(DAY, 1, 20), {}),
        (fact("not_applicable"), Held(dt.date(2027, 1, 1), 1, 20), {}),
        (fact(newest=None), Held(DAY, None, 1), {"max_age_days": None}),
    ],
)  # fmt: skip
def test_what_becomes_of_a_fact(seen: Any, now: Held, becomes: dict[str, Any]) -> None:
    expected = {**seen, **becomes}
    assert resettled(seen, THEN, now) == expected


def test_an_age_that_is_asked_for_anew_needs_a_date() -> None:
    found = resettled(fact(newest=None), Held(DAY, None, 1), Held(DAY, 31, 1))
    assert (found["status"], found["reason"]) == ("unknown", "no event date tells how old the rows are")


@pytest.mark.parametrize(
    ("seen", "now"),
    [
        (fact("unknown", rows=4), Held(DAY, 31, 4)),  # of too few rows no value was kept
        (fact("unknown", rows=1), Held(DAY, 31, 1)),
        (fact("error"), Held(DAY, 1, 99)),  # of too few rows it may have been none
        (fact(newest=None), Held(DAY, 30, 5)),  # it had a date, and it was not kept
    ],
)
def test_what_can_not_be_told(seen: Any, now: Held) -> None:
    with pytest.raises(UndecidableError):
        resettled(seen, THEN, now)


@pytest.mark.parametrize(
    ("parts", "held", "word"),
    [
        (None, Held(DAY, 31, 1), 31),
        ({}, Held(DAY, None, 1), None),
        ({"max_age": "14", "min_rows": "7"}, Held(DAY, 14, 7), 14),
        ({"max_age": "0", "min_rows": "0"}, Held(DAY, 0, 1), 0),
        ({"max_age": "123456789"}, Held(DAY, 123_456_789, 1), 123_456_789),
        ({"max_age": "1234567890"}, Held(DAY, None, 1), None),
        ({"max_age": "-1", "min_rows": "1.5"}, Held(DAY, None, 1), None),
        ({"max_age": "٣"}, Held(DAY, None, 1), None),
    ],
)
def test_what_was_held_against_it(parts: Parts | None, held: Held, word: int | None) -> None:
    assert held_by(parts, fact(), DAY) == held
    assert word_age(parts, fact()) == word


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.b", {"is": "1"}), ("a.b.c", {"is": "1"}), ("a.b.c.d", {"is": "1"}), ("a", None), ("b.a", None)],
)
def test_the_parts_of_a_field_are_those_of_its_measure(name: str, found: Parts | None) -> None:
    record: Any = {"basis": {"a.b": {"is": "1"}}}
    assert parts_of(record, name) == found
    none: Any = {}
    assert parts_of(none, name) is None
