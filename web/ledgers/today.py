"""How a project stands today: what its runs decided, less what has ended since."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import replace
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from phasegate.audit.trail.standing_runs import by_day
from phasegate.monitoring.portfolio.places import place_of_project
from phasegate.monitoring.portfolio.read import Read, read_row
from phasegate.monitoring.portfolio.row import Asked
from phasegate.monitoring.portfolio.standing import Standing

if TYPE_CHECKING:
    from phasegate.audit.trail.runs import KeptRun
    from phasegate.monitoring.portfolio.model import PortfolioRow
    from phasegate.web.ledgers.head import Head, Marks
    from phasegate.web.ledgers.served import Opened, ServedProject

AGAIN = dt.timedelta(hours=1)
"""After so long all of a ledger is read again, although it only grew as far as anybody can tell."""
MOST_READ = 4
"""What was read is held of so many ledgers: of 10,000 runs it takes 40 MB."""


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


class _Held(NamedTuple):
    """What was read of a ledger, and by what that is known to be so still.

    Attributes:
        read: what was read.
        head: how the ledger stood.
        marks: by what its files are known to be the same.
    """

    read: Read
    head: Head
    marks: Marks


class Today:
    """Reads how projects stand, each once for each head of its ledger in a quarter of an hour.

    Each time a ledger is read as a gate is decided: every entry of it is hashed. Where it has only grown
    since, what this process has hashed is not hashed again. It is held to the root that was signed together
    with what is new, and what is shown of it comes from what was hashed then, or is held to that. So nothing
    else is ever shown; that an old entry was changed in a ledger that grew rightly beside is noticed where
    somebody asks for that entry, when all is read again within the hour, and by a verification.

    Args:
        environ: the environment, which may say where a ledger is.
        asked: what is asked of each project.
    """

    def __init__(self, environ: Mapping[str, str], asked: Asked) -> None:
        self._environ = environ
        self._asked = asked
        self._rows: dict[str, tuple[Hashable, PortfolioRow]] = {}
        self._turns: dict[str, tuple[Hashable, Turned | None]] = {}
        self._read: OrderedDict[Hashable, _Held] = OrderedDict()
        self._lock = Lock()

    def of(self, project: ServedProject, opened: Opened, now: dt.datetime) -> PortfolioRow:
        """The row of a project as its ledger stands now.

        Args:
            project: the project.
            opened: its ledger.
            now: this moment.
        """
        # The ledger as it was opened, and no other: under this head nothing newer may be held.
        key = (opened.head, opened.mark, opened.marks, quarter(now))
        held = self._rows.get(project.key)
        if held is not None and held[0] == key:
            return held[1]
        with self._lock:  # one at a time: each reads a whole ledger
            held = self._rows.get(project.key)
            if held is None or held[0] != key:
                held = self._rows[project.key] = (key, self._row(project, opened, now))
        return held[1]

    def turned(self, project: ServedProject, opened: Opened) -> Turned | None:
        """How the newest run of everything came out against the one before it; None where it did alike."""
        key = (opened.head, opened.mark, opened.marks)
        held = self._turns.get(project.key)
        if held is None or held[0] != key:
            runs = [*islice(by_day(opened.log, lambda run: run.whole), 2)]
            alike = len(runs) < 2 or runs[0].entry["outcome"] == runs[1].entry["outcome"]
            held = self._turns[project.key] = (key, None if alike else Turned(runs[1], runs[0]))
        return held[1]

    def _row(self, project: ServedProject, opened: Opened, now: dt.datetime) -> PortfolioRow:
        place = place_of_project(project.file, self._environ, project.name, project.weight)
        place = replace(place, pinned=project.pinned)
        file = opened.marks[0] if opened.marks else None
        # The same ledger under the same address, in the same file.
        which = (opened.whole.shown, opened.head.origin, file[:2] if file else None)
        before = self._read.pop(which, None)
        known = before.read if before is not None and _goes_on(before, opened, now) else None
        row, read = read_row(place, opened.whole, now, self._asked, known)
        if read is not None:
            self._read[which] = _Held(read, opened.head, opened.marks)
            while len(self._read) > MOST_READ:
                self._read.popitem(last=False)
        return row


def _goes_on(before: _Held, opened: Opened, now: dt.datetime) -> bool:
    """Whether a ledger is as it was read, or has only grown since, as far as its head and files tell."""
    if not before.read.since <= now < before.read.since + AGAIN:
        return False
    if opened.head == before.head:
        return opened.marks != () and opened.marks == before.marks
    sizes = [marks[0][2] if marks else 0 for marks in (before.marks, opened.marks)]
    return opened.head.size > before.head.size and sizes == sorted(sizes)
