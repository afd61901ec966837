"""Ways round the pack: dates that are not asked for, and days that one moves oneself."""

from __future__ import annotations

from pathlib import Path

import pytest
from ways_round import FAR, Way, failing, gone, hold_no_better, put, told

MOVED = {
    # Whatever has a day: its row, what is not done, and how many days it would need.
    "area_1.success_rate": ("operations", "op-0100", {"completed_on": ""}),
    "platform_investment.milestones_reached": ("milestones", "ms-001", {"reached_on": ""}),
    "success_tracking.criteria_met": ("success_criteria", "crit-01", {"met_on": ""}),
    "financial_coordination.closed_in_time": ("actions", "act-01", {"closed_on": ""}),
    "platform_cost.savings_attained": ("savings", "sav-01", {"realised": "", "realised_on": ""}),
    "decision_analytics.outcome_attained": (
        "decisions",
        "dec-01",
        {"actual_outcome": "0.00", "reviewed_on": "2025-10-01"},
    ),
    "investment_roi.return_attained": ("returns", "inv-010", {"actual_return": "0.00"}),
    "investment_optimization.return_attained": ("returns", "inv-011", {"actual_return": "0.00"}),
    "area_4.precision": ("returns", "inv-010", {"actual_return": "1.00"}),
    "performance_measurement.refreshed_on_schedule": (
        "performance_measures",
        "perf-01",
        {"refreshed_on": "", "error": ""},
    ),
    "performance_measurement.within_error_band": (
        "performance_measures",
        "perf-01",
        {"refreshed_on": "", "error": ""},
    ),
}
DONE_LATER = {
    # Whatever is done by a day: what is not done, and the cells that say when it was.
    "platform_investment.milestones_reached": ("milestones", "ms-001", "reached_on", {}),
    "success_tracking.criteria_met": ("success_criteria", "crit-01", "met_on", {}),
    "financial_coordination.closed_in_time": ("actions", "act-01", "closed_on", {}),
    "area_1.success_rate": ("operations", "op-0100", "completed_on", {}),
    "performance_measurement.refreshed_on_schedule": (
        "performance_measures",
        "perf-01",
        "refreshed_on",
        {},
    ),
    "performance_measurement.within_error_band": (
        "performance_measures",
        "perf-01",
        "refreshed_on",
        {"error": "0.0"},
    ),
    "value_recognition.recognised": ("recognition", "item-0001", "recognised_on", {}),
    "area_3.recognition_accuracy": ("recognition", "item-0001", "recognised_on", {}),
    "area_3.recognised_within_close": ("recognition", "item-0001", "recognised_on", {}),
    "financial_reporting.posted_within_close": ("recognition", "item-0001", "posted_on", {}),
    "platform_cost.savings_attained": ("savings", "sav-01", "realised_on", {}),
    "risk_assessment.scored_by_both": ("risks", "risk-01", "finance_scored_on", {}),
    "platform_efficiency.utilisation_reviewed": ("services", "svc-01", "utilisation_reviewed_on", {}),
    "framework.adoption[1.1.2]": ("adoption", "team-1", "framework_adopted_on", {}),
    "protocols.roll_out[1.1.2]": ("adoption", "team-1", "protocols_rolled_out_on", {}),
    "investment_planning.approved_before_commitment": ("investments", "inv-001", "committed_on", {}),
    "investment_roi.reviewed_in_time": ("investments", "inv-017", "return_reviewed_on", {}),
    "investment_optimization.ranked_before_funding": ("investments", "inv-002", "ranked_on", {}),
    "decision_analytics.attached_before_decision": ("decisions", "dec-01", "analytics_attached_on", {}),
    "budget_planning.approved_before_period": ("budgets", "Plattform", "finance_approved_on", {}),
    "framework.documents_in_force[1.1.2]": ("documents", "doc-002", "valid_from", {}),
    "developer_efficiency.goal_set_by_both": ("deliveries", "team-1", "goal_set_on", {}),
    "developer_efficiency.goal_met": ("deliveries", "team-1", "goal_set_on", {}),
    "cost_planning.mapped_to_plan": ("cost_plans", "line-01", "approved_on", {}),
    "cost_planning.forecast_accuracy": ("cost_plans", "line-01", "approved_on", {}),
    "area_2.efficiency_score": ("cost_plans", "line-01", "approved_on", {}),
    "area_1.annual_value": ("benefits", "ben-001", "verified_on", {}),
    "programme.total_value": ("benefits", "ben-001", "verified_on", {}),
}

