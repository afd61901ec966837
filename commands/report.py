"""The commands that render a kept run and the rows behind it, and what all that report a run share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.commands import completion
from phasegate.commands.console import done, screen, write
from phasegate.commands.options import (
    FILE,
    FORMAT,
    FORMS,
    LEDGER,
    OUTPUTS,
    PROJECT,
    QUIET,
    RUN,
    SAVED,
    STRICT,
    VERBOSE,
    OutputRequest,
    output_request,
)

if TYPE_CHECKING:
    from phasegate.records.schema import Record
    from phasegate.reports.report import Report

WORKSPACE = "GITHUB_WORKSPACE"
"""The variable in which GitHub Actions names the folder of the repository."""


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
    """Render a run that was kept (its number, or the newest by its day) in any format, or several at once."""
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.audit.trail.runs import find_run, kept_as, record_of
    from phasegate.audit.trail.standing_runs import newest
    from phasegate.audit.trail.weeks import weeks_then
    from phasegate.records.build import exit_code
    from phasegate.records.overdue import overdue, weeks_recorded
    from phasegate.records.reader import load_record
    from phasegate.reports.report import Report
    from phasegate.rules.model.pack import PROGRAMME

    if record is not None and (run is not None or ledger is not None):
        raise click.UsageError("a saved record is rendered by itself, without a RUN and --ledger")
    wanted = output_request(forms, outputs)
    if record is not None:
        told, kept = load_record(record), None
        late = overdue(
            told, {gate: last for gate, (_, last) in weeks_recorded(told).items() if gate != PROGRAMME}
        )
    else:
        with project_ledger(ledger, project, os.environ, run or "latest") as log:
            found = (newest(log) if run is None else None) or find_run(log, run or "latest")
            told, kept = record_of(log, found), kept_as(log, found)
            late = overdue(told, weeks_then(log, found, told))
    code = exit_code(told["outcome"], strict=strict)
    made = Report(told, code, strict, verbose, quiet, kept, past_run=True, overdue=late)
    deliver(made, wanted, project, ledger)


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
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.audit.trail.runs import find_run
    from phasegate.reports.output import as_json
    from phasegate.reports.views.evidence import evidence_document, evidence_text
    from phasegate.runs.evidence import evidence as rows_behind

    with project_ledger(ledger, project, os.environ, run) as log:
        kept = find_run(log, run)
        found = rows_behind(log, kept, id_, project)
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


def with_ledger(report: Report, wanted: OutputRequest, project: Path, ledger: str | None) -> Report:
    """A report with what its ledger knows beside the run, as far as the formats show it."""
    kept = report.kept
    if kept is None or not wanted.beside:
        return report
    from phasegate.audit.statements.project_ledger import project_ledger
    from phasegate.audit.trail.past_verdicts import history
    from phasegate.audit.trail.runs import find_run
    from phasegate.monitoring.history.beside import beside

    with project_ledger(ledger, project, os.environ, str(kept.run)) as log:
        run = find_run(log, str(kept.run))
        past = history(log, run) if "html" in wanted.formats else report.past
        return replace(report, past=past, beside=beside(log, run, report.record))


def deliver(report: Report, wanted: OutputRequest, project: Path, ledger: str | None = None) -> None:
    """Renders a report in each format that is asked for, then writes them all; files get the whole of it.

    Args:
        report: what is told.
        wanted: the formats, and where each goes.
        project: where the project is looked for.
        ledger: where the run is kept, if it is; None for the project's.
    """
    report = with_ledger(report, wanted, project, ledger)
    if wanted.formats & {"github", "sarif", "code-scanning"}:
        files = files_in_repository(report.record, project, os.environ)
        report = replace(report, files=files)
        if files and wanted.formats & {"sarif", "code-scanning"}:
            report = replace(report, line_hashes=line_hashes_in(report.record, files, os.environ))
    width, colour = screen().values()
    shown = replace(report, width=width, colour=colour)
    whole = replace(report, quiet=False)
    written = [(path, form, form.render(whole)) for path, form in wanted.files]
    if wanted.screen is not None:
        told = wanted.screen.render(shown)
    else:
        from phasegate.reports.formats.registry import FORMATS

        told = FORMATS["text"].render(replace(shown, quiet=True))
    for path, form, content in written:
        write(content, path, commands=form.commands)
    write(told, None, commands=wanted.screen is not None and wanted.screen.commands)


def files_in_repository(record: Record, project: Path, environ: Mapping[str, str]) -> dict[str, str] | None:
    """The paths of the files that rules stand in, from the root of the repository.

    Lines hold for the rules that were decided by alone: where the project has others by now, or has moved
    them, no file is named, and neither is one for a pack that comes with phasegate.

    Args:
        record: what names them, relative to the project or to a pack that comes with phasegate.
        project: where the project is looked for.
        environ: the environment, which names the repository.

    Returns:
        Path by name, without the files that are not there; None where no repository is named.
    """
    from phasegate.reports.text.locations import location
    from phasegate.rules.errors import PhasegateError
    from phasegate.rules.loading.pack_files import built_in_packs
    from phasegate.rules.loading.project import find_project, load_project

    if not environ.get(WORKSPACE):
        return None
    repository = Path(environ[WORKSPACE]).resolve()
    try:
        loaded = load_project(find_project(project))
        pack, root = loaded.pack, loaded.root.resolve()
        known = pack.is_named(record["pack"]["digest"])
    except PhasegateError:
        return {}
    told = {each["at"] for each in (*record["criteria"], *record["requirements"])}
    if not known or pack.name in built_in_packs() or not told <= pack.lines():
        return {}
    found: dict[str, str] = {}
    for name in {location(each).file for each in told}:
        path = Path(os.path.normpath(root / name))
        with suppress(OSError, ValueError):  # a name that no file system takes is none of a file
            if path.is_relative_to(repository) and path.is_file():
                found[name] = path.relative_to(repository).as_posix()
    return found


def line_hashes_in(record: Record, files: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """What GitHub knows the lines by in which rules stand; without the files that can not be read.

    Args:
        record: what names the lines.
        files: of the files that they stand in, the paths from the root of the repository.
        environ: the environment, which names the repository.
    """
    from phasegate.reports.sarif.line_hashes import line_hashes
    from phasegate.reports.text.locations import location

    hashes: dict[str, list[str]] = {}
    for name, path in files.items():
        with suppress(OSError):
            content = (Path(environ[WORKSPACE]) / path).read_bytes()
            hashes[name] = line_hashes(content.decode("utf-8", "replace"))
    places = {each["at"]: location(each["at"]) for each in record["criteria"]}
    places.update({each["at"]: location(each["at"]) for each in record["requirements"]})
    return {
        at: hashes[place.file][(place.line or 1) - 1]
        for at, place in places.items()
        if place.file in hashes and (place.line or 1) <= len(hashes[place.file])
    }
