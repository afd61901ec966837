"""Rows that are at hand as a frame: a part of a source that comes from no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from phasegate.facts.sources.content import Own
from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.base import Format, Part, nulls_read
from phasegate.facts.sources.rewritten import Fingerprint
from phasegate.rules.model.project import SourceFile

if TYPE_CHECKING:
    from phasegate.facts.model.place import Place


class GivenRows(Part):
    """Rows that somebody gave.

    Args:
        name: how they are called where a fault is told.
        rows: the rows.
    """

    def __init__(self, name: str, rows: pl.DataFrame) -> None:
        file = FoundFile(Path(name), name, Own(b""))
        super().__init__(file, SourceFile(path=name), dict(rows.schema))
        self.rows = rows
        self.fingerprint.set_result(Fingerprint("", 0))

    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """Rows by their numbers: they have no lines."""
        from phasegate.facts.model.place import Place

        held = self.rows.height
        return {row: Place(self.file.shown, row=row) for row in rows if row <= held}, held


class _AtHand(Format):
    """Rows that were read already, whatever they were read from."""

    name = "rows"
    stored = False
    lines = False

    def open(self, file: FoundFile, source: SourceFile) -> Part:
        """There is no file."""
        raise SourceError(f"{file.shown} is no file")

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns as they were given."""
        frames = [part.rows for part in parts if isinstance(part, GivenRows)]
        columns = {found: name for found, name in wanted.items() if found in parts[0].columns}
        rows = pl.concat(frames).lazy().select(pl.col(found).alias(name) for found, name in columns.items())
        texts = [name for found, name in columns.items() if parts[0].columns[found] == pl.String()]
        return nulls_read(rows, texts, nulls)


GivenRows.format = _AtHand()
