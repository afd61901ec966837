"""Delta tables: a version of one, its data files, and which of their rows are in it.

The log is read here, not by a library: every file of it, and every file that it names, is held by what it is
and not by its name, as other files of sources are (docs/decisions/0046). The rows are read as those of
Parquet files are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import polars as pl

from phasegate.facts.model.fact import TableState
from phasegate.facts.model.place import Place as RowPlace
from phasegate.facts.sources.files import FoundFile, SourceError, fingerprint_later
from phasegate.facts.sources.formats.base import Format, Part, nulls_read
from phasegate.facts.sources.formats.delta.actions import DataFile, LogError, Vector
from phasegate.facts.sources.formats.delta.deletions import (
    BYTES_AT_MOST,
    deleted_rows,
    file_of,
    vector_bytes,
)
from phasegate.facts.sources.formats.delta.log import LOG, Log, Version
from phasegate.facts.sources.formats.delta.schema import DeltaColumn
from phasegate.facts.sources.formats.delta.values import ValueFault, as_table_has_it, value_of
from phasegate.facts.sources.formats.folder import Folder
from phasegate.facts.sources.formats.parquet import PARQUET, ParquetPart, rows_of, scan_columns
from phasegate.facts.sources.limits import refuse_columns
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.rules.model.project import SourceFile

_ROW = "\x00row"
_AT = "\x00at "


class DeltaPart(ParquetPart):
    """A data file of a version of a table; of one without rows its newest commit stands in for them.

    Args:
        file, source: as of each part.
        version: the version.
        data: what the log says of the file; None where the table has none.

    Attributes:
        deleted: the numbers of its rows that are deleted, counted from 0; None where none are.
    """

    def __init__(
        self,
        file: FoundFile,
        source: SourceFile,
        version: Version,
        data: DataFile | None,
    ) -> None:
        super().__init__(file, source, {column.name: column.kind for column in version.schema.read})  # type: ignore[misc]  # those that are read have a kind
        self.data = data
        self.deleted: pl.Series | None = None
        self._beside: Sequence[FoundFile] = ()
        self.stored: Mapping[str, pl.DataType] = {}
        self.values: dict[str, pl.Expr] = {}
        self._faults: dict[str, SourceError] = {}
        self.left_out = {
            column.name: column.left_out for column in version.schema.columns if column.kind is None
        }
        if data is not None:
            self.stored = PARQUET.open(file, source).columns
            self._find_values(version, data)

    @property
    def layout(self) -> object:
        """The types in the file, and the values that all of its rows have."""
        deleted = None if self.deleted is None else self.file.shown
        return dict(self.stored), self.data and dict(self.data.values), deleted

    @property
    def rows(self) -> int:
        """How many rows the file has, deleted ones included."""
        return rows_of(self.file) if self.data else 0

    def fault(self) -> SourceError | None:
        """That it changed, or what says which rows it has."""
        return super().fault() or next((fault for file in self._beside if (fault := file.changed())), None)

    def refused(self, column: str, type_: str | None = None) -> SourceError | None:
        """That it has a column otherwise than the table."""
        return self._faults.get(column)

    def column_advised(self, name: str) -> str | None:
        """Why a column of the table is not read."""
        return self.left_out.get(name) or super().column_advised(name)

    def places(self, rows: Sequence[int]) -> tuple[dict[int, RowPlace], int]:
        """Rows by their numbers in the file, in which deleted ones count."""
        deleted = pl.Series(dtype=pl.UInt32) if self.deleted is None else self.deleted
        held = self.rows - deleted.len()
        # How many rows are left before each that is deleted.
        before = deleted.cast(pl.Int64) - pl.int_range(deleted.len(), eager=True)
        here = [row for row in rows if row <= held]
        found = {row: row + int(before.search_sorted(row - 1, side="right")) for row in here}
        return {row: RowPlace(self.file.shown, row=place) for row, place in found.items()}, held

    def _find_values(self, version: Version, data: DataFile) -> None:
        """For each column an expression over the file; a column that is refused is null wherever it shows."""
        for column in version.schema.read:
            kind = cast("pl.DataType", column.kind)
            try:
                value = self._value(column, kind, version, data)
            except ValueFault as error:
                self._faults[column.name] = SourceError(f"{self.file.shown} {error}", "write the table anew")
                value = pl.lit(None, kind)
            self.values[column.name] = value

    def _value(self, column: DeltaColumn, kind: pl.DataType, version: Version, data: DataFile) -> pl.Expr:
        if column.name in version.schema.partitions:
            if column.stored not in data.values:
                raise ValueFault(f"has no {column.name!r} in the log")
            try:
                return pl.lit(value_of(data.values[column.stored], kind), kind)
            except ValueFault as error:
                raise ValueFault(f"has a {column.name!r} in the log that {error}") from error
        found = self.stored.get(column.stored)
        if found is None:
            alike = [name for name in self.stored if name.casefold() == column.stored.casefold()]
            if alike:
                raise ValueFault(f"has no column {column.stored!r}, and one {alike[0]!r}")
            return pl.lit(None, kind)  # older files lack columns that came later
        value = as_table_has_it(pl.col(column.stored), found, kind)
        if value is None:
            raise ValueFault(f"has {column.name!r} as {found}, and the table as {column.written}")
        return value


class Delta(Format):
    """Delta: a folder of Parquet files, and a log that says which of them make up the table."""

    name = "delta"
    stored = False
    lines = False

    def open(self, file: FoundFile, source: SourceFile) -> DeltaPart:
        """Refuses single files."""
        what = f"{file.shown} is a file, and a Delta table is a folder"
        raise SourceError(what, f"name the folder that has {LOG} in it")

    def open_folder(self, folder: Folder, source: SourceFile) -> Sequence[DeltaPart]:
        """Reads the log of a table, and the footers of its files."""
        version = Log(folder, source).version()
        refuse_columns(folder.shown, len(version.schema.columns))
        found = _Found(folder, source)
        parts = list(found.parts(version)) or [_without_rows(source, version)]
        log_digest = version.digest(found.deleted)
        types = {column.name: column.written for column in version.schema.read}
        state = TableState(server=version.reader, snapshot=version.shown, types=types, log=log_digest)
        for part in parts:
            part.table = state
        parts[0]._beside = (*version.log, *parts[0]._beside)
        return parts

    def check(self, parts: Sequence[Part], written: str) -> None:
        """As of Parquet files."""
        files = [part for part in parts if cast("DeltaPart", part).data]
        if files:
            PARQUET.check(files, written)

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns with the types of the table, without the rows that are deleted."""
        first = cast("DeltaPart", parts[0])
        kinds = {name: first.columns[found] for found, name in wanted.items()}
        if first.data is None:
            return pl.LazyFrame(schema=kinds)
        values = {name: first.values[found] for found, name in wanted.items()}
        read = {root for value in values.values() for root in value.meta.root_names()}
        frame = scan_columns(
            cast("Sequence[DeltaPart]", parts),
            {name: first.stored[name] for name in first.stored if name in read} or first.stored,
            None if first.deleted is None else _ROW,
        )
        if first.deleted is not None:
            frame = frame.filter(~pl.col(_ROW).is_in(first.deleted.implode()))
        # Not by one selection: of nothing but constants it would have one row.
        frame = frame.with_columns(value.alias(f"{_AT}{name}") for name, value in values.items())
        frame = frame.select(pl.col(f"{_AT}{name}").alias(name) for name in values)
        return nulls_read(frame, [name for name, kind in kinds.items() if kind == pl.String()], nulls)


