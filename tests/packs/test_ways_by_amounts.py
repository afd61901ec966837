"""Ways round the pack: signed amounts that offset each other, and figures that can not be."""

from __future__ import annotations

from pathlib import Path

import pytest
from ways_round import FAR, HONEST, Way, added, both, charged, hold_no_better, put, told

OWNED = '{"owner": "team-1", "plan_line": "line-01", "cost_centre": "cc-1"}'
UNPLANNED = '{"owner": "team-1"}'
SIGNS = [
    Way(
        "platform_cost.owner_coverage[AWS]",
        "a credit that nobody owns hides cost that nobody owns",
        {"costs": charged(("Usage", "5000", ""))},
        {"costs": charged(("Usage", "5000", ""), ("Credit", "-5000", ""))},
    ),
    *(
        Way(
            measure,
            "paired lines hide usage that nobody planned",
            {"costs": charged(("Usage", "5000", UNPLANNED))},
            {"costs": charged(("Usage", "5000", UNPLANNED), ("Usage", "-5000", UNPLANNED))},
        )
        for measure in (
            "cost_planning.mapped_to_plan",
            "cost_planning.forecast_accuracy",
            "area_2.efficiency_score",
        )
    ),
    *(
        Way(
            measure,
            f"usage is charged as {category}",
            {"costs": charged(("Usage", "5000", UNPLANNED))},
            {"costs": charged((category, "5000", UNPLANNED))},
            low=measure == "area_2.cost_per_unit",
        )
        for measure in (
            "cost_planning.mapped_to_plan",
            "cost_planning.forecast_accuracy",
            "area_2.efficiency_score",
            "area_2.cost_per_unit",
        )
        for category in ("Purchase", "Tax", "Credit", "Adjustment")
    ),
    Way(
        "area_2.efficiency_score",
        "a correction brings a line back to its plan",
        {"costs": charged(("Usage", "5000", OWNED))},
        {"costs": charged(("Usage", "5000", OWNED), ("Usage", "-5000", OWNED))},
    ),
    Way(
        "area_2.cost_per_unit",
        "negative usage makes units cheaper",
        HONEST,
        {"costs": charged(("Usage", "-5000", OWNED))},
        low=True,
    ),
    Way(
        "financial_reporting.reconciled",
        "a posting of -5000 offsets one of +5000",
        {"recognition": put("item-0001", posted="5000.00", metered="1.00")},
        {
            "recognition": both(
                put("item-0001", posted="5000.00", metered="1.00"),
                put("item-0002", posted="-5000.00", metered="1.00"),
            )
        },
    ),
    Way(
        "financial_reporting.reconciled",
        "what is posted as nothing weighs nothing",
        {"recognition": put("item-0001", posted="1.00")},
        {"recognition": put("item-0001", posted="0.00")},
    ),
    *(
        Way(
            measure,
            "a correction that nobody verified is ignored",
            {"benefits": added("ben-001", benefit="ben-999", amount="-9000000.00")},
            {
                "benefits": added(
                    "ben-001", benefit="ben-999", amount="-9000000.00", finance_verifier="", verified_on=""
                )
            },
        )
        for measure in ("area_1.annual_value", "programme.total_value", "programme.roi")
    ),
    Way(
        "programme.roi",
        "a correction of the cost that nobody verified",
        HONEST,
        {"programme_cost": added("cost-01", entry="cost-99", amount="-9000000.00")},
    ),
    Way(
        "investment_roi.return_attained",
        "a negative forecast makes the whole smaller",
        HONEST,
        {"returns": put("inv-010", forecast_return="-500000.00", actual_return="-500000.00")},
        "error",
    ),
    Way(
        "performance_tracking.return_attained",
        "a negative plan makes the whole smaller",
        HONEST,
        {"tracking": put("inv-010", planned_return="-500000.00", actual_return="-500000.00")},
        "error",
    ),
    Way(
        "budget_planning.accuracy",
        "two budgets of one period offset each other",
        HONEST,
        {"budgets": added("Plattform", period_start="2025-10-02", budget="-1.00", period_end="2025-10-31")},
        "error",
    ),
]
IMPOSSIBLE = [
    Way(measure, how, HONEST, {table: put(key, **cells)}, "error")
    for measure, table, how, key, cells in (
        (
            "validation.sample_sufficient[1.1.1]",
            "validations",
            "a sample larger than its population",
            "*",
            {"sample": "25", "population": "3"},
        ),
        (
            "validation.passed[1.1.1]",
            "validations",
            "recorded before it happened",
            "v-0002",
            {"recorded_on": "2025-01-01"},
        ),
        (
            "investment_planning.on_funded_roadmap",
            "investments",
            "committed before it was registered",
            "inv-001",
            {"committed_on": "2020-01-01"},
        ),
        (
            "investment_roi.reviewed_in_time",
            "investments",
            "finished before it was committed",
            "inv-017",
            {"finished_on": "2020-01-01"},
        ),
        (
            "investment_planning.on_funded_roadmap",
            "investments",
            "a commitment of nothing",
            "inv-001",
            {"committed_value": "0.00"},
        ),
        (
            "platform_efficiency.cost_within_utilisation_band",
            "services",
            "a band upside down",
            "svc-01",
            {"utilisation_low": "0.9", "utilisation_high": "0.5"},
        ),
        (
            "budget_planning.accuracy",
            "budgets",
            "a period that ends before it begins",
            "Plattform",
            {"period_start": "2026-01-01"},
        ),
        (
            "framework.documents_in_force[1.1.1]",
            "documents",
            "in force until a day before its first",
            "doc-002",
            {"valid_until": "2000-01-01"},
        ),
        (
            "risk_assessment.scored_by_both",
            "risks",
            "brought up to date on a day to come",
            "risk-01",
            {"updated_on": FAR},
        ),
        ("area_1.mean_cost", "operations", "an operation that brings money", "op-0100", {"cost": "-1.00"}),
        (
            "resource_allocation.accuracy",
            "allocations",
            "hours below zero",
            "al-0100",
            {"actual_hours": "-1"},
        ),
        (
            "value_recognition.recognised",
            "recognition",
            "less than nothing",
            "item-0001",
            {"delivered": "-1"},
        ),
        ("area_2.cost_per_unit", "deliveries", "units below zero", "team-1", {"units": "-1"}),
        *(
            (
                "resource_allocation.accuracy",
                "allocations",
                "more hours than a month has",
                "al-0100",
                {"planned_hours": hours, "actual_hours": hours},
            )
            for hours in ("744.01", "9000000")
        ),
    )
]


@pytest.mark.sampled(every=12, whole=True)
@pytest.mark.parametrize("way", SIGNS + IMPOSSIBLE, ids=told)
def test_what_is_disguised_is_no_better_than_what_is_shown(tmp_path: Path, way: Way) -> None:
    hold_no_better(tmp_path, way)
