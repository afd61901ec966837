"""A service that takes messages, and a project of which it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_server import database, server
from posting import World
from web_service import service

from phasegate.monitoring.notifications.notifier import Notifier

__all__ = ["database", "server", "service"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.write()
    found.invoices("reconciled")
    found.review("2026-03-01")
    return found


@pytest.fixture(params=["one process", pytest.param("a process a day", marks=pytest.mark.slow)])
def post(request: pytest.FixtureRequest, world: World) -> Notifier | None:
    """The post of a scheduler that goes on, or none: a timer that begins anew each time."""
    return world.post() if request.param == "one process" else None