class _Found:
    """The files that a log names, held.

    Attributes:
        deleted: the digest of each deletion vector, by the path of its file.
    """

    def __init__(self, table: Folder, source: SourceFile) -> None:
        self._table, self._source = table, source
        self._vectors: dict[str, tuple[FoundFile, bytes]] = {}
        self.deleted: dict[str, str] = {}

    def parts(self, version: Version) -> Iterator[DeltaPart]:
        """The parts of a version, in the order of their paths."""
        files = self._table.held([data.path for data in version.files])
        for data, file in zip(version.files, files, strict=True):
            if file.state.st_size != data.size:
                what = f"{file.shown} has {file.state.st_size:,} bytes, and {data.size:,} by the log"
                raise SourceError(what, "was the table copied whole?")
            part = DeltaPart(file, self._source, version, data)
            part.deleted, part._beside = self._deleted(data, file)
            part.fingerprint = fingerprint_later(part.open, part.watcher)
            yield part

    def _deleted(self, data: DataFile, file: FoundFile) -> tuple[pl.Series | None, Sequence[FoundFile]]:
        if data.deleted is None:
            return None, ()
        try:
            beside, found = self._vector(data.deleted)
            self.deleted[data.path] = f"sha256:{hashlib.sha256(found).hexdigest()}"
            return deleted_rows(found, data.deleted.rows, rows_of(file)), beside
        except read_errors() as error:
            raise SourceError(f"{file.shown} can not be read: {cause(error)}", "is it cut off?") from error
        except LogError as error:
            raise SourceError(f"{file.shown} {error.message}", "was the table copied whole?") from error

    def _vector(self, vector: Vector) -> tuple[Sequence[FoundFile], bytes]:
        path = file_of(vector)
        if path is None:
            return (), vector_bytes(vector, None)
        if path not in self._vectors:
            (file,) = self._table.held([path])
            if file.size > BYTES_AT_MOST:
                raise SourceError(f"{file.shown} has more than {BYTES_AT_MOST:,} bytes, which are not read")
            with file.open() as raw:
                self._vectors[path] = file, raw.read()
        file, held = self._vectors[path]
        return (file,), vector_bytes(vector, held)


def _without_rows(source: SourceFile, version: Version) -> DeltaPart:
    part = DeltaPart(version.log[-1], source, version, None)
    part.fingerprint = fingerprint_later(part.open, part.watcher)
    return part


FORMAT = Delta()
DeltaPart.format = FORMAT
