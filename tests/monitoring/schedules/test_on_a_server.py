"""Two schedulers of one ledger on a server: each run exactly once, and one of them at a time."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest
from scheduled_world import World, two_at_once

from phasegate.audit.ledger.store import LedgerError
from phasegate.monitoring.schedules.lock import one_at_a_time


@pytest.fixture
def world(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = World(tmp_path)
    found.ledger = database
    found.write()
    file = tmp_path / "phasegate.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(f"ledger: {database}", "ledger: env:LEDGER"))
    found.environ["LEDGER"] = database
    return found


@pytest.mark.parametrize("days", [7, pytest.param(31, marks=pytest.mark.slow)])
def test_each_run_once_for_a_month(days: int, world: World) -> None:
    for _ in two_at_once(world, days):
        pass
    assert world.days() == [f"2026-03-{day:02}" for day in range(1, days + 1)]


def test_at_the_same_moment(world: World) -> None:
    world.at("2026-03-01T06:00")
    schedulers = [Thread(target=world.scheduler().run_due) for _ in range(3)]
    for each in schedulers:
        each.start()
    for each in schedulers:
        each.join()
    world.scheduler().run_due()
    assert world.days() == ["2026-03-01"]


def test_one_at_a_time(database: str) -> None:
    with one_at_a_time(database) as one, one_at_a_time(database) as other:
        assert (one, other) == (True, False)
    with one_at_a_time(database) as again:
        assert again


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(LedgerError), one_at_a_time("postgresql://nobody@127.0.0.1:9/none?connect_timeout=1"):
        pass
