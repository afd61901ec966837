"""Ways round the pack: names that name nobody, and one person on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest
from ways_round import Way, added, charged, hold_no_better, put, told

PAIRS = {
    # Whatever takes two people, by the columns that name them.
    "investment_planning.approved_before_commitment": (
        "investments",
        "finance_approver",
        "developer_approver",
    ),
    "platform_investment.supported_by_both": (
        "investments",
        "finance_support_owner",
        "developer_support_owner",
    ),
    "investment_roi.reviewed_in_time": (
        "investments",
        "finance_return_reviewer",
        "developer_return_reviewer",
    ),
    "budget_planning.approved_before_period": ("budgets", "finance_approver", "developer_approver"),
    "budget_planning.accuracy": ("budgets", "finance_approver", "developer_approver"),
    "risk_assessment.scored_by_both": ("risks", "finance_scorer", "developer_scorer"),
    "financial_efficiency.unit_cost_agreed": (
        "services",
        "unit_cost_finance_approver",
        "unit_cost_developer_approver",
    ),
    "financial_efficiency.unit_cost_met": (
        "services",
        "unit_cost_finance_approver",
        "unit_cost_developer_approver",
    ),
    "platform_efficiency.utilisation_reviewed": (
        "services",
        "band_finance_approver",
        "band_developer_approver",
    ),
    "platform_efficiency.cost_within_utilisation_band": (
        "services",
        "band_finance_approver",
        "band_developer_approver",
    ),
    "developer_efficiency.goal_set_by_both": (
        "deliveries",
        "goal_finance_approver",
        "goal_developer_approver",
    ),
    "developer_efficiency.goal_met": ("deliveries", "goal_finance_approver", "goal_developer_approver"),
    "resource_allocation.approved_by_both": ("allocations", "finance_approver", "developer_approver"),
    "platform_cost.savings_attained": ("savings", "finance_approver", "developer_approver"),
    "cost_measurement.published_by_both": ("metrics", "finance_publisher", "platform_publisher"),
    "value_recognition.identified_by_both": (
        "recognition",
        "finance_identified_by",
        "developer_identified_by",
    ),
    "roi_measurement.same_inputs": ("returns", "finance_analyst", "developer_analyst"),
    "cost_planning.mapped_to_plan": ("cost_plans", "finance_approver", "developer_approver"),
    "cost_planning.forecast_accuracy": ("cost_plans", "finance_approver", "developer_approver"),
    "area_2.efficiency_score": ("cost_plans", "finance_approver", "developer_approver"),
    "area_1.annual_value": ("benefits", "finance_verifier", "developer_verifier"),
    "programme.roi": ("benefits", "finance_verifier", "developer_verifier"),
    "framework.approved_by_two_people[1.1.1]": ("documents", "finance_approver", "developer_approver"),
    "area_4.precision": ("returns", "forecast_finance_approver", "forecast_developer_approver"),
    "area_4.measurement_error": ("returns", "forecast_finance_approver", "forecast_developer_approver"),
    "investment_roi.return_attained": (
        "returns",
        "forecast_finance_approver",
        "forecast_developer_approver",
    ),
    "investment_optimization.return_attained": (
        "returns",
        "forecast_finance_approver",
        "forecast_developer_approver",
    ),
    "decision_analytics.outcome_attained": (
        "decisions",
        "expected_finance_approver",
        "expected_developer_approver",
    ),
    "performance_tracking.return_attained": (
        "tracking",
        "planned_finance_approver",
        "planned_developer_approver",
    ),
    "developer_ltv.accuracy": ("cohorts", "finance_approver", "developer_approver"),
    "validation.independent[1.1.1]": ("validations", "tester", "reviewer"),
    "control.independent[1.1.1]": ("validations", "tester", "reviewer"),
}
"""Both of them must be somebody, and not the same."""
WITHOUT = {
    # What a measure is where nobody agreed to anything, unless it counts.
    "programme.roi": "unknown",  # no benefit is verified then
    "platform_cost.savings_attained": "error",
    "area_4.precision": "error",
    "area_4.measurement_error": "error",
    "investment_roi.return_attained": "error",
    "investment_optimization.return_attained": "error",
    "decision_analytics.outcome_attained": "error",
    "performance_tracking.return_attained": "error",
    "developer_ltv.accuracy": "error",
}
WORDS = ("n/a", "None", " - ", "unknown", "TBD", " ")
NAMED = {
    # Whatever must be named, by no pair: the columns that a word may stand in.
    "investment_planning.on_funded_roadmap": ("investments", "inv-002", ("roadmap_item",)),
    "financial_coordination.assigned": ("actions", "act-01", ("owner",)),
    "investment_excellence.assigned": ("actions", "act-20", ("owner",)),
    "cost_measurement.published_by_both": (
        "metrics",
        "cost-01",
        ("finance_definition", "platform_definition"),
    ),
    "roi_measurement.same_inputs": ("returns", "inv-017", ("finance_inputs", "developer_inputs")),
    "validation.signed_off[1.1.1]": ("validations", "*", ("reviewer",)),
    "framework.finance_approved[1.1.1]": ("documents", "*", ("finance_approver",)),
    "framework.developer_approved[1.1.1]": ("documents", "*", ("developer_approver",)),
}
BLANKS = [
    Way(
        measure,
        f"{word!r} as {' and '.join(columns)}",
        {table: put(key, **dict.fromkeys(columns, ""))},
        {table: put(key, **dict.fromkeys(columns, word))},
    )
    for measure, (table, key, columns) in NAMED.items()
    for word in WORDS
] + [
    Way(
        measure,
        f"{word!r} as {one}",
        {table: put("*", **{one: ""})},
        {table: put("*", **{one: word})},
        WITHOUT.get(measure, "counted"),
    )
    for measure, (table, one, _) in PAIRS.items()
    if table != "validations" or one != "tester"
    for word in WORDS[::3]
]
BLANKS += [
    Way(
        "platform_cost.owner_coverage[AWS]",
        f"{word!r} as an owner",
        {"costs": charged(("Usage", "5000", ""))},
        {"costs": charged(("Usage", "5000", f'{{"owner": "{word}"}}'))},
    )
    for word in WORDS
]
UNMAPPED = {"costs": put("*", Tags='{"owner": "t-1"}')}
CALLED_NOTHING = added("line-12", plan_line="(none)", period_end="2025-10-31", approved_on="2025-09-20")
BLANKS += [
    Way(
        measure, "a plan for what names no line", UNMAPPED, UNMAPPED | {"cost_plans": CALLED_NOTHING}, "error"
    )
    for measure in ("cost_planning.mapped_to_plan", "area_2.efficiency_score")
]
SAME = [
    Way(
        measure,
        f"one person as {one} and {other}",
        {table: put("*", **{one: ""})} if one != "tester" else {table: put("*", reviewer="")},
        {table: put("*", **{one: "x-1", other: "x-1"})},
        WITHOUT.get(measure, "counted"),
    )
    for measure, (table, one, other) in PAIRS.items()
]


@pytest.mark.sampled(every=12, whole=True)
@pytest.mark.parametrize("way", BLANKS + SAME, ids=told)
def test_what_is_disguised_is_no_better_than_what_is_shown(tmp_path: Path, way: Way) -> None:
    hold_no_better(tmp_path, way)
