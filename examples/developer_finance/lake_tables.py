"""The example's tables as a lake keeps them: a folder a table, in it a folder a month with Parquet files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from typed_tables import TypedTable

FOLDER = "lake"


@contextmanager
def kept(root: Path, tables: dict[str, TypedTable]) -> Iterator[tuple[dict[str, object], dict[str, str]]]:
    """Tables in a lake; one whose rows have a date of their event is cut by its month.

    Args:
        root: the folder of the project.
        tables: by name.

    Yields:
        What a project says of them, and the environment.
    """
    lake = root / FOLDER
    shutil.rmtree(lake, ignore_errors=True)
    for name, table in tables.items():
        for folder, rows in _parts(table).items():
            (lake / name / folder).mkdir(parents=True, exist_ok=True)
            rows.write_parquet(lake / name / folder / "part-0000.parquet")
    yield {"sources": {name: {"path": f"{FOLDER}/{name}/**/*.parquet"} for name in tables}}, {}


def _parts(table: TypedTable) -> dict[str, pl.DataFrame]:
    """The rows of each folder within that of the table."""
    event = table.contract.event
    if event not in table.frame.columns:
        return {"": table.frame}
    month = pl.col(event).dt.strftime("%Y-%m").fill_null("none").alias("month")
    cut = table.frame.with_columns(month).partition_by("month", as_dict=True, include_key=False)
    return {f"month={month}": rows for (month,), rows in cut.items()}
