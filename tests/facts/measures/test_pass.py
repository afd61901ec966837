"""The one pass: what it shares, and how it fails."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from phasegate.facts import assemble as passes
from phasegate.facts.contracts.clauses import in_force
from phasegate.facts.contracts.types import polars_type
from phasegate.facts.expressions.engine_dates import clock
from phasegate.facts.model.fact import FactSet
from phasegate.facts.sources.passes import collect
from phasegate.rules.model.contract import Column, Contract

Measure = Callable[..., FactSet]
DAY = dt.date(2026, 3, 1)
LINES = [{"day": DAY, "point": "1.1", "kind": "x", "team": "12", "amount": 1, "met": True}]
MANY: dict[str, Any] = {f"m{number}": {"count": f"amount > {number}"} for number in range(20)}


@pytest.mark.parametrize("size", [0, 2**40])
def test_one_bad_measure_spoils_no_other(measure: Measure, size: int) -> None:
    definitions = MANY | {
        "bad": {"sum": "CAST(kind AS INTEGER)", "by": "point"},
        "good": {"sum": "CAST(team AS INTEGER)"},
        "wrong": {"count": "now() > day"},
    }
    facts = measure(definitions, LINES, sources={"lines": {"size": size}})
    assert [fact.status for fact in facts.slices("bad")] == ["error"] * 3
    assert facts.facts["bad", "1.1"].reason.startswith(
        "it can not be computed: conversion from `str` to `i64` failed"
    )
    assert '"x"' not in facts.facts["bad", "1.1"].reason, "values may be personal"
    assert facts.facts["wrong", ""].status == "error"
    assert facts.facts["good", ""].value == 12
    assert [facts.facts[id_, ""].status for id_ in MANY] == ["present"] * 20


def test_a_file_that_breaks_spoils_no_other_source(measure: Measure, tmp_path: Path) -> None:
    """A source whose scan fails under the pass is an error; the others are computed without it."""
    path = tmp_path / "lines.parquet"
    frame = pl.DataFrame({"day": [DAY], "kind": ["x"]}).with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in ("point", "team", "currency")),
        pl.lit(None, pl.Boolean).alias("met"), pl.lit(None, pl.Decimal(38, 2)).alias("amount"),
        pl.lit(None, pl.Decimal(38, 2)).alias("plan"), pl.lit(None, pl.Int64).alias("units"),
        pl.lit(None, pl.Float64).alias("rate"), pl.lit(None, pl.Date).alias("written"),
    )  # fmt: skip
    frame.write_parquet(path)
    scan = pl.scan_parquet(path)
    scan.collect_schema()
    path.write_bytes(path.read_bytes()[:40] + b"\0" * 4000)
    definitions = {"mine": {"count": "kind = 'x'"}, "theirs": {"from": "plans", "count": "TRUE"}}
    plans = [{"point": "1.1", "team": "a"}]
    for size in (0, 2**40):
        facts = measure(definitions, scan, plans, sources={"lines": {"size": size}})
        assert facts.facts["mine", ""].status == "error"
        assert facts.facts["theirs", ""].value == 1


def test_no_fact_is_ever_dropped(measure: Measure) -> None:
    definitions = {
        "point": {"count": "met", "by": "point"},
        "column": {"count": "met", "by": "kind"},
        "nobody": {"count": "met", "by": "kind", "where": "FALSE"},
        "latest": {"latest": {"a": "met", "b": "kind"}, "by": "point"},
        "cycle": {"count": "day >= :cycle_start", "by": "point"},
    }
    facts = measure(definitions, LINES).facts
    assert [key for key in facts if key[0] == "point"] == [
        ("point", point) for point in ("1.1", "1.2", "2.1")
    ]
    assert [key for key in facts if key[0] == "column"] == [("column", "x")]
    assert [key for key in facts if key[0] == "nobody"] == [("nobody", "")]
    assert len([key for key in facts if key[0].startswith("latest.")]) == 6
    assert facts["cycle", "1.1"].reason == "no cycle has begun"


def test_rows_without_a_slice_are_shown(measure: Measure) -> None:
    rows = [{"day": DAY, "kind": kind} for kind in ("x", None, "", "x")]
    facts = measure({"m": {"count": "TRUE", "by": "kind"}}, rows).slices("m")
    assert [(fact.slice, fact.value) for fact in facts] == [("(no value)", 2), ("x", 2)]


def test_too_many_slices_are_one_error(measure: Measure) -> None:
    rows = [{"day": DAY, "kind": str(number)} for number in range(201)]
    facts = measure({"m": {"count": "TRUE", "by": "kind"}}, rows)
    assert [(fact.slice, fact.status) for fact in facts.slices("m")] == [("", "error")]
    assert facts.facts["m", ""].reason == "201 slices by kind, more than 200"
    assert len(measure({"m": {"count": "TRUE", "by": "kind"}}, rows[:200]).slices("m")) == 200


@pytest.mark.parametrize(
    "definition",
    [
        {"count": "met"},
        {"latest": {"met": "met"}},
        {"sql": "SELECT point AS slice, COUNT(*) AS numerator, COUNT(*) AS rows FROM lines GROUP BY point"},
    ],
    ids=["count", "latest", "sql"],
)
def test_a_pack_may_have_more_points_than_data_may_bring_slices(
    definition: dict[str, Any], measure: Measure
) -> None:
    points = [f"7.{number}" for number in range(1100)]
    rows = [{"day": DAY, "point": point, "met": True} for point in [*points, *(f"x{n}" for n in range(6000))]]
    facts = measure({"m": {**definition, "by": "point"}}, rows, points=points).facts
    assert len(facts) == 1100
    assert {fact.status for fact in facts.values()} == {"present"}


def test_equal_conditions_are_computed_once(monkeypatch: pytest.MonkeyPatch, measure: Measure) -> None:
    """All counts and sums over one source and slicing share one frame."""
    collected: list[int] = []
    real = pl.collect_all

    def counting(frames: list[pl.LazyFrame], **options: Any) -> Any:
        collected.append(len(frames))
        return real(frames, **options)

    monkeypatch.setattr(pl, "collect_all", counting)
    measure(
        MANY | {f"p{n}": {**m, "by": "point"} for n, m in MANY.items()},
        LINES,
        sources={"lines": {"size": 2**40}},
    )
    assert sum(collected) <= 2 + 2  # the other, small sources are held; two shared selects


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({"count": "TRUE", "by": "nothing"}, "has no column nothing to slice by"),
        ({"count": "TRUE", "by": "amount"}, "makes no slices"),
        ({"accuracy": {"actual": "amount", "forecast": {"from": "plans", "value": "planned"}}}, "names none"),
        ({"count": "TRUE", "from": "baseline", "by": "point"}, "no point column"),
    ],
)
def test_a_measure_that_can_not_be(measure: Measure, definition: dict[str, Any], said: str) -> None:
    facts = measure({"m": definition}, LINES).slices("m")
    assert {fact.status for fact in facts} == {"error"}
    assert said in facts[0].reason


def test_dates_that_the_engine_gives(measure: Measure) -> None:
    first = dt.date(2025, 4, 1)
    rows = [{"day": day} for day in (first, first - dt.timedelta(days=1), DAY, dt.date(2026, 3, 31))]
    definitions = {
        "year": {"count": "day >= :year_start"},
        "month": {"count": "day BETWEEN :month_start AND :month_end"},
    }
    after = measure(definitions, rows, as_of=dt.date(2026, 4, 1)).facts
    assert (after["year", ""].value, after["month", ""].value) == (3, 2)
    # On its last day a month is not complete: the day may still bring rows.
    at_the_end = measure(definitions, rows, as_of=dt.date(2026, 3, 31)).facts
    assert (at_the_end["year", ""].value, at_the_end["month", ""].value) == (4, 0)


@pytest.mark.parametrize(
    ("as_of", "month", "year"),
    [
        ("2026-02-27", ("2026-01-01", "2026-01-31"), "2025-02-01"),
        ("2026-02-28", ("2026-01-01", "2026-01-31"), "2025-02-01"),
        ("2026-03-01", ("2026-02-01", "2026-02-28"), "2025-03-01"),
        ("2024-02-28", ("2024-01-01", "2024-01-31"), "2023-02-01"),
        ("2024-02-29", ("2024-01-01", "2024-01-31"), "2023-02-01"),
        ("2024-03-01", ("2024-02-01", "2024-02-29"), "2023-03-01"),
        ("2025-12-31", ("2025-11-01", "2025-11-30"), "2024-12-01"),
        ("2026-01-01", ("2025-12-01", "2025-12-31"), "2025-01-01"),
    ],
)
def test_a_month_is_complete_once_its_last_day_is_over(as_of: str, month: tuple[str, str], year: str) -> None:
    found = clock(dt.date.fromisoformat(as_of), None)
    assert [str(found[name]) for name in ("month_start", "month_end", "year_start")] == [*month, year]


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize(("as_of", "count"), [("2026-03-30", 0), ("2026-03-31", 0), ("2026-04-01", 1)])
def test_a_period_counts_once_its_last_day_is_over(as_of: str, count: int, kind: str) -> None:
    column = Column.model_validate({"type": kind})
    contract = Contract(title="t", event="at", period_end="end", columns={"at": column, "end": column})
    frame = pl.LazyFrame({"at": [dt.date(2026, 3, 1)], "end": [dt.date(2026, 3, 31)]})
    frame = frame.with_columns(pl.all().cast(polars_type(column)))
    kept = in_force(contract, dt.date.fromisoformat(as_of))
    assert kept is not None
    assert frame.filter(kept).collect().height == count


def test_a_second_pass_that_fails_is_the_fault_of_its_measure_alone(measure: Measure) -> None:
    """What may count is added up only then, and does not fit; what surely counts does."""
    big = "9" * 35 + ".99"
    rows = [{"day": DAY, "amount": big, "met": True}, *[{"day": DAY, "amount": big}] * 12]
    definitions = {"m": {"sum": "amount", "where": "met"}, "n": {"count": "met"}}
    facts = measure(definitions, rows).facts
    assert facts["m", ""].status == "error"
    assert "overflow" in facts["m", ""].reason
    assert facts["n", ""].extremes == (1, 13)


def test_what_is_known_of_each_row_is_not_looked_at_again(
    measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counting(frames: list[pl.LazyFrame], small: list[bool]) -> list[pl.DataFrame]:
        asked.append(len(frames))
        return collect(frames, small)

    monkeypatch.setattr(passes, "collect", counting)
    rows = [{"day": DAY, "amount": 1, "met": True}, {"day": DAY, "amount": 1, "met": None}]
    definitions = {"m": {"sum": "amount", "where": "met IS TRUE"}, "n": {"count": "met IS NULL"}}
    measure(definitions, rows)
    assert len(asked) == 1
    asked.clear()
    measure({**definitions, "o": {"count": "met"}}, rows)
    assert asked[1:] == [1]
