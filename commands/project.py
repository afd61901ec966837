"""The commands about a project's files."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

from phasegate.commands.completion import codes
from phasegate.commands.console import tell, write
from phasegate.commands.options import FORMAT, OUTPUT, PROJECT
from phasegate.commands.process import REFUSED
from phasegate.commands.report import WORKSPACE

if TYPE_CHECKING:
    from phasegate.rules.diagnostics.diagnostic import Diagnostic
    from phasegate.rules.loading.pack import LoadedPack

NO_PROJECT = "None of these files is of a project."
"""What is said where there was nothing to look over: that is no fault of who changed another file."""


@click.command(short_help="Find what is wrong with the rules; no table is opened.")
@click.argument("targets", nargs=-1, metavar="[PACK|FILE]...")
@click.option(
    "--explain",
    metavar="CODE",
    shell_complete=codes,
    help="Say what a finding means, such as always-true, with an example, and read nothing.",
)
@click.option(
    "--data",
    "with_data",
    is_flag=True,
    help="Look at the header and the first rows of each table too; never at the whole of one.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    help="For people, for programs, as annotations of GitHub Actions, or for code scanning.",
)
@PROJECT
@OUTPUT
@click.pass_context
def lint(
    ctx: click.Context,
    /,
    targets: tuple[str, ...],
    explain: str | None,
    with_data: bool,
    form: str,
    project: Path,
    output: Path | None,
) -> int:
    """Find what is wrong with the project and its pack, or with each PACK, a built-in one or a folder.

    Only the files of rules are read. No table is opened without --data, which looks at the beginning of
    each: missing columns, types, dates, words that no row has.

    Of a FILE the nearest project is looked over, once for all of its files; a file that is of none is left.
    Paths are those from the current folder.
    """
    now: dt.datetime = ctx.obj
    if explain is not None:
        from phasegate.rules.lint.codes.table import explained

        write(explained(explain), output)
        return 0
    from phasegate.reports.findings import FORMATS, Findings
    from phasegate.rules.diagnostics.diagnostic import in_order
    from phasegate.runs.preflight import all_faults

    files = [each for each in targets if Path(each).is_file()]
    if files and ctx.get_parameter_source("project") is not ParameterSource.DEFAULT:
        raise click.UsageError("each FILE is looked over with its own project: leave out --project, or FILE")
    projects = _projects(files) if targets else [project]
    packs = [each for each in targets if each not in files]
    faults = [fault for each in projects for fault in all_faults(None, each)]
    if with_data:
        faults += [fault for each in projects for fault in _in_data(each, now, faults)]
    faults += [fault for each in packs for fault in all_faults(each, project)]
    found = in_order(faults)
    if form == "text" and not (projects or packs):
        write(f"{NO_PROJECT}\n", output)
    else:
        write(FORMATS[form](Findings(found, _in_repository(found, os.environ))), output)
    return REFUSED if any(problem.severity == "error" for problem in found) else 0


def _in_data(project: Path, now: dt.datetime, faults: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What the beginnings of a project's tables show, where its rules are without errors."""
    from phasegate.runs.data_faults import data_faults
    from phasegate.runs.preflight import ready_project

    if any(fault.severity == "error" for fault in faults):  # what rules do not say, no data show
        return []
    loaded = ready_project(project)
    return data_faults(loaded, loaded.today(now))


def _in_repository(found: Sequence[Diagnostic], environ: Mapping[str, str]) -> dict[str, str] | None:
    """The paths of the files of findings from the root of the repository; None where none is named."""
    if not environ.get(WORKSPACE):
        return None
    root = Path(environ[WORKSPACE]).resolve()
    named = {fault.position.file for fault in found if fault.position is not None}
    paths = {name: Path(os.path.normpath(Path.cwd() / name)) for name in named}
    return {
        name: path.relative_to(root).as_posix()
        for name, path in paths.items()
        if path.is_relative_to(root) and path.is_file()
    }


def _projects(files: list[str]) -> list[Path]:
    """The nearest project of each file, each once."""
    from phasegate.rules.loading.project import ProjectNotFoundError, find_project

    found: dict[Path, None] = {}
    for file in files:
        with suppress(ProjectNotFoundError):
            found[find_project(Path(file).parent)] = None
    return list(found)


