"""Delta tables that are not read: damaged, hostile or unknown ones never give rows that are not theirs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from delta_tables import (
    COLUMNS,
    Action,
    Table,
    coded,
    frame,
    metadata,
    opened,
    protocol,
    read,
    removed,
    vector_of,
)

from phasegate.facts.sources.formats.delta import actions as delta_actions
from phasegate.facts.sources.formats.delta import log as delta_log
from phasegate.facts.sources.source import numbers
from phasegate.rules.model.contract import Contract

FIRST = f"{0:020}.json"


def plain(table: Table, *more: Action) -> Action:
    """A table with one file of four rows."""
    first = table.file("1.parquet", frame(1, 2, 3, 4))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), first, *more)
    return first


def otherwise(add: Action, **said: Any) -> Action:
    """The same file, of which something else is said."""
    return {"add": {**add["add"], **said}}


def lines(table: Table, text: str | bytes, version: int = 1) -> None:
    path = table.log / f"{version:020}.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def features(*names: str) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        table.commit(protocol(*names), metadata(COLUMNS), table.file("1.parquet", frame(1)))

    return write


def readers(version: int) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        table.commit(protocol(reader=version), metadata(COLUMNS), table.file("1.parquet", frame(1)))

    return write


def with_metadata(**changed: Any) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        said = metadata(COLUMNS)
        said["metaData"] |= changed
        table.commit(protocol(), said, table.file("1.parquet", frame(1)))

    return write


def added(**said: Any) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        first = table.file("1.parquet", frame(1))
        table.commit(protocol(), metadata(COLUMNS), otherwise(first, **said))

    return write


def says(text: str | bytes) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        plain(table)
        lines(table, text)

    return write


def without_protocol(table: Table) -> None:
    table.commit(metadata(COLUMNS), table.file("1.parquet", frame(1)))


def without_schema(table: Table) -> None:
    table.commit(protocol(), table.file("1.parquet", frame(1)))


def with_two_schemas(table: Table) -> None:
    plain(table, metadata({"id": "long"}))


def with_a_gap(table: Table) -> None:
    plain(table)
    table.commit(table.file("2.parquet", frame(5)), at=2)


def begun_too_late(table: Table) -> None:
    plain(table)
    table.commit(table.file("2.parquet", frame(5)))
    (table.log / FIRST).unlink()


def half_a_checkpoint(table: Table) -> None:
    table.checkpoint(3, [protocol(), metadata(COLUMNS)], "checkpoint.0000000001.0000000002.parquet")


def without_a_log(table: Table) -> None:
    table.log.rmdir()


def with_an_empty_log(_: Table) -> None:
    pass


def missing(table: Table) -> None:
    plain(table)
    (table.folder / "1.parquet").unlink()


def cut_off(table: Table) -> None:
    plain(table)
    path = table.folder / "1.parquet"
    path.write_bytes(path.read_bytes()[:-1])


def exchanged(table: Table) -> None:
    plain(table)
    frame(1, 2, 3, 4, 5, 6, 7, 8).write_parquet(table.folder / "1.parquet")


def repeated(table: Table) -> None:
    """The same file under a second name."""
    first = plain(table)
    os.link(table.folder / "1.parquet", table.folder / "2.parquet")
    table.commit(otherwise(first, path="2.parquet"))


def linked(table: Table) -> None:
    first = plain(table)
    (table.folder / "2.parquet").symlink_to("1.parquet")
    table.commit(otherwise(first, path="2.parquet"))


def respelled(table: Table) -> None:
    first = plain(table)
    table.commit(otherwise(first, path="x/../1.parquet"))


def with_other_deletions(table: Table) -> None:
    """One file twice, each time with other rows deleted."""
    first = plain(table)
    table.commit(table.vector(first, [1]))


def at_once(table: Table) -> None:
    first = plain(table)
    table.commit(removed(first), first)


def twice_otherwise(table: Table) -> None:
    first = plain(table)
    second = table.file("2.parquet", frame(5))
    table.commit(second, otherwise(second, partitionValues={"team": "b"}), first)


def link_out(table: Table) -> None:
    outside = table.folder.parent.parent / "out.parquet"
    frame(9).write_parquet(outside)
    (table.folder / "1.parquet").symlink_to(outside)
    said = {"path": "1.parquet", "partitionValues": {}, "size": outside.stat().st_size}
    table.commit(protocol(), metadata(COLUMNS), {"add": said})


def log_out(table: Table) -> None:
    plain(table)
    outside = table.folder.parent.parent / "log"
    table.log.rename(outside)
    table.log.symlink_to(outside)


def divided(partitions: list[str], values: dict[str, Any]) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        said = metadata(COLUMNS, partitions)
        table.commit(protocol(), said, otherwise(table.file("1.parquet", frame(1)), partitionValues=values))

    return write


def vector(**said: Any) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        first = table.file("1.parquet", frame(1, 2, 3, 4))
        found = table.vector(first, [1, 2])
        found["add"]["deletionVector"] |= said
        table.commit(protocol("deletionVectors"), metadata(COLUMNS), found)

    return write


def inline(data: bytes, rows: int) -> Callable[[Table], None]:
    padded = coded(data + b"\0" * (-len(data) % 4))
    return vector(storageType="i", pathOrInlineDv=padded, sizeInBytes=len(data), cardinality=rows)


def damaged_vector(at: int, value: bytes) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        vector()(table)
        (path,) = table.folder.glob("ab/*.bin")
        held = bytearray(path.read_bytes())
        held[at : at + len(value)] = value
        path.write_bytes(held)

    return write


def sidecar(path: str) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        actions = [protocol("v2Checkpoint"), metadata(COLUMNS), {"sidecar": {"path": path, "sizeInBytes": 1}}]
        table.checkpoint(3, actions)

    return write


def checkpoint_of(columns: pl.DataFrame) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        columns.write_parquet(table.log / f"{3:020}.checkpoint.parquet")

    return write


SCHEMA = json.dumps(
    {"type": "struct", "fields": [{"name": "id", "type": "long"}, {"name": "ID", "type": "long"}]}
)
LONG_RUN = b"\x39\x30\x00\x00\x01" + b"\0\0\xff\xff" + b"\x01\x00" + b"\0\0\xff\xff"
MARKED = b"\xd1\xd3\x39\x64"  # of a vector
REFUSED: dict[str, tuple[Callable[[Table], None], str]] = {
    "a feature that is not known": (
        features("timestampNtz", "teleport"),
        "t: version 0 asks for readers that know teleport: its rows could be read wrongly without",
    ),
    "commits that a catalog holds": (features("catalogManaged"), "asks for readers that know catalogManaged"),
    "a later reader": (readers(4), "asks for readers of version 4, which is not known"),
    "a reader of features without any": (readers(3), "asks for readers of version 3, which is not known"),
    "a protocol that is none": (
        says('{"protocol": {"minReaderVersion": "1"}}'),
        "without a number 'minReaderVersion'",
    ),
    "features that are none": (
        says('{"protocol": {"minReaderVersion": 3, "readerFeatures": "x"}}'),
        "a protocol that is none",
    ),
    "no protocol": (without_protocol, "t: version 0 does not say the table's protocol"),
    "no schema": (without_schema, "t: version 0 does not say the table's schema"),
    "two schemas": (with_two_schemas, f"t/_delta_log/{FIRST} says metaData twice, each time otherwise"),
    "a schema that is none": (with_metadata(schemaString="[]"), "has a schema that can not be read"),
    "a schema of another kind": (with_metadata(schemaString=None), "has a schema that can not be read"),
    "a deep schema": (with_metadata(schemaString="[" * 100_000), "has a schema that can not be read"),
    "a column twice": (with_metadata(schemaString=SCHEMA), "has the column 'id' twice"),
    "another provider": (with_metadata(format={"provider": "orc"}), "says that its files are orc"),
    "columns told by ids": (
        with_metadata(configuration={"delta.columnMapping.mode": "id"}),
        "tells columns apart by id (delta.columnMapping.mode), which is not read",
    ),
    "columns without their names in files": (
        with_metadata(configuration={"delta.columnMapping.mode": "name"}),
        "has a column without a name",
    ),
    "partitions that are no columns": (divided(["day"], {}), "is divided by a column that it does not have"),
    "partitions with other values": (divided(["team"], {"team": 1}), "has a map that is none of texts"),
    "a gap": (
        with_a_gap,
        "t: its log does not say all of version 2: a file of it is missing; it has version 0",
    ),
    "a log that begins too late": (begun_too_late, "t: its log does not say all of version 1"),
    "half a checkpoint": (half_a_checkpoint, "t has no version: its log is empty"),
    "no log": (without_a_log, "t is a folder; name its files"),
    "an empty log": (with_an_empty_log, "t has no version: its log is empty"),
    "a commit cut off": (says('{"add": {"path"'), f"t/_delta_log/{1:020}.json is no JSON on line 1"),
    "an empty commit": (says(""), f"t/_delta_log/{1:020}.json is empty"),
    "a commit that is no text": (says(b'{"\xff\xff": 1}'), "is no JSON on line 1"),
    "a line that is no action": (says("\n[1]"), "has no action on line 2"),
    "a deep line": (says("[" * 100_000), "is no JSON on line 1"),
    "an action that is none": (says('{"add": 1}'), "has an action 'add' that is none"),
    "a key twice": (says('{"add": {"path": "1.parquet", "path": "2.parquet"}}'), "is no JSON on line 1"),
    "an action that is not known": (
        says('{"ad": {"path": "1.parquet"}}'),
        "has an action 'ad' that is not known",
    ),
    "no path": (added(path=None), "has an action without a text 'path'"),
    "an empty path": (added(path=""), "has an empty path"),
    "a path that is no text": (added(path="%ff"), "has a path that is no text"),
    "half of a sign in a path": (added(path="\ud800"), "has a path that is no text"),
    "no size": (added(size=True), "has an action without a number 'size'"),
    "a path with a zero": (added(path="a%00b"), "is not a path"),
    "a path up": (
        added(path="../t/1.parquet"),
        "t: its log names ../t/1.parquet, which is not in the table's folder",
    ),
    "a path up, encoded": (added(path="%2E%2E/t/1.parquet"), "which is not in the table's folder"),
    "an absolute path": (
        added(path="/etc/hostname"),
        "t: its log names /etc/hostname, which is not in the table's",
    ),
    "an address of a file": (
        added(path="file:///etc/hostname"),
        "t: its log names /etc/hostname, which is not in",
    ),
    "an address": (added(path="s3://bucket/1.parquet"), "names s3://bucket/1.parquet, which is an address"),
    "a folder": (added(path="_delta_log"), "t/_delta_log is a folder"),
    "a link out of the project": (link_out, "is a link that leads out of the project's folder"),
    "a log out of the project": (log_out, "is a link that leads out of the project's folder"),
    "a file that is missing": (missing, "t/1.parquet is not there, and the log of t names it"),
    "a file cut off": (cut_off, "by the log"),
    "a file exchanged": (exchanged, "by the log"),
    "a file under two names": (
        repeated,
        "t/2.parquet is the same file as t/1.parquet: its rows would count twice",
    ),
    "a file and a link to it": (linked, "t/2.parquet is the same file as t/1.parquet"),
    "a file by two paths": (respelled, "which is not in the table's folder"),
    "a file with two deletion vectors": (with_other_deletions, "names 1.parquet twice"),
    "a file added and removed at once": (at_once, "adds and removes 1.parquet at once"),
    "a file added twice otherwise": (twice_otherwise, "adds 2.parquet twice, each time otherwise"),
    "a vector that stands nowhere": (vector(storageType="x"), "has a deletion vector that stands nowhere"),
    "a vector that is too short": (vector(pathOrInlineDv="ab"), "has a deletion vector that stands nowhere"),
    "a vector of other signs": (
        vector(pathOrInlineDv='"' * 20),
        "has a deletion vector that can not be read",
    ),
    "a vector of another file": (vector(pathOrInlineDv="0" * 20), "is not there, and the log of t names it"),
    "a vector out of the table": (
        vector(storageType="p", pathOrInlineDv="/etc/hostname"),
        "not in the table's folder",
    ),
    "a vector at another place": (vector(offset=9), "has a deletion vector that is"),
    "a vector beyond its file": (vector(offset=9_999), "has a deletion vector that is cut off"),
    "a vector of another size": (vector(sizeInBytes=20), "has a deletion vector that is damaged"),
    "a vector of other rows": (vector(cardinality=1), "has a deletion vector that can not be read"),
    "a vector of more rows than there are": (vector(cardinality=5), "for more rows than the file has"),
    "a vector with a bit changed": (damaged_vector(25, b"\x7f"), "has a deletion vector that is damaged"),
    "a vector of another form": (damaged_vector(0, b"\x02"), "has a deletion vector that is cut off"),
    "a vector of rows beyond": (inline(vector_of([1, 4]), 2), "for other rows than the file has"),
    "a vector of no form": (inline(b"\1\2\3\4" * 6, 2), "has a deletion vector that can not be read"),
    "a vector with more behind it": (
        inline(vector_of([1]) + b"\0\0\0\0", 1),
        "a deletion vector that can not be read",
    ),
    "a vector that unpacks to more": (
        inline(MARKED + (1).to_bytes(8, "little") + bytes(4) + LONG_RUN, 2),
        "has a deletion vector that can not be read",
    ),
    "a sidecar that is not there": (
        sidecar("a.parquet"),
        "t/_delta_log/_sidecars/a.parquet is not there, and the log of t names it",
    ),
    "a sidecar elsewhere": (sidecar("../../1.parquet"), "which is no file of its log"),
    "a checkpoint of other columns": (
        checkpoint_of(pl.DataFrame({"a": [1]})),
        "does not say the table's protocol",
    ),
    "a checkpoint that is none": (
        checkpoint_of(pl.DataFrame({"add": [1]})),
        "has add as Int64, which is no action",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_read_is_told(case: str, tmp_path: Path) -> None:
    write, why = REFUSED[case]
    write(Table(tmp_path / "project" / "t"))
    state, rows = read(tmp_path / "project")
    assert (state.status, rows) == ("error", [])
    assert why in state.reason


def test_a_partition_without_its_value_is_told_where_it_is_read(tmp_path: Path) -> None:
    divided(["team"], {})(Table(tmp_path / "t"))
    assert "t/1.parquet has no 'team' in the log" in opened(tmp_path).left_out["team"]
    columns = {"team": {"type": "string", "nullable": True, "optional": True}}
    state, _ = read(tmp_path, contract=Contract.model_validate({"title": "t", "columns": columns}))
    assert "t/1.parquet has no 'team' in the log" in state.reason


@pytest.mark.parametrize(
    ("versions", "asked", "told"),
    [
        ([0], 1, "it has version 0"),
        ([0, 1, 2], 3, "it has versions 0 to 2"),
        ([0, 1, 3, 4], 3, "it has versions 0 to 1"),
        ([1, 2], 1, "was it copied whole?"),
    ],
)
def test_a_version_that_is_not_there_is_told_with_those_that_are(
    versions: list[int], asked: int, told: str, tmp_path: Path
) -> None:
    table = Table(tmp_path / "t")
    for version in versions:
        table.commit(*(() if version else (protocol(), metadata(COLUMNS))), at=version)
    state, _ = read(tmp_path, version=asked)
    assert state.reason == f"t has no version {asked}, or its log does not say all of it any more; {told}"


def test_versions_from_checkpoints_on_are_told(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    for version in (3, 7):
        table.checkpoint(version, [protocol(), metadata(COLUMNS)])
    for version in (2, 3, 4, 6):
        table.commit(at=version)
    state, _ = read(tmp_path, version=6)
    assert state.reason.endswith("it has versions 3 to 4 and 7")


@pytest.mark.parametrize("option", ["outside", None])
def test_files_out_of_the_table_are_read_where_the_source_may_be_outside(
    option: str | None, tmp_path: Path
) -> None:
    """As a clone has them that shares the files of its origin."""
    table = Table(tmp_path / "project" / "t")
    origin = tmp_path / "origin.parquet"
    frame(1, 2).write_parquet(origin)
    said = {"path": origin.as_uri(), "partitionValues": {}, "size": origin.stat().st_size}
    table.commit(protocol(), metadata(COLUMNS), {"add": said})
    state, rows = read(tmp_path / "project", outside=option is not None)
    if option is None:
        assert state.reason.endswith("if that is meant, say 'outside: true' for the source")
    else:
        assert rows == [(1, "a"), (2, "a")]


def test_files_within_a_table_are_no_source_of_their_own(tmp_path: Path) -> None:
    """Some of them are no part of the table any more."""
    table = Table(tmp_path / "t")
    first = table.file("team=a/1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first)
    for path in ("t/team=a/1.parquet", "t/*/*.parquet", "t/**/1.parquet"):
        state, _ = read(tmp_path, path=path)
        assert "is a file of a Delta table, whose log says which of its rows count" in state.reason


def test_a_file_is_no_table(tmp_path: Path) -> None:
    frame(1).write_parquet(tmp_path / "1.parquet")
    state, _ = read(tmp_path, path="1.parquet", format="delta")
    assert state.reason.startswith("1.parquet is a Parquet file, and is read as delta")
    (tmp_path / "folder").mkdir()
    state, _ = read(tmp_path, path="folder", format="delta")
    assert state.reason.startswith("folder is no Delta table: folder/_delta_log can not be read")
    state, _ = read(tmp_path, path="nothing", format="delta")
    assert state.reason.startswith("nothing does not exist")


def test_statistics_that_lie_leave_out_no_row(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    stats = json.dumps({"numRecords": 0, "minValues": {"id": 100}, "maxValues": {"id": 101}})
    first = otherwise(table.file("1.parquet", frame(1, 2)), stats=stats)
    table.commit(protocol(), metadata(COLUMNS), first)
    state, rows = read(tmp_path)
    assert (state.rows, len(rows)) == (2, 2)


@pytest.mark.parametrize(
    ("module", "limit", "value", "why"),
    [
        (delta_log, "JSON_AT_MOST", 50, "have more than 50 bytes, which are not read; have a checkpoint"),
        (delta_log, "LINE_AT_MOST", 100, "has more than 100 bytes on line"),
        (delta_log, "_ACTIONS_AT_MOST", 2, "has more than 2 actions, which are not read"),
        (delta_log, "_NAMES_AT_MOST", 1, "t/_delta_log has more than 1 files"),
        (delta_actions, "FILES_AT_MOST", 1, "files; have its files put together, as by OPTIMIZE"),
    ],
)
def test_more_than_is_ever_read_is_refused(
    module: Any, limit: str, value: int, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(tmp_path / "t")
    files = [table.file(f"{number}.parquet", frame(number)) for number in range(3)]
    table.checkpoint(0, [protocol(), metadata(COLUMNS), files[0]])
    table.commit(*files[1:], at=1)
    assert read(tmp_path)[0].rows == 3
    monkeypatch.setattr(module, limit, value)
    state, _ = read(tmp_path)
    assert state.status == "error"
    assert why in state.reason


def test_a_log_that_grows_changes_nothing_of_what_is_read(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first)
    source = opened(tmp_path)
    table.commit(removed(first), table.file("2.parquet", frame(3)))
    assert source.frame is not None
    *checks, rows = pl.collect_all([*source.checks, source.frame], engine="streaming")
    state = source.settle(numbers(checks))
    assert (state.status, rows.height) == ("ok", 2)
    assert state.table is not None
    assert state.table.snapshot.startswith("version 0 ")


def file_written(table: Table) -> None:
    frame(7, 8).write_parquet(table.folder / "1.parquet")


def commit_written(table: Table) -> None:
    path = table.log / FIRST
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def vector_written(table: Table) -> None:
    (path,) = table.folder.glob("ab/*.bin")
    path.write_bytes(path.read_bytes())


def replaced(table: Table) -> None:
    table.folder.rename(table.folder.with_name("old"))
    other = Table(table.folder)
    first = other.file("1.parquet", frame(9, 8, 7))
    other.commit(protocol(), metadata(COLUMNS), first)


@pytest.mark.parametrize("change", [file_written, commit_written, vector_written, replaced])
def test_what_changes_while_it_is_read_is_told(change: Callable[[Table], None], tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first = table.file("1.parquet", frame(1, 2, 3))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), table.vector(first, [1]))
    source = opened(tmp_path)
    change(table)
    assert source.frame is not None
    *checks, _ = pl.collect_all([*source.checks, source.frame], engine="streaming")
    state = source.settle(numbers(checks))
    assert state.status == "error"
    assert "changed while it was read" in state.reason
