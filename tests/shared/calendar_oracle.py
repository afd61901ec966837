"""What the example's tables say by a plain calendar: each figure anew, row by row, in plain Python.

Nothing of phasegate is asked, neither its expressions nor its dates. A figure is a value, the rows that
it is told by, and for what it counts a slice; without rows its value is None.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from ruamel.yaml import YAML

Row = dict[str, Any]
Test = Callable[[Row], bool]
DAY = dt.timedelta(days=1)
TAGS = ("owner", "Owner", "team", "business_unit", "org")
BUDGETS = {
    "Kostenstelle": "cost_centre",
    "Beginn": "period_start",
    "Ende": "period_end",
    "Freigabe Finanzen": "finance_approver",
    "Freigabe Finanzen am": "finance_approved_on",
    "Freigabe Entwicklung": "developer_approver",
    "Freigabe Entwicklung am": "developer_approved_on",
}


class Figure(NamedTuple):
    """The value of a measure for a slice, and the rows that it is told by."""

    value: Fraction | None
    rows: int


class Calendar:
    """The days around one, as a calendar on the wall has them."""

    def __init__(self, today: dt.date, holidays: Iterable[dt.date] = ()) -> None:
        self.today = today
        year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
        self.month_start = dt.date(year, month, 1)
        self.month_end = dt.date(year, month, monthrange(year, month)[1])
        self.year_start = dt.date(today.year - 1, today.month, 1)
        self._free = set(holidays)

    def works(self, day: dt.date) -> bool:
        """Whether a day is a business day."""
        return day.weekday() < 5 and day not in self._free

    def close(self, day: dt.date, days: int = 5) -> dt.date:
        """So many business days after a day; one that is none counts like the one before it."""
        while not self.works(day):
            day -= DAY
        while days:
            day += DAY
            days -= self.works(day)
        return day

    def business_age(self, day: dt.date) -> int:
        """How many business days lie after a day, today included."""
        return sum(self.works(day + n * DAY) for n in range(1, (self.today - day).days + 1))


class Tables:
    """The example's tables, as the files have them."""

    def __init__(self, root: Path) -> None:
        self._data = root / "data"
        project = YAML(typ="safe").load((root / "phasegate.yaml").read_text(encoding="utf-8"))
        self.holidays = [dt.date.fromisoformat(str(day)) for day in project["calendar"]["holidays"]]
        self._read: dict[str, list[Row]] = {}

    def __call__(self, name: str) -> list[Row]:
        """The rows of one."""
        if name not in self._read:
            rows = list(self._rows(name))
            self._read[name] = [
                {**row, "counts_on": _agreed(row)} if "first_due_on" in row else row for row in rows
            ]
        return self._read[name]

    def _rows(self, name: str) -> Iterator[Row]:
        if name in ("costs", "system_runs"):
            for file in sorted((self._data / name).glob("*.parquet")):
                yield from pl.read_parquet(file).to_dicts()
            return
        if name == "budgets":
            with (self._data / "budgets.csv").open(encoding="latin1", newline="") as file:
                for row in csv.DictReader(file, delimiter=";"):
                    told = {BUDGETS.get(key, key): value for key, value in row.items()}
                    yield {key: _german(key, value) for key, value in told.items()}
            return
        with (self._data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {key: _value(key, value) for key, value in row.items()}


def _value(key: str, text: str) -> Any:
    if text == "":
        return None
    if key.endswith("_on") or key in ("period_end", "period_start", "valid_from", "valid_until"):
        return dt.date.fromisoformat(text)
    if text in ("true", "false"):
        return text == "true"
    return text


def _german(key: str, text: str) -> Any:
    if text and (key.endswith("_on") or key.startswith("period_")):
        return dt.datetime.strptime(text, "%d.%m.%Y").date()
    return text or None


def _agreed(row: Row) -> dt.date | None:
    """The day on which something was to be done: a later one than the first only if two people agreed."""
    first, now = row["first_due_on"], row["due_on"]
    movers = {row.get("move_finance_approver"), row.get("move_developer_approver")} - {None}
    return now if first is not None and now is not None and now > first and len(movers) == 2 else first


def _by(row: Row, done: str, due: str) -> bool:
    return row[done] is not None and row[done] <= row[due]


def _two(row: Row, one: str, other: str) -> bool:
    return row[one] is not None and row[other] is not None and row[one] != row[other]


def ratio(rows: list[Row], holds: Test) -> Figure:
    """How many of some rows hold."""
    return Figure(Fraction(sum(map(holds, rows)), len(rows)) if rows else None, len(rows))


def share(rows: list[Row], holds: Test, value: str) -> Figure:
    """How much of what some rows are worth holds."""
    whole = sum((Fraction(row[value]) for row in rows), Fraction(0))
    part = sum((Fraction(row[value]) for row in rows if holds(row)), Fraction(0))
    return Figure(part / whole if whole else None, len(rows))


def attainment(rows: list[Row], actual: str, expected: str) -> Figure | None:
    """How much of what was expected came, capped for each; None where somebody does not know."""
    if any(row[actual] is None for row in rows):
        return None
    whole = sum((Fraction(row[expected]) for row in rows), Fraction(0))
    part = sum((min(Fraction(row[actual]), Fraction(row[expected])) for row in rows), Fraction(0))
    return Figure(part / whole if whole else None, len(rows))


def total(rows: list[Row], value: str) -> Figure:
    """What some rows come to."""
    return Figure(sum((Fraction(row[value]) for row in rows), Fraction(0)) if rows else None, len(rows))


def figures(table: Tables, today: dt.date) -> dict[tuple[str, str], Figure]:
    """The figures of a day by measure and slice."""
    at = Calendar(today, table.holidays)
    found: dict[tuple[str, str], Figure | None] = {}
    for part in (_due, _months, _closes, _annual, _ages, _by_point, _costs):
        found |= part(table, at)
    return {key: figure for key, figure in found.items() if figure is not None}


def _since(rows: list[Row], event: str, at: Calendar) -> list[Row]:
    return [row for row in rows if row[event] <= at.today]


def _over(rows: list[Row], due: str, at: Calendar, since: dt.date | None = None) -> list[Row]:
    """What was due in the twelve complete months and since, on a day that is over."""
    first = since or at.year_start
    return [row for row in rows if row[due] is not None and first <= row[due] < at.today]


def _due(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    milestones = [row for row in table("milestones") if row["investment_kind"] == "platform"]
    actions = _since(table("actions"), "raised_on", at)
    joint = [row for row in actions if row["forum"] == "joint_review"]
    excellent = [row for row in actions if row["forum"] == "excellence"]
    criteria = [
        row
        for row in _since(table("success_criteria"), "recorded_on", at)
        if row["investment_kind"] == "platform"
    ]
    refreshes = table("performance_measures")
    returns = _over(_since(table("returns"), "computed_on", at), "counts_on", at)
    savings = [
        {**row, "realised": (row["realised"] or "0") if _booked(row, at) else "0"}
        for row in _over(_since(table("savings"), "agreed_on", at), "counts_on", at)
    ]
    finished = [
        {**row, "review_due_on": row["finished_on"] + 90 * DAY}
        for row in _since(table("investments"), "registered_on", at)
        if row["finished_on"] is not None
    ]
    decisions = [
        {**row, "actual_outcome": row["actual_outcome"] if row["reviewed_on"] is not None else None}
        for row in _since(table("decisions"), "decided_on", at)
    ]
    return {
        ("platform_investment.milestones_reached", ""): ratio(
            _over(milestones, "counts_on", at), lambda row: _by(row, "reached_on", "counts_on")
        ),
        ("financial_coordination.closed_in_time", ""): ratio(
            _over(joint, "counts_on", at), lambda row: _by(row, "closed_on", "counts_on")
        ),
        ("investment_excellence.closed_in_time", ""): ratio(
            _over(excellent, "counts_on", at), lambda row: _by(row, "closed_on", "counts_on")
        ),
        ("success_tracking.criteria_met", ""): ratio(
            _over(criteria, "counts_on", at), lambda row: _by(row, "met_on", "counts_on")
        ),
        ("performance_measurement.refreshed_on_schedule", ""): ratio(
            _over(refreshes, "counts_on", at, at.month_start),
            lambda row: _by(row, "refreshed_on", "counts_on"),
        ),
        ("investment_roi.reviewed_in_time", ""): ratio(
            _over(finished, "review_due_on", at),
            lambda row: (
                _by(row, "return_reviewed_on", "review_due_on")
                and row["return_reviewed_on"] >= row["finished_on"]
                and _two(row, "finance_return_reviewer", "developer_return_reviewer")
            ),
        ),
        ("investment_roi.return_attained", ""): attainment(returns, "actual_return", "forecast_return"),
        ("investment_optimization.return_attained", ""): attainment(
            [row for row in returns if row["kind"] == "enhancement"], "actual_return", "forecast_return"
        ),
        ("platform_cost.savings_attained", ""): attainment(savings, "realised", "agreed"),
        ("decision_analytics.outcome_attained", ""): attainment(
            _over(decisions, "counts_on", at), "actual_outcome", "expected_outcome"
        ),
        ("decision_analytics.attached_before_decision", ""): ratio(
            [row for row in decisions if row["decided_on"] >= at.year_start],
            lambda row: (
                row["analytics_attached_on"] is not None and row["analytics_attached_on"] < row["decided_on"]
            ),
        ),
    }


def _booked(row: Row, at: Calendar) -> bool:
    """Whether what two people agreed is booked."""
    return (
        row["realised_on"] is not None
        and row["realised_on"] <= at.today
        and _two(row, "finance_approver", "developer_approver")
    )


def _months(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    def of_month(name: str) -> list[Row]:
        return [row for row in table(name) if row["period_end"] == at.month_end]

    operations = [row for row in table("operations") if at.month_start <= row["counts_on"] <= at.month_end]
    completed = [row for row in operations if row["completed_on"] is not None]
    cost = total(operations, "cost")
    production = [
        row for row in of_month("services") if row["status"] == "production" or Fraction(row["cost"]) > 0
    ]
    return {
        ("area_1.success_rate", ""): ratio(
            operations, lambda row: _by(row, "completed_on", "counts_on") and not row["reworked"]
        ),
        ("area_1.mean_cost", ""): Figure(cost.value / len(completed) if cost.value else None, cost.rows),
        ("budget_planning.approved_before_period", ""): ratio(
            of_month("budgets"),
            lambda row: (
                row["finance_approved_on"] is not None
                and row["developer_approved_on"] is not None
                and max(row["finance_approved_on"], row["developer_approved_on"]) < row["period_start"]
                and _two(row, "finance_approver", "developer_approver")
            ),
        ),
        ("developer_ltv.calculated", ""): ratio(
            [row for row in of_month("developers") if row["active"]],
            lambda row: row["lifetime_value"] is not None,
        ),
        ("resource_allocation.approved_by_both", ""): ratio(
            of_month("allocations"), lambda row: _two(row, "finance_approver", "developer_approver")
        ),
        ("platform_efficiency.utilisation_reviewed", ""): ratio(
            production,
            lambda row: (
                row["utilisation_low"] is not None
                and row["utilisation_high"] is not None
                and row["utilisation_reviewed_on"] is not None
                and 0 <= (at.today - row["utilisation_reviewed_on"]).days <= 31
            ),
        ),
        ("financial_efficiency.unit_cost_met", ""): ratio(
            production,
            lambda row: (
                row["unit_cost"] is not None
                and row["unit_cost_target"] is not None
                and Fraction(row["unit_cost"]) <= Fraction(row["unit_cost_target"])
            ),
        ),
    }


def _closes(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    items = [
        {**row, "close_on": at.close(row["period_end"])}
        for row in table("recognition")
        if row["period_end"] < at.today
    ]
    closed = _over(items, "close_on", at)
    return {
        ("financial_reporting.posted_within_close", ""): share(
            closed, lambda row: _by(row, "posted_on", "close_on"), "metered"
        ),
        ("financial_reporting.reconciled", ""): share(
            [
                {**row, "either": max(abs(Fraction(row["posted"])), Fraction(row["metered"]))}
                for row in closed
                if row["posted"] is not None
            ],
            lambda row: (
                row["posted_on"] is not None
                and row["posted_on"] <= at.today
                and Fraction(row["posted"]) == Fraction(row["metered"])
            ),
            "either",
        ),
        ("area_3.recognised_within_close", ""): share(
            closed, lambda row: _by(row, "recognised_on", "close_on"), "delivered"
        ),
        ("value_recognition.identified_by_both", ""): ratio(
            closed, lambda row: _two(row, "finance_identified_by", "developer_identified_by")
        ),
    }


def _annual(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    verified = [
        {**row, "amount": row["amount"] if _verified(row, at) or Fraction(row["amount"]) < 0 else "0"}
        for row in table("benefits")
        if at.year_start <= row["realised_on"] <= at.month_end
    ]
    areas = {
        (f"area_{area}.annual_value", ""): total([row for row in verified if row["area"] == area], "amount")
        for area in "1234"
    }
    return {**areas, ("programme.total_value", ""): total(verified, "amount")}


def _verified(row: Row, at: Calendar) -> bool:
    return bool(row["verified_on"] <= at.today) and _two(row, "finance_verifier", "developer_verifier")


def _ages(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    def recent(day: dt.date | None) -> bool:
        return day is not None and 0 <= (at.today - day).days <= 31

    risks = [
        row
        for row in _since(table("risks"), "raised_on", at)
        if row["status"] == "open" or row["mitigation"] != "done"
    ]
    return {
        ("risk_assessment.scored_by_both", ""): ratio(
            risks,
            lambda row: (
                recent(row["finance_scored_on"])
                and recent(row["developer_scored_on"])
                and _two(row, "finance_scorer", "developer_scorer")
            ),
        )
    }


def _by_point(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    found: dict[tuple[str, str], Figure | None] = {}
    documents = _since(table("documents"), "reviewed_on", at)
    systems = [
        row
        for row in _since(table("systems"), "registered_on", at)
        if not (
            row["status"] == "retired"
            and row["retired_on"] is not None
            and row["retired_on"] <= at.today
            and _two(row, "retire_finance_approver", "retire_developer_approver")
        )
    ]
    last: dict[str, dt.date] = {}
    for run in table("system_runs"):
        if run["succeeded"] and run["finished_on"] <= at.today:
            last[run["system"]] = max(run["finished_on"], last.get(run["system"], run["finished_on"]))
    for point in sorted({row["point"] for row in documents}):
        in_force = [
            row
            for row in documents
            if row["point"] == point
            and row["status"] == "approved"
            and row["valid_from"] is not None
            and row["valid_from"] <= at.today
            and (row["valid_until"] is None or at.today <= row["valid_until"])
        ]
        found["framework.documents_in_force", point] = Figure(Fraction(len(in_force)), -1)
    for point in sorted({row["point"] for row in systems}):
        own = [row for row in systems if row["point"] == point]

        def on_cadence(row: Row) -> bool:
            day = last.get(row["system"])
            if day is None:
                return False
            days = (at.today - day).days if row["cadence_calendar"] == "calendar" else at.business_age(day)
            return bool(days <= int(row["cadence_days"]))

        found["systems.on_cadence", point] = ratio(own, on_cadence)
    return found


def _costs(table: Tables, at: Calendar) -> dict[tuple[str, str], Figure | None]:
    first = dt.datetime.combine(at.month_start, dt.time())
    after = dt.datetime.combine(at.month_end + DAY, dt.time())
    charges = [
        row for row in table("costs") if first <= row["ChargePeriodStart"].replace(tzinfo=None) < after
    ]
    found: dict[tuple[str, str], Figure | None] = {}
    for provider in sorted({row["ProviderName"] for row in charges}):
        own = [row for row in charges if row["ProviderName"] == provider]

        def owned(row: Row) -> bool:
            tags = json.loads(row["Tags"] or "{}")
            return any(tags.get(tag) is not None for tag in TAGS)

        weighed = [{**row, "weight": abs(row["EffectiveCost"])} for row in own]
        found["platform_cost.owner_coverage", provider] = share(weighed, owned, "weight")
    return found
