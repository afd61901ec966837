"""The command that makes a baseline of what a cycle came to."""

from __future__ import annotations

import os
from pathlib import Path

import click

from phasegate.commands import completion
from phasegate.commands.console import done, write
from phasegate.commands.options import LEDGER, OUTPUT, PROJECT


@click.command(short_help="Write a run's figures as the baseline of the next cycle.")
@click.argument("run", required=False, shell_complete=completion.runs)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="ID",
    shell_complete=completion.measures,
    help="Its figure alone; all by default. Repeatable.",
)
@click.option("--finance-approver", default="", metavar="NAME", help="Who approved the figures for Finance.")
@click.option(
    "--developer-approver", default="", metavar="NAME", help="Who approved them for the developers."
)
@LEDGER
@PROJECT
@OUTPUT
def baseline(
    run: str | None,
    measures: tuple[str, ...],
    finance_approver: str,
    developer_approver: str,
    ledger: str | None,
    project: Path,
    output: Path | None,
) -> None:
    """Write the figures of RUN as a baseline, for the next cycle to be held against.

    RUN is the last run that decided everything before the project's cycle began, where it is not given.
    """
    from phasegate.audit.trail.locate import project_ledger
    from phasegate.monitoring.history.baseline import figures
    from phasegate.reports.views.baseline import baseline_csv, baseline_said
    from phasegate.runs.preflight import ready_project

    loaded = ready_project(project)
    start = loaded.project.cycle.start if loaded.project.cycle is not None else None
    with project_ledger(ledger, project, os.environ) as log:
        found = figures(log, loaded.pack.pack, loaded.pack.digest, start, run, measures)
    approvers = finance_approver, developer_approver
    write(baseline_csv(found, *approvers), output)
    if output is not None:
        done(f"wrote {output}")
    for line in baseline_said(found, *approvers):
        click.echo(line, err=True)
