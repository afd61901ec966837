"""Parquet and NDJSON files: what columns they have, and their scans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from phasegate.facts.sources_files import FoundFile, SourceError

ROWS_AT_MOST = 2_000_000_000
_SUSPICIOUS_ROWS = 10_000_000
_ROWS_PER_BYTE_AT_MOST = 100


def parquet_columns(file: FoundFile) -> dict[str, pl.DataType]:
    """The columns of a Parquet file, from its metadata.

    Raises:
        SourceError: if it is no whole Parquet file, or claims what it can not hold.
    """
    try:
        columns = pl.read_parquet_schema(file.path)
        rows = pl.scan_parquet(file.path, glob=False).select(pl.len()).collect().item()
    except (PolarsError, OSError) as error:
        first = str(error).splitlines()[0]
        raise SourceError(f"{file.shown} is no whole Parquet file: {first}", "is it cut off?") from error
    if rows > ROWS_AT_MOST:
        raise SourceError(f"{file.shown} claims {rows:,} rows; more than {ROWS_AT_MOST:,} are not read")
    size = file.state.st_size
    if rows > _SUSPICIOUS_ROWS and rows > size * _ROWS_PER_BYTE_AT_MOST:
        raise SourceError(f"{file.shown} claims {rows:,} rows in {size:,} bytes: no table packs that densely")
    return dict(columns)


def scan_parquet(paths: Sequence[Path], wanted: dict[str, str]) -> pl.LazyFrame:
    """The wanted columns with the types of the file.

    Args:
        paths: files with the same columns and types.
        wanted: the name that each column shall have, by the file's name.
    """
    frame = pl.scan_parquet(list(paths), glob=False, extra_columns="ignore", hive_partitioning=False)
    return frame.select(pl.col(found).alias(name) for found, name in wanted.items())


def ndjson_columns(file: FoundFile) -> tuple[str, ...]:
    """The keys of a NDJSON file's first object.

    Raises:
        SourceError: if its first line is no JSON object.
    """
    import json

    with file.path.open("rb") as raw:
        line = raw.readline(1 << 20)
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{file.shown}:1 is no JSON: {error}", "each line must be one JSON object"
        ) from error
    if not isinstance(found, dict):
        raise SourceError(f"{file.shown}:1 is no JSON object", "each line must be one JSON object")
    return tuple(found)


def scan_ndjson(paths: Sequence[Path], wanted: dict[str, str], names: Iterable[str]) -> pl.LazyFrame:
    """The wanted columns as text, so that no type is guessed from a few lines.

    Args:
        paths: the files.
        wanted: the name that each column shall have, by the file's name.
        names: the columns that the files have.
    """
    schema = {name: pl.String for name in names if name in wanted}
    frame = pl.scan_ndjson(list(paths), schema=schema)
    return frame.select(pl.col(found).alias(name) for found, name in wanted.items())
