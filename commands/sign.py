"""The commands with which people sign: keys, waivers, attestations, approvals, the step through a gate."""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands import completion
from phasegate.commands.console import say, screen, tell, write
from phasegate.commands.group import Listed
from phasegate.commands.options import FILE, KEY, OUTPUT, PROJECT, Day, Needed
from phasegate.rules.model.verdict import WAIVABLE

if TYPE_CHECKING:
    from phasegate.audit.statements.desk import Desk

_FUNCTION = click.option("--function", help="The function that you sign for, where you have several.")
_signing = partial(click.option, cls=Needed, unless="--revoke")


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
        tell(made(file, public, signer, role), nl=False)
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


def _desk(project: Path, key: Path | None, now: dt.datetime) -> Desk:
    """Where somebody signs, in a project that is free of faults."""
    from phasegate.audit.statements.desk import Desk
    from phasegate.runs.preflight import ready_project

    return Desk.of(ready_project(project), key, now, os.environ)


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
@_signing("--reason", help="Why.")
@_signing("--risk-owner", help="Who carries the risk (an opaque id).")
@_signing("--requester", help="Who asked for it (an opaque id); not the one who signs.")
@click.option("--from", "start", type=Day(), help="The first day; as soon as it can be by default.")
@_signing("--until", type=Day(), help="The first day that is no longer covered.")
@click.option("--revoke", metavar="ID", help="End a waiver from now on, instead of granting one.")
@_FUNCTION
@KEY
@PROJECT
@click.pass_obj
def waive(
    now: dt.datetime, /, requirement: str | None, key: Path | None, project: Path, **said: object
) -> None:
    """Grant a waiver for REQUIREMENT (point/criterion/fact), signed by an approver."""
    from phasegate.audit.statements.sign import grant, revoke
    from phasegate.audit.statements.waiver_request import asked_waiver
    from phasegate.reports.views.statements import granted, revoked

    desk = _desk(project, key, now)
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
    """Approve the rules in force, for the function that you answer for.

    What they say otherwise than those that were approved last for it is shown before they are signed.
    """
    from phasegate.audit.statements.sign import approve as sign
    from phasegate.audit.statements.sign import review
    from phasegate.reports.views.rule_changes import review_text
    from phasegate.reports.views.statements import approved

    desk = _desk(project, key, now)
    with desk.attempt(("approve",)):
        told = review_text(review(desk, function, pack_digest), **screen())
        tell(told, nl=False, err=True)  # what is signed is told as what was done
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
    from phasegate.audit.statements.sign import advance as sign
    from phasegate.reports.views.statements import advanced

    desk = _desk(project, key, now)
    gate = phase.removeprefix("phase:")
    with desk.attempt(("advance", phase)):
        run, state = sign(desk, gate, comment)
    say(advanced(gate, run, state, desk.signer.name))


@click.command(short_help="Vouch for what no table shows, or end that.")
@click.argument("measure", required=False, shell_complete=completion.attested_measures)
@click.option(
    "--point",
    "points",
    multiple=True,
    metavar="ID",
    shell_complete=completion.points,
    help="The point that it is said of, where the measure is by point; an area, a section or phase:ID for "
    "all of its points. Repeatable: one signature is for all of them.",
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
    points: tuple[str, ...],
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
    from phasegate.reports.views import statements

    if revoke is not None:
        desk = _desk(project, key, now)
        with desk.attempt(("attest", "--revoke", revoke)):
            seq = desk_of.revoke_attestation(desk, revoke, reason or "no longer so")
        say(statements.revoked(revoke, desk.signer.name, desk.loaded.today(desk.now), seq, "attestation"))
        return
    if measure is None or value is None or evidence is None or until is None:
        needed = {"MEASURE": measure, "--value": value, "--evidence": evidence, "--until": until}
        missing = ", ".join(name for name, given in needed.items() if given is None)
        raise click.UsageError(f"an attestation needs {missing}")
    desk = _desk(project, key, now)
    asked = desk_of.Asked(measure, points, value, evidence, start, until, comment, id_)
    with desk.attempt(("attest", measure)):
        done = desk_of.attest(desk, asked)
    say(
        statements.attested(
            done.attestation, desk.signer.name, done.evidence, done.last_day, done.seq, desk.zone
        )
    )
