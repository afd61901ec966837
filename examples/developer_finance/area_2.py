"""Area 2, Developer cost: what its adherence, its outcomes and its targets are computed from."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from amounts import CENT, USD, Row, money, near, pair
from bulk import Spent
from dates import Dates
from evidence import TEAMS


def cost_plans(dates: Dates, spent: Spent, random: Random) -> list[Row]:
    """What was planned for what was spent: near it, but for one line that cost far more than its plan."""
    rows: list[Row] = []
    for (line, centre, month_end), cost in spent.items():
        finance, developer = pair(random)
        number = int(line[-2:])
        factor = (
            Decimal("0.80")
            if number == 12
            else Decimal(100 + (number * 7 + month_end.month * 3) % 9 - 4) / 100
        )
        open_month = month_end > dates.month()[1]
        rows.append(
            {
                "plan_line": line,
                "cost_centre": centre,
                "period_end": dates.month(-1)[1] if open_month else month_end,
                "planned": (cost * factor).quantize(CENT, ROUND_HALF_UP),
                "currency": USD,
                "approved_on": month_end.replace(day=1) - dt.timedelta(days=random.randint(3, 20)),
                "finance_approver": finance,
                "developer_approver": developer,
            }
        )
    return rows


def services(dates: Dates, random: Random) -> list[Row]:
    """20 services, one above its unit-cost target, one outside of its band, one not reviewed lately."""
    rows: list[Row] = []
    for back in (1, 0):
        first, last = dates.month(back)
        for number in range(20):
            target = Decimal(random.randint(20_000, 90_000)).scaleb(-6)
            finance, developer = pair(random)
            rows.append(
                {
                    "service": f"svc-{number + 1:02}",
                    "period_end": last,
                    "status": "production",
                    "cost": money(random, 4_000, 9_000),
                    "currency": USD,
                    "unit_cost": target
                    + Decimal(random.randint(1, 900)).scaleb(-5) * (1 if number == 7 else -1),
                    "unit_cost_target": target,
                    "unit_cost_set_on": first - dt.timedelta(days=9),
                    "unit_cost_finance_approver": finance,
                    "unit_cost_developer_approver": developer,
                    "utilisation": Decimal("0.31")
                    if number == 4
                    else Decimal(random.randint(55, 80)).scaleb(-2),
                    "utilisation_low": Decimal("0.50"),
                    "utilisation_high": Decimal("0.85"),
                    "band_set_on": first - dt.timedelta(days=9),
                    "band_finance_approver": finance,
                    "band_developer_approver": developer,
                    "utilisation_reviewed_on": dates.ago(50 if number == 13 else random.randint(2, 25)),
                }
            )
    rows.append(
        rows[-1]
        | {
            "service": "svc-21",
            "status": "planned",
            "cost": Decimal("0.00"),
            "unit_cost": None,
            "unit_cost_target": None,
        }
    )
    return rows


def deliveries(dates: Dates, random: Random) -> list[Row]:
    """What the teams delivered; one of them missed its goal. The project file does not connect it."""
    rows: list[Row] = []
    for back in (1, 0):
        first, last = dates.month(back)
        for number, team in enumerate(TEAMS):
            goal = random.randint(18, 40)
            finance, developer = pair(random)
            rows.append(
                {
                    "team": team,
                    "period_end": last,
                    "units": goal - 3 if number == 9 else goal + random.randint(0, 6),
                    "goal": goal,
                    "goal_set_on": first - dt.timedelta(days=random.randint(3, 20)),
                    "goal_finance_approver": finance,
                    "goal_developer_approver": developer,
                }
            )
    return rows


def allocations(dates: Dates, random: Random) -> list[Row]:
    """60 a month, of which two lack an approval."""
    rows: list[Row] = []
    for back in (1, 0):
        first, last = dates.month(back)
        for number in range(60):
            planned = Decimal(random.randint(40, 160))
            finance, developer = pair(random)
            rows.append(
                {
                    "allocation": f"al-{len(rows) + 1:04}",
                    "resource": f"d-{random.randint(110, 399)}",
                    "period_end": last,
                    "planned_hours": planned,
                    "actual_hours": near(planned, random, 4),
                    "approved_on": first - dt.timedelta(days=4 + number % 9),
                    "finance_approver": None if number in (21, 44) else finance,
                    "developer_approver": developer,
                }
            )
    return rows


def savings(dates: Dates, random: Random) -> list[Row]:
    """12 savings whose date has passed and 4 whose date has not come; one fell short."""
    rows: list[Row] = []
    for number in range(16):
        due = number < 12
        agreed = money(random, 30_000, 60_000)
        day = dates.ago(random.randint(15, 280) if due else -random.randint(20, 200))
        realised = agreed / 2 if number == 6 else agreed * (Decimal("1.04") if number % 3 else 1)
        finance, developer = pair(random)
        rows.append(
            {
                "saving": f"sav-{number + 1:02}",
                "agreed_on": dates.ago(random.randint(301, 330)),
                "updated_on": dates.ago(random.randint(1, 20)),
                "first_due_on": day,
                "due_on": day,
                "agreed": agreed,
                "realised": realised.quantize(CENT, ROUND_HALF_UP) if due else None,
                "realised_on": day if due else None,
                "currency": USD,
                "finance_approver": finance,
                "developer_approver": developer,
            }
        )
    return rows


def metrics(dates: Dates, random: Random) -> list[Row]:
    """20 cost metrics and 20 platform metrics a month; one disagrees, two are not in the report."""
    rows: list[Row] = []
    for back in (1, 0):
        for number in range(40):
            platform = number >= 20
            value = Decimal(random.randint(1_000_000, 90_000_000)).scaleb(-4)
            finance, developer = pair(random)
            off = Decimal("1.08") if number == 3 else Decimal("1.002")
            rows.append(
                {
                    "metric": f"{'platform' if platform else 'cost'}-{number % 20 + 1:02}",
                    "domain": "platform" if platform else "cost",
                    "period_end": dates.month(back)[1],
                    "finance_value": value,
                    "finance_definition": f"def-{number + 1:02}",
                    "finance_publisher": finance,
                    "platform_value": value if platform else (value * off).quantize(Decimal("0.000001")),
                    "platform_definition": f"def-{number + 1:02}",
                    "platform_publisher": developer,
                    "reported_value": value if platform and number not in (28, 35) else None,
                }
            )
    return rows


TABLES = (services, deliveries, allocations, savings, metrics)
