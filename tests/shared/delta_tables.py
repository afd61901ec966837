"""Delta tables written by hand, so that each action of their logs is what a test says."""

from __future__ import annotations

import base64
import datetime as dt
import json
import struct
import uuid
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
from pyroaring import BitMap

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.source import OpenSource, numbers
from phasegate.rules.model.project import SourceFile

LOG = "_delta_log"
Action = dict[str, Any]
_B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def protocol(*features: str, reader: int | None = None) -> Action:
    version = reader if reader is not None else 3 if features else 1
    found: Action = {"minReaderVersion": version, "minWriterVersion": 7 if features else 2}
    if features:
        found |= {"readerFeatures": list(features), "writerFeatures": list(features)}
    return {"protocol": found}


def metadata(
    columns: Mapping[str, Any],
    partitions: Sequence[str] = (),
    stored: Mapping[str, str] | None = None,
    **configuration: str,
) -> Action:
    """The schema of a table; where ``stored`` is given, what its columns are called in files."""
    fields = [
        {
            "name": name,
            "type": type_,
            "nullable": True,
            "metadata": {"delta.columnMapping.id": place, "delta.columnMapping.physicalName": stored[name]}
            if stored
            else {},
        }
        for place, (name, type_) in enumerate(columns.items(), start=1)
    ]
    if stored:
        configuration.setdefault("delta.columnMapping.mode", "name")
    return {
        "metaData": {
            "id": "7b1e9f0c-0000-4000-8000-000000000000",
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": list(partitions),
            "configuration": configuration,
            "createdTime": 0,
        }
    }


def removed(add: Action) -> Action:
    """What takes a file out again."""
    said = {key: add["add"][key] for key in ("path", "deletionVector") if key in add["add"]}
    return {"remove": {**said, "deletionTimestamp": 0, "dataChange": True}}


class Table:
    """A table that is written.

    Args:
        folder: where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / LOG
        self.log.mkdir(parents=True)
        self._next = 0

    def file(self, name: str, frame: pl.DataFrame, values: Mapping[str, str | None] | None = None) -> Action:
        """Writes a data file, and gives what adds it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path)
        return {
            "add": {
                "path": quote(name),
                "partitionValues": dict(values or {}),
                "size": path.stat().st_size,
                "modificationTime": 0,
                "dataChange": True,
            }
        }

    def commit(self, *actions: Action, at: int | None = None, time: int = 1_767_225_600_000) -> int:
        """Writes the next version."""
        version = self._next if at is None else at
        lines = [{"commitInfo": {"timestamp": time, "operation": "WRITE"}}, *actions]
        text = "\n".join(json.dumps(line) for line in lines)
        (self.log / f"{version:020}.json").write_text(text + "\n", encoding="utf-8")
        self._next = version + 1
        return version

    def checkpoint(self, version: int, actions: Sequence[Action], name: str = "checkpoint.parquet") -> Path:
        """Writes a checkpoint in Parquet: one row an action."""
        path = self.log / (f"{version:020}.{name}" if "/" not in name else name)
        path.parent.mkdir(exist_ok=True)
        checkpoint_rows(actions).write_parquet(path)
        return path

    def vector(self, add: Action, rows: Collection[int], where: str = "u") -> Action:
        """The same file with rows deleted: numbers counted from 0."""
        found = vector_of(rows)
        said: Action = {"storageType": where, "sizeInBytes": len(found), "cardinality": len({*rows})}
        if where == "i":
            said |= {"pathOrInlineDv": coded(found + b"\0" * (-len(found) % 4))}
        else:
            name = uuid.uuid5(uuid.NAMESPACE_URL, f"{add['add']['path']} {sorted(rows)}")
            path = self.folder / f"ab/deletion_vector_{name}.bin"
            path.parent.mkdir(exist_ok=True)
            framed = struct.pack(">i", len(found)) + found + struct.pack(">I", zlib.crc32(found))
            path.write_bytes(b"\x01" + framed)
            placed = f"ab{coded(name.bytes)}" if where == "u" else path.as_uri()
            said |= {"pathOrInlineDv": placed, "offset": 1}
        return {"add": {**add["add"], "deletionVector": said}}


def vector_of(rows: Collection[int], *, runs: bool = True) -> bytes:
    """A deletion vector, by a library that is not ours."""
    bitmap = BitMap(rows)
    if runs:
        bitmap.run_optimize()
    body = struct.pack("<q", 0) if not rows else struct.pack("<qi", 1, 0) + bitmap.serialize()
    return struct.pack("<i", 1681511377) + body


def coded(data: bytes) -> str:
    """Bytes as Z85."""
    return base64.b85encode(data).decode().translate(str.maketrans(_B85, _Z85))


def checkpoint_rows(actions: Sequence[Action]) -> pl.DataFrame:
    pair = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))
    vector = pl.Struct(
        {
            "storageType": pl.String,
            "pathOrInlineDv": pl.String,
            "offset": pl.Int32,
            "sizeInBytes": pl.Int32,
            "cardinality": pl.Int64,
        }
    )
    schema = {
        "add": pl.Struct(
            {"path": pl.String, "partitionValues": pair, "size": pl.Int64, "deletionVector": vector}
        ),
        "remove": pl.Struct({"path": pl.String, "deletionTimestamp": pl.Int64}),
        "metaData": pl.Struct(
            {
                "id": pl.String,
                "format": pl.Struct({"provider": pl.String}),
                "schemaString": pl.String,
                "partitionColumns": pl.List(pl.String),
                "configuration": pair,
            }
        ),
        "protocol": pl.Struct(
            {
                "minReaderVersion": pl.Int32,
                "minWriterVersion": pl.Int32,
                "readerFeatures": pl.List(pl.String),
            }
        ),
        "sidecar": pl.Struct({"path": pl.String, "sizeInBytes": pl.Int64}),
    }
    rows = []
    for action in actions:
        ((kind, said),) = action.items()
        fields = {field.name for field in schema[kind].fields} if kind in schema else {}
        told = {key: _pairs(value) for key, value in said.items() if key in fields}
        rows.append({kind: told})
    return pl.DataFrame(rows, schema=schema)


def _pairs(value: Any) -> Any:
    known = {"storageType", "provider"}
    if isinstance(value, dict) and not known & value.keys():
        return [{"key": key, "value": each} for key, each in value.items()]
    return value


AS_OF = dt.date(2026, 3, 31)
COLUMNS = {"id": "long", "team": "string"}
Rows = list[tuple[Any, ...]]


def frame(*ids: int, team: str | None = "a") -> pl.DataFrame:
    """Rows of a table with `COLUMNS`."""
    return pl.DataFrame({"id": ids, "team": [team] * len(ids)}, schema={"id": pl.Int64, "team": pl.String})


def opened(root: Path, **keys: Any) -> OpenSource:
    """The table in the folder ``t``, opened as a source; a contract apart, keys are those of the source."""
    contract = keys.pop("contract", None)
    return open_source("usage", contract, SourceFile(**{"path": "t", **keys}), root, AS_OF)


def read(root: Path, **keys: Any) -> tuple[SourceState, Rows]:
    """Likewise, what was found of it and its rows; none where it is an error."""
    source = opened(root, **keys)
    if source.frame is None:
        return source.settle({}), []
    *checks, rows = pl.collect_all([*source.checks, source.frame.select(*source.kinds)], engine="streaming")
    return source.settle(numbers(checks)), rows.rows()
