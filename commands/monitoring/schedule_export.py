"""The command that writes the schedules of a project for another scheduler."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import tell, write
from phasegate.commands.options import OUTPUT, PROJECT

if TYPE_CHECKING:
    from phasegate.monitoring.schedules.export import ScheduleExport
    from phasegate.rules.loading.project import LoadedProject

IMAGE = "registry.example/phasegate:latest"
TARGETS = ("cron", "systemd", "github", "gitlab", "kubernetes", "airflow")
"""The other schedulers, as ``--to`` names them; their templates are not read for any other command."""
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


@click.command(short_help="Write the schedules for cron, systemd, GitHub and others.")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="For which scheduler.")
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
    from phasegate.monitoring.schedules.targets import EXPORTS
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
        tell(f"warning: {lost}", err=True)
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
