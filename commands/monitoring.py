"""What a scheduler is watched by: the screen, a heartbeat, and metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.commands.console import screen, tell

if TYPE_CHECKING:
    from phasegate.monitoring.notifications.notifier import Delivered
    from phasegate.monitoring.schedules.scheduler import Ran
    from phasegate.records.schema import Record
    from phasegate.rules.loading.project import LoadedProject


class SchedulerMonitor:
    """Hears of runs: prints each, and tells whoever watches.

    Args:
        clock: tells this moment.
        heartbeat: the file for the moment of each pass that went well.
        metrics: the file for metrics.
    """

    def __init__(
        self, clock: Callable[[], dt.datetime], heartbeat: Path | None, metrics: Path | None
    ) -> None:
        self._clock = clock
        self._heartbeat = heartbeat
        self._metrics = metrics
        self._page: Callable[[str], None] | None = None
        self._newest: dict[str, Ran] = {}
        self._record: Record | None = None

    def tell(self, ran: Ran) -> None:
        """Hears of a run."""
        from phasegate.reports.views.schedules import ran_text

        tell(ran_text(ran, **screen()), nl=False)
        if ran.due is not None:
            self._newest[ran.due.name] = ran
        self._record = ran.record or self._record

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
        from phasegate.commands.metrics_server import served

        with served(port, self._text(loaded, None)) as page:
            self._page = page.show
            tell(f"Metrics are at {page.address}")
            yield

    def _text(self, loaded: LoadedProject, passed: dt.datetime | None) -> str:
        from phasegate.monitoring.schedules.due_runs import upcoming
        from phasegate.records.overdue import weeks_if_same
        from phasegate.reports.views.prometheus import metrics_text

        coming = upcoming(loaded, passed or self._clock())
        weeks = weeks_if_same(self._record, loaded.pack)
        return metrics_text(passed, self._newest, coming, self._record, weeks)
