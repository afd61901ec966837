"""A source's files as one scan with the contract's columns."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from phasegate.facts import sources_csv as csv
from phasegate.facts import sources_tables as tables
from phasegate.facts.contracts import HIDDEN, must_exist
from phasegate.facts.contracts_types import Reading, RetypedError, polars_type, typed
from phasegate.facts.sources_files import (
    Fingerprint,
    FoundFile,
    SourceError,
    Watcher,
    find_files,
    fingerprint_later,
)
from phasegate.rules.contract import Contract
from phasegate.rules.nearest import suggest
from phasegate.rules.project import SourceFile

_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
_FORMATS |= {".ndjson": "ndjson", ".jsonl": "ndjson"}


@dataclass
class Scanned:
    """A source's files, ready to be read.

    Attributes:
        contract: the contract, completed from the file where it infers.
        raw: the wanted columns as the files have them, under the contract's names.
        frame: the same, typed; what was changed stays as a hidden column.
        columns: the type of each wanted column in the files.
        reading: how texts are written.
        files: the files, in path order.
        fingerprints: one for each, computed in the background.
    """

    contract: Contract
    raw: pl.LazyFrame
    frame: pl.LazyFrame
    columns: dict[str, pl.DataType]
    reading: Reading
    source: SourceFile
    files: tuple[FoundFile, ...]
    parts: tuple[_Part, ...]

    def digests(self) -> dict[str, str]:
        """The digest of each file by the path that is shown; waits until they are computed.

        A file that vanished has none.
        """
        found = {}
        for part in self.parts:
            try:
                found[part.file.shown] = part.digest()
            except OSError:
                continue
        return found

    def fault(self) -> SourceError | None:
        """What the second look at the bytes found, or None; waits until it is done."""
        for part in self.parts:
            try:
                fault = part.fault(self.source)
            except OSError as error:
                return SourceError(
                    f"{part.file.shown} can not be read: {(error.strerror or 'unknown').lower()}"
                )
            if fault is not None:
                return fault
        return None

    def explain(self, error: Exception) -> SourceError:
        """What an error of polars means for this source."""
        for part in self.parts:
            if part.format != "parquet" and part.recoded is None:
                fault = csv.find_encoding_fault(part.file)
                if fault is not None:
                    return fault
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        shown = self.source.path if len(self.parts) > 1 else self.parts[0].file.shown
        return SourceError(f"{shown} can not be read: {first}")


@dataclass
class _Part:
    """One file of a source."""

    file: FoundFile
    format: str
    columns: dict[str, pl.DataType]
    header: csv.Header | None = None
    recoded: csv.Recoded | None = None
    print: Future[Fingerprint] = field(default_factory=Future)

    @property
    def path(self) -> Path:
        return self.recoded.path if self.recoded else self.file.path

    def digest(self) -> str:
        return self.recoded.fingerprint.digest if self.recoded else self.print.result().digest

    def fault(self, source: SourceFile) -> SourceError | None:
        found = self.print.result()
        if not self.file.unchanged() or (self.recoded is None and found.size != self.file.state.st_size):
            return SourceError(f"{self.file.shown} changed while it was read", "run again once it is written")
        if found.fault is None:
            return None
        return csv.find_damage(self.file, source, len(self.columns), found.fault)


def scan_source(contract: Contract, source: SourceFile, root: Path) -> Scanned:
    """Finds a source's files and puts its columns under the contract's names and types.

    Raises:
        SourceError: if a file can not be used.
        PathError: if a path leaves the project's folder.
    """
    files = find_files(root, source.path, source.outside)
    parts = tuple(_part(file, source) for file in files)
    _same_columns(parts)
    wanted = _wanted(contract, source, parts[0])
    raw = _raw(parts, source, wanted)
    columns = {name: parts[0].columns[found] for found, name in wanted.items()}
    reading = Reading(
        decimal_comma=source.decimal_comma,
        date_format=source.date_format,
        datetime_format=source.datetime_format,
        inexact_numbers=parts[0].format == "ndjson",
    )
    frame = _typed(raw, contract, columns, reading, parts[0].file.shown)
    return Scanned(contract, raw, frame, columns, reading, source, files, parts)


def _part(file: FoundFile, source: SourceFile) -> _Part:
    form = source.format or _FORMATS.get(file.path.suffix.lower())
    if form is None:
        raise SourceError(
            f"{file.shown}: its extension tells no format", "set format: csv, parquet or ndjson"
        )
    if form == "parquet":
        part = _Part(file, form, tables.parquet_columns(file))
        part.print = fingerprint_later(file.path)
        return part
    if form == "ndjson":
        part = _Part(file, form, dict.fromkeys(tables.ndjson_columns(file), pl.String()))
        part.print = fingerprint_later(file.path)
        return part
    csv.check_options(source)
    recoded = None if csv.is_utf8(source.encoding) else csv.recode(file, source.encoding)
    path = recoded.path if recoded else file.path
    header = csv.read_header(file, path, source)
    part = _Part(file, form, dict.fromkeys(header.names, pl.String()), header, recoded)

    def structure() -> Watcher:
        return csv.Structure(len(header.names), source.separator, source.quote)

    part.print = fingerprint_later(path, structure)
    return part


def _same_columns(parts: Sequence[_Part]) -> None:
    first = parts[0]
    for part in parts[1:]:
        if part.format == "ndjson":
            continue
        for name in sorted(first.columns.keys() ^ part.columns.keys()):
            lacking, having = (part, first) if name in first.columns else (first, part)
            raise SourceError(
                f"{lacking.file.shown} has no column {name!r}, {having.file.shown} has one",
                "all files of a source must have the same columns",
            )
        for name, kind in first.columns.items():
            if part.columns[name] != kind:
                raise SourceError(
                    f"{part.file.shown} has {name!r} as {part.columns[name]}, {first.file.shown} as {kind}",
                    "all files of a source must have the same columns",
                )


def _wanted(contract: Contract, source: SourceFile, part: _Part) -> dict[str, str]:
    """The contract's names by the file's, in the contract's order."""
    theirs = {ours: found for found, ours in source.rename.items()}
    wanted = {}
    for name, column in contract.columns.items():
        found = theirs.get(name, name)
        if found in part.columns:
            if part.header and part.header.names.count(found) > 1:
                raise SourceError(f"{part.file.shown}:1 has the column {found!r} more than once")
            wanted[found] = name
        elif part.format == "ndjson":
            wanted[found] = name
            part.columns[found] = pl.String()
        elif not column.optional or name in must_exist(contract):
            raise SourceError(
                f"{part.file.shown} has no column {found!r}", suggest(found, part.columns, of="columns")
            )
    return wanted


