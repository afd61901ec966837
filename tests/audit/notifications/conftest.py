"""A service that takes messages, and a project of which it is told."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

import pytest  # noqa: E402
from posting import World  # noqa: E402 - it lies in this folder
from web_service import service  # noqa: E402

from phasegate.monitoring.notifications.notifier import Post  # noqa: E402

__all__ = ["service"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.write()
    found.invoices("reconciled")
    found.review("2026-03-01")
    return found


@pytest.fixture(params=["one process", pytest.param("a process a day", marks=pytest.mark.slow)])
def post(request: pytest.FixtureRequest, world: World) -> Post | None:
    """The post of a scheduler that goes on, or none: a timer that begins anew each time."""
    return world.post() if request.param == "one process" else None
