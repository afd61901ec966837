"""Rows that name a point which the pack does not have are told, and change nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from phasegate.facts.model.fact import FactSet, UnknownPoints

DAY = dt.date(2026, 3, 1)
Measure = Callable[..., FactSet]
BY_POINT = {"m": {"ratio": {"of": "met"}, "by": "point"}}


def rows(*points: str | None, **more: Any) -> list[dict[str, Any]]:
    return [{"point": point, "met": True, "day": DAY, **more} for point in points]


@pytest.mark.parametrize(
    ("points", "found"),
    [
        (("1.1", "2.1", "1.1"), None),
        ((), None),
        ((None, "", "1.1"), None),
        (("9.9", "1.1", "1.l", "9.9"), UnknownPoints(3, 2, ("1.l", "9.9"))),
        (("1.1 ",), UnknownPoints(1, 1, ("1.1 ",))),
        (tuple("gfedcba"), UnknownPoints(7, 7, tuple("abcde"))),
        (("x" * 41,), UnknownPoints(1, 1, ("x" * 40 + "...",))),
    ],
)
def test_points_that_the_pack_lacks_are_counted_and_sampled(
    measure: Measure, points: tuple[str | None, ...], found: UnknownPoints | None
) -> None:
    assert measure(BY_POINT, rows(*points)).sources["lines"].unknown_points == found


@pytest.mark.parametrize(
    ("measures", "found"),
    [
        ({"m": {"count": "met", "where": "NOT met", "by": "point"}}, 2),  # whatever the measure leaves out
        ({"m": {"distinct": "team", "by": "point"}}, 2),
        ({"m": {"latest": {"met": "met"}, "by": "point"}}, 2),
        ({"m": {"ratio": {"of": "met"}}}, None),
        ({"m": {"ratio": {"of": "met"}, "by": "team"}}, None),
        (BY_POINT | {"n": {"count": "met", "by": "point"}}, 2),
    ],
)
def test_all_rows_in_force_of_what_a_measure_by_point_reads(
    measure: Measure, measures: Mapping[str, Any], found: int | None
) -> None:
    lines = [*rows("1.1", "9.9", "9.9", team="a"), *rows("9.9", day=dt.date(2026, 4, 1))]
    unknown = measure(measures, lines).sources["lines"].unknown_points
    assert (unknown and unknown.rows) == found


def test_the_other_source_of_a_measure_is_told_too(measure: Measure) -> None:
    definition = {
        "attainment": {"actual": "amount", "expected": {"from": "plans", "value": "planned"}},
        "grain": "team",
        "by": "point",
    }
    plans = [{"point": point, "team": "a", "planned": 1} for point in ("1.1", "8.8")]
    found = measure({"m": definition}, rows("1.1", team="a", amount=1), plans).sources
    assert found["plans"].unknown_points == UnknownPoints(1, 1, ("8.8",))
    assert found["lines"].unknown_points is None


def test_the_ids_of_a_personal_column_are_not_shown(measure: Measure) -> None:
    people = {
        "title": "One line",
        "columns": {
            "point": {"type": "string", "personal": True},
            "met": {"type": "boolean"},
            "day": {"type": "date"},
        },
        "event": "day",
        "point": "point",
    }
    found = measure(BY_POINT, rows("9.9"), contracts={"lines": people}).sources["lines"]
    assert found.unknown_points == UnknownPoints(1, 1)


def test_they_change_no_fact(measure: Measure) -> None:
    known = rows("1.1", "2.1", None)
    assert measure(BY_POINT, known).facts == measure(BY_POINT, [*known, *rows("9.9")]).facts