DATES = [
    Way(
        measure,
        f"{column} of {what}",
        {table: put(key, **{column: ""})},
        {table: put(key, **{column: day, **cells})},
    )
    for measure, (table, key, column, cells) in DONE_LATER.items()
    for what, day in (("a day to come", FAR), ("no day", ""))
    if day or cells
] + [
    Way(
        "financial_reporting.reconciled",
        "posted on a day to come",
        {"recognition": put("item-0002", posted="1.00")},
        {"recognition": put("item-0002", posted_on=FAR)},
    ),
    Way(
        "financial_reporting.reconciled",
        "posted without a day",
        {"recognition": put("item-0002", posted="1.00")},
        {"recognition": put("item-0002", posted_on="")},
    ),
    Way(
        "decision_analytics.outcome_attained",
        "found out on a day to come",
        {"decisions": put("dec-07", actual_outcome="")},
        {"decisions": put("dec-07", reviewed_on=FAR)},
        "error",
    ),
    Way(
        "decision_analytics.outcome_attained",
        "found out on no day",
        {"decisions": put("dec-07", actual_outcome="")},
        {"decisions": put("dec-07", reviewed_on="")},
        "error",
    ),
    Way(
        "investment_roi.reviewed_in_time",
        "finished on a day to come",
        {"investments": put("inv-017", return_reviewed_on="")},
        {"investments": put("inv-017", return_reviewed_on="", finished_on=FAR)},
    ),
    Way(
        "investment_optimization.ranked_before_funding",
        "funded on a day to come",
        {"investments": put("inv-002", ranked_on="")},
        {"investments": put("inv-002", funded_on=FAR)},
    ),
]
LIMITS = [
    Way(
        measure,
        "the day is moved by nobody",
        {table: put(key, **cells)},
        {table: put(key, **cells, due_on=FAR)},
    )
    for measure, (table, key, cells) in MOVED.items()
]
LIMITS += [
    Way(
        measure,
        "the day is moved by one person",
        {table: put(key, **cells)},
        {
            table: put(
                key, **cells, due_on=FAR, move_finance_approver="f-101", move_developer_approver="f-101"
            )
        },
    )
    for measure, (table, key, cells) in MOVED.items()
]
LIMITS += [
    Way(
        measure,
        f"the first day lies far out, as {who} agreed to",
        {table: put(key, **cells)},
        {
            table: put(
                key,
                **cells,
                first_due_on=FAR,
                due_on=FAR,
                move_finance_approver=person,
                move_developer_approver=person,
            )
        },
    )
    for measure, (table, key, cells) in MOVED.items()
    for who, person in (("nobody", ""), ("one person", "f-101"))
]
LIMITS += [
    Way(
        "financial_coordination.closed_in_time",
        "an action has no day",
        {"actions": put("act-01", closed_on="")},
        {"actions": put("act-01", closed_on="", first_due_on="", due_on="")},
    ),
    Way(
        "platform_efficiency.cost_within_utilisation_band",
        "a band from 0 to 1000",
        {"services": put("svc-01", utilisation="0.01")},
        {"services": put("svc-01", utilisation="0.01", utilisation_low="0", utilisation_high="1000")},
    ),
    Way(
        "platform_efficiency.utilisation_reviewed",
        "a band from 0 to 1000",
        {"services": put("svc-01", utilisation_low="")},
        {"services": put("svc-01", utilisation_low="0", utilisation_high="1000")},
    ),
    Way(
        "performance_measurement.within_error_band",
        "a band of 90 %",
        {"performance_measures": put("perf-01", error="0.8")},
        {"performance_measures": put("perf-01", error="0.8", error_band="0.9")},
    ),
    Way(
        "financial_efficiency.unit_cost_met",
        "a target that one person raised",
        {"services": put("svc-01", unit_cost="9.0")},
        {"services": put("svc-01", unit_cost="9.0", unit_cost_target="10.0", unit_cost_finance_approver="")},
    ),
    Way(
        "developer_efficiency.goal_met",
        "a goal that was lowered once the month was over",
        {"deliveries": put("team-1", units="1")},
        {"deliveries": put("team-1", units="1", goal="1", goal_set_on="2025-11-03")},
    ),
    Way(
        "systems.on_cadence[1.1.1]",
        "a cadence of ten years",
        {"system_runs": lambda rows: failing(rows, "feed-1.1.1")},
        {"systems": put("feed-1.1.1", cadence_days="3650")},
    ),
    *(
        Way(
            measure,
            "a plan that follows the cost",
            {"cost_plans": gone("line-01")},
            {"cost_plans": put("line-01", approved_on="2025-10-31")},
        )
        for measure in ("area_2.efficiency_score", "cost_planning.mapped_to_plan")
    ),
]
LIMITS += [
    Way(
        "budget_planning.accuracy",
        "a budget that follows the cost",
        {"budgets": put("Plattform", budget="0.00")},
        {"budgets": put("Plattform", budget="99000.00", actual="99000.00", finance_approved_on="2025-11-03")},
    ),
]


@pytest.mark.sampled(every=12, whole=True)
@pytest.mark.parametrize("way", DATES + LIMITS, ids=told)
def test_what_is_disguised_is_no_better_than_what_is_shown(tmp_path: Path, way: Way) -> None:
    hold_no_better(tmp_path, way)
