"""The commands by which a project is decided by itself."""

from __future__ import annotations

import datetime as dt
import gc
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import screen, write
from phasegate.commands.group import Listed
from phasegate.commands.options import FILE, FORMAT, KEY, OUTPUT, PROJECT
from phasegate.monitoring.schedules.targets import EXPORTS

if TYPE_CHECKING:
    from phasegate.monitoring.schedules.export import ScheduleExport
    from phasegate.rules.loading.project import LoadedProject

IMAGE = "registry.example/phasegate:latest"
UNMADE = 2
"""The exit code where a run that was due came to no verdict, as of every command that came to none."""
WITH_USER = ("systemd", "cron", "kubernetes")
"""The schedulers that are told who makes the runs."""


def _program(_: click.Context, __: click.Parameter, given: str | None) -> tuple[str, ...] | None:
    """A command as a shell reads it."""
    if given is None:
        return None
    _on_a_line("--program", given)
    try:
        words = tuple(shlex.split(given))
    except ValueError as error:
        raise click.BadParameter(f"{given!r} is no command: {str(error).lower()}") from error
    if not words or not words[0]:
        raise click.BadParameter("it is empty: name the command that starts phasegate there")
    return words


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
                    made[name] = newest[0]
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
    from phasegate.commands.monitoring import SchedulerMonitor
    from phasegate.monitoring.notifications.delivery import Delivery
    from phasegate.monitoring.notifications.journal import Journal
    from phasegate.monitoring.notifications.notifier import Notifier
    from phasegate.monitoring.schedules.scheduler import Scheduler, scheduled_project
    from phasegate.reports.views.notification import notice

    if once and metrics_port is not None:
        raise click.UsageError("--metrics-port is for a scheduler that stays: with --once, take --metrics")
    clock: Callable[[], dt.datetime] = ctx.meta["phasegate.clock"]
    stopped = Event() if once else stopped_by(signal.SIGTERM, signal.SIGINT)
    watched = SchedulerMonitor(clock, heartbeat, metrics)
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
        click.echo("Another scheduler of this ledger is at it.")
        return 0
    if not ran:
        click.echo("Nothing is due.")
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


@schedule.command(short_help="Write the schedules for cron, systemd, GitHub and others.")
@click.option("--to", "target", type=click.Choice(tuple(EXPORTS)), required=True, help="For which scheduler.")
@click.option(
    "--program",
    metavar="COMMAND",
    callback=_program,
    help="What starts phasegate there, with its arguments; by default this program, or the one of the image.",
)
@click.option(
    "--folder",
    help="The project's folder there; the one here by default, /project in a container, or the root of what "
    "is checked out.",
)
@click.option(
    "--user",
    help="Who makes the runs: the owner of the folder by default (systemd), the number 10001 (kubernetes), "
    "or who has the crontab (cron; with --user, lines are for /etc/cron.d).",
)
@click.option("--image", default=IMAGE, show_default=True, help="The image of containers.")
@click.option("--volume", default="phasegate", show_default=True, help="The claim of the folder's volume.")
@PROJECT
@OUTPUT
def export(
    target: str,
    program: tuple[str, ...] | None,
    folder: str | None,
    user: str | None,
    image: str,
    volume: str,
    project: Path,
    output: Path | None,
) -> None:
    """Write the schedules for cron, systemd, GitHub, GitLab, Kubernetes or Airflow.

    What is written calls 'phasegate schedule run --once' whenever something is due.
    """
    from phasegate.monitoring.schedules.export import ScheduleExport
    from phasegate.monitoring.schedules.scheduler import scheduled_project
    from phasegate.reports.text.plain import visible
    from phasegate.rules.values.ledger_address import SERVERS, VARIABLE

    loaded, there = scheduled_project(project), EXPORTS[target]
    written = loaded.project.ledger
    exported = ScheduleExport(
        loaded.project.schedules,
        loaded.project.cycle,
        folder or there.folder or str(loaded.root),
        program or there.program or _running(),
        image,
        user or (_owner(loaded.root) if there.user == "owner" else there.user or ""),
        volume,
        _variables(loaded),
        None if written.startswith((*SERVERS, VARIABLE)) else visible(written),
    )
    _check(target, exported, user)
    if lost := there.lost(exported):
        click.echo(f"warning: {lost}", err=True)
    write(there.written(exported), output)


def _running() -> tuple[str, ...]:
    """The words that started this program, for whoever has another path and another folder."""
    found = shutil.which(sys.argv[0]) if Path(sys.argv[0]).stem == "phasegate" else None
    return (str(Path(found).absolute()),) if found is not None else (sys.executable, "-m", "phasegate")


def _owner(folder: Path) -> str:
    """Whose a folder is, by name where it has one."""
    try:
        return folder.owner()
    except (KeyError, NotImplementedError):
        return str(folder.stat().st_uid)


def _variables(loaded: LoadedProject) -> tuple[str, ...]:
    """The variables of the environment in which the project has its secrets."""
    from phasegate.rules.values.ledger_address import VARIABLE

    told = (loaded.project.ledger, *(each.to for each in loaded.project.notifications.values()))
    return tuple(dict.fromkeys(each.removeprefix(VARIABLE) for each in told if each.startswith(VARIABLE)))


def _on_a_line(option: str, given: str) -> None:
    if not given.isprintable():
        raise click.UsageError(f"{option} {given!r} can not be written into a line of another scheduler")


def _check(target: str, exported: ScheduleExport, user: str | None) -> None:
    """Refuses what another scheduler would not take, or would take for something else."""
    named = {
        "--folder": exported.folder,
        "--image": exported.image,
        "--user": exported.user,
        "--volume": exported.volume,
    }
    for option, given in named.items():
        _on_a_line(option, given)
    if user is not None and target not in WITH_USER:
        raise click.UsageError(
            f"{target} runs as whom it is set up for: --user is for {', '.join(WITH_USER)}"
        )
    if exported.user and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*", exported.user) is None:
        raise click.UsageError(f"--user {exported.user!r} is no name of a user")
    if target == "kubernetes":
        if not exported.user.isdecimal() or int(exported.user) == 0:
            raise click.UsageError("--user is a number in a container, and not 0, which is root")
        if not exported.folder.startswith("/"):
            raise click.UsageError(f"--folder {exported.folder!r} must begin with / in a container")
        if re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", exported.volume) is None:
            raise click.UsageError(f"--volume {exported.volume!r} is no name of a claim")
