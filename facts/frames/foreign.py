"""Formats of files that plugins bring: bytes in, a table out, and everything else as for other files.

A plugin is a function that is given an open file and gives a table, as a program may give one for a source.
The table is copied and read as Parquet; the digest is that of the file's own bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from phasegate.facts.frames.errors import GivenTableError
from phasegate.facts.frames.given import GivenTable, given_table
from phasegate.facts.model.place import Place
from phasegate.facts.sources.files import FoundFile, SourceError, fingerprint
from phasegate.facts.sources.formats.base import Format, Part
from phasegate.facts.sources.formats.parquet import PARQUET, ParquetPart
from phasegate.facts.sources.rewritten import Rewritten
from phasegate.rules.loading.plugins import loaded, plugin, reason
from phasegate.rules.model.file_format import FILE_FORMATS
from phasegate.rules.model.project import SourceFile


class ForeignPart(ParquetPart):
    """A file of such a format: its table as Parquet.

    Args:
        format_: its format.
        file, source: as of each part.
        given: the table.
    """

    def __init__(
        self, format_: ForeignFormat, file: FoundFile, source: SourceFile, given: GivenTable
    ) -> None:
        self.format, self._given = format_, given
        kinds = {each.name: each.kind for each in given.columns if each.kind is not None}
        told = file.unpacked.fingerprint if file.unpacked else fingerprint(file.held.open)
        super().__init__(file, source, kinds, Rewritten(given.rows, told))
        self.left_out = {each.name: each.left_out for each in given.columns if each.kind is None}

    def column_advised(self, name: str) -> str | None:
        """Why it is not read, where the table has it."""
        return self.left_out.get(name) or super().column_advised(name)

    def refuse_damaged(self, columns: Iterable[str]) -> None:
        """Nothing is damaged: its Parquet was written here, and the file itself is none."""

    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """Rows by their numbers: only the plugin knows lines."""
        held = int(pl.scan_parquet(self.text, glob=False).select(pl.len()).collect().item())
        return {row: Place(self.file.shown, row=row) for row in rows if row <= held}, held


class ForeignFormat(Format):
    """A format that a plugin brings.

    Args:
        name: its name.

    Raises:
        PluginError: if it can not be loaded.
    """

    stored = False
    lines = False

    def __init__(self, name: str) -> None:
        self.name = name
        self._plugin = plugin("format", name, tuple(FILE_FORMATS))
        self._read = loaded(self._plugin)

    def open(self, file: FoundFile, source: SourceFile) -> ForeignPart:
        """Has it read.

        Raises:
            SourceError: with what the plugin raises, or why what it gives is no table.
        """
        by = self._plugin.shown
        with file.open() as opened:
            try:
                table = self._read(opened)
            except Exception as error:
                raise SourceError(f"{file.shown} can not be read by {by}: {reason(error)}") from error
        try:
            return ForeignPart(self, file, source, given_table(file.shown, table))
        except GivenTableError as error:
            raise SourceError(f"what {by} makes of {file.shown} {error.what}", error.hint) from error

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns as the tables have them."""
        return PARQUET.scan(parts, wanted, nulls)
