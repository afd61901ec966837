"""Large files of text, parsed once: their typed rows are stored for as long as a run needs them.

Every measure reads for itself the columns that it needs, and so does every check. Of Parquet that
costs little; a file of text would be parsed anew each time (docs/decisions/0012).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from phasegate.facts.contracts.clauses import HIDDEN
from phasegate.facts.sources import passes
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.rewritten import rows_kept, unnamed_file
from phasegate.facts.sources.scan import READ_ERRORS, Scanned, typed_frame


def stored(found: Mapping[str, Scanned]) -> dict[str, Scanned]:
    """The same sources, the large ones of text parsed and stored.

    One that can not be stored (no room, no place to write, a file that can not be read) stays as it
    is: what is wrong with it shows when it is read.
    """
    kept = dict(found)
    for name, scanned in found.items():
        if scanned.held is None and scanned.size > passes.SMALL and scanned.parts[0].format.stored:
            try:
                kept[name] = _stored(scanned)
            except (*READ_ERRORS, SourceError):
                continue
    return kept


def _stored(scanned: Scanned) -> Scanned:
    frame = typed_frame(scanned)
    with unnamed_file() as place:
        disk = os.fstatvfs(place.fileno())
    if disk.f_bavail * disk.f_frsize < scanned.size:  # what is stored takes less than half of it
        return scanned
    with rows_kept(frame, _rows(scanned.size)) as file:
        rows = pl.scan_parquet(file)  # which holds it open by itself
    names = set(rows.collect_schema())
    texts = (
        pl.col(HIDDEN + name if HIDDEN + name in names else name).alias(name) for name in scanned.columns
    )
    return replace(scanned, raw=rows.select(texts), held=rows)


_ROWS, _TIMES, _LARGE = 1 << 14, 16, 1 << 30


def _rows(size: int) -> int:
    """How many rows are written and read at a time: few, as each measure and check holds some of these.

    Of large files more, since polars keeps where each part of each column stands.

    Args:
        size: the bytes of the files that they are in.
    """
    return _ROWS * min(max(1, size // _LARGE), _TIMES)
