"""What a scheduler is watched by: the screen, a heartbeat, and metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.commands.console import screen, tell

if TYPE_CHECKING:
    from phasegate.monitoring.notifications.notifier import Delivered
    from phasegate.monitoring.schedules.current_state import NewestRuns, ScheduledRun
    from phasegate.monitoring.schedules.scheduler import Ran
    from phasegate.rules.loading.project import LoadedProject


class SchedulerMonitor:
    """Hears of runs: prints each, and tells whoever watches.

    Args:
        clock: tells this moment.
        environ: the environment.
        heartbeat: the file for the moment of each pass that went well.
        metrics: the file for metrics.
    """

    def __init__(
        self,
        clock: Callable[[], dt.datetime],
        environ: Mapping[str, str],
        heartbeat: Path | None,
        metrics: Path | None,
    ) -> None:
        self._clock = clock
        self._environ = environ
        self._heartbeat = heartbeat
        self._metrics = metrics
        self._page: Callable[[str], None] | None = None
        self._failed: dict[str, dt.datetime] = {}
        self._newest: NewestRuns | None = None

    def tell(self, ran: Ran) -> None:
        """Hears of a run."""
        from phasegate.reports.views.schedules import ran_text

        tell(ran_text(ran, **screen()), nl=False)
        if ran.due is not None and ran.error is not None:
            self._failed[ran.due.name] = ran.due.at

    @staticmethod
    def delivered(message: Delivered) -> None:
        """Hears of a message that was sent, or not."""
        from phasegate.reports.views.schedules import delivered_text

        tell(delivered_text(message, **screen()), nl=False)

    def passed(self) -> None:
        """Hears of a pass that went well."""
        from phasegate.reports.output import deliver

        if self._heartbeat is not None:
            deliver(f"{self._clock():%Y-%m-%dT%H:%M:%SZ}\n", self._heartbeat, None)

    def looked(self, loaded: LoadedProject) -> None:
        """Hears of a pass, whatever came of it."""
        from phasegate.reports.output import deliver

        if self._page is None and self._metrics is None:
            return
        text = self._text(loaded, self._clock())
        if self._page is not None:
            self._page(text)  # first: a file that can not be written keeps nothing from it
        if self._metrics is not None:
            deliver(text, self._metrics, None)

    @contextmanager
    def served(self, port: int | None, loaded: LoadedProject) -> Iterator[None]:
        """Serves the metrics on a port, where one is named, until the end of the block."""
        if port is None:
            yield
            return
        from phasegate.commands.monitoring.metrics_server import served

        with served(port, self._text(loaded, None)) as page:
            self._page = page.show
            tell(f"Metrics are at {page.address}")
            yield

    def _text(self, loaded: LoadedProject, passed: dt.datetime | None) -> str:
        from phasegate.monitoring.schedules.due_runs import upcoming
        from phasegate.reports.views.prometheus import metrics_text

        now = passed or self._clock()
        made = self._made(loaded, now, first=passed is None)
        # What failed here another scheduler may have made since, or this one at a later try.
        failed = {
            name for name, at in self._failed.items() if name not in made or made[name].due.at < at
        } & loaded.project.schedules.keys()
        return metrics_text(passed, loaded, made, failed, upcoming(loaded, now))

    def _made(self, loaded: LoadedProject, now: dt.datetime, *, first: bool) -> Mapping[str, ScheduledRun]:
        from phasegate.monitoring.schedules.current_state import NewestRuns
        from phasegate.rules.errors import PhasegateError

        self._newest = self._newest or NewestRuns(self._environ)
        try:
            return self._newest.look(loaded, now)
        except PhasegateError:
            if not first:
                raise
            return {}  # a service begins though its ledger is away, and tells so at its first pass
