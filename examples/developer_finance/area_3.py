"""Area 3, Lifetime value: what its adherence, its outcomes and its targets are computed from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from amounts import CENT, USD, Row, money, near, pair
from dates import Dates


def tracking(dates: Dates, random: Random) -> list[Row]:
    """The live investments' records of the last two complete months."""
    rows: list[Row] = []
    for back in (1, 0):
        first, last = dates.month(back)
        for number in range(8, 16):
            planned = money(random, 100_000, 300_000)
            finance, developer = pair(random)
            rows.append(
                {
                    "investment": f"inv-{number + 1:03}",
                    "period_end": last,
                    "planned_return": planned,
                    "planned_set_on": first - dt.timedelta(days=random.randint(3, 20)),
                    "planned_finance_approver": finance,
                    "planned_developer_approver": developer,
                    "actual_return": near(planned, random, 5),
                    "currency": USD,
                }
            )
    return rows


def developers(dates: Dates, random: Random) -> list[Row]:
    """120 active developers a month, six of them without a lifetime value, and 10 who left."""
    rows: list[Row] = []
    for back in (1, 0):
        for number in range(130):
            rows.append(
                {
                    "developer": f"d-{number + 110}",
                    "period_end": dates.month(back)[1],
                    "active": number < 120,
                    "left_on": None if number < 120 else dates.ago(200 + number),
                    "left_finance_approver": None if number < 120 else "f-103",
                    "left_developer_approver": None if number < 120 else "d-112",
                    "lifetime_value": None if number % 20 == 19 else money(random, 2_000, 60_000),
                    "currency": USD,
                }
            )
    return rows


def cohorts(dates: Dates, random: Random) -> list[Row]:
    """Eight cohorts over three complete months."""
    rows: list[Row] = []
    for back in (2, 1, 0):
        first, last = dates.month(back)
        for number in range(8):
            predicted = money(random, 80_000, 240_000)
            finance, developer = pair(random)
            rows.append(
                {
                    "cohort": f"cohort-{number + 1}",
                    "period_start": first,
                    "period_end": last,
                    "predicted": predicted,
                    "predicted_on": first - dt.timedelta(days=random.randint(3, 20)),
                    "finance_approver": finance,
                    "developer_approver": developer,
                    "realised": near(predicted, random, 9),
                    "currency": USD,
                }
            )
    return rows


def recognition(dates: Dates, random: Random) -> list[Row]:
    """40 items a month; of each month two are posted and recognised late, and one lacks an identification."""
    rows: list[Row] = []
    for back in (4, 3, 2, 1, 0):
        last = dates.month(back)[1]
        for number in range(40):
            value = money(random, 5_000, 15_000)
            finance, developer = pair(random)
            booked = dates.happened(
                last + dt.timedelta(days=25 if number in (12, 33) else random.randint(1, 3))
            )
            posted = value + 1 if number == 20 else value  # ledger and meter differ
            rows.append(
                {
                    "item": f"item-{len(rows) + 1:04}",
                    "period_end": last,
                    "metered": value,
                    "posted": posted if booked else None,
                    "posted_on": booked,
                    "delivered": value,
                    "recognised": (value * Decimal("0.98")).quantize(CENT) if booked else None,
                    "recognised_on": booked,
                    "finance_identified_by": finance,
                    "developer_identified_by": None if number == 8 else developer,
                    "currency": USD,
                }
            )
    return rows


def actions(dates: Dates, random: Random) -> list[Row]:
    """Actions of the joint review, one of them late; those of the excellence forum are not due yet."""
    rows: list[Row] = []
    for number in range(24):
        excellence = number >= 16
        due = -random.randint(10, 40) if excellence or number >= 14 else random.randint(10, 90)
        rows.append(
            {
                "action": f"act-{number + 1:02}",
                "forum": "excellence" if excellence else "joint_review",
                "raised_on": dates.ago(random.randint(95, 140)),
                "updated_on": dates.ago(random.randint(1, 20)),
                "owner": f"d-{random.randint(110, 139)}",
                "first_due_on": dates.ago(due),
                "due_on": dates.ago(due),
                "closed_on": dates.ago(due - 6 if number == 2 else due + 4) if due > 0 else None,
            }
        )
    return rows


TABLES = (tracking, developers, cohorts, recognition, actions)
