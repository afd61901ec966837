"""The example's tables as a lake keeps them: a folder a table, in it a folder a month with Parquet files.

What systems export in bulk is just that, named by a glob. Of all other tables a Delta log says in each folder
which files are the table.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from typed_tables import TypedTable

from phasegate.rules.model.file_format import FILE_FORMATS

FOLDER = "lake"
EXPORTS = ("costs", "system_runs")
LOG = FILE_FORMATS["delta"].folder


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
    sources = {}
    for name, table in tables.items():
        files = {}
        for month, rows in _months(table).items():
            file = Path(f"month={month}" if month else "") / "part-0000.parquet"
            (lake / name / file).parent.mkdir(parents=True, exist_ok=True)
            rows.write_parquet(lake / name / file)
            files[file] = month
        if name not in EXPORTS:
            _write_log(lake / name, table, files)
            sources[name] = {"path": f"{FOLDER}/{name}"}
        else:
            sources[name] = {"path": f"{FOLDER}/{name}/**/*.parquet"}
    yield {"sources": sources}, {}


def _months(table: TypedTable) -> dict[str, pl.DataFrame]:
    """The rows of each month; all of them under no name where they have no date of an event."""
    rows = table.frame.with_columns(pl.selectors.datetime().dt.replace_time_zone("UTC"))
    event = table.contract.event
    if event not in rows.columns:
        return {"": rows}
    month = pl.col(event).dt.strftime("%Y-%m").fill_null("none").alias("month")
    cut = rows.with_columns(month).partition_by("month", as_dict=True, include_key=False)
    return {str(month): part for (month,), part in cut.items()}


def _write_log(folder: Path, table: TypedTable, files: dict[Path, str]) -> None:
    """The first version of a Delta table: all files that are there."""
    by_month = [*files.values()] != [""]
    columns = {name: _type(kind) for name, kind in table.frame.schema.items()}
    columns |= {"month": "string"} if by_month else {}
    fields = [
        {"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in columns.items()
    ]
    actions: list[dict[str, object]] = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {
            "metaData": {
                "id": f"example-{table.name}",
                "name": table.name,
                "description": table.contract.title,
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": fields}),
                "partitionColumns": ["month"] if by_month else [],
                "configuration": {},
                "createdTime": 0,
            }
        },
    ]
    for file, month in files.items():
        state = (folder / file).stat()
        added = {
            "path": file.as_posix(),
            "partitionValues": {"month": month} if by_month else {},
            "size": state.st_size,
            "modificationTime": int(state.st_mtime * 1_000),
            "dataChange": True,
        }
        actions.append({"add": added})
    log = folder / LOG
    log.mkdir()
    text = "".join(json.dumps(action) + "\n" for action in actions)
    (log / f"{0:020}.json").write_text(text, encoding="utf-8", newline="\n")


def _type(kind: pl.DataType) -> str:
    match kind:
        case pl.Decimal():
            return f"decimal({kind.precision},{kind.scale})"
        case pl.Datetime():
            return "timestamp"
        case _:
            return {pl.String: "string", pl.Int64: "long", pl.Boolean: "boolean", pl.Date: "date"}[type(kind)]
