"""The command that starts a project."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from phasegate.commands.console import tell

if TYPE_CHECKING:
    from phasegate.rules.maps.trace.trace import Trace

PACK = "pack"
"""The folder of the pack that a document becomes."""


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
        files, summary = _of_document(document, now.date(), id_)
        for each in start(folder, files, (PACK,)):
            tell(f"wrote {each}")
        tell(summary)
        tell("next: phasegate check; what it asks for is signed with phasegate attest")
        return
    for each in start(folder, first_files(minimal, now.date(), id_)):
        tell(f"wrote {each}")
    tell("next: phasegate check" if minimal else "next: name your sources in it, then phasegate facts")


def _of_document(document: Path, today: dt.date, id_: str) -> tuple[dict[str, str], str]:
    """The files of a project whose pack is a document's, and what was read of it.

    Nothing is found to be wrong with the pack, and nothing in which it differs from the document.
    """
    from phasegate.reports.views.starter import document_project, schema_files
    from phasegate.rules.diagnostics.diagnostic import PackError
    from phasegate.rules.loading.pack import load_pack
    from phasegate.rules.maps.reader.document import load_map
    from phasegate.rules.maps.scaffold.errors import Unfit, UnfitDocumentError
    from phasegate.rules.maps.scaffold.files import scaffold
    from phasegate.rules.maps.trace.trace import trace
    from phasegate.runs.preflight import pack_faults

    read = load_map(document)
    pack = scaffold(read)
    with TemporaryDirectory(prefix="phasegate-") as passing:
        for name, text in pack.items():
            Path(passing, name).write_text(text, encoding="utf-8", newline="\n")
        try:
            loaded = load_pack(passing)
            faults = pack_faults(loaded)
        except PackError as error:
            faults = [*error.diagnostics]
        if faults:
            raise UnfitDocumentError(read.name, [Unfit(None, fault.message, fault.hint) for fault in faults])
        found = trace(read, loaded.pack, loaded.where)
        if found.differs:
            unlike = (
                Unfit(each.map_line, f"{each.subject}: the pack would say {each.pack_text or 'nothing'}")
                for each in found.differences
            )
            raise UnfitDocumentError(read.name, unlike)
        project = document_project(loaded.pack, document.name, PACK, today, id_)
    written = project | {f"{PACK}/{name}": text for name, text in (schema_files("pack") | pack).items()}
    return written, _summary(found)


def _summary(found: Trace) -> str:
    """What was read, so that its author sees what was not."""
    kinds = ("points", "criteria", "phases", "success targets", "KPIs", "annual values")
    counts = {each.kind: each.total for each in found.tallies}
    told = f"read {', '.join(f'{counts.get(kind, 0)} {kind}' for kind in kinds if kind in counts)}"
    if found.oddities:
        told += f"; odd in the document: {len(found.oddities)}, which 'phasegate trace' tells"
    return told
