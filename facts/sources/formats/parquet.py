"""Parquet files: what columns they have, what they claim to hold, and their scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import polars as pl
from polars.exceptions import PolarsError

from phasegate.facts.sources.files import FoundFile, SourceError
from phasegate.facts.sources.formats.parquet_footer import FooterError, shape, unpacked_bytes
from phasegate.facts.sources.limits import refuse_columns

ROWS_AT_MOST = 2_000_000_000
_SUSPICIOUS_ROWS = 10_000_000
_ROWS_PER_BYTE_AT_MOST = 100
_SMALL_FILE = 1 << 16
_UNPACKED_AT_MOST = 1_000
NESTED_AT_MOST = 100
"""Deeper columns of Parquet are not read: polars goes down with them."""


def parquet_columns(file: FoundFile) -> dict[str, pl.DataType]:
    """The columns of a Parquet file, from its metadata.

    Raises:
        SourceError: if it is no whole Parquet file, or has more columns than any table.
    """
    try:
        with file.open() as raw:
            fields, depth = shape(raw)
    except FooterError as unread:
        try:  # polars finds better words, if it finds a fault too
            pl.read_parquet_schema(file.held.text)
        except (PolarsError, OSError) as error:
            raise _broken(file.shown, error) from error
        raise SourceError(f"{file.shown} is no whole Parquet file: {unread}", "export it anew") from unread
    refuse_columns(file.shown, fields)
    if depth > NESTED_AT_MOST:
        what = f"{file.shown} has columns that are nested more than {NESTED_AT_MOST} deep"
        raise SourceError(what, "export what is measured as columns of its own")
    try:
        return dict(pl.read_parquet_schema(file.held.text))
    except (PolarsError, OSError) as error:
        raise _broken(file.shown, error) from error


def check_claims(files: Sequence[FoundFile], written: str) -> None:
    """Refuses Parquet files whose metadata claim what no table holds, before anything is unpacked.

    Args:
        files: all files of a source.
        written: its path in the project file.

    Raises:
        SourceError: if they claim too many rows, or unpack to far more than they are.
    """
    size = sum(file.state.st_size for file in files)
    try:
        rows = _rows([file.held.text for file in files])
    except (PolarsError, OSError) as error:
        raise _broken(written, error) from error
    if rows > ROWS_AT_MOST:
        raise SourceError(f"{written} claims {rows:,} rows; more than {ROWS_AT_MOST:,} are not read")
    dense = "no table packs that densely"
    if rows > _SUSPICIOUS_ROWS and rows > size * _ROWS_PER_BYTE_AT_MOST:
        raise SourceError(f"{written} claims {rows:,} rows in {size:,} bytes: {dense}")
    for file in files:
        if file.state.st_size > _SMALL_FILE:
            with file.open() as raw:
                unpacked = unpacked_bytes(raw) or 0
            if unpacked > file.state.st_size * _UNPACKED_AT_MOST:
                sizes = f"from {file.state.st_size:,} to {unpacked:,} bytes"
                raise SourceError(f"{file.shown} unpacks {sizes}: {dense}")


def _broken(shown: str, error: Exception) -> SourceError:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return SourceError(f"{shown} is no whole Parquet file: {first}", "is it cut off?")


def _rows(texts: list[Path | IO[bytes]]) -> int:
    """How many rows Parquet files claim in their metadata."""
    return sum(int(pl.scan_parquet(text, glob=False).select(pl.len()).collect().item()) for text in texts)


def several(texts: Sequence[Path | IO[bytes]]) -> list[Path] | list[IO[bytes]]:
    """The files of one source as polars takes them: paths, or what is held, never both."""
    paths = [text for text in texts if isinstance(text, Path)]
    return paths or [text for text in texts if not isinstance(text, Path)]


def scan_parquet(
    texts: Sequence[Path | IO[bytes]],
    wanted: Mapping[str, str],
    schema: Mapping[str, pl.DataType] | None = None,
) -> pl.LazyFrame:
    """The wanted columns with the types of the file.

    Args:
        texts: files that all have these columns, with the same types.
        wanted: the name that each column shall have, by the file's name.
        schema: the types of these, where the files differ in other columns.
    """
    frame = pl.scan_parquet(
        several(texts),
        schema=dict(schema) if schema else None,
        glob=False,
        extra_columns="ignore",
        hive_partitioning=False,
    )
    return frame.select(pl.col(found).alias(name) for found, name in wanted.items())
