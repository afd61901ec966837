"""The columns of a table as its log has them: what they are called, there and in files, and their types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from phasegate.facts.contracts.numbers import DECIMAL_DIGITS
from phasegate.facts.sources.formats.delta.actions import LogError, pairs
from phasegate.facts.sources.limits import COLUMNS_AT_MOST
from phasegate.rules.model.base import reserved

_DECIMAL = re.compile(r"decimal\(([0-9]{1,2}), ?(-?[0-9]{1,2})\)")
_TYPES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "long": pl.Int64(),
    "integer": pl.Int32(),
    "short": pl.Int16(),
    "byte": pl.Int8(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
    "timestamp_ntz": pl.Datetime("us"),
}


@dataclass(frozen=True, slots=True)
class DeltaColumn:
    """A column of a table.

    Attributes:
        name: as people know it.
        stored: as files have it.
        written: its type, in the log's words.
        kind: what it is read as; None where it is not read.
    """

    name: str
    stored: str
    written: str
    kind: pl.DataType | None

    @property
    def left_out(self) -> str:
        """Why it is not read."""
        return f"the table has it as {self.written}, of which nothing is measured: add a plain column"


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table.

    Attributes:
        columns: all of them, in the table's order.
        partitions: the names of those that stand in the log and in no file.
    """

    columns: tuple[DeltaColumn, ...]
    partitions: frozenset[str]

    @property
    def read(self) -> list[DeltaColumn]:
        """Those that are read."""
        return [column for column in self.columns if column.kind is not None]


def schema_of(metadata: Mapping[str, Any]) -> Schema:
    """The columns that the log says.

    Args:
        metadata: its ``metaData``.

    Raises:
        LogError: if it says none, or they can not be told apart.
    """
    form = metadata.get("format") or {}
    provider = form.get("provider") if isinstance(form, Mapping) else None
    if provider not in (None, "parquet"):
        raise LogError(f"says that its files are {provider}, and Parquet alone is read")
    mapping = pairs(metadata.get("configuration")).get("delta.columnMapping.mode") or "none"
    if mapping not in ("none", "name"):
        what = f"tells columns apart by {mapping} (delta.columnMapping.mode), which is not read"
        raise LogError(what, "have the table written anew with the mode name")
    columns = [_column(field, mapped=mapping == "name") for field in _fields(metadata)]
    for names in ([column.name for column in columns], [column.stored for column in columns]):
        folded = [name.casefold() for name in names]
        if len({*folded}) < len(names):
            twice = next(name for name, one in zip(names, folded, strict=True) if folded.count(one) > 1)
            raise LogError(f"has the column {twice!r} twice")
    return Schema(tuple(columns), _partitions(metadata, columns))


def _partitions(metadata: Mapping[str, Any], columns: Sequence[DeltaColumn]) -> frozenset[str]:
    written = metadata.get("partitionColumns") or []
    known = {column.name for column in columns}
    if not isinstance(written, list) or not all(name in known for name in written):
        raise LogError("is divided by a column that it does not have")
    return frozenset(written)


def _fields(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(metadata.get("schemaString") or "")
        fields = found["fields"]
        if not isinstance(fields, list) or not all(isinstance(each, dict) for each in fields):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise LogError("has a schema that can not be read") from error
    if len(fields) > COLUMNS_AT_MOST:
        raise LogError(f"has more than {COLUMNS_AT_MOST:,} columns, which are not read")
    return fields


def _column(field: Mapping[str, Any], *, mapped: bool) -> DeltaColumn:
    name, written, metadata = field.get("name"), field.get("type"), field.get("metadata") or {}
    stored = metadata.get("delta.columnMapping.physicalName") if mapped else name
    if not isinstance(name, str) or not isinstance(stored, str) or not name or not stored:
        raise LogError("has a column without a name")
    if (what := reserved(stored)) is not None and mapped:
        raise LogError(f"has a column that can not be read: in files {what}")
    if isinstance(written, Mapping):
        return DeltaColumn(name, stored, f"{written.get('type')}", None)
    return DeltaColumn(name, stored, f"{written}", _kind(f"{written}"))


def _kind(written: str) -> pl.DataType | None:
    if found := _DECIMAL.fullmatch(written):
        digits, scale = int(found[1]), int(found[2])
        return pl.Decimal(digits, scale) if 0 <= scale <= digits <= DECIMAL_DIGITS and digits else None
    return _TYPES.get(written)
