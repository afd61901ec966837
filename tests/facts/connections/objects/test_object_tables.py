"""A table that is a folder of a store is read by its log, as one on a disk is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from delta_tables import COLUMNS, Table, frame, metadata, protocol, removed
from object_lake import Lake

from phasegate.facts.connections import look
from phasegate.facts.sources.source import OpenSource
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.project import SourceFile

LOG = "t/_delta_log/"


def written(lake: Lake) -> Table:
    """A table of three versions: rows added, a file replaced by another, a row deleted."""
    table = Table(lake.folder / "t")
    first, second = table.file("team=a b/1.parquet", frame(1, 2)), table.file("2.parquet", frame(3, 4, 5))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), first)
    table.commit(removed(first), second)
    table.checkpoint(1, [protocol("deletionVectors"), metadata(COLUMNS), second])
    table.commit(removed(second), table.vector(second, [1]))
    put(lake)
    return table


def put(lake: Lake) -> None:
    """The bucket has what the folder has."""
    files = [path for path in (lake.folder / "t").rglob("*") if path.is_file()]
    lake.store.objects = {path.relative_to(lake.folder).as_posix(): path.read_bytes() for path in files}


def ids(source: Any) -> list[int]:
    assert isinstance(source, OpenSource)
    assert source.frame is not None
    return source.frame.collect()["id"].to_list()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("keys", "rows"), [({}, [3, 5]), ({"version": 0}, [1, 2]), ({"version": 1, "format": "delta"}, [3, 4, 5])]
)
@pytest.mark.parametrize("page", [1_000, 2])
def test_it_is_the_table_that_it_is_on_a_disk(
    lake: Lake, keys: dict[str, Any], rows: list[int], page: int
) -> None:
    written(lake)
    lake.store.page, lake.store.versions = page, True
    found = lake.read(file={"path": "t", **keys}, object={"from": "lake", "path": "s3://bucket/t", **keys})
    file, brought = found.states["file"], found.states["object"]
    assert brought.status == "ok", brought.reason
    assert ids(found._opened["object"]) == ids(found._opened["file"]) == rows
    assert brought.files == {f"s3://bucket/{name}": digest for name, digest in file.files.items()}
    assert brought.table == file.table
    assert {*brought.versions} == {*brought.files}
    same = {"name": "file", "files": file.files, "digest": file.digest, "versions": file.versions}
    assert replace(brought, **same) == file
    read = [key for key in lake.store.read if key and not key.startswith(LOG)]
    assert {f"s3://bucket/{key}" for key in read if key.endswith(".parquet")} == {*brought.files}


def says(**add: Any) -> Callable[[Table], None]:
    """A newest version that has another file."""
    return lambda table: void(table.commit({"add": {**table.file("3.parquet", frame(6))["add"], **add}}))


def void(_: object) -> None:
    return


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (says(path="s3://bucket/t/2.parquet"), "which is an address and no file here"),
        (says(path="../t/2.parquet"), "which is not in the table's folder"),
        (says(path="/t/2.parquet"), "which is not in the table's folder"),
        (says(path="4.parquet"), "s3://bucket/t/4.parquet does not exist"),
        (says(size=7), "s3://bucket/t/3.parquet has "),
    ],
    ids=["an address", "above", "absolute", "gone", "another size"],
)
def test_what_its_log_may_not_say(lake: Lake, change: Callable[[Table], None], reason: str) -> None:
    change(written(lake))
    put(lake)
    state = lake.state("t")
    assert state.status == "error"
    assert reason in state.reason


def test_each_part_of_its_log_is_read_as_it_was_listed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    written(lake)
    commit = f"{LOG}{2:020}.json"

    def meanwhile(to: Any) -> None:
        lake.store.objects[commit] += b"\n"
        type(to).answer(to)

    lake.store.odd = [None, None, meanwhile]  # is it a table, what is in its log, the checkpoint
    reason = f"s3://bucket/{commit} changed while it was read; run again once it is written"
    assert lake.state("t").reason == reason


def test_it_is_listed_and_proposed(lake: Lake) -> None:
    written(lake)
    connections = {"lake": Connection.model_validate({"s3": "env:LAKE"})}
    source = SourceFile.model_validate({"from": "lake", "path": "s3://bucket/t"})
    (looked,) = look.look(connections, lake.store.variables(), {"t": source})
    size = sum(len(held) for key, held in lake.store.objects.items() if key.startswith(LOG))
    assert looked.objects == {"s3://bucket/t": [(f"s3://bucket/{LOG}", size)]}
    proposed = look.propose(connections, "s3://bucket/t", lake.store.variables())
    assert json.loads(json.dumps(proposed))["t"]["contract"]["columns"].keys() == {"id", "team"}


def test_a_folder_without_a_log_is_no_table(lake: Lake, tmp_path: Path) -> None:
    lake.store.objects = {"t/1.parquet": b"x"}
    assert "s3://bucket/t has no version: its log is empty" in lake.state("t", format="delta").reason
    assert "s3://bucket/t does not exist" in lake.state("t").reason