def _raw(parts: Sequence[_Part], source: SourceFile, wanted: dict[str, str]) -> pl.LazyFrame:
    first = parts[0]
    if first.format == "parquet":
        return tables.scan_parquet([part.path for part in parts], wanted)
    if first.format == "ndjson":
        return tables.scan_ndjson([part.path for part in parts], wanted, first.columns)
    assert first.header is not None
    if all(part.header == first.header for part in parts):
        return csv.scan([part.path for part in parts], first.header, wanted, source)
    # The same columns in another order: polars goes by position.
    scans = [csv.scan([part.path], part.header, wanted, source) for part in parts if part.header]
    return pl.concat(scans)


def _typed(
    raw: pl.LazyFrame, contract: Contract, columns: dict[str, pl.DataType], reading: Reading, shown: str
) -> pl.LazyFrame:
    values, hidden = [], {}
    for name, column in contract.columns.items():
        found = columns.get(name)
        if found is None:
            values.append(pl.lit(None, polars_type(column)).alias(name))
            continue
        try:
            value = typed(pl.col(HIDDEN + name), found, column, reading)
        except RetypedError as error:
            raise SourceError(f"{shown}: column {name!r} is retyped: {error}") from error
        if value is not None:
            hidden[name] = HIDDEN + name
            values.append(value.alias(name))
    return raw.rename(hidden).with_columns(values)
