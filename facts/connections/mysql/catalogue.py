"""What the catalogue of a MySQL or MariaDB server says of its tables, and what columns are read as.

Each row comes as one value, the line that the interface asks for, put together by the server: that costs it
half a second for a million rows, and saves the reader two. What a column is in that line is its form here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from phasegate.facts.connections.base import TableColumn
from phasegate.facts.contracts.numbers import DECIMAL_DIGITS

_SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
VIEW = "VIEW"
_KINDS = frozenset({"BASE TABLE", "SYSTEM VERSIONED", VIEW})
"""Whatever has rows; a table of the catalogue itself has none of ours, nor a sequence."""
TABLES = "SELECT table_schema, table_name, table_type, engine FROM information_schema.tables"
OF_SCHEMA = f"{TABLES} WHERE table_schema = %s"
NAMED = f"{OF_SCHEMA} AND table_name = %s"
READABLE = """
SELECT DISTINCT table_schema, table_name FROM information_schema.columns
WHERE FIND_IN_SET('select', privileges)
"""
COLUMNS = """
SELECT column_name, LOWER(data_type), LOWER(column_type), character_set_name, numeric_precision,
    numeric_scale, datetime_precision, is_nullable, FIND_IN_SET('select', privileges)
FROM information_schema.columns WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""
VIEWS = "SELECT table_schema, table_name, view_definition FROM information_schema.views"
DEFINITION = f"{VIEWS} WHERE table_schema = %s AND table_name = %s"
NOW = "SELECT SYSDATE(6)"
OLDER = """
SELECT table_schema, table_name, create_time <= CAST(%s AS DATETIME(6)) - INTERVAL 1100000 MICROSECOND
FROM information_schema.tables WHERE table_schema = %s AND table_name = %s
"""
"""Whether a table was last altered before a time: the whole second of it is told, by a clock that a file
system reads, which may be some milliseconds slow."""
SNAPSHOTS = frozenset({"innodb"})
"""The engines that show one moment for as long as a transaction lasts."""

_PLAIN = "{}"
_TRIMMED = "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST({} AS CHAR)))"
"""Without the zeros after the last digit that says something, as other databases write it."""
_ESCAPES = {"\\": "\\", "\t": "t", "\n": "n", "\r": "r", "\b": "b", "\f": "f", "\v": "v"}
"""What stands in a line for a backslash and the signs that would end a value or line, as COPY writes it."""
_FLOAT = "CAST({} AS DOUBLE)"
_WHOLE = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"})


def _text() -> str:
    found = "CAST(CONVERT({} USING utf8mb4) AS BINARY)"
    for sign, letter in _ESCAPES.items():
        found = f"REPLACE({found}, 0x{ord(sign):02X}, 0x5C{ord(letter):02X})"
    return found


_TEXT = _text()


@dataclass(frozen=True, slots=True)
class Form:
    """How a column is selected.

    Attributes:
        selected: its value as the server writes it in a line, ``{}`` where its name stands.
        scale: of numbers that only the rows tell the digits of, how many there may be after the point.
    """

    selected: str
    scale: int | None = None

    def of(self, name: str) -> str:
        """The expression for a column."""
        return self.selected.replace("{}", quoted(name))


def is_read(row: Sequence[str | None]) -> bool:
    """Whether a row of `TABLES` is of a table or view that may be read."""
    return row[0] not in _SYSTEM and row[2] in _KINDS


def quoted(*names: str) -> str:
    """A name of the catalogue, as a statement has it."""
    return ".".join(f"`{name.replace('`', '``')}`" for name in names)


def line_of(values: Sequence[str]) -> str:
    r"""The expression for a row: its values as a line, one that is missing as ``\N``."""
    present = [f"IFNULL({value}, 0x5C4E)" for value in values] or ["0x31"]
    return f"CONCAT({', 0x09, '.join(present)}, 0x0A)"


def column(
    name: str,
    base: str,
    written: str,
    charset: str | None,
    precision: str | int | None,
    scale: str | int | None,
    fraction: str | int | None,
    nullable: str,
    granted: str | int | None,
) -> tuple[TableColumn, Form]:
    """A column by its row of `COLUMNS`, and its form."""
    kind, form = _known(base, written, charset, int(precision or 0), int(scale or 0), int(fraction or 0))
    meant = pl.Boolean() if written == "tinyint(1)" else None
    why = "" if int(granted or 0) else "the role may not read it"
    return TableColumn(name, written, None if why else kind, why, nullable == "NO", meant), form


def _known(
    base: str, written: str, charset: str | None, precision: int, scale: int, fraction: int
) -> tuple[pl.DataType | None, Form]:
    padded = " + 0" if "zerofill" in written else ""
    if base in _WHOLE or base == "year":
        return pl.Int64(), Form(_PLAIN + padded)
    if base == "decimal" and precision > DECIMAL_DIGITS:
        return None, Form((_TRIMMED if scale else _PLAIN).replace("{}", "{}" + padded), scale)
    if base == "decimal":
        return pl.Decimal(DECIMAL_DIGITS, scale), Form(_PLAIN + padded)
    if base == "bit" and precision == 1:
        return pl.Boolean(), Form("ELT({} + 1, 'f', 't')")
    if base == "bit":
        return pl.Int64(), Form("{} + 0")
    if base in {"datetime", "timestamp"}:
        kind = pl.Datetime("us", "UTC" if base == "timestamp" else None)
        return kind, Form(_TRIMMED if fraction else _PLAIN)
    if base in {"json", "uuid"} or (base in _TEXTS and charset not in {None, "binary"}):
        return pl.String(), Form(_TEXT)
    simple: dict[str, pl.DataType] = {"float": pl.Float32(), "double": pl.Float64(), "date": pl.Date()}
    return simple.get(base), Form(_PLAIN if base == "date" else _FLOAT)
