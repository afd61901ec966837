"""How a project stands today: what its runs decided, less what has ended since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from phasegate.monitoring.portfolio.places import place_of_project
from phasegate.monitoring.portfolio.read import read_rows
from phasegate.monitoring.portfolio.row import MAX_AGE, Asked

if TYPE_CHECKING:
    from phasegate.monitoring.portfolio.model import PortfolioRow
    from phasegate.web.ledgers.served import Opened, ServedProject


def quarter(now: dt.datetime) -> dt.datetime:
    """The quarter of an hour of a moment: in whatever time zone, a day begins with one.

    What holds for a day is held for so long, and not for the day of UTC: that of a project may be another.
    """
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


class Today:
    """Reads how projects stand, each once for each head of its ledger in a quarter of an hour.

    Args:
        environ: the environment, which may say where a ledger is.
        max_age: so many days old may be what opens a gate.
    """

    def __init__(self, environ: Mapping[str, str], max_age: int = MAX_AGE) -> None:
        self._environ = environ
        self._asked = Asked(max_age=max_age)
        self._rows: dict[str, tuple[Hashable, PortfolioRow]] = {}
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
                place = place_of_project(project.file, self._environ)
                held = self._rows[project.key] = (key, read_rows([place], now, self._asked)[0])
        return held[1]
