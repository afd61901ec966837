"""What shows that a point's framework, protocols, systems and validation stand: the tables by point."""

from __future__ import annotations

from random import Random
from typing import Any

from bulk import System
from dates import Dates

Row = dict[str, Any]
POINTS = (
    "1.1.1", "1.1.2", "1.1.3", "1.2.1", "1.2.2", "1.2.3",
    "2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.2.2", "2.2.3",
    "3.1.1", "3.1.2", "3.1.3", "3.2.1", "3.2.2", "3.2.3",
    "4.1.1", "4.1.2", "4.1.3", "4.2.1", "4.2.2", "4.2.3",
)  # fmt: skip
TEAMS = tuple(f"team-{number}" for number in range(1, 25))
TEAMS_OUTSIDE = ("team-25", "team-26")

LOST_RUNS = "1.1.3"
"""Its scheduler failed on two of its last 31 days; a waiver covers that."""
OUT_OF_DATE = "1.2.2"
"""Nobody validated it within the last 31 days."""
OWN_REVIEW = "2.2.3"
"""Its last validation was reviewed by the person who carried it out."""
NO_SYSTEM = "3.2.3"
"""Nobody registered a system for it."""


def _systems() -> tuple[System, ...]:
    found: list[System] = []
    for index, point in enumerate(POINTS):
        if point == NO_SYSTEM:
            continue
        failed = (4, 11) if point == LOST_RUNS else (40,)
        found.append(System(f"feed-{point}", point, 2, "calendar", every=1, failed=failed))
        if index % 3 == 0:
            found.append(System(f"ledger-{point}", point, 7, "calendar", every=7))
        if index % 4 == 1:  # it runs on all days, but is held to business days
            found.append(System(f"report-{point}", point, 1, "business", every=1, failed=(33,)))
    return tuple(found)


SYSTEMS = _systems()


def tables(dates: Dates, seed: int) -> dict[str, list[Row]]:
    """The tables, by source."""
    return {
        "teams": _teams(dates),
        "documents": _documents(dates, Random(f"{seed} documents")),
        "adoption": _adoption(dates, Random(f"{seed} adoption")),
        "systems": _registered(dates),
        "validations": _validations(dates, Random(f"{seed} validations")),
    }


def _teams(dates: Dates) -> list[Row]:
    """Two of them are out of scope, as both functions agreed."""
    return [
        {
            "team": team,
            "in_scope": team in TEAMS,
            "updated_on": dates.ago(12),
            "scope_finance_approver": None if team in TEAMS else "f-103",
            "scope_developer_approver": None if team in TEAMS else "d-112",
        }
        for team in (*TEAMS, *TEAMS_OUTSIDE)
    ]


def _documents(dates: Dates, random: Random) -> list[Row]:
    rows: list[Row] = []
    for index, point in enumerate(POINTS):
        document = f"doc-{index + 1:03}"
        if index % 4 == 0:  # an earlier version, no longer in force
            rows.append(
                {
                    "document": document,
                    "version": 1,
                    "point": point,
                    "status": "withdrawn",
                    "valid_from": dates.ago(700),
                    "valid_until": dates.ago(301),
                    "finance_approver": "f-101",
                    "developer_approver": "d-110",
                    "reviewed_on": dates.ago(320),
                }
            )
        rows.append(
            {
                "document": document,
                "version": 2 if index % 4 == 0 else 1,
                "point": point,
                "status": "approved",
                "valid_from": dates.ago(300),
                "valid_until": None,
                "finance_approver": f"f-{random.randint(101, 109)}",
                "developer_approver": f"d-{random.randint(110, 139)}",
                "reviewed_on": dates.ago(random.randint(10, 60)),
            }
        )
        if index % 8 == 2:  # the next version is being written
            rows.append(
                {
                    "document": document,
                    "version": 3,
                    "point": point,
                    "status": "draft",
                    "valid_from": None,
                    "valid_until": None,
                    "finance_approver": None,
                    "developer_approver": None,
                    "reviewed_on": dates.ago(5),
                }
            )
    return rows


def _adoption(dates: Dates, random: Random) -> list[Row]:
    rows: list[Row] = []
    for index, point in enumerate(POINTS):
        late = TEAMS[index % 24] if index % 2 else None  # one team has not got so far
        for team in TEAMS:
            adopted, rolled_out = random.randint(60, 250), random.randint(20, 59)
            rows.append(
                {
                    "team": team,
                    "point": point,
                    "framework_adopted_on": dates.ago(adopted) if team != late else None,
                    "protocols_rolled_out_on": dates.ago(rolled_out) if team != late else None,
                    "recorded_on": dates.ago(random.randint(1, 15)),
                }
            )
    return rows


def _registered(dates: Dates) -> list[Row]:
    rows: list[Row] = [
        {
            "system": system.name,
            "point": system.point,
            "status": "production",
            "cadence_days": system.cadence_days,
            "cadence_calendar": system.cadence_calendar,
            "registered_on": dates.ago(400),
            "updated_on": dates.ago(17),
            "retired_on": None,
            "retire_finance_approver": None,
            "retire_developer_approver": None,
        }
        for system in SYSTEMS
    ]
    rows.append(
        {
            "system": "sheet-1.1.1",
            "point": "1.1.1",
            "status": "retired",
            "cadence_days": 31,
            "cadence_calendar": "calendar",
            "registered_on": dates.ago(900),
            "updated_on": dates.ago(17),
            "retired_on": dates.ago(401),
            "retire_finance_approver": "f-104",
            "retire_developer_approver": "d-118",
        }
    )
    return rows


def _validations(dates: Dates, random: Random) -> list[Row]:
    rows: list[Row] = []
    for point in POINTS:
        for kind in ("validation", "control_test"):
            for latest in (False, True):
                ago = random.randint(3, 20) if latest else random.randint(60, 80)
                if latest and kind == "validation" and point == OUT_OF_DATE:
                    ago = 38
                population = random.choice((12, 80, 240, 1_900))
                tester, reviewer = random.sample(range(140, 170), 2)
                if latest and kind == "validation" and point == OWN_REVIEW:
                    reviewer = tester
                rows.append(
                    {
                        "validation": f"v-{len(rows) + 1:04}",
                        "kind": kind,
                        "point": point,
                        "validated_on": dates.ago(ago),
                        "recorded_on": dates.ago(ago - 1),
                        "passed": latest or random.random() < 0.6,  # only the latest one counts
                        "population": population,
                        "population_finance_approver": "f-105" if population < 25 else None,
                        "population_developer_approver": "d-121" if population < 25 else None,
                        "sample": min(population, random.randint(25, 40)),
                        "tester": f"q-{tester}",
                        "reviewer": f"q-{reviewer}",
                        "signed_off_on": dates.ago(ago - 2),
                    }
                )
    return rows
