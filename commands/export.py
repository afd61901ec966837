"""The commands that give a ledger out to those who work without phasegate."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from phasegate.commands import completion
from phasegate.commands.console import say
from phasegate.commands.group import Listed
from phasegate.commands.options import FILE, KEY, LEDGER, PROJECT, RUN


@click.group(cls=Listed)
def ledger() -> None:
    """Give out what the ledger holds."""


@ledger.command(short_help="Write the ledger as files, or a run as a signed statement.")
@click.argument("out", type=FILE)
@click.option(
    "--as",
    "form",
    type=click.Choice(["entries", "in-toto"]),
    default="entries",
    show_default=True,
    help="The whole log as plain files, or the result of one run as a signed in-toto statement.",
)
@click.option("--contents", is_flag=True, help="With entries: the kept documents too, such as records.")
@click.option(
    "--gate",
    metavar="ID",
    shell_complete=completion.phases,
    help="With in-toto: the result of this gate, instead of the whole run's.",
)
@RUN
@KEY
@LEDGER
@PROJECT
@click.pass_obj
def export(
    now: dt.datetime,
    /,
    out: Path,
    form: str,
    contents: bool,
    gate: str | None,
    run: str,
    key: Path | None,
    ledger: str | None,
    project: Path,
) -> None:
    """Write the ledger into OUT: a new folder, or with --as in-toto a new file."""
    if form == "entries" and gate is not None:
        raise click.UsageError("--gate belongs to --as in-toto")
    if form == "in-toto" and contents:
        raise click.UsageError("--contents belongs to --as entries")
    from phasegate.audit.export.entries import export_entries
    from phasegate.audit.export.in_toto import export_result, signing_key
    from phasegate.audit.trail.locate import project_ledger
    from phasegate.reports.views import exported

    with project_ledger(ledger, project, os.environ) as log:
        if form == "entries":
            say(exported.entries(out, export_entries(log, out, documents=contents)))
        else:
            private = signing_key(project, key, now, os.environ)
            result = export_result(log, run, gate, private, out)
            say(exported.result(out, result, private.public))
