"""Parquet files: what columns they have, what they claim to hold, and their scan.

What polars learns of a file before it reads rows, it is told from the footer: it would map the whole file
into memory for that, and who cuts off a file that is mapped ends the process.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, cast

import polars as pl

from phasegate.facts.model.place import Place
from phasegate.facts.sources.files import FoundFile, SourceError, words
from phasegate.facts.sources.formats.base import HEAD_ROWS, Format, Part, nulls_read
from phasegate.facts.sources.formats.parquet_footer import (
    Footer,
    FooterError,
    footer_alone,
    footer_of,
    shape,
)
from phasegate.facts.sources.formats.parquet_pages import damaged_page
from phasegate.facts.sources.limits import refuse_columns
from phasegate.facts.sources.passes import cause, read_errors
from phasegate.rules.model.project import SourceFile

ROWS_AT_MOST = 2_000_000_000
_SUSPICIOUS_ROWS = 10_000_000
_ROWS_PER_BYTE_AT_MOST = 100
_SMALL_FILE = 1 << 16
_UNPACKED_AT_MOST = 1_000
NESTED_AT_MOST = 100
"""Deeper columns of Parquet are not read: polars goes down with them."""


class ParquetPart(Part):
    """A Parquet file."""

    @cached_property
    def footer(self) -> Footer:
        """What its footer says of its rows.

        Raises:
            SourceError: if it can not be read.
        """
        try:
            with self.file.open() as raw:
                return footer_of(raw)
        except FooterError as error:
            raise _not_whole(self.file.shown, error) from error

    @cached_property
    def _whole(self) -> set[str]:
        """The columns whose pages were looked at."""
        return set()

    def refuse_damaged(self, columns: Iterable[str]) -> None:
        """Refuses pages of columns for which polars would ask for more memory than there is.

        Args:
            columns: their names in the file.

        Raises:
            SourceError: if there are any, or the file can not be read.
        """
        for column in columns:
            if column in self._whole:
                continue
            try:
                with self.file.open() as raw:
                    fault = damaged_page(raw, self.footer.chunks.get(column, ()))
            except OSError as error:
                raise SourceError(f"{self.file.shown} can not be read: {words(error)}") from error
            if fault is not None:
                raise _not_whole(self.file.shown, f"its column {column!r} has {fault}")
            self._whole.add(column)

    def places(self, rows: Sequence[int]) -> tuple[dict[int, Place], int]:
        """Rows by their numbers: it has no lines."""
        held = rows_of(self.file)
        return {row: Place(self.file.shown, row=row) for row in rows if row <= held}, held


class Parquet(Format):
    """Parquet: typed columns, each of which is read alone."""

    name = "parquet"
    stored = False
    lines = False

    def open(self, file: FoundFile, source: SourceFile) -> ParquetPart:
        """Reads the metadata."""
        return ParquetPart(file, source, columns_of(file))

    def check(self, parts: Sequence[Part], written: str) -> None:
        """Refuses too many rows, and files that unpack to far more than they are."""
        files = [part.file for part in parts]
        size = sum(file.state.st_size for file in files)
        try:
            rows = sum(map(rows_of, files))
        except read_errors() as error:
            raise _broken(written, error) from error
        if rows > ROWS_AT_MOST:
            raise SourceError(f"{written} claims {rows:,} rows; more than {ROWS_AT_MOST:,} are not read")
        dense = "no table packs that densely"
        if rows > _SUSPICIOUS_ROWS and rows > size * _ROWS_PER_BYTE_AT_MOST:
            raise SourceError(f"{written} claims {rows:,} rows in {size:,} bytes: {dense}")
        for part in cast("Sequence[ParquetPart]", parts):
            packed = part.file.state.st_size
            if packed > _SMALL_FILE and part.footer.unpacked > packed * _UNPACKED_AT_MOST:
                sizes = f"from {packed:,} to {part.footer.unpacked:,} bytes"
                raise SourceError(f"{part.file.shown} unpacks {sizes}: {dense}")

    def copy_head(self, path: Path, source: SourceFile, target: Path) -> bool:
        """The first rows."""
        pl.scan_parquet(path).head(HEAD_ROWS).collect().write_parquet(target)
        return True

    def scan(self, parts: Sequence[Part], wanted: Mapping[str, str], nulls: Sequence[str]) -> pl.LazyFrame:
        """The wanted columns with the types of the file; texts of a dictionary as texts."""
        types = parts[0].columns
        files = cast("Sequence[ParquetPart]", parts)
        frame = scan_columns(files, {found: types[found] for found in wanted or types})
        coded = [found for found in wanted if isinstance(types[found], pl.Categorical | pl.Enum)]
        texts = [name for found, name in wanted.items() if found in coded or types[found] == pl.String()]
        frame = frame.select(
            (pl.col(found).cast(pl.String) if found in coded else pl.col(found)).alias(name)
            for found, name in wanted.items()
        )
        return nulls_read(frame, texts, nulls)


def scan_columns(
    parts: Sequence[ParquetPart], types: Mapping[str, pl.DataType], row: str | None = None
) -> pl.LazyFrame:
    """Columns of files, once it is known that polars can read them.

    Args:
        parts: the files.
        types: the type of each column, as the files have it.
        row: what a column with the number of each row shall be called.

    Raises:
        SourceError: if a file is damaged.
    """
    for part in parts:
        part.refuse_damaged(types)
    return pl.scan_parquet(
        cast("list[Path]", [part.text for part in parts]),
        schema=dict(types),
        use_statistics=False,  # some writers get them wrong, and rows would be left out
        glob=False,
        extra_columns="ignore",
        hive_partitioning=False,
        row_index_name=row,
    )


def _footer(file: FoundFile) -> IO[bytes]:
    """A file without rows that says of itself what this one says."""
    with file.open() as raw:
        return io.BytesIO(footer_alone(raw))


def rows_of(file: FoundFile) -> int:
    """How many rows a Parquet file claims in its metadata.

    Raises:
        PolarsError: if that can not be read.
    """
    return int(pl.scan_parquet(_footer(file), glob=False).select(pl.len()).collect().item())


def columns_of(file: FoundFile) -> dict[str, pl.DataType]:
    """The columns of a Parquet file, from its metadata.

    Raises:
        SourceError: if it is no whole Parquet file, or has more columns than any table.
    """
    try:
        with file.open() as raw:
            fields, depth = shape(raw)
    except FooterError as unread:
        try:  # polars finds better words, if it finds a fault too
            pl.read_parquet_schema(_footer(file))
        except read_errors() as error:
            raise _broken(file.shown, error) from error
        raise _not_whole(file.shown, unread) from unread
    refuse_columns(file.shown, fields)
    if depth > NESTED_AT_MOST:
        what = f"{file.shown} has columns that are nested more than {NESTED_AT_MOST} deep"
        raise SourceError(what, "export what is measured as columns of its own")
    try:
        return dict(pl.read_parquet_schema(_footer(file)))
    except read_errors() as error:
        raise _broken(file.shown, error) from error


def _broken(shown: str, error: Exception) -> SourceError:
    return SourceError(f"{shown} is no whole Parquet file: {cause(error)}", "is it cut off?")


def _not_whole(shown: str, fault: object) -> SourceError:
    return SourceError(f"{shown} is no whole Parquet file: {fault}", "export it anew")


FORMAT = PARQUET = Parquet()
ParquetPart.format = FORMAT
