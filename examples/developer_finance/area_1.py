"""Area 1, Financial operations: what its adherence, its outcomes and its targets are computed from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from amounts import USD, Row, money, near, pair
from dates import Dates

COST_CENTRES = (
    "Entwicklung Köln", "Entwicklung Zürich", "Plattform", "Qualität", "Sicherheit", "Betrieb",
    "Daten", "Prüfstände", "Schnittstellen", "Werkzeuge", "Mobil", "Web",
)  # fmt: skip


def _committed(number: int) -> int:
    """How many days ago an investment was committed."""
    return 20 + 17 * number % 41 + 100 * (number // 8)


def operations(dates: Dates, random: Random) -> list[Row]:
    """40 joint operations a month; of each month's one was late and done again."""
    rows: list[Row] = []
    for back in (2, 1, 0):
        first, last = dates.month(back)
        for number in range(40):
            due = first + dt.timedelta(days=random.randint(2, (last - first).days))
            bad = number == 17
            rows.append(
                {
                    "operation": f"op-{len(rows) + 1:04}",
                    "updated_on": dates.ago(1 + number % 9),
                    "first_due_on": due,
                    "due_on": due,
                    "completed_on": None
                    if bad and back == 0
                    else due - dt.timedelta(days=random.randint(0, 2)),
                    "reworked": bad,
                    "cost": money(random, 80, 160),
                    "currency": USD,
                }
            )
    return rows


def investments(dates: Dates, random: Random) -> list[Row]:
    """24 investments: 8 committed, 8 live, 8 finished; in turn platform, enhancement, other."""
    rows: list[Row] = []
    for number in range(24):
        status = ("committed", "live", "finished")[number // 8]
        committed = _committed(number)
        finance, developer = pair(random)
        finished = random.randint(95, 180) if status == "finished" else None
        small = number == 5  # a small one that went past both functions and the roadmap
        rows.append(
            {
                "investment": f"inv-{number + 1:03}",
                "kind": ("platform", "enhancement", "other")[number % 3],
                "status": status,
                "registered_on": dates.ago(committed + 40),
                "updated_on": dates.ago(random.randint(1, 20)),
                "committed_value": money(random, 9_000, 11_000) if small else money(random, 200_000, 600_000),
                "currency": USD,
                "committed_on": dates.ago(committed),
                "finance_approver": None if small else finance,
                "finance_approved_on": None if small else dates.ago(committed + random.randint(3, 10)),
                "developer_approver": developer,
                "developer_approved_on": dates.ago(committed + random.randint(3, 10)),
                "roadmap_item": None if small else f"road-{number + 1:03}",
                "roadmap_item_funded": None if small else True,
                "finance_support_owner": finance,
                "developer_support_owner": developer,
                "return_rank": number // 3 + 1 if number % 3 == 1 else None,
                "ranked_on": dates.ago(committed + 20) if number % 3 == 1 else None,
                "funded_on": dates.ago(committed - 2) if number % 3 == 1 else None,
                "finished_on": dates.ago(finished) if finished else None,
                "return_reviewed_on": dates.ago(finished - random.randint(30, 80)) if finished else None,
                "finance_return_reviewer": finance if finished else None,
                "developer_return_reviewer": developer if finished else None,
            }
        )
    return rows


def milestones(dates: Dates, random: Random) -> list[Row]:
    """30 milestones that were due: one was reached late, one was moved with the consent of both."""
    rows: list[Row] = []
    for number in range(30):
        due = random.randint(20, 300)
        reached = due - 15 if number == 11 else due + random.randint(0, 6)
        moved, (finance, developer) = number == 4, pair(random)
        rows.append(
            {
                "milestone": f"ms-{number + 1:03}",
                "investment": f"inv-{number % 8 * 3 + 1:03}",
                "investment_kind": "platform",
                "updated_on": dates.ago(random.randint(1, 20)),
                "first_due_on": dates.ago(due + 30 if moved else due),
                "due_on": dates.ago(due),
                "move_finance_approver": finance if moved else None,
                "move_developer_approver": developer if moved else None,
                "reached_on": dates.ago(reached),
            }
        )
    return rows


def returns(dates: Dates, random: Random) -> list[Row]:
    """A return for each investment: all have matured that are live or finished."""
    rows: list[Row] = []
    for number in range(24):
        matured = number >= 8
        due = dates.ago(random.randint(12, 90) if matured else -random.randint(90, 300))
        forecast = money(random, 300_000, 900_000)
        finance, developer = pair(random)
        roi = Decimal(random.randint(900_000, 2_400_000)).scaleb(-6)
        rows.append(
            {
                "investment": f"inv-{number + 1:03}",
                "kind": ("platform", "enhancement", "other")[number % 3],
                "committed_on": dates.ago(_committed(number)),
                "computed_on": dates.ago(random.randint(1, 10)),
                "first_due_on": due,
                "due_on": due,
                "forecast_return": forecast,
                "forecast_set_on": dates.ago(_committed(number) + 12),
                "forecast_finance_approver": finance,
                "forecast_developer_approver": developer,
                "actual_return": near(forecast, random, 4) if matured else None,
                "currency": USD,
                "finance_roi": roi if matured else None,
                "finance_inputs": f"set-{number + 1:03}" if matured else None,
                "finance_analyst": finance if matured else None,
                "developer_roi": roi + Decimal(random.randint(-8_000, 8_000)).scaleb(-6) if matured else None,
                "developer_inputs": f"set-{number + 1:03}" if matured else None,
                "developer_analyst": developer if matured else None,
            }
        )
    return rows


def budgets(dates: Dates, random: Random) -> list[Row]:
    """Four complete months and the open one, whose actual is still empty."""
    rows: list[Row] = []
    for back in (3, 2, 1, 0, -1):
        first, last = dates.month(back)
        for centre in COST_CENTRES:
            budget = money(random, 40_000, 160_000)
            finance, developer = pair(random)
            rows.append(
                {
                    "cost_centre": centre,
                    "period_start": first,
                    "period_end": last,
                    "budget": budget,
                    "actual": near(budget, random, 4) if back >= 0 else None,
                    "currency": USD,
                    "finance_approver": finance,
                    "finance_approved_on": first - dt.timedelta(days=random.randint(3, 20)),
                    "developer_approver": developer,
                    "developer_approved_on": first - dt.timedelta(days=random.randint(3, 20)),
                }
            )
    return rows


def risks(dates: Dates, random: Random) -> list[Row]:
    """20 open risks, of which one was scored too long ago, and 6 closed ones."""
    rows: list[Row] = []
    for number in range(26):
        finance, developer = pair(random)
        rows.append(
            {
                "risk": f"risk-{number + 1:02}",
                "raised_on": dates.ago(random.randint(70, 300)),
                "updated_on": dates.ago(random.randint(1, 20)),
                "status": "open" if number < 20 else "closed",
                "severity": ("high", "medium", "low", "low")[number % 4],
                "finance_scored_on": dates.ago(47 if number == 14 else random.randint(3, 28)),
                "finance_scorer": finance,
                "developer_scored_on": dates.ago(random.randint(3, 28)),
                "developer_scorer": developer,
                "mitigation": "done" if number >= 20 else "on_track",
            }
        )
    return rows


TABLES = (operations, investments, milestones, returns, budgets, risks)
