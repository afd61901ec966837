"""The command with which people vouch for what no table shows."""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path

import click

from phasegate.commands import completion
from phasegate.commands.console import say
from phasegate.commands.options import FILE, KEY, PROJECT, Day, Needed

_signing = partial(click.option, cls=Needed, unless="--revoke")


@click.command(short_help="Vouch for what no table shows, or end that.")
@click.argument("measure", required=False, shell_complete=completion.attested_measures)
@click.option(
    "--point",
    metavar="ID",
    shell_complete=completion.points,
    help="The point that it is said of, where the measure is by point.",
)
@_signing("--value", help="What is said: true or false, a number with its unit, or a text.")
@_signing("--evidence", type=FILE, help="The file that it rests on, in the project's folder.")
@click.option("--from", "start", type=Day(), help="The first day; as soon as it can be by default.")
@_signing("--until", type=Day(), help="The first day that is no longer covered.")
@click.option("--comment", help="What is to be kept with it.")
@click.option("--id", "id_", help="The attestation's id; made from what it says by default.")
@click.option("--revoke", metavar="ID", help="End an attestation from now on, instead of signing one.")
@click.option("--reason", help="Why it is ended.")
@KEY
@PROJECT
@click.pass_obj
def attest(
    now: dt.datetime,
    /,
    measure: str | None,
    point: str | None,
    value: str | None,
    evidence: Path | None,
    start: dt.date | None,
    until: dt.date | None,
    comment: str | None,
    id_: str | None,
    revoke: str | None,
    reason: str | None,
    key: Path | None,
    project: Path,
) -> None:
    """Vouch for the value of MEASURE, with a file as evidence, signed by the role that the pack names."""
    from phasegate.audit.statements import attest as desk_of
    from phasegate.audit.statements.sign import Desk
    from phasegate.reports.views import statements
    from phasegate.runs.preflight import ready_project

    if revoke is not None:
        desk = Desk.of(ready_project(project), key, now, os.environ)
        with desk.attempt(("attest", "--revoke", revoke)):
            seq = desk_of.revoke_attestation(desk, revoke, reason or "no longer so")
        say(statements.revoked(revoke, desk.signer.name, desk.loaded.today(desk.now), seq, "attestation"))
        return
    if measure is None or value is None or evidence is None or until is None:
        needed = {"MEASURE": measure, "--value": value, "--evidence": evidence, "--until": until}
        missing = ", ".join(name for name, given in needed.items() if given is None)
        raise click.UsageError(f"an attestation needs {missing}")
    desk = Desk.of(ready_project(project), key, now, os.environ)
    asked = desk_of.Asked(measure, point, value, evidence, start, until, comment, id_)
    with desk.attempt(("attest", measure)):
        done = desk_of.attest(desk, asked)
    say(
        statements.attested(
            done.attestation, desk.signer.name, done.evidence, done.last_day, done.seq, desk.zone
        )
    )
