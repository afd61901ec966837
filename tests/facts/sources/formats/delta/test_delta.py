"""Delta tables: the rows of a version, whatever way its log says them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from delta_tables import (
    COLUMNS,
    Action,
    Rows,
    Table,
    frame,
    metadata,
    opened,
    protocol,
    read,
    removed,
    vector_of,
)

from phasegate.facts.sources import passes
from phasegate.rules.model.contract import Contract


def plain(table: Table) -> None:
    table.commit(protocol(), metadata(COLUMNS), table.file("1.parquet", frame(1, 2)))


def appended(table: Table) -> None:
    plain(table)
    table.commit(table.file("2.parquet", frame(3)))


def replaced(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first)
    table.commit(removed(first), table.file("2.parquet", frame(3)))


def added_again(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first)
    table.commit(first)


def removed_and_added_again(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first)
    table.commit(removed(first))
    table.commit(first)


def said_twice_alike(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), protocol(), metadata(COLUMNS), first, first)


def without_rows(table: Table) -> None:
    table.commit(protocol(), metadata(COLUMNS))


def emptied(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first)
    table.commit(removed(first))


def partitioned(table: Table) -> None:
    ids = frame(1, 2).select("id")
    table.commit(
        protocol(),
        metadata(COLUMNS, ["team"]),
        table.file("team=a%20b/1.parquet", ids, {"team": "a b"}),
        table.file("team=x/1.parquet", ids, {"team": ""}),
        table.file("2.parquet", ids, {"team": None}),
    )


def partitioned_and_stored(table: Table) -> None:
    """Some writers keep the column in the files too; the log prevails."""
    table.commit(
        protocol(), metadata(COLUMNS, ["team"]), table.file("1.parquet", frame(1, team="no"), {"team": "yes"})
    )


def mapped(table: Table) -> None:
    stored = {"id": "col-1", "team": "col-2"}
    table.commit(
        protocol(reader=2),
        metadata(COLUMNS, stored=stored),
        table.file("1.parquet", frame(1, 2).rename(stored)),
    )


def mapped_and_partitioned(table: Table) -> None:
    stored = {"id": "col-1", "team": "col-2"}
    ids = frame(1, 2).select(pl.col("id").alias("col-1"))
    table.commit(
        protocol("columnMapping"),
        metadata(COLUMNS, ["team"], stored),
        table.file("1.parquet", ids, {"col-2": "a"}),
    )


def grown(table: Table) -> None:
    """The second file has a column that the first lacks."""
    table.commit(protocol(), metadata({"id": "long"}), table.file("1.parquet", frame(1).select("id")))
    table.commit(metadata(COLUMNS), table.file("2.parquet", frame(2)))


def deleted(where: str) -> Callable[[Table], None]:
    def write(table: Table) -> None:
        first = table.file("1.parquet", frame(1, 2, 3, 4))
        table.commit(protocol("deletionVectors"), metadata(COLUMNS), first)
        table.commit(removed(first), table.vector(first, [0, 2], where))

    return write


def deleted_further(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2, 3, 4))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), first)
    one = table.vector(first, [0])
    table.commit(removed(first), one)
    table.commit(removed(one), table.vector(first, [0, 2]))


def restored(table: Table) -> None:
    deleted_further(table)
    first = table.file("1.parquet", frame(1, 2, 3, 4))
    table.commit(removed(table.vector(first, [0, 2])), first)


def all_deleted(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), table.vector(first, [0, 1]))


def checkpointed(table: Table) -> None:
    """The commits before it are gone."""
    first, second = table.file("1.parquet", frame(1, 2)), table.file("2.parquet", frame(3))
    actions = [protocol(), metadata(COLUMNS), first, removed(table.file("old.parquet", frame(9)))]
    table.checkpoint(7, actions)
    table.commit(second, at=8)
    (table.log / "_last_checkpoint").write_text('{"version": 3}', encoding="utf-8")


def checkpointed_in_parts(table: Table) -> None:
    first, second = table.file("1.parquet", frame(1, 2)), table.file("2.parquet", frame(3))
    table.checkpoint(7, [protocol(), first], "checkpoint.0000000001.0000000002.parquet")
    table.checkpoint(7, [metadata(COLUMNS), second], "checkpoint.0000000002.0000000002.parquet")


def checkpointed_in_part(table: Table) -> None:
    """Of the checkpoint one part is missing, and the commits say it all."""
    appended(table)
    table.checkpoint(1, [protocol(), metadata(COLUMNS)], "checkpoint.0000000001.0000000002.parquet")


NAMED = "checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11"


def checkpointed_with_sidecars(table: Table) -> None:
    first, second = table.file("1.parquet", frame(1, 2)), table.file("2.parquet", frame(3))
    table.checkpoint(7, [first], "_sidecars/one.parquet")
    table.checkpoint(7, [second], "_sidecars/two.parquet")
    sidecars = [{"sidecar": {"path": f"{name}.parquet", "sizeInBytes": 1}} for name in ("one", "two")]
    actions = [protocol("v2Checkpoint"), metadata(COLUMNS), *sidecars]
    table.checkpoint(7, actions, f"{NAMED}.parquet")


def checkpointed_in_json(table: Table) -> None:
    first = table.file("1.parquet", frame(1, 2))
    actions = [{"checkpointMetadata": {"version": 7}}, protocol("v2Checkpoint"), metadata(COLUMNS), first]
    text = "\n".join(map(json.dumps, actions))
    (table.log / f"{7:020}.{NAMED}.json").write_text(text, encoding="utf-8")


def beside_other_files(table: Table) -> None:
    """Files that the log does not name, and files that are none of the log."""
    appended(table)
    table.file("orphan.parquet", frame(9))
    (table.log / ".00000000000000000002.json.crc").write_bytes(b"crc")
    (table.log / "00000000000000000001.crc").write_text("{}", encoding="utf-8")
    (table.log / "00000000000000000000.00000000000000000001.compacted.json").write_text("", encoding="utf-8")
    (table.log / "00000000000000000002.json.tmp").write_text("half of a commi", encoding="utf-8")


def named_oddly(table: Table) -> None:
    """Names that are patterns, addresses or encoded, if somebody takes them for such."""
    adds = [
        table.file(name, frame(place))
        for place, name in enumerate(["%41.parquet", "[A]*.parquet", "é ?#:.parquet"], start=1)
    ]
    table.commit(protocol(), metadata(COLUMNS), *adds)
    table.file("A.parquet", frame(9))


A, B = (1, "a"), (2, "a")
READ: dict[str, tuple[Callable[[Table], None], Rows]] = {
    "one file": (plain, [A, B]),
    "a second commit": (appended, [A, B, (3, "a")]),
    "a file is removed": (replaced, [(3, "a")]),
    "a file is added again": (added_again, [A, B]),
    "a file is removed and added again": (removed_and_added_again, [A, B]),
    "a commit says the same twice": (said_twice_alike, [A, B]),
    "no file": (without_rows, []),
    "no file any more": (emptied, []),
    "partitions": (partitioned, [(1, None), (2, None), (1, "a b"), (2, "a b"), (1, None), (2, None)]),
    "a partition's column in its file too": (partitioned_and_stored, [(1, "yes")]),
    "columns have other names in files": (mapped, [A, B]),
    "and so has a partition's": (mapped_and_partitioned, [A, B]),
    "a column that came later": (grown, [(1, None), (2, "a")]),
    "rows deleted, told in a file": (deleted("u"), [B, (4, "a")]),
    "rows deleted, told in the log": (deleted("i"), [B, (4, "a")]),
    "rows deleted once more": (deleted_further, [B, (4, "a")]),
    "rows deleted and restored": (restored, [A, B, (3, "a"), (4, "a")]),
    "all rows deleted": (all_deleted, []),
    "a checkpoint": (checkpointed, [A, B, (3, "a")]),
    "a checkpoint in parts": (checkpointed_in_parts, [A, B, (3, "a")]),
    "a part of a checkpoint": (checkpointed_in_part, [A, B, (3, "a")]),
    "a checkpoint with sidecars": (checkpointed_with_sidecars, [A, B, (3, "a")]),
    "a checkpoint in JSON": (checkpointed_in_json, [A, B]),
    "other files": (beside_other_files, [A, B, (3, "a")]),
    "names that look like something else": (named_oddly, [(1, "a"), (2, "a"), (3, "a")]),
}


@pytest.mark.sampled(every=10)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("case", READ)
def test_the_rows_are_those_of_the_newest_version(
    case: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    write, rows = READ[case]
    write(Table(tmp_path / "t"))
    state, found = read(tmp_path)
    assert (state.status, state.reason) == ("ok", "")
    assert sorted(found, key=repr) == sorted(rows, key=repr)
    assert state.rows == len(rows)


@pytest.mark.parametrize(
    ("version", "rows"), [(0, [A, B]), (1, [A, B, (3, "a")]), (2, [(3, "a")]), (None, [(3, "a")])]
)
def test_a_version_is_read_as_it_was(version: int | None, rows: Rows, tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first = table.file("1.parquet", frame(1, 2))
    table.commit(protocol(), metadata(COLUMNS), first, time=1_767_225_600_123)
    table.commit(table.file("2.parquet", frame(3)), time=1_767_225_601_000)
    table.commit(removed(first), time=1_767_225_602_000)
    state, found = read(tmp_path, version=version)
    assert found == rows
    assert state.table is not None
    number = 2 if version is None else version
    time = ["2026-01-01T00:00:00.123Z", "2026-01-01T00:00:01.000Z", "2026-01-01T00:00:02.000Z"][number]
    assert state.table.snapshot == f"version {number} of {time}"
    assert state.table.types == COLUMNS
    assert state.table.server == "Delta Lake, reader 1"


def test_the_digest_is_the_versions_whatever_way_its_log_says_it(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first, second = table.file("1.parquet", frame(1, 2)), table.file("2.parquet", frame(3))
    table.commit(protocol(), metadata(COLUMNS), first)
    table.commit(second)
    before, _ = read(tmp_path)
    assert sorted(before.files) == ["t/1.parquet", "t/2.parquet"]
    table.checkpoint(1, [protocol(), metadata(COLUMNS), second, first])
    (table.log / f"{0:020}.json").unlink()
    (table.log / f"{1:020}.json").unlink()
    after, rows = read(tmp_path)
    assert len(rows) == 3
    assert (after.files, after.digest) == (before.files, before.digest)
    assert before.table is not None
    assert after.table is not None
    assert (after.table.log, after.table.snapshot) == (
        before.table.log,
        "version 1",
    )  # nothing tells its time


def other_values(table: Table, first: Action) -> None:
    table.commit(
        protocol("deletionVectors"),
        metadata(COLUMNS, ["team"]),
        {"add": {**first["add"], "partitionValues": {"team": "b"}}},
    )


def other_rows_deleted(table: Table, first: Action) -> None:
    table.commit(protocol("deletionVectors"), metadata(COLUMNS, ["team"]), table.vector(first, [1], "i"))


def other_names(table: Table, first: Action) -> None:
    table.commit(protocol("deletionVectors"), metadata({"number": "long", "team": "string"}, ["team"]), first)


def another_version(table: Table, first: Action) -> None:
    table.commit(protocol("deletionVectors"), metadata(COLUMNS, ["team"]), first)
    table.commit()


@pytest.mark.parametrize("change", [other_values, other_rows_deleted, other_names, another_version])
def test_the_digest_is_of_what_the_log_says_of_the_same_files(
    change: Callable[[Table, Action], None], tmp_path: Path
) -> None:
    digests = set()
    for name in ("one", "other"):
        table = Table(tmp_path / name / "t")
        first = table.file("1.parquet", frame(1, 2).select("id"), {"team": "a"})
        if name == "one":
            table.commit(protocol("deletionVectors"), metadata(COLUMNS, ["team"]), first)
        else:
            change(table, first)
        state, _ = read(tmp_path / name)
        assert state.status == "ok"
        digests.add((state.files["t/1.parquet"], state.digest))
    assert len({file for file, _ in digests}) == 1
    assert len(digests) == 2


def test_a_fault_is_told_with_its_file_and_row_there(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first = table.file("1.parquet", frame(1, 2, -3, 4, -5))
    second = table.file("2.parquet", frame(-6))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), table.vector(first, [0, 3]), second)
    column = {"type": "integer", "min": 0}
    contract = Contract.model_validate({"title": "t", "columns": {"id": column}})
    state, _ = read(tmp_path, contract=contract)
    (breach,) = state.breaches
    assert [cell.at for cell in breach.cells] == [
        "t/1.parquet row 3",
        "t/1.parquet row 5",
        "t/2.parquet row 1",
    ]


@pytest.mark.parametrize("rows", [[], [0], [4], [0, 1, 2], [1, 3], [0, 2, 4]])
def test_places_are_those_of_the_rows_that_are_left(rows: list[int], tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    first = table.file("1.parquet", frame(10, 11, 12, 13, 14))
    table.commit(protocol("deletionVectors"), metadata(COLUMNS), table.vector(first, rows, "i"))
    left = [row for row in range(5) if row not in rows]
    source = opened(tmp_path)
    found = source.places(range(1, 9))
    assert {row: place.row for row, place in found.items()} == {
        row: place + 1 for row, place in enumerate(left, start=1)
    }


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize(
    "rows",
    [
        range(5000),
        range(0, 200_000, 2),
        [*range(70_000), *range(100_000, 170_000, 3), 199_999],
        [5, 70_000, 140_000, 199_999],
    ],
)
def test_vectors_of_each_form_are_read(rows: Any, runs: bool, tmp_path: Path) -> None:
    from phasegate.facts.sources.formats.delta.deletions import deleted_rows

    found = vector_of(rows, runs=runs)
    assert deleted_rows(found, len(rows), 200_000).to_list() == list(rows)


def test_a_table_is_told_by_its_log_whatever_its_folder_is_called(tmp_path: Path) -> None:
    plain(Table(tmp_path / "usage.csv"))
    assert read(tmp_path, path="usage.csv/")[1] == [A, B]
    assert read(tmp_path, path="usage.csv", format="delta")[1] == [A, B]
    state, _ = read(tmp_path, path="usage.csv", format="parquet")
    assert (
        state.reason == "usage.csv is a Delta table, and is read as parquet; set format: delta for the source"
    )
    state, _ = read(tmp_path, path="usage.csv", sheet="Q1")
    assert "sheet is about Excel files alone" in state.reason


def test_columns_have_the_options_of_every_format(tmp_path: Path) -> None:
    table = Table(tmp_path / "t")
    table.commit(
        protocol(),
        metadata(COLUMNS, ["team"]),
        table.file("1.parquet", frame(1).select("id"), {"team": " n/a "}),
        table.file("2.parquet", frame(2).select("id"), {"team": " b "}),
    )
    contract = Contract.model_validate(
        {"title": "t", "columns": {"unit": {"type": "string", "nullable": True}, "id": {"type": "integer"}}}
    )
    found = read(tmp_path, contract=contract, trim=True, null_values=["n/a"], rename={"team": "unit"})
    assert found[1] == [(None, 1), ("b", 2)]
