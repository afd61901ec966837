"""The command that renders a run that was kept, and what all commands that report a run have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands import completion
from phasegate.commands.console import screen, write
from phasegate.commands.options import (
    FORMS,
    LEDGER,
    OUTPUTS,
    PROJECT,
    QUIET,
    SAVED,
    STRICT,
    VERBOSE,
    Asked,
    asked,
)

if TYPE_CHECKING:
    from phasegate.audit.trail.past_verdicts import Past
    from phasegate.reports.report import Report

    Earlier = Mapping[str, tuple[Past, ...]]


@click.command(short_help="Render a kept run in any format, or in several at once.")
@click.argument("run", required=False, shell_complete=completion.runs)
@SAVED
@FORMS
@OUTPUTS
@STRICT
@QUIET
@VERBOSE
@LEDGER
@PROJECT
def report(
    run: str | None,
    record: Path | None,
    forms: tuple[str, ...],
    outputs: tuple[Path, ...],
    strict: bool,
    quiet: bool,
    verbose: bool,
    ledger: str | None,
    project: Path,
) -> None:
    """Render a run that was kept (its number, or the latest) in any format, or several at once."""
    from phasegate.audit.trail.locate import project_ledger
    from phasegate.audit.trail.runs import find_run, kept_as, record_of
    from phasegate.audit.trail.weeks import weeks_then
    from phasegate.records.build import exit_code
    from phasegate.records.overdue import overdue
    from phasegate.records.reader import load_record
    from phasegate.reports.report import Report

    if record is not None and (run is not None or ledger is not None):
        raise click.UsageError("a saved record is rendered by itself, without a RUN and --ledger")
    wanted = asked(forms, outputs)
    if record is not None:
        told, kept, late = load_record(record), None, {}
    else:
        log = project_ledger(ledger, project, os.environ)
        try:
            found = find_run(log, run or "latest")
            told, kept = record_of(log, found), kept_as(log, found)
            late = overdue(told, weeks_then(log, found, told))
        finally:
            log.close()
    code = exit_code(told["outcome"], strict=strict)
    made = Report(told, code, strict, verbose, quiet, kept, past_run=True, overdue=late)
    deliver(made, wanted, project, lambda: earlier(ledger, project, kept.run) if kept is not None else {})


def earlier(ledger: str | None, project: Path, run: int) -> Earlier:
    """What the runs up to one found; for reports that plot it."""
    from phasegate.audit.trail.locate import project_ledger
    from phasegate.audit.trail.past_verdicts import history
    from phasegate.audit.trail.runs import find_run

    log = project_ledger(ledger, project, os.environ)
    try:
        return history(log, find_run(log, str(run)))
    finally:
        log.close()


def deliver(report: Report, wanted: Asked, project: Path, past: Callable[[], Earlier]) -> None:
    """Renders a report in each format that is asked for, then writes them all; files get the whole of it.

    Args:
        report: what is told.
        wanted: the formats, and where each goes.
        project: where the project is looked for.
        past: gives what earlier runs found, where a format shows it.
    """
    if "html" in wanted.formats:
        report = replace(report, past=past())
    if wanted.formats & {"github", "sarif"}:
        from phasegate.commands.repository import files_in_repository

        report = replace(report, files=files_in_repository(report.record, project, os.environ))
    width, colour = screen().values()
    shown = replace(report, width=width, colour=colour)
    whole = replace(report, quiet=False)
    files = [(path, form.render(whole)) for path, form in wanted.files]
    if wanted.screen is not None:
        told = wanted.screen.render(shown)
    else:
        from phasegate.reports.formats.registry import FORMATS

        told = FORMATS["text"].render(replace(shown, quiet=True))
    for path, content in files:
        write(content, path)
    write(told, None)
