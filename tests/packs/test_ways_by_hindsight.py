"""Ways round the pack: figures that something is held against, set once it is there."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from finance_tables import Row
from ways_round import Edit, Way, hold_no_better, put, told


class Figure(NamedTuple):
    """A figure that something is held against.

    Attributes:
        table: where it stands.
        key: of the row that is tried.
        came: the cells of what came, far from the figure.
        fitted: the figure as whoever knows what came would set it.
        set_on: the column of the day on which it was set.
        too_late: the first such day that is none before what the figure is about.
        approver: the column of one of the two who agree on it.
    """

    table: str
    key: str
    came: dict[str, str]
    fitted: dict[str, str]
    set_on: str
    too_late: str
    approver: str


def _forecast(key: str, committed_on: str) -> Figure:
    return Figure(
        "returns",
        key,
        {"actual_return": "1.00"},
        {"forecast_return": "1.00"},
        "forecast_set_on",
        committed_on,
        "forecast_finance_approver",
    )


FIGURES = {
    "area_4.precision": _forecast("inv-010", "2025-06-20"),
    "area_4.measurement_error": _forecast("inv-010", "2025-06-20"),
    "investment_roi.return_attained": _forecast("inv-010", "2025-06-20"),
    "investment_optimization.return_attained": _forecast("inv-011", "2025-07-14"),
    "decision_analytics.outcome_attained": Figure(
        "decisions",
        "dec-01",
        {"actual_outcome": "1.00"},
        {"expected_outcome": "1.00"},
        "expected_set_on",
        "2025-11-03",
        "expected_developer_approver",
    ),
    "performance_tracking.return_attained": Figure(
        "tracking",
        "inv-010",
        {"actual_return": "1.00"},
        {"planned_return": "1.00"},
        "planned_set_on",
        "2025-10-01",
        "planned_finance_approver",
    ),
    "platform_cost.savings_attained": Figure(
        "savings",
        "sav-01",
        {"realised": "1.00"},
        {"agreed": "1.00"},
        "agreed_on",
        "2025-11-03",
        "developer_approver",
    ),
    "developer_ltv.accuracy": Figure(
        "cohorts",
        "cohort-1",
        {"realised": "1.00"},
        {"predicted": "1.00"},
        "predicted_on",
        "2025-10-01",
        "finance_approver",
    ),
    "resource_allocation.accuracy": Figure(
        "allocations",
        "al-0100",
        {"actual_hours": "1.00"},
        {"planned_hours": "1.00"},
        "approved_on",
        "2025-10-01",
        "finance_approver",
    ),
    "financial_efficiency.unit_cost_met": Figure(
        "services",
        "svc-01",
        {"unit_cost": "9.0"},
        {"unit_cost_target": "9.0"},
        "unit_cost_set_on",
        "2025-10-01",
        "unit_cost_finance_approver",
    ),
    "platform_efficiency.cost_within_utilisation_band": Figure(
        "services",
        "svc-01",
        {"utilisation": "0.01"},
        {"utilisation_low": "0.00", "utilisation_high": "0.30"},
        "band_set_on",
        "2025-10-01",
        "band_finance_approver",
    ),
    "developer_efficiency.goal_met": Figure(
        "deliveries",
        "team-1",
        {"units": "1"},
        {"goal": "1"},
        "goal_set_on",
        "2025-10-01",
        "goal_finance_approver",
    ),
}
COUNTED = {
    # How many there are is measured as well, so that one that was set late is missed and no error.
    "resource_allocation.accuracy",
    "financial_efficiency.unit_cost_met",
    "platform_efficiency.cost_within_utilisation_band",
    "developer_efficiency.goal_met",
}
HINDSIGHT = [
    Way(
        measure,
        f"a figure that was {how}",
        {figure.table: put(figure.key, **figure.came)},
        {figure.table: put(figure.key, **figure.came, **figure.fitted, **cells)},
        "counted" if measure in COUNTED else "error",
        low=measure == "area_4.measurement_error",
    )
    for measure, figure in FIGURES.items()
    for how, cells in (
        ("set too late", {figure.set_on: figure.too_late}),
        ("set on no day", {figure.set_on: ""}),
        ("agreed to by one person", {figure.approver: ""}),
    )
]


def october(key: str, **cells: str) -> Edit:
    """Changes what a key has for October."""

    def edit(rows: list[Row]) -> list[Row]:
        name = next(iter(rows[0]))
        of = {"period_end": "2025-10-31", name: key}
        return [row | cells if row | of == row else row for row in rows]

    return edit


SHORT = [
    Way(
        "budget_planning.accuracy",
        "a period that begins on its last day",
        {"budgets": october("Plattform", budget="0.00", actual="99000.00")},
        {
            "budgets": october(
                "Plattform",
                budget="99000.00",
                actual="99000.00",
                period_start="2025-10-31",
                finance_approved_on="2025-10-30",
            )
        },
        "counted",
    ),
    Way(
        "budget_planning.approved_before_period",
        "a period that begins on its last day",
        {"budgets": october("Plattform", finance_approver="")},
        {"budgets": october("Plattform", period_start="2025-10-31", finance_approved_on="2025-10-30")},
    ),
    Way(
        "developer_ltv.accuracy",
        "a period that begins on its last day",
        {"cohorts": october("cohort-1", realised="1.00")},
        {
            "cohorts": october(
                "cohort-1",
                realised="1.00",
                predicted="1.00",
                period_start="2025-10-31",
                predicted_on="2025-10-30",
            )
        },
        "error",
    ),
]


@pytest.mark.sampled(every=4, whole=True)
@pytest.mark.parametrize("way", HINDSIGHT + SHORT, ids=told)
def test_what_is_disguised_is_no_better_than_what_is_shown(tmp_path: Path, way: Way) -> None:
    hold_no_better(tmp_path, way)


def test_a_commitment_that_the_register_does_not_have_is_no_later_start(tmp_path: Path) -> None:
    hold_no_better(
        tmp_path,
        Way(
            "area_4.precision",
            "a commitment that is moved out for its forecast",
            {"returns": put("inv-010", actual_return="1.00")},
            {
                "returns": put(
                    "inv-010",
                    actual_return="1.00",
                    forecast_return="1.00",
                    forecast_set_on="2025-07-01",
                    committed_on="2025-07-02",
                )
            },
            "error",
        ),
    )
