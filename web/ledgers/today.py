"""How a project stands today: what its runs decided, less what has ended since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import replace
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from phasegate.audit.trail.standing_runs import by_day
from phasegate.monitoring.portfolio.places import place_of_project
from phasegate.monitoring.portfolio.read import read_rows
from phasegate.monitoring.portfolio.row import Asked
from phasegate.monitoring.portfolio.standing import Standing

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import KeptRun
    from phasegate.monitoring.portfolio.model import PortfolioRow
    from phasegate.web.ledgers.served import Opened, ServedProject


def quarter(now: dt.datetime) -> dt.datetime:
    """The quarter of an hour of a moment: in whatever time zone, a day begins with one.

    What holds for a day is held for so long, and not for the day of UTC: that of a project may be another.
    """
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


class Turned(NamedTuple):
    """Two runs of everything, the newest and the one before it, that came out otherwise."""

    before: KeptRun
    now: KeptRun

    @property
    def better(self) -> bool:
        """Whether the newest one is the better one."""
        return Standing.of(str(self.now.entry["outcome"])) < Standing.of(str(self.before.entry["outcome"]))


class Today:
    """Reads how projects stand, each once for each head of its ledger in a quarter of an hour.

    Args:
        environ: the environment, which may say where a ledger is.
        asked: what is asked of each project.
    """

    def __init__(self, environ: Mapping[str, str], asked: Asked) -> None:
        self._environ = environ
        self._asked = asked
        self._rows: dict[str, tuple[Hashable, PortfolioRow]] = {}
        self._turns: dict[str, tuple[Hashable, Turned | None]] = {}
        self._lock = Lock()

    def of(self, project: ServedProject, opened: Opened, now: dt.datetime) -> PortfolioRow:
        """The row of a project as its ledger stands now.

        Args:
            project: the project.
            opened: its ledger.
            now: this moment.
        """
        key = (opened.head, opened.mark, opened.marks, quarter(now))
        held = self._rows.get(project.key)
        if held is not None and held[0] == key:
            return held[1]
        with self._lock:  # one at a time: each reads a whole ledger
            held = self._rows.get(project.key)
            if held is None or held[0] != key:
                place = place_of_project(project.file, self._environ, project.name, project.weight)
                place = replace(place, pinned=project.pinned)
                held = self._rows[project.key] = (key, read_rows([place], now, self._asked)[0])
        return held[1]

    def turned(self, project: ServedProject, opened: Opened) -> Turned | None:
        """How the newest run of everything came out against the one before it; None where it did alike."""
        key = (opened.head, opened.mark)
        held = self._turns.get(project.key)
        if held is None or held[0] != key:
            runs = [*islice(by_day(opened.log, lambda run: run.whole), 2)]
            alike = len(runs) < 2 or runs[0].entry["outcome"] == runs[1].entry["outcome"]
            held = self._turns[project.key] = (key, None if alike else Turned(runs[1], runs[0]))
        return held[1]
