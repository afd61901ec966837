"""One file of a source: what it holds, its fingerprint, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import polars as pl

from phasegate.facts.sources import passes
from phasegate.facts.sources.content import apart
from phasegate.facts.sources.files import (
    Fingerprint,
    FoundFile,
    SourceError,
    fingerprint_later,
    words,
)
from phasegate.facts.sources.formats import csv, ndjson, parquet
from phasegate.facts.sources.formats.csv_damage import Table, find_damage
from phasegate.facts.sources.formats.csv_header import Header, read_header
from phasegate.facts.sources.formats.csv_records import Dialect
from phasegate.facts.sources.formats.csv_region import cut_below
from phasegate.facts.sources.limits import HEAD_AT_MOST, refuse_columns, refuse_long_line
from phasegate.facts.sources.unsupported import AS_PARQUET, format_advised, is_parquet
from phasegate.rules.model.project import SourceFile


@dataclass
class Part:
    """One file of a source.

    Attributes:
        file: where it is.
        format: csv, parquet or ndjson.
        columns: the type of each of its columns; text where the format has no types.
        header, dialect: of a CSV file.
        above: how many lines stand above its table.
        recoded: its text, where it is written in another encoding than UTF-8, or has numbers that
            polars would change.
        fingerprint: of the bytes that polars reads, computed in the background.
    """

    file: FoundFile
    format: str
    columns: Mapping[str, pl.DataType]
    header: Header | None = None
    dialect: Dialect | None = None
    above: int = 0
    recoded: csv.Recoded | None = None
    fingerprint: Future[Fingerprint] = field(default_factory=Future)

    @property
    def text(self) -> Path | IO[bytes]:
        """What polars reads."""
        return self.recoded.text if self.recoded else self.file.held.text

    def open(self) -> IO[bytes]:
        """The same bytes from the beginning, for whoever reads by himself."""
        return apart(self.recoded.text, self.recoded) if self.recoded else self.file.open()

    @property
    def place_of_header(self) -> str:
        """Where a CSV file's header stands."""
        return f"{self.file.shown}:{self.above + 1}"

    def digest(self) -> str:
        """The digest of the file; waits until it is computed.

        Raises:
            OSError: if the file can not be read.
        """
        return self.recoded.fingerprint.digest if self.recoded else self.fingerprint.result().digest

    def fault(self, source: SourceFile) -> SourceError | None:
        """What the second look at the bytes found, or None; waits until it is done."""
        shown = self.file.shown
        try:
            found = self.fingerprint.result()
            read = self.recoded.fingerprint if self.recoded else found
            if (changed := self.file.changed(read.size)) is not None:
                return changed
            if found.fault is None:
                return None
            if self.format == "ndjson":
                return ndjson.find_fault(self.file, found.fault)
            assert self.header is not None
            assert self.dialect is not None
            fields, written = len(self.header.names), self.header.written
            with self.open() as text:
                table = Table(self.file, text, self.dialect, fields, self.above, written)
                return find_damage(table, found.fault)
        except OSError as error:
            return SourceError(f"{shown} can not be read: {words(error)}")


def open_part(file: FoundFile, source: SourceFile) -> Part:
    """Reads what columns a file has, and starts its fingerprint.

    Raises:
        SourceError: if it can not be used.
    """
    form = source.format_of(file.path.name)
    if form is None:
        with file.open() as opened:
            raise SourceError(f"{file.shown}: its extension tells no format", format_advised(opened))
    if form != "csv" and (told := source.csv_options):
        raise SourceError(f"{file.shown} is no CSV file, and {told[0]} is about CSV files alone")
    if form != "parquet":
        with file.open() as opened:
            if is_parquet(opened):
                raise SourceError(f"{file.shown} is a Parquet file, and is read as {form}", AS_PARQUET)
    if form == "parquet":
        columns = parquet.parquet_columns(file)
        return Part(file, form, columns, fingerprint=fingerprint_later(file.open))
    if form == "ndjson":
        names = dict.fromkeys(ndjson.ndjson_columns(file), pl.String())
        watch = ndjson.SingleKeys if file.state.st_size <= passes.SMALL else ndjson.FewKeys
        later = fingerprint_later(file.open, watch)
        return Part(file, form, names, recoded=_exact(file), fingerprint=later)
    return _open_csv(file, source)


def _open_csv(file: FoundFile, source: SourceFile) -> Part:
    dialect = csv.dialect_of(source, file.path)
    whole = source.above == 0 and source.stop_at is None
    recoded = None if whole and csv.is_utf8(source.encoding) else _recoded(file, source)

    def opened() -> IO[bytes]:
        return apart(recoded.text, recoded) if recoded else file.open()

    where = f"{file.shown}:{source.above + 1}"
    with opened() as text:
        head = text.read(HEAD_AT_MOST)
    refuse_long_line(where, head, dialect.separator)
    header = read_header(file, head, source, dialect, source.above)
    refuse_columns(where, len(header.names))
    if recoded and source.stop_at is not None:
        table = Table(file, recoded.text, dialect, len(header.names), source.above, header.written)
        cut_below(recoded.text, source.stop_at, table)
    fields = dict.fromkeys(header.names, pl.String())
    later = fingerprint_later(opened, lambda: csv.structure(header, dialect))
    return Part(file, "csv", fields, header, dialect, source.above, recoded, later)


def _recoded(file: FoundFile, source: SourceFile) -> csv.Recoded:
    try:
        return csv.recode(file, source.encoding, source.above)
    except OSError as error:
        hint = "it is in TMPDIR, else in /var/tmp or /tmp; files in UTF-8 need none"
        what = f"{file.shown} can not be rewritten as UTF-8 in a temporary file: {words(error)}"
        raise SourceError(what, hint) from error


def _exact(file: FoundFile) -> csv.Recoded | None:
    from phasegate.facts.sources.formats.ndjson_numbers import with_long_numbers_as_texts

    try:
        return with_long_numbers_as_texts(file)
    except OSError as error:
        hint = "it is in TMPDIR, else in /var/tmp or /tmp; a file without numbers of 16 digits needs none"
        what = f"{file.shown} can not be rewritten with its long numbers as texts: {words(error)}"
        raise SourceError(what, hint) from error


def explain(parts: Sequence[Part], source: SourceFile, error: BaseException) -> SourceError:
    """What an error of polars means for the files that it was reading.

    Args:
        parts: the files.
        source: how they are written.
        error: what polars raised.
    """
    for part in parts:
        if (fault := part.fault(source)) is not None:
            return fault
    for part in parts:
        if part.format == "csv" and part.recoded is None:
            fault = csv.find_encoding_fault(part.file)
        elif part.format == "ndjson":
            fault = ndjson.find_bad_line(part.file)
        if fault is not None:
            return fault
    first = (str(error).splitlines() or [type(error).__name__])[0]
    shown = source.path if len(parts) > 1 else parts[0].file.shown
    return SourceError(f"{shown} can not be read: {first}")