@click.command(short_help="Try the connections, and list their tables or objects.")
@click.option(
    "--propose",
    metavar="TABLE",
    help="Print a table, such as finance.invoices or erp:finance.invoices, or objects, such as "
    "s3://BUCKET/FOLDER/*.csv, as a source with its contract.",
)
@FORMAT
@PROJECT
@OUTPUT
def sources(propose: str | None, form: str, project: Path, output: Path | None) -> int:
    """Try each connection of the project, and list the tables behind it with their columns.

    Of a store of objects, those are listed that the project's sources stand for.

    Exit 2 where one can not be read.

    No row is read, but for --propose: where a column of numbers has no stated precision, how many digits
    they have; and objects, whose columns stand nowhere else. Addresses come from the environment, and none
    is shown.
    """
    from phasegate.facts.connections import look
    from phasegate.reports.output import as_json
    from phasegate.reports.views.sources import render_source, render_sources, sources_document
    from phasegate.rules.diagnostics.diagnostic import PackError
    from phasegate.rules.loading.project import find_project, read_project

    reading = read_project(find_project(project), with_pack=False)
    connections = reading.project.connections
    if not connections and reading.faults:
        raise PackError(reading.faults, reading.file.name)
    if propose is not None:
        found = look.propose(connections, propose, os.environ)
        write(as_json({"sources": found}) if form == "json" else render_source(found), output)
        return 0
    looked = look.look(connections, os.environ, reading.project.sources)
    write(as_json(sources_document(looked)) if form == "json" else render_sources(looked), output)
    return REFUSED if any(each.fault for each in looked) else 0


@click.command(short_help="Hold a pack against the map document that it encodes.")
@click.argument("map_document", metavar="MAP.md", type=click.Path(path_type=Path))
@click.option(
    "--pack",
    help="A built-in pack, or a folder; else the project's, or developer_finance where there is none.",
)
@FORMAT
@OUTPUT
def trace(map_document: Path, pack: str | None, form: str, output: Path | None) -> int:
    """Hold a pack against the map document that it encodes; exit 1 where they differ."""
    from phasegate.reports.output import as_json
    from phasegate.reports.views.trace import render_trace
    from phasegate.rules.maps.reader.document import load_map
    from phasegate.rules.maps.trace.trace import trace as compare
    from phasegate.rules.maps.trace.trace import trace_document

    loaded = _pack_of(pack)
    found = compare(load_map(map_document), loaded.pack, loaded.where)
    write(as_json(trace_document(found)) if form == "json" else render_trace(found), output)
    return int(found.differs)


def _pack_of(named: str | None) -> LoadedPack:
    """The pack that is named, else that of the project, else the one that comes with phasegate."""
    from phasegate.rules.loading.pack import load_pack
    from phasegate.rules.loading.project import ProjectNotFoundError, find_project, load_project

    if named is None:
        try:
            project = load_project(find_project(Path()))
        except ProjectNotFoundError:
            pass
        else:
            if project.project.pack is not None:
                return project.pack
    return load_pack(named or "developer_finance")


@click.command(short_help="Print the JSON Schema of a kind of file, for editors and programs.")
@click.argument(
    "kind", type=click.Choice(["project", "pack", "waivers", "case", "portfolio", "serve", "record"])
)
@OUTPUT
def schema(
    kind: Literal["project", "pack", "waivers", "case", "portfolio", "serve", "record"], output: Path | None
) -> None:
    """Print the JSON Schema of a kind of file: of those that people write, for editors, and of a record."""
    from phasegate.reports.output import as_json

    if kind == "record":
        from phasegate.records.published.record_schema import record_schema

        write(as_json(record_schema()), output)
        return
    if kind == "serve":
        from phasegate.web.access.schema import serve_schema

        write(as_json(serve_schema()), output)
        return
    from phasegate.rules.schemas.json_schema import json_schema

    write(as_json(json_schema(kind)), output)


@click.command(short_help="Start a project, from a planning document if you like.")
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--minimal", is_flag=True, help="One table, one measure, one requirement; runs at once.")
@click.option(
    "--from",
    "document",
    metavar="MAP.md",
    type=click.Path(path_type=Path),
    help="Make the pack of a Markdown document: each criterion is attested until it is measured.",
)
@click.pass_obj
def init(now: dt.datetime, /, folder: Path, minimal: bool, document: Path | None) -> None:
    """Start a project in DIR: for the pack developer_finance, the smallest one that runs, or a document's.

    Of a document the points, criteria, phases and figures become a pack in DIR/pack, which 'phasegate
    trace' holds against it. Nothing is overwritten.
    """
    from phasegate.reports.output import start
    from phasegate.reports.views.starter import first_files
    from phasegate.rules.values.project_id import new_project_id

    if minimal and document is not None:
        raise click.UsageError("--minimal and --from start different projects: leave out one")
    id_ = new_project_id()
    if document is not None:
        from phasegate.commands.init import PACK, of_document

        files, summary = of_document(document, now.date(), id_)
        for each in start(folder, files, (PACK,)):
            tell(f"wrote {each}")
        tell(summary)
        tell("next: phasegate check; what it asks for is signed with phasegate attest")
        return
    for each in start(folder, first_files(minimal, now.date(), id_)):
        tell(f"wrote {each}")
    tell("next: phasegate check" if minimal else "next: name your sources in it, then phasegate facts")
