"""The commands with which people sign: keys, waivers, approvals, and the step through a gate."""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path

import click

from phasegate.commands import completion
from phasegate.commands.console import say, screen, write
from phasegate.commands.group import Listed
from phasegate.commands.options import FILE, KEY, OUTPUT, PROJECT, Day, Needed
from phasegate.rules.model.verdict import WAIVABLE

_FUNCTION = click.option("--function", help="The function that you sign for, where you have several.")
_granting = partial(click.option, cls=Needed, unless="--revoke")


@click.group(cls=Listed)
def keys() -> None:
    """Make keys, and list whose signatures count."""


@keys.command(short_help="Make a key: a file for you, and one for the project.")
@click.argument("file", type=FILE)
@click.option("--name", help="An opaque id for the signer; the file's name by default.")
@click.option("--role", default="evaluator", show_default=True, help="For the lines that are printed.")
def new(file: Path, name: str | None, role: str) -> None:
    """Make a key: FILE for you alone, FILE.pub for the project."""
    from phasegate.audit.signing.keys import new_key
    from phasegate.reports.views.statements import UntoldKeyError, made
    from phasegate.rules.model.role import is_role

    if not is_role(role):
        hint = "take evaluator, auditor or approver:FUNCTION"
        raise click.BadParameter(f"{role!r} is no role: {hint}", param_hint="'--role'")
    signer = name or file.stem
    public = new_key(file, signer).public
    try:
        click.echo(made(file, public, signer, role), nl=False)
    except OSError as error:  # the key stays, for nobody can tell how much of this was read
        raise UntoldKeyError(file, public, signer, role, error) from error


@keys.command("list", short_help="List whose signatures count in the project.")
@PROJECT
@OUTPUT
@click.pass_obj
def list_(now: dt.datetime, /, project: Path, output: Path | None) -> None:
    """List whose signatures count in the project, for what, and until when."""
    from phasegate.audit.signing.signers import Signers
    from phasegate.reports.views.statements import signers_text
    from phasegate.runs.preflight import ready_project

    signers = Signers.of(ready_project(project).project)
    write(signers_text(signers, now, **screen(output)), output)


@click.command(short_help="Grant a waiver for a requirement, or end one.")
@click.argument("requirement", required=False, shell_complete=completion.waivable)
@click.option("--id", "id_", help="The waiver's id; made from the day by default.")
@click.option(
    "--covers",
    multiple=True,
    type=click.Choice(WAIVABLE),
    default=WAIVABLE[:1],
    show_default=True,
    help="A verdict that it excuses. Repeatable.",
)
@click.option("--floor", help="The worst value that is covered, such as '93 %'.")
@_granting("--reason", help="Why.")
@_granting("--risk-owner", help="Who carries the risk (an opaque id).")
@_granting("--requester", help="Who asked for it (an opaque id); not the one who signs.")
@click.option("--from", "start", type=Day(), help="The first day; as soon as it can be by default.")
@_granting("--until", type=Day(), help="The first day that is no longer covered.")
@click.option("--revoke", metavar="ID", help="End a waiver from now on, instead of granting one.")
@_FUNCTION
@KEY
@PROJECT
@click.pass_obj
def waive(
    now: dt.datetime, /, requirement: str | None, key: Path | None, project: Path, **said: object
) -> None:
    """Grant a waiver for REQUIREMENT (point/criterion/fact), signed by an approver."""
    from phasegate.audit.statements.sign import Desk, grant, revoke
    from phasegate.audit.statements.waiver_request import asked_waiver
    from phasegate.reports.views.statements import granted, revoked
    from phasegate.runs.preflight import ready_project

    desk = Desk.of(ready_project(project), key, now, os.environ)
    id_, function = said["revoke"], said["function"]
    if isinstance(id_, str):
        with desk.attempt(("waive", "--revoke", id_)):
            seq = revoke(desk, id_, str(said["reason"] or "no longer needed"))
        say(revoked(id_, desk.signer.name, desk.loaded.today(desk.now), seq))
        return
    with desk.attempt(("waive", requirement or "")):
        waiver = asked_waiver(
            requirement, said, desk.signer.name, desk.loaded.pack.digest, desk.now, desk.zone
        )
        seq = grant(desk, waiver, str(function) if function is not None else None)
    say(granted(waiver, seq, desk.zone))


@click.command(short_help="Approve the rules in force.")
@click.option("--pack-digest", metavar="DIGEST", help="Approve these rules and no others.")
@_FUNCTION
@KEY
@PROJECT
@click.pass_obj
def approve(
    now: dt.datetime, /, pack_digest: str | None, function: str | None, key: Path | None, project: Path
) -> None:
    """Approve the rules in force, for the function that you answer for."""
    from phasegate.audit.statements.sign import Desk
    from phasegate.audit.statements.sign import approve as sign
    from phasegate.reports.views.statements import approved
    from phasegate.runs.preflight import ready_project

    desk = Desk.of(ready_project(project), key, now, os.environ)
    with desk.attempt(("approve",)):
        for_, missing = sign(desk, function, pack_digest)
    say(approved(desk.loaded.pack.digest, for_, desk.signer.name, missing))


@click.command(short_help="Sign that the programme goes through an open gate.")
@click.argument("phase", shell_complete=completion.phases)
@click.option("--comment", help="What is to be kept with the decision.")
@KEY
@PROJECT
@click.pass_obj
def advance(now: dt.datetime, /, phase: str, comment: str | None, key: Path | None, project: Path) -> None:
    """Sign that the programme goes through the gate of PHASE, which must be open today."""
    from phasegate.audit.statements.sign import Desk
    from phasegate.audit.statements.sign import advance as sign
    from phasegate.reports.views.statements import advanced
    from phasegate.runs.preflight import ready_project

    desk = Desk.of(ready_project(project), key, now, os.environ)
    gate = phase.removeprefix("phase:")
    with desk.attempt(("advance", phase)):
        run, state = sign(desk, gate, comment)
    say(advanced(gate, run, state, desk.signer.name))
