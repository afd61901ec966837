"""Area 4, ROI measurement: what its adherence, its outcomes and its targets are computed from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from amounts import USD, Row, money, near, pair
from dates import Dates


def decisions(dates: Dates, random: Random) -> list[Row]:
    """Ten decisions; nobody found out what came of one of them."""
    rows: list[Row] = []
    for number in range(10):
        decided = random.randint(120, 320)
        expected = money(random, 60_000, 200_000)
        finance, developer = pair(random)
        rows.append(
            {
                "decision": f"dec-{number + 1:02}",
                "decided_on": dates.ago(decided),
                "updated_on": dates.ago(random.randint(1, 20)),
                "analytics_attached_on": dates.ago(decided + random.randint(2, 9)),
                "first_due_on": dates.ago(decided - 90),
                "due_on": dates.ago(decided - 90),
                "reviewed_on": None if number == 6 else dates.ago(decided - 80),
                "expected_outcome": expected,
                "expected_set_on": dates.ago(decided),
                "expected_finance_approver": finance,
                "expected_developer_approver": developer,
                "actual_outcome": None if number == 6 else near(expected, random, 5),
                "currency": USD,
            }
        )
    return rows


def performance_measures(dates: Dates, random: Random) -> list[Row]:
    """24 refreshes due in the last complete month."""
    rows: list[Row] = []
    first, last = dates.month()
    for number in range(24):
        due = first + dt.timedelta(days=random.randint(3, (last - first).days))
        rows.append(
            {
                "measure": f"perf-{number + 1:02}",
                "updated_on": dates.ago(1 + number % 9),
                "first_due_on": due,
                "due_on": due,
                "refreshed_on": due - dt.timedelta(days=random.randint(0, 2)),
                "error": Decimal(random.randint(-400, 400)).scaleb(-4),
                "error_band": Decimal("0.02") if number == 16 else Decimal("0.05"),
            }
        )
    rows[16]["error"] = Decimal("-0.0310")
    return rows


def success_criteria(dates: Dates, random: Random) -> list[Row]:
    """Three criteria for each platform investment, one of which was not met."""
    rows: list[Row] = []
    for number in range(24):
        due = random.randint(15, 200)
        rows.append(
            {
                "criterion": f"crit-{number + 1:02}",
                "investment": f"inv-{number % 8 * 3 + 1:03}",
                "investment_kind": "platform",
                "recorded_on": dates.ago(due + 60),
                "updated_on": dates.ago(random.randint(1, 20)),
                "first_due_on": dates.ago(due),
                "due_on": dates.ago(due),
                "met_on": None if number == 10 else dates.ago(due + random.randint(0, 9)),
            }
        )
    return rows


TABLES = (decisions, performance_measures, success_criteria)
