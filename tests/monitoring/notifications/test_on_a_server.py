"""Several schedulers of one ledger on a server: everybody is told each thing once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from threading import Thread

import pytest
from posting import World


@pytest.fixture
def world(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = World(tmp_path, server=database)
    found.write()
    found.invoices("reconciled")
    found.review("2026-03-01")
    return found


@pytest.mark.long
def test_two_schedulers_that_go_on_for_a_month(world: World) -> None:
    posts = [world.post(), world.post()]
    for number in range(32):
        day = dt.date(2026, 3, 1) + dt.timedelta(days=number)
        world.invoices("open" if day.day in range(10, 13) else "reconciled")
        for post in posts if number % 2 else posts[::-1]:
            world.day(day.isoformat(), post)
    assert [title for _, title in world.took] == [
        "gate 1 and the programme gate are closed",
        "gate 1 and the programme gate are open",
        "The latest review goes stale on 2026-04-01",
        "gate 2 and the programme gate are undecided",
    ]
    assert world.outcomes() == [("began", 1), ("sent", 10), ("sent", 13), ("sent", 18), ("sent", 32)]


@pytest.mark.slow
def test_two_schedulers_that_go_on_for_days(world: World) -> None:
    posts = [world.post(), world.post()]
    for day in range(1, 6):
        world.invoices("open" if day == 3 else "reconciled")
        for post in posts if day % 2 else posts[::-1]:
            world.day(f"2026-03-0{day}", post)
    assert world.outcomes() == [("began", 1), ("sent", 3), ("sent", 4)]


def test_at_the_same_moment(world: World) -> None:
    world.day("2026-03-01")
    world.invoices("open")
    world.now += dt.timedelta(days=1)
    schedulers = [Thread(target=world.scheduler().run_due) for _ in range(3)]
    for each in schedulers:
        each.start()
    for each in schedulers:
        each.join()
    world.scheduler().run_due()
    assert len(world.took) == 1
