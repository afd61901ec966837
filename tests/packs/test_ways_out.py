"""Ways round the pack: rows that leave the population, and rows that belong to nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ways_round import HONEST, Way, added, both, failing, gone, hold_no_better, put, told, without

UNOWNED = put("inv-001", finance_approver="", finance_approved_on="")
LEAVING = [
    Way(
        "investment_planning.approved_before_commitment",
        "a commitment is set back to proposed",
        {"investments": UNOWNED},
        {"investments": both(UNOWNED, put("inv-001", status="proposed", committed_on=""))},
    ),
    Way(
        "investment_planning.on_funded_roadmap",
        "a commitment is set back to proposed",
        {"investments": put("inv-001", roadmap_item="")},
        {"investments": put("inv-001", roadmap_item="", status="proposed", committed_on="")},
    ),
    Way(
        "platform_investment.supported_by_both",
        "an investment is given up by nobody",
        {"investments": put("inv-001", finance_support_owner="")},
        {"investments": put("inv-001", finance_support_owner="", status="cancelled")},
    ),
    Way(
        "platform_investment.supported_by_both",
        "an investment is finished on no day",
        {"investments": put("inv-001", finance_support_owner="")},
        {"investments": put("inv-001", finance_support_owner="", status="finished")},
    ),
    Way(
        "investment_optimization.ranked_before_funding",
        "a live enhancement was never funded",
        {"investments": put("inv-011", ranked_on="")},
        {"investments": put("inv-011", ranked_on="", funded_on="")},
    ),
    *(
        Way(
            measure,
            "a finished investment is set back to live",
            {"returns": put("inv-017", finance_roi="9.0", finance_inputs="other")},
            {
                "returns": put("inv-017", finance_roi="9.0", finance_inputs="other"),
                "investments": put("inv-017", status="live"),
            },
        )
        for measure in ("roi_measurement.same_inputs", "roi_measurement.agreed")
    ),
    Way(
        "performance_tracking.return_attained",
        "a live investment has no record",
        {"tracking": put("inv-010", actual_return="0.00")},
        {"tracking": gone("inv-010")},
        "error",
    ),
    Way(
        "performance_tracking.tracked",
        "a live investment is given up by nobody",
        {"tracking": gone("inv-010")},
        {"tracking": gone("inv-010"), "investments": put("inv-010", status="cancelled")},
    ),
    Way(
        "success_tracking.recorded",
        "a platform investment is given up by nobody",
        {"success_criteria": lambda rows: without(rows, "inv-001")},
        {
            "success_criteria": lambda rows: without(rows, "inv-001"),
            "investments": put("inv-001", status="cancelled"),
        },
    ),
    *(
        Way(
            measure,
            "a system is retired by nobody",
            {"system_runs": lambda rows: failing(rows, "feed-1.1.1")},
            {
                "system_runs": lambda rows: failing(rows, "feed-1.1.1"),
                "systems": put("feed-1.1.1", status="retired", retired_on="2025-11-01"),
            },
        )
        for measure in ("systems.on_cadence[1.1.1]", "systems.runs_succeeded[1.1.1]")
    ),
    Way(
        "systems.in_production[1.1.1]",
        "a system is retired by nobody",
        {"systems": put("feed-1.1.1", status="planned")},
        {"systems": put("feed-1.1.1", status="retired", retired_on="2025-11-01")},
    ),
    *(
        Way(
            measure,
            "a service that costs something is only planned",
            {"services": put("svc-01", **cells)},
            {"services": put("svc-01", **cells, status="planned")},
        )
        for measure, cells in (
            ("financial_efficiency.unit_cost_agreed", {"unit_cost_target": ""}),
            ("financial_efficiency.unit_cost_met", {"unit_cost": "999.0"}),
            ("platform_efficiency.utilisation_reviewed", {"utilisation_reviewed_on": ""}),
            ("platform_efficiency.cost_within_utilisation_band", {"utilisation": "0.01"}),
        )
    ),
    Way(
        "risk_assessment.scored_by_both",
        "a risk is closed with nothing done",
        {"risks": put("risk-01", finance_scored_on="")},
        {"risks": put("risk-01", finance_scored_on="", status="closed")},
    ),
    Way(
        "risk_assessment.high_risks_on_track",
        "a high risk is closed with nothing done",
        {"risks": put("risk-01", mitigation="late")},
        {"risks": put("risk-01", mitigation="late", status="closed")},
    ),
    Way(
        "risk_assessment.high_risks_on_track",
        "a high risk is lowered by one person",
        {"risks": put("risk-01", mitigation="late")},
        {"risks": put("risk-01", mitigation="late", severity="low", developer_scorer="")},
    ),
    *(
        Way(
            measure,
            "a team is put out of scope by nobody",
            {table: put("team-1", **cells)},
            {table: put("team-1", **cells), "teams": put("team-1", in_scope="false")},
        )
        for measure, table, cells in (
            ("framework.adoption[1.1.2]", "adoption", {"framework_adopted_on": ""}),
            ("protocols.roll_out[1.1.2]", "adoption", {"protocols_rolled_out_on": ""}),
            ("developer_efficiency.goal_set_by_both", "deliveries", {"goal_set_on": ""}),
            ("developer_efficiency.goal_met", "deliveries", {"units": "0"}),
        )
    ),
    *(
        Way(
            "developer_ltv.calculated",
            how,
            {"developers": put("d-110", lifetime_value="")},
            {"developers": put("d-110", lifetime_value="", active="false", **cells)},
        )
        for how, cells in (
            ("a developer left on no day", {}),
            ("a developer left as nobody agreed", {"left_on": "2025-09-01"}),
            (
                "a developer left as one person agreed",
                {
                    "left_on": "2025-09-01",
                    "left_finance_approver": "f-101",
                    "left_developer_approver": "f-101",
                },
            ),
            (
                "a developer left once the month was over",
                {
                    "left_on": "2025-11-01",
                    "left_finance_approver": "f-101",
                    "left_developer_approver": "d-110",
                },
            ),
        )
    ),
    Way(
        "developer_efficiency.goal_met",
        "a team that missed its goal has none",
        {"deliveries": put("team-1", units="0")},
        {"deliveries": put("team-1", units="0", goal="")},
    ),
    Way(
        "developer_efficiency.goal_met",
        "a team that missed its goal has no row",
        {"deliveries": put("team-1", units="0")},
        {"deliveries": gone("team-1")},
    ),
    Way(
        "validation.passed[1.1.1]",
        "a validation that failed belongs to no point",
        {"validations": put("v-0002", passed="false")},
        {"validations": put("v-0002", passed="false", point="1.1.9")},
        "error",
    ),
    *(
        Way(
            "validation.sample_sufficient[1.1.1]",
            f"there is only one item, as {who}",
            {"validations": put("v-0002", population="400", sample="1")},
            {
                "validations": put(
                    "v-0002",
                    population="1",
                    sample="1",
                    population_finance_approver=finance,
                    population_developer_approver=developer,
                )
            },
        )
        for who, finance, developer in (
            ("nobody says", "", ""),
            ("one function says", "f-101", ""),
            ("one person says", "f-101", "f-101"),
        )
    ),
    Way(
        "systems.runs_succeeded[1.1.1]",
        "a system that fails serves no point",
        {"system_runs": lambda rows: failing(rows, "feed-1.1.1")},
        {
            "system_runs": lambda rows: failing(rows, "feed-1.1.1"),
            "systems": put("feed-1.1.1", point="1.1.9"),
        },
        "error",
    ),
    Way(
        "area_1.mean_cost",
        "a dear operation is not completed",
        {"operations": put("op-0100", cost="90000.00")},
        {"operations": put("op-0100", cost="90000.00", completed_on="")},
        low=True,
    ),
    Way(
        "cost_measurement.values_agree",
        "a value that does not agree is withdrawn",
        {"metrics": put("cost-01", finance_value="1.0")},
        {"metrics": put("cost-01", finance_value="")},
        "counted",
    ),
]
STRAYS = [
    Way(measure, how, HONEST, {table: edit}, becomes)
    for measure, table, how, edit, becomes in (
        (
            "success_tracking.criteria_met",
            "success_criteria",
            "criteria of an unknown investment",
            added("crit-01", criterion="crit-99", investment="inv-999"),
            "error",
        ),
        (
            "success_tracking.recorded",
            "success_criteria",
            "criteria of an unknown investment",
            added("crit-01", criterion="crit-99", investment="inv-999"),
            "error",
        ),
        (
            "success_tracking.criteria_met",
            "success_criteria",
            "an investment that is said to be a platform",
            added("crit-01", criterion="crit-99", investment="inv-003"),
            "error",
        ),
        (
            "success_tracking.criteria_met",
            "success_criteria",
            "criteria of another investment",
            added("crit-01", criterion="crit-99", investment="inv-003", investment_kind="other"),
            "counted",
        ),
        (
            "platform_investment.milestones_reached",
            "milestones",
            "an investment that is said to be a platform",
            added("ms-001", milestone="ms-999", investment="inv-003"),
            "error",
        ),
        (
            "investment_roi.return_attained",
            "returns",
            "returns of an unknown investment",
            added("inv-010", investment="inv-999"),
            "error",
        ),
        (
            "investment_optimization.return_attained",
            "returns",
            "an investment that is said to be an enhancement",
            put("inv-012", kind="enhancement"),
            "error",
        ),
        (
            "performance_tracking.tracked",
            "tracking",
            "a record of an unknown investment",
            added("inv-010", investment="inv-999"),
            "error",
        ),
        (
            "developer_efficiency.goal_set_by_both",
            "deliveries",
            "a goal of an unknown team",
            added("team-1", team="team-99"),
            "error",
        ),
        (
            "developer_efficiency.goal_met",
            "deliveries",
            "goals of a team out of scope",
            added("team-1", team="team-25"),
            "counted",
        ),
        (
            "area_2.cost_per_unit",
            "deliveries",
            "units of an unknown team",
            added("team-1", team="team-99"),
            "error",
        ),
        (
            "framework.adoption[1.1.2]",
            "adoption",
            "adoption by an unknown team",
            added("team-1", team="team-99"),
            "error",
        ),
        (
            "protocols.roll_out[1.1.2]",
            "adoption",
            "a roll-out to an unknown team",
            added("team-1", team="team-99"),
            "error",
        ),
        (
            "systems.runs_succeeded[1.1.3]",
            "system_runs",
            "runs of an unknown system",
            added("feed-1.1.3-0", run="x", system="feed-9"),
            "error",
        ),
    )
]


@pytest.mark.sampled(every=12, whole=True)
@pytest.mark.parametrize("way", LEAVING + STRAYS, ids=told)
def test_what_is_disguised_is_no_better_than_what_is_shown(tmp_path: Path, way: Way) -> None:
    hold_no_better(tmp_path, way)
