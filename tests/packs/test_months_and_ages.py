"""Of which days the pack's figures are: whole months, fresh feeds, and nothing out of nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from finance_tables import AS_OF, Row, example, facts_of, pack

from phasegate.facts.model.fact import Fact

MONTHLY = [
    name
    for name, measure in pack().measures.items()
    if measure.change is None and ":month_end" in str(measure.model_dump())
]
COMPLETE = (
    "budgets",
    "cost_plans",
    "decisions",
    "developers",
    "investments",
    "operations",
    "returns",
    "savings",
    "systems",
    "teams",
    "validations",
)


def test_every_measure_says_how_old_its_rows_may_be() -> None:
    silent = {
        name
        for name, measure in pack().measures.items()
        if measure.change is None and measure.max_age is None
    }
    assert silent == set()


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("months", [4, 10])
def test_a_frozen_feed_passes_nothing(tmp_path: Path, months: int) -> None:
    """What November's extract says decides nothing in March, and nothing in September."""
    later = AS_OF + dt.timedelta(days=30 * months)
    found = facts_of(tmp_path, example(), as_of=later).facts.values()
    assert {fact.id for fact in found if fact.status == "present"} == set()


def test_a_fresh_feed_is_measured(tmp_path: Path) -> None:
    found = facts_of(tmp_path, example()).facts.values()
    lacking = {fact.id: fact.reason for fact in found if fact.status not in ("present", "stale")}
    assert set(lacking) == {
        *(
            f"systems.{what}[3.2.3]"
            for what in ("registered", "in_production", "on_cadence", "runs_succeeded")
        ),
        "investment_excellence.closed_in_time",
        "investment_excellence.closed_in_time_change",
    }, lacking


def test_there_are_monthly_measures() -> None:
    assert len(MONTHLY) >= 20


def test_a_month_counts_once_its_last_day_is_over(tmp_path: Path) -> None:
    last = dt.date(2025, 10, 31)
    tables = example(last + dt.timedelta(days=1))
    running, over = (facts_of(tmp_path, tables, *MONTHLY, as_of=last + dt.timedelta(days=n)) for n in (0, 1))
    later = {fact.id for fact in running.facts.values() if fact.newest and fact.newest.month == last.month}
    assert {id_ for id_ in later if id_.partition("[")[0] in _BY_EVENT} == later
    assert any(fact.newest == last for fact in over.facts.values())


_BY_EVENT = {
    # Their age is that of the register, which tells more than months.
    "area_1.mean_cost",
    "area_1.success_rate",
    "performance_tracking.return_attained",
    "performance_tracking.tracked",
}


@pytest.mark.parametrize("source", COMPLETE)
def test_registers_ask_for_control_totals(tmp_path: Path, source: str) -> None:
    assert pack().sources[source].control
    measure = next(name for name, one in pack().measures.items() if source in (one.source, *one.sources))
    found = facts_of(tmp_path, example(), measure, control=False)
    assert {fact.status for fact in found.facts.values()} == {"error"}
    assert "no control totals" in found.sources[source].reason


def test_only_registers_do() -> None:
    assert {name for name, contract in pack().sources.items() if contract.control} == set(COMPLETE)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("measure", "source", "spoilt"),
    [
        ("investment_roi.return_attained", "returns", {"actual_return": "0.00"}),
        ("area_1.success_rate", "operations", {"reworked": "true"}),
        ("decision_analytics.outcome_attained", "decisions", {"actual_outcome": "0.00"}),
        ("platform_cost.savings_attained", "savings", {"realised": "0.00"}),
    ],
)
def test_a_row_that_is_left_out_makes_no_figure_better(
    tmp_path: Path, measure: str, source: str, spoilt: dict[str, str]
) -> None:
    rows = example()[source]

    def fact(rows: list[Row], stated: int) -> Fact:
        tables = {**example(), source: rows}
        return facts_of(tmp_path, tables, measure, stated={source: stated}).facts[measure, ""]

    whole = fact(rows, len(rows)).value
    assert whole is not None
    for at in range(len(rows)):
        told = fact([*rows[:at], rows[at] | spoilt, *rows[at + 1 :]], len(rows)).value
        if told is not None and told < whole:
            break
    else:
        pytest.fail("no row of the example counts")
    others = [*rows[:at], *rows[at + 1 :]]
    better = fact(others, len(others)).value
    assert better is not None
    assert better > told
    assert fact(others, len(rows)).status == "error"


@pytest.mark.parametrize(
    ("measure", "table", "cells"),
    [
        ("area_2.cost_per_unit", "deliveries", {"period_end": "2025-08-31"}),
        ("area_2.cost_per_unit", "deliveries", {"units": "0"}),
        ("programme.roi", "benefits", {"finance_verifier": ""}),
        ("programme.roi", "benefits", {"realised_on": "2023-01-05"}),
        ("programme.roi", "programme_cost", {"booked_on": "2023-01-05"}),
        ("area_1.mean_cost", "operations", {"completed_on": ""}),
        ("platform_cost.savings_attained", "savings", {"agreed": "0.00"}),
        ("financial_reporting.posted_within_close", "recognition", {"metered": "0.00"}),
    ],
)
def test_without_a_denominator_nobody_knows(
    tmp_path: Path, measure: str, table: str, cells: dict[str, str]
) -> None:
    rows = [row | cells for row in example()[table]]
    if "period_end" in cells:
        rows = rows[:24]
    found = facts_of(tmp_path, {**example(), table: rows}, measure).facts[measure, ""]
    assert found.status == "unknown", found.reason
