"""The command that shows the rows behind a verdict."""

from __future__ import annotations

import os
from pathlib import Path

import click

from phasegate.commands import completion
from phasegate.commands.console import done, screen, write
from phasegate.commands.options import FILE, FORMAT, LEDGER, PROJECT, RUN


@click.command(short_help="Show the rows behind what a run decided.")
@click.argument("id_", metavar="ID", shell_complete=completion.ids_and_requirements)
@RUN
@click.option(
    "-o", "--output", type=FILE, help="Write the rows to this file, as Parquet; of very many the first ones."
)
@FORMAT
@LEDGER
@PROJECT
def evidence(id_: str, run: str, output: Path | None, form: str, ledger: str | None, project: Path) -> None:
    """Show the rows behind what a run decided about ID: a requirement, or whatever 'check' takes.

    They are those that keep a value from being better: rows of the denominator that are not in the
    numerator, items that fall short, rows that are too many.
    """
    from phasegate.audit.trail.locate import project_ledger
    from phasegate.audit.trail.runs import find_run
    from phasegate.reports.output import as_json
    from phasegate.reports.views.evidence import evidence_document, evidence_text
    from phasegate.runs.evidence import evidence as rows_behind

    log = project_ledger(ledger, project, os.environ)
    try:
        kept = find_run(log, run)
        found = rows_behind(log, kept, id_, project)
    finally:
        log.close()
    if output is not None:
        files = {each.requirement["id"]: each.file for each in found if each.file is not None}
        if len(files) != 1:
            names = ", ".join(files) or "none"
            raise click.UsageError(f"a file takes the rows of one requirement; those with rows: {names}")
        for file in files.values():
            write(file, output)
        done(f"wrote {output}")
    told = evidence_text(found, kept.number, **screen(), written=output)
    write(as_json(evidence_document(found)) if form == "json" else told, None)
