"""What a record says that its measures count, and how stories and the page say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from phasegate.records.definitions import definitions
from phasegate.reports.text.definitions import clauses_said
from phasegate.rules.loading.pack import pack_of

PACK = b"""\
pack: harbour
title: Harbour
parameters: {late_after: {value: 5 days, text: When a lift is late}}
baseline: {source: figures}
points: {p: {title: Cranes, criteria: [{id: c, text: Loads, require: {lifts.done: ">= 95 %"}}]}}
sources:
  lifts:
    title: a lift
    columns: {id: {type: string}, crane: {type: string}, weight: {type: integer}, done: {type: date}}
  figures: {title: a figure, columns: {measure: {type: string}}}
measures:
  lifts.done:
    title: Lifts
    from: lifts
    where: done BETWEEN :month_start AND :month_end
    ratio: {of: weight > 5, over: "crane <> ':as_of'"}
  lifts.late: {title: Late, from: lifts, count: "done < DATE_SUB(:as_of, :late_after)", by: crane}
  lifts.even:
    title: Even
    from: lifts
    accuracy: {actual: weight, forecast: weight, over: forecast}
    grain: [crane, id]
  lifts.newest: {title: Newest, from: lifts, where: weight > 0, latest: {heavy: weight > 9, day: done}}
  lifts.fall: {title: Fall, change: {of: lifts.late, as: fall}}
  lifts.asked: {title: Asked, from: lifts, sql: "SELECT COUNT(*) AS value FROM lifts WHERE done < :as_of"}
  lifts.signed: {title: Signed, attested: {by: auditor}}
"""
DUE: Mapping[str, list[tuple[str, str, dict[str, str]]]] = {
    "lifts.done": [
        (
            "where",
            "done BETWEEN :month_start AND :month_end",
            {"month_start": "2026-02-01", "month_end": "2026-02-28"},
        ),
        ("ratio of", "weight > 5", {}),
        ("ratio over", "crane <> ':as_of'", {}),
    ],
    "lifts.late": [
        (
            "count",
            "done < DATE_SUB(:as_of, :late_after)",
            {"as_of": "2026-03-01", "late_after": "5 days"},
        ),
    ],
    "lifts.even": [
        ("accuracy actual", "weight", {}),
        ("accuracy forecast", "weight", {}),
        ("accuracy over", "forecast", {}),
        ("grain", "crane, id", {}),
    ],
    "lifts.newest.heavy": [("where", "weight > 0", {}), ("latest heavy", "weight > 9", {})],
    "lifts.fall": [
        ("change of", "lifts.late", {}),
        ("change as", "fall", {}),
        (
            "count",
            "done < DATE_SUB(:as_of, :late_after)",
            {"as_of": "2026-03-01", "late_after": "5 days"},
        ),
    ],
    "lifts.asked": [
        ("sql", "SELECT COUNT(*) AS value FROM lifts WHERE done < :as_of", {"as_of": "2026-03-01"})
    ],
}


def found(*names: str) -> dict[str, Any]:
    pack = pack_of({"pack.yaml": PACK}, "harbour").pack
    return definitions(pack, names, dt.date(2026, 3, 1), None, {"late_after": "5 days"})


@pytest.mark.parametrize("measure", DUE)
def test_each_clause_is_told_with_what_it_names(measure: str) -> None:
    (told,) = found(measure).values()
    assert [(each["clause"], each["says"], each["values"]) for each in told] == DUE[measure]


def test_what_the_rules_do_not_have_is_left_out() -> None:
    assert found("lifts.nothing", "lifts.signed") == {}


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (
            "lifts.late",
            ["count done < DATE_SUB(:as_of, :late_after) (:as_of is 2026-03-01, :late_after is 5 days)"],
        ),
        ("lifts.asked", ["its query, in which :as_of is 2026-03-01"]),
    ],
)
def test_a_story_says_it(measure: str, said: list[str]) -> None:
    record: Any = {"definitions": found(measure)}
    fact: Any = {"measure": measure}
    assert clauses_said(record, fact) == said


def test_of_a_record_of_the_first_schema_nothing_is_said() -> None:
    record: Any = {}
    fact: Any = {"measure": "lifts.late"}
    assert clauses_said(record, fact) == []
