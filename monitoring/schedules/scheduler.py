"""Scheduled runs: whatever is due is decided, once, by whoever is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.statements.project_ledger import ledger_of
from phasegate.audit.trail.project import title_of
from phasegate.audit.trail.trail import REFERENCE, UnkeptError
from phasegate.facts.sources.paths import find_places
from phasegate.monitoring.schedules.due_runs import (
    CompletedRuns,
    DueRun,
    Moments,
    pending,
    upcoming,
)
from phasegate.monitoring.schedules.lock import one_at_a_time
from phasegate.records.schema import Record
from phasegate.rules.diagnostics.diagnostic import failure
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.project import LoadedProject
from phasegate.rules.model.project import SourceFile
from phasegate.rules.values.ledger_address import ledger_address
from phasegate.rules.values.paths import PathError
from phasegate.rules.values.time_zones import day_of
from phasegate.runs.attempt import Attempt
from phasegate.runs.open import scope_of
from phasegate.runs.preflight import ready_project

RETRIES = (10.0, 60.0, 300.0)
"""Seconds that are waited for a source that is away, or for the ledger, before each further try."""
LONGEST_WAIT = 60.0
"""Seconds after which the project is read again, whatever is due: its schedules may be others by then."""

Wait = Callable[[float], bool]
"""Waits for some seconds; True as soon as it is to stop."""


class Ran(NamedTuple):
    """What came of a run that was due.

    Attributes:
        due: the run; None where nothing is known of any.
        outcome: what was decided; None where it came to no verdict.
        run: its number in the ledger.
        error: why it came to no verdict.
        record: what was decided, whole.
    """

    due: DueRun | None
    outcome: str | None
    run: int | None = None
    error: str | None = None
    record: Record | None = None


class NoSchedulesError(PhasegateError):
    """A project that says nothing of when it is decided."""

    def __init__(self) -> None:
        hint = 'add for example: schedules: {daily: {cron: "0 6 * * mon-fri", zone: Europe/Berlin}}'
        super().__init__("the project has no schedules", hint)


def _nobody(_: LoadedProject) -> None:
    """Nobody watches."""


@dataclass
class Scheduler:
    """Makes the runs of a project as they fall due.

    Attributes:
        project: where the project is looked for.
        environ: the environment.
        clock: tells this moment, in UTC.
        wait: waits.
        tell: hears of each run what came of it.
        key: the file of the key that signs.
        post: is given the project when the runs that were due are made, while no other scheduler is at it.
        looked: is given the project each time that it was looked at, whatever came of it.
        retries: see `RETRIES`.
    """

    project: Path
    environ: Mapping[str, str]
    clock: Callable[[], dt.datetime]
    wait: Wait
    tell: Callable[[Ran], None]
    key: Path | None = None
    post: Callable[[LoadedProject], None] = _nobody
    looked: Callable[[LoadedProject], None] = _nobody
    retries: tuple[float, ...] = RETRIES
    _made: dict[str, CompletedRuns] = field(default_factory=dict)

    def run_due(self) -> list[Ran] | None:
        """Makes the runs that are due by now.

        Returns:
            What came of them; None where another scheduler of the same ledger is at it.

        Raises:
            PhasegateError: if the project or its ledger can not be read.
        """
        return self._run_due(scheduled_project(self.project))

    def _run_due(self, loaded: LoadedProject) -> list[Ran] | None:
        address = ledger_address(loaded.project.ledger, loaded.root, self.environ)
        found: list[Ran] = []
        with one_at_a_time(address) as free:
            if not free:
                return None
            begun = self.clock()
            waiting = pending(loaded, self._made_by(loaded), begun)
            if waiting and self._stopped_without_sources(loaded):
                return found
            for due in waiting:
                ran = self._run(due, begun)
                self.tell(ran)
                found.append(ran)
                if ran.error is not None or self.wait(0):
                    break  # later runs of it wait too, so that none is left out between two others
            self.post(loaded)
        self.looked(loaded)
        return found

    def serve(self, passed: Callable[[], None]) -> None:
        """Makes runs as they fall due, until it is to stop.

        What can not be read or kept is told, and tried again.

        Args:
            passed: is called each time that everything due was made, for a watcher to hear.
        """
        while True:
            try:
                loaded = scheduled_project(self.project)
                ran = self._run_due(loaded)
                pause = self._pause(loaded)
                if not any(each.error for each in ran or ()):
                    passed()
            except PhasegateError as error:
                self.tell(Ran(None, None, None, failure(error)))
                pause = LONGEST_WAIT
            if self.wait(pause):
                return

    def _made_by(self, loaded: LoadedProject) -> Mapping[str, Moments]:
        title = title_of(loaded)
        ledger = ledger_of(loaded, self.environ)
        if ledger is None:
            return {}
        with ledger:
            return self._made.setdefault(loaded.project.id or title, CompletedRuns(title)).look(ledger)

    def _stopped_without_sources(self, loaded: LoadedProject) -> bool:
        """Waits for sources that are away; whether it is to stop meanwhile. Then nothing is decided."""
        # Where one stays away, that is what is decided.
        return any(away(loaded) and self.wait(pause) for pause in self.retries)

    def _pause(self, loaded: LoadedProject) -> float:
        now = self.clock()
        coming = upcoming(loaded, now)
        seconds = (coming[0].at - now).total_seconds() if coming else LONGEST_WAIT
        return min(max(seconds, 0.0), LONGEST_WAIT)

    def _run(self, due: DueRun, begun: dt.datetime) -> Ran:
        error = ""
        for number in range(len(self.retries) + 1):
            try:
                return self._decide(due, begun)
            except (LedgerError, UnkeptError) as failed:
                error = failure(failed)
            except PhasegateError as failed:  # no waiting mends it
                return Ran(due, None, None, failure(failed))
            if number == len(self.retries) or self.wait(self.retries[number]):
                break
        return Ran(due, None, None, error)

    def _decide(self, due: DueRun, begun: dt.datetime) -> Ran:
        # A clock that was set back meanwhile would record the run before its moment, where it is none of it.
        now, schedule = max(self.clock(), begun), due.schedule
        environ = {**self.environ, REFERENCE: due.reference}
        attempt = Attempt(("schedule", "run", due.name), self.project, now, environ, self.key)
        ids, gate = schedule.decide, schedule.gate
        if gate is not None and due.as_of != day_of(now, due.zone):
            # A gate is decided for today alone; what it would have said is a check of that day.
            ids, gate = (gate if gate == "programme" else f"phase:{gate}",), None
        record, kept = attempt.decide(due.as_of, ids=ids, gate=gate)
        return Ran(due, record["outcome"], kept.run if kept is not None else None, None, record)


def scheduled_project(project: Path) -> LoadedProject:
    """A project that is decided by itself, as it is now.

    Args:
        project: where it is looked for.

    Raises:
        NoSchedulesError: if it has no schedules.
        UnknownIdError: if one is to decide what is not there.
        PhasegateError: if it has a fault.
    """
    loaded = ready_project(project)
    if not loaded.project.schedules:
        raise NoSchedulesError
    for schedule in loaded.project.schedules.values():
        scope_of(loaded.pack.pack, schedule.decide, schedule.gate)
    return loaded


def away(loaded: LoadedProject) -> list[str]:
    """The sources of which there is no file now."""
    return [name for name, source in loaded.project.sources.items() if not _there(loaded.root, source)]


def _there(root: Path, source: SourceFile) -> bool:
    if source.connection is not None:  # it is asked when it is read, and more than once
        return True
    try:
        return any(place.path.exists() for place in find_places(root, source.place, source.outside))
    except PathError:  # no waiting mends it
        return True
    except (OSError, ValueError):
        return False
