"""What the command `init` writes of a planning document."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phasegate.rules.maps.trace.trace import Trace

PACK = "pack"
"""The folder of the pack that a document becomes."""


def of_document(document: Path, today: dt.date, id_: str) -> tuple[dict[str, str], str]:
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
