"""The commands by which a project is decided by itself."""

from __future__ import annotations

import datetime as dt
import gc
import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import screen, tell, write
from phasegate.commands.group import Listed
from phasegate.commands.monitoring.schedule_export import export
from phasegate.commands.options import FILE, FORMAT, KEY, OUTPUT, PROJECT

if TYPE_CHECKING:
    from phasegate.rules.loading.project import LoadedProject

UNMADE = 2
"""The exit code where a run that was due came to no verdict, as of every command that came to none."""


@click.group(cls=Listed, short_help="Decide by itself, when the project says.")
def schedule() -> None:
    """Decide by itself: when a project says, once, and made up for where nobody was there."""


@schedule.command("list", short_help="List the schedules, with when each is due next.")
@PROJECT
@FORMAT
@OUTPUT
@click.pass_obj
def list_(now: dt.datetime, project: Path, form: str, output: Path | None) -> None:
    """List the schedules: when each is due next, and what was made last."""
    from phasegate.audit.statements.project_ledger import ledger_of
    from phasegate.audit.trail.project import title_of
    from phasegate.monitoring.schedules.due_runs import CompletedRuns, upcoming
    from phasegate.monitoring.schedules.scheduler import scheduled_project
    from phasegate.reports.output import as_json
    from phasegate.reports.views.schedules import schedules_document, schedules_text

    loaded = scheduled_project(project)
    ledger = ledger_of(loaded, os.environ)
    made: dict[str, dt.datetime] = {}
    if ledger is not None:
        with ledger:
            for name, moments in CompletedRuns(title_of(loaded)).look(ledger).items():
                if (newest := moments.newest(now)) is not None:
                    made[name] = newest.moment
    told = loaded.project.schedules, made, upcoming(loaded, now)
    write(
        as_json(schedules_document(*told)) if form == "json" else schedules_text(*told, **screen(output)),
        output,
    )


@schedule.command("next")
@click.option("--count", type=click.IntRange(1, 1_000), default=5, show_default=True, help="So many.")
@PROJECT
@OUTPUT
@click.pass_obj
def next_(now: dt.datetime, count: int, project: Path, output: Path | None) -> None:
    """Show what is due next, the earliest first."""
    from phasegate.monitoring.schedules.due_runs import in_order
    from phasegate.monitoring.schedules.scheduler import scheduled_project
    from phasegate.reports.views.schedules import coming_text

    write(coming_text(in_order(scheduled_project(project), now, count), **screen(output)), output)


@schedule.command(short_help="Make runs as they fall due, until it is stopped.")
@click.option("--once", is_flag=True, help="Make what is due by now, and end: for cron, or a timer.")
@click.option("--heartbeat", type=FILE, help="Write the moment to this file after each pass that went well.")
@click.option("--metrics", type=FILE, help="Write metrics for Prometheus to this file after each pass.")
@click.option(
    "--metrics-port",
    metavar="PORT",
    type=click.IntRange(0, 65_535),
    help="Serve the same metrics on this port, to this machine alone; 0 for any that is free.",
)
@KEY
@PROJECT
@click.pass_context
def run(
    ctx: click.Context,
    once: bool,
    heartbeat: Path | None,
    metrics: Path | None,
    metrics_port: int | None,
    key: Path | None,
    project: Path,
) -> int:
    """Make runs as they fall due, until it is stopped (Ctrl-C, SIGTERM).

    Runs that nobody was there for are made up for, each as of its own day. Of several schedulers of one
    ledger, one at a time is at it.
    """
    from phasegate.commands.console import stopped_by
    from phasegate.commands.monitoring.scheduler_monitor import SchedulerMonitor
    from phasegate.monitoring.notifications.delivery import Delivery
    from phasegate.monitoring.notifications.journal import Journal
    from phasegate.monitoring.notifications.notifier import Notifier
    from phasegate.monitoring.schedules.scheduler import Scheduler, scheduled_project
    from phasegate.reports.views.notification import notice

    if once and metrics_port is not None:
        raise click.UsageError("--metrics-port is for a scheduler that stays: with --once, take --metrics")
    clock: Callable[[], dt.datetime] = ctx.meta["phasegate.clock"]
    stopped = Event() if once else stopped_by(signal.SIGTERM, signal.SIGINT)
    watched = SchedulerMonitor(clock, os.environ, heartbeat, metrics)
    post = Notifier(
        Delivery(os.environ, stopped.wait), Journal(key, clock, os.environ), clock, notice, watched.delivered
    )
    scheduler = Scheduler(
        project, os.environ, clock, stopped.wait, watched.tell, key, post.deliver, watched.looked
    )
    begun = scheduled_project(project)  # what is wrong with it is told at once
    _spare((heartbeat, metrics), begun)
    if not once:
        gc.enable()  # the command line does without, as its commands end soon (docs/decisions/0011)
        with watched.served(metrics_port, begun):
            scheduler.serve(watched.passed)
        return 0
    ran = scheduler.run_due()
    if ran is None:
        tell("Another scheduler of this ledger is at it.")
        return 0
    if not ran:
        tell("Nothing is due.")
    if any(each.error for each in ran):
        return UNMADE
    watched.passed()
    return 0


def _spare(outputs: tuple[Path | None, ...], loaded: LoadedProject) -> None:
    """Refuses to write over what the project reads, or the file whose lock is held."""
    from phasegate.monitoring.schedules.lock import lock_file
    from phasegate.rules.values.ledger_address import ledger_address
    from phasegate.runs.protect_inputs import spare_inputs

    ledger = ledger_address(loaded.project.ledger, loaded.root, os.environ)
    for output in outputs:
        if output is not None:
            spare_inputs(output, loaded, os.environ)
            if isinstance(ledger, Path) and output.resolve() == lock_file(ledger).resolve():
                raise click.UsageError(f"{output.name} is the lock of the schedules: name another file")


schedule.add_command(export)
