"""Ways round the pack: each was tried, and none makes a figure better than an honest table does.

A way has a table that shows what is wrong, and the same table with that disguised. What is disguised is
an error, not known, or counts as what was shown at best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
from finance_tables import Row, Tables, example, facts_of, pack

from phasegate.facts.model.fact import Fact

Edit = Callable[[list[Row]], list[Row]]
Edits = Mapping[str, Edit]
FAR = "2031-01-01"
HONEST: Edits = {}


def put(key: str, **cells: str) -> Edit:
    """Changes the rows whose first column has a value; ``*`` stands for all."""

    def edit(rows: list[Row]) -> list[Row]:
        first = next(iter(rows[0]))
        changed = [row | cells if key in (row[first], "*") else row for row in rows]
        assert changed != rows, f"nothing changes for {key}"
        return changed

    return edit


def added(key: str, **cells: str) -> Edit:
    """A further row like the last one of a key."""

    def edit(rows: list[Row]) -> list[Row]:
        first = next(iter(rows[0]))
        return [*rows, [row for row in rows if row[first] == key][-1] | cells]

    return edit


def gone(key: str) -> Edit:
    """Without the rows of a key."""
    return lambda rows: [row for row in rows if row[next(iter(row))] != key]


def both(*edits: Edit) -> Edit:
    """One after the other."""

    def edit(rows: list[Row]) -> list[Row]:
        for each in edits:
            rows = each(rows)
        return rows

    return edit


def charged(*charges: tuple[str, str, str]) -> Edit:
    """Further charges of October: category, amount, tags."""

    def edit(rows: list[Row]) -> list[Row]:
        like = next(row for row in rows if row["ChargePeriodStart"].startswith("2025-10"))
        return [
            *rows,
            *(
                like
                | {"ProviderName": "AWS", "ChargeCategory": category, "EffectiveCost": cost, "Tags": tags}
                for category, cost, tags in charges
            ),
        ]

    return edit


OWNED = '{"owner": "team-1", "plan_line": "line-01", "cost_centre": "cc-1"}'
UNPLANNED = '{"owner": "team-1"}'


class Way(NamedTuple):
    """A way round.

    Attributes:
        measure: what it is to make better, with its slice in brackets.
        how: in a few words.
        shown: what is wrong, for everybody to see.
        hidden: the same in disguise.
        becomes: what the disguised one is; ``counted`` if it has a value.
        low: whether less is better.
    """

    measure: str
    how: str
    shown: Edits
    hidden: Edits
    becomes: str = "counted"
    low: bool = False


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
    "validation.independent[1.1.1]": ("validations", "tester", "reviewer"),
    "control.independent[1.1.1]": ("validations", "tester", "reviewer"),
}
"""Both of them must be somebody, and not the same."""
WORDS = ("n/a", "None", " - ", "unknown", "TBD", " ")
UNOWNED = put("inv-001", finance_approver="", finance_approved_on="")

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
        {"success_criteria": lambda rows: _without(rows, "inv-001")},
        {
            "success_criteria": lambda rows: _without(rows, "inv-001"),
            "investments": put("inv-001", status="cancelled"),
        },
    ),
    *(
        Way(
            measure,
            "a system is retired by nobody",
            {"system_runs": lambda rows: _failing(rows, "feed-1.1.1")},
            {
                "system_runs": lambda rows: _failing(rows, "feed-1.1.1"),
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
        "counted" if measure != "programme.roi" else "unknown",  # no benefit is verified then
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
SAME = [
    Way(
        measure,
        f"one person as {one} and {other}",
        {table: put("*", **{one: ""})} if one != "tester" else {table: put("*", reviewer="")},
        {table: put("*", **{one: "x-1", other: "x-1"})},
        "counted" if measure != "programme.roi" else "unknown",
    )
    for measure, (table, one, other) in PAIRS.items()
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
    )
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
        {"system_runs": lambda rows: _failing(rows, "feed-1.1.1")},
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
KINDS = {
    "dates that are not asked for": DATES,
    "signed amounts": SIGNS,
    "leaving the population": LEAVING,
    "rows that belong to nothing": STRAYS,
    "words that mean nothing": BLANKS,
    "one person on both sides": SAME,
    "impossible figures": IMPOSSIBLE,
    "limits that one sets oneself": LIMITS,
}


def _without(rows: list[Row], investment: str) -> list[Row]:
    return [row for row in rows if row["investment"] != investment]


def _failing(rows: list[Row], system: str) -> list[Row]:
    return [row | {"succeeded": "false"} if row["system"] == system else row for row in rows]


def _edited(edits: Edits) -> Tables:
    tables = example()
    return {**tables, **{name: edit(tables[name]) for name, edit in edits.items()}}


def _fact(folder: Path, way: Way, edits: Edits) -> Fact:
    name, _, rest = way.measure.partition("[")
    whole = name if name in pack().measures else name.rpartition(".")[0]
    return facts_of(folder, _edited(edits), whole).facts[name, rest.rstrip("]")]


def _best(fact: Fact, low: bool) -> Fraction | None:
    """How good a fact may be at best; None where it is good for nothing."""
    if fact.status != "present":
        return None
    if fact.truth is not None:
        return Fraction(fact.truth)
    assert fact.extremes is not None
    worst, best = (-fact.extremes[1], -fact.extremes[0]) if low else fact.extremes
    return worst if fact.ends is not None else best


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, id=f"{kind}: {way.measure}, {way.how}")
        for kind, ways in KINDS.items()
        for way in ways
    ],
)
def test_what_is_disguised_is_no_better_than_what_is_shown(tmp_path: Path, way: Way) -> None:
    shown = _fact(tmp_path, way, way.shown)
    hidden = _fact(tmp_path, way, way.hidden)
    assert ("counted" if hidden.status == "present" else hidden.status) == way.becomes, hidden.reason
    told, found = _best(shown, way.low), _best(hidden, way.low)
    assert found is None or (told is not None and found <= told), (found, told)
    if way.shown is not HONEST:
        without = _best(_fact(tmp_path, way, HONEST), way.low)
        assert without is not None
        assert told is None or told < without, "what is shown is nothing that is wrong"
