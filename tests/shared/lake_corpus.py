"""One table as a lake has it and as CSV, and how a project reads both."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from spark_servers import SECRET, Lake

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.connections.digest import RowsDigest
from phasegate.facts.sources.open import open_sources
from phasegate.facts.sources.passes import Reading
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

INSTANT, MOMENT = pl.Datetime("us", "UTC"), pl.Datetime("us")
COLUMNS: dict[str, tuple[str, str, pl.DataType]] = {
    "id": ("bigint", "integer", pl.Int64()),
    "small": ("smallint", "integer", pl.Int64()),
    "tiny": ("tinyint", "integer", pl.Int64()),
    "plain": ("int", "integer", pl.Int64()),
    "amount": ("decimal(12,2)", "decimal", pl.Decimal(38, 2)),
    "long": ("decimal(38,6)", "decimal", pl.Decimal(38, 6)),
    "whole": ("decimal(20,0)", "decimal", pl.Decimal(38, 0)),
    "rate": ("double", "float", pl.Float64()),
    "single": ("float", "float", pl.Float32()),
    "day": ("date", "date", pl.Date()),
    "at": ("timestamp", "datetime", INSTANT),
    "local": ("timestamp_ntz", "datetime", MOMENT),
    "ok": ("boolean", "boolean", pl.Boolean()),
    "name": ("string", "string", pl.String()),
}
"""Each column: its type in Spark, in a contract, and what it is read as."""
LINES = """\
1|-32768|-128|2147483647|0.10|1.000000|99999999999999999999|0.1|0.25|2026-01-31|2026-01-31 23:30:00\
|2026-01-31 23:30:00.123456|t|plain
9223372036854775807|0|127|0|-9999999999.99|99999999999999999999999999999999.999999|0|1e-12|131071.5|1000-01-01\
|1500-02-28 23:59:59.999999|1000-01-01 00:00:00|f|quote ' and " and \\\\N, é ✓
3|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N
4|1|1|1|0.00|0.000000|-1|-0.5|1|9999-12-31|9999-12-31 23:59:59|2026-03-29 02:30:00|\\N|tab\\there
5|1|1|1|0.01|0.100000|7|123456789.25|0.5|1582-10-10|1969-12-31 23:59:59.5|1582-10-10 12:00:00|t|a  b
""".splitlines()
"""The rows as lines of `Snapshot.rows`, a bar in place of each tab."""


def values() -> list[list[str | None]]:
    """The rows as texts."""
    plain = {r"\t": "\t", r"\\": "\\"}

    def text(value: str) -> str | None:
        if value == r"\N":
            return None
        for written, meant in plain.items():
            value = value.replace(written, meant)
        return value

    return [[text(value) for value in line.split("|")] for line in LINES]


def digest() -> RowsDigest:
    """What the rows' digest must be, wherever they are read from: of the lines above, written by hand."""
    made = RowsDigest([TableColumn(name, "", kind) for name, (_, _, kind) in COLUMNS.items()])
    lines = [line.replace("|", "\t").encode() + b"\n" for line in LINES]
    made.see(lines, b"".join(lines))
    return made


def statements(table: str, using: str = "parquet") -> list[str]:
    """What makes the table."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _, _) in COLUMNS.items())
    rows = ", ".join(f"({', '.join(map(_literal, row, COLUMNS.values()))})" for row in values())
    return [f"CREATE TABLE {table} ({columns}) USING {using}", f"INSERT INTO {table} VALUES {rows}"]


def _literal(value: str | None, column: tuple[str, str, pl.DataType]) -> str:
    kind = column[0]
    if value is None:
        return f"CAST(NULL AS {kind})"
    if kind == "boolean":
        return "true" if value == "t" else "false"
    return "CAST('{}' AS {})".format(value.replace("\\", "\\\\").replace("'", "\\'"), kind)


def contract() -> Contract:
    """Its contract."""
    columns: dict[str, dict[str, Any]] = {}
    for name, (_, kind, typed) in COLUMNS.items():
        columns[name] = {"type": kind, "nullable": True}
        if isinstance(typed, pl.Decimal):
            columns[name]["scale"] = typed.scale
    return Contract.model_validate({"title": "t", "columns": columns})


def as_csv(folder: Path) -> Path:
    """The same table as a file."""
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(COLUMNS)
    places = [kind for kind, _, _ in COLUMNS.values()]
    for row in values():
        truth = {"t": "true", "f": "false"}
        written.writerow(
            truth[value] if kind == "boolean" and value else value
            for kind, value in zip(places, row, strict=True)
        )
    path = folder / "all.csv"
    path.write_text(text.getvalue())
    return path


class LakeProject:
    """Sources of a lake, as a project reads them.

    Args:
        lake: the server.
        folder: of the project.
    """

    def __init__(self, lake: Lake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lake, self.folder = lake, folder
        monkeypatch.setenv("SPARK_REMOTE", lake.url)

    def read(self, found: Contract | None = None, **tables: str) -> Reading:
        """Opens sources and reads them; nothing that is told of them has a secret."""
        files = {
            name: {"path": table} if table.endswith(".csv") else {"from": "lake", "table": table}
            for name, table in tables.items()
        }
        opened = open_sources(
            {name: found or Contract(title=name, infer=True) for name in tables},
            {name: SourceFile.model_validate(file) for name, file in files.items()},
            self.folder,
            dt.date(2026, 6, 1),
            connections={"lake": Connection(spark_connect="env:SPARK_REMOTE")},
        )
        reading = Reading(opened, opened)
        reading.read_small()
        reading.diagnose()
        assert not secrets(repr(reading.states.values()), self.lake)
        return reading


def secrets(told: str, lake: Lake) -> list[str]:
    """What of a server's address is told."""
    return [word for word in (SECRET, "127.0.0.1", str(lake.port)) if word in told]


def same(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are compared: a number is what it is worth, however it is kept."""
    return [
        {key: Decimal(str(value)) if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]
