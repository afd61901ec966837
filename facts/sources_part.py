"""One file of a source: what it holds, its fingerprint, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import polars as pl

from phasegate.facts import passes
from phasegate.facts import sources_csv as csv
from phasegate.facts import sources_tables as tables
from phasegate.facts.sources_files import (
    Fingerprint,
    FoundFile,
    SourceError,
    Watcher,
    fingerprint_later,
    words,
)
from phasegate.facts.sources_foreign import AS_PARQUET, format_advised, is_parquet
from phasegate.rules.project import SourceFile

_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
_FORMATS |= {".ndjson": "ndjson", ".jsonl": "ndjson"}


@dataclass
class Part:
    """One file of a source.

    Attributes:
        file: where it is.
        format: csv, parquet or ndjson.
        columns: the type of each of its columns; text where the format has no types.
        header: of a CSV file.
        recoded: its text in UTF-8, where it is written in another encoding.
        fingerprint: of the bytes that polars reads, computed in the background.
    """

    file: FoundFile
    format: str
    columns: Mapping[str, pl.DataType]
    header: csv.Header | None = None
    recoded: csv.Recoded | None = None
    fingerprint: Future[Fingerprint] = field(default_factory=Future)

    @property
    def text(self) -> Path | IO[bytes]:
        """What polars reads."""
        return self.recoded.text if self.recoded else self.file.path

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
            if not self.file.unchanged() or (self.recoded is None and found.size != self.file.state.st_size):
                return SourceError(f"{shown} changed while it was read", "run again once it is written")
            if found.fault is None:
                return None
            if self.format == "ndjson":
                return SourceError(f"{shown}:{found.fault}", "which of its values counts can not be told")
            return csv.find_damage(self.file, source, len(self.columns), found.fault)
        except OSError as error:
            return SourceError(f"{shown} can not be read: {words(error)}")


def open_part(file: FoundFile, source: SourceFile) -> Part:
    """Reads what columns a file has, and starts its fingerprint.

    Raises:
        SourceError: if it can not be used.
    """
    form = source.format or _FORMATS.get(file.path.suffix.lower())
    if form is None:
        raise SourceError(f"{file.shown}: its extension tells no format", format_advised(file.path))
    if form != "parquet" and is_parquet(file.path):
        raise SourceError(f"{file.shown} is a Parquet file, and is read as {form}", AS_PARQUET)
    if form == "parquet":
        columns = tables.parquet_columns(file)
        return Part(file, form, columns, fingerprint=fingerprint_later(file.path))
    if form == "ndjson":
        names = dict.fromkeys(tables.ndjson_columns(file), pl.String())
        watch = tables.SingleKeys if file.state.st_size <= passes.SMALL else Watcher
        return Part(file, form, names, fingerprint=fingerprint_later(file.path, watch))
    csv.check_options(source)
    recoded = None if csv.is_utf8(source.encoding) else _recoded(file, source.encoding)
    text = recoded.text if recoded else file.path
    header = csv.read_header(file, text, source)

    def structure() -> Watcher:
        return csv.Structure(len(header.names), source.separator, source.quote)

    fields = dict.fromkeys(header.names, pl.String())
    return Part(file, form, fields, header, recoded, fingerprint_later(text, structure))


def _recoded(file: FoundFile, encoding: str) -> csv.Recoded:
    try:
        return csv.recode(file, encoding)
    except OSError as error:
        hint = "it is in TMPDIR, else in /var/tmp or /tmp; files in UTF-8 need none"
        what = f"{file.shown} can not be rewritten as UTF-8 in a temporary file: {words(error)}"
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
            fault = csv.find_encoding_fault(part.file) or tables.find_bad_line(part.file)
        if fault is not None:
            return fault
    first = (str(error).splitlines() or [type(error).__name__])[0]
    shown = source.path if len(parts) > 1 else parts[0].file.shown
    return SourceError(f"{shown} can not be read: {first}")
