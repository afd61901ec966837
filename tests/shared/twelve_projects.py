"""Twelve small projects that stand in different ways, each with a run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kept_runs import DAYS, keep, write_project

TITLES = (
    "Northern quay", "Southern quay", "Crane automation", "Customs interface", "Container tracking",
    "Rail connection", "Harbour dues", "Pilots and tugs", "Cold storage", "Truck appointments",
    "Shore power", "Tide forecast",
)  # fmt: skip
OPEN = {"Crane automation": (1, 2, 3, 4, 7, 16), "Harbour dues": (3, 4, 7, 9, 16), "Shore power": (7, 16, 18)}


def twelve_projects(folder: Path, many: int = len(TITLES), day: dt.date = DAYS[2]) -> list[Path]:
    """The folders of the projects: most are closed, one is not decided yet, some have a waiver."""
    found = []
    for place, title in enumerate(TITLES[:many]):
        own = folder / title.lower().replace(" ", "-")
        own.mkdir(parents=True)
        waived, invoices = place % 3 != 1, OPEN.get(title, () if place % 2 else (7, 16))
        write_project(own, waived=waived, open_invoices=invoices, id_=own.name)
        file = own / "phasegate.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace("The harbour", title), encoding="utf-8")
        if title != "Tide forecast":
            keep(own, day)
        found.append(own)
    return found
