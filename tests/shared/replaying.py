"""Replays, as the command makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from phasegate.audit.ledger.ledger import Ledger
from phasegate.runs.replay_all import Replays, RunReplay, replays


def replayed(place: Path, given: str = "latest", **asked: Any) -> Replays:
    with Ledger.open(place) as ledger:
        return replays(ledger, given, **asked)


def only(found: Replays) -> RunReplay:
    (run,) = found.runs
    return run
