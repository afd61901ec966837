"""Objects of a store are files like any other, each of one moment."""

from __future__ import annotations

import gzip
import json
import re
import resource
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from object_lake import Lake
from object_server import _Handler, checksum, cut, damaged, refused, reset, tag, version

from phasegate.facts.connections import look
from phasegate.facts.connections.objects import find
from phasegate.facts.connections.objects.base import Coming, Listed
from phasegate.facts.model.progress import Silent
from phasegate.facts.sources import passes
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.source import OpenSource
from phasegate.records.facts import source_entry
from phasegate.records.source_diff import changed_source
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.project import SourceFile

ROWS = "id,amount\n" + "".join(f"a{number},{number}.50\n" for number in range(400))
TABLE = pl.read_csv(ROWS.encode(), schema={"id": pl.String, "amount": pl.Decimal(18, 2)})
"""Of this every format has a file."""


def as_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (id TEXT, amount TEXT)")
        database.executemany("INSERT INTO t VALUES (?, ?)", TABLE.cast(pl.String).rows())
    database.close()


RECORDS = [dict(zip(("id", "amount"), line.split(","), strict=True)) for line in ROWS.split()[1:]]
WRITTEN: dict[str, Callable[[Path], Any]] = {
    "t.csv": lambda path: path.write_text(ROWS),
    "t.csv.gz": lambda path: path.write_bytes(gzip.compress(ROWS.encode())),
    "t.ndjson": lambda path: path.write_text("\n".join(map(json.dumps, RECORDS))),
    "t.json": lambda path: path.write_text(json.dumps(RECORDS)),
    "t.parquet": TABLE.write_parquet,
    "t.sqlite": as_sqlite,
    "t.xlsx": lambda path: TABLE.cast(pl.String).write_excel(path),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("small", [passes.SMALL, 100], ids=["in memory", "in a file without a name"])
@pytest.mark.parametrize("name", WRITTEN)
def test_an_object_is_read_as_the_same_file_is(
    lake: Lake, name: str, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    monkeypatch.setenv("TMPDIR", str(lake.folder / "kept"))
    (lake.folder / "kept").mkdir()
    WRITTEN[name](lake.folder / name)
    lake.store.objects["u/" + name] = (lake.folder / name).read_bytes()
    found = lake.read(file={"path": name}, object={"from": "lake", "path": f"s3://bucket/u/{name}"})
    file, brought = found.states["file"], found.states["object"]
    assert brought.status == "ok", brought.reason
    assert brought.files == {f"s3://bucket/u/{name}": file.files[name]}
    same = replace(brought, name="file", files=file.files, digest=file.digest)
    assert same == file
    opened = found._opened
    assert rows_of(opened["object"]).equals(rows_of(opened["file"]))
    assert list((lake.folder / "kept").iterdir()) == []


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ({"-wal": b"x"}, "has changes beside it, in t.sqlite-wal"),
        ({"-journal": b"\xd9" + bytes(600)}, "has an unfinished change beside it, in t.sqlite-journal"),
        ({"-journal": bytes(600), "-wal": b"", "-walk": b"x"}, ""),
    ],
)
def test_what_stands_beside_a_database_belongs_to_it(
    lake: Lake, tmp_path: Path, beside: dict[str, bytes], told: str
) -> None:
    as_sqlite(tmp_path / "t.sqlite")
    lake.store.objects = {f"u/t.sqlite{ending}": held for ending, held in beside.items()}
    lake.store.objects["u/t.sqlite"] = (tmp_path / "t.sqlite").read_bytes()
    state = lake.state("u/t.sqlite")
    assert (state.status, told in state.reason) == ("error" if told else "ok", True), state.reason


def rows_of(source: Any) -> pl.DataFrame:
    assert isinstance(source, OpenSource)
    assert source.frame is not None
    return source.frame.collect()


KEYS = {
    "u/a.csv",
    "u/A.csv",
    "u/b.csv.gz",
    "u/.hidden.csv",
    "u/ blank .csv",
    "u/ü.csv",
    "u/u\u0308.csv",
    "u/per%20cent+plus.csv",
    "u/new\nline.csv",
    "u/a&<b>.csv",
    "u/",
    "u/deep/a.csv",
    "u/deep/er/b.csv",
    "u//double.csv",
    "u/../up.csv",
    "u/[x].csv",
    "v/a.csv",
}


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(
    ("glob", "meant"),
    [
        ("u/a.csv", ["u/a.csv"]),
        ("u/[aA].csv", ["u/A.csv", "u/a.csv"]),
        ("u/[x].csv", ["u/[x].csv"]),
        ("?/a.csv", ["u/a.csv", "v/a.csv"]),
        ("*/a.csv", ["u/a.csv", "v/a.csv"]),
        ("u/*/*.csv", ["u/deep/a.csv"]),
        ("u/**/b.csv", ["u/deep/er/b.csv"]),
        ("u/**/*ouble.csv", ["u//double.csv"]),
        ("u//double.csv", ["u//double.csv"]),
        ("u/../up.csv", ["u/../up.csv"]),
        ("u/*l*n*.csv", ["u/ blank .csv", "u/new\nline.csv"]),
        ("u/.h*.csv", ["u/.hidden.csv"]),
        ("u/a[&]*.csv", ["u/a&<b>.csv"]),
        (
            "u/*.csv",
            sorted(key for key in KEYS if re.fullmatch(r"u/[^/.][^/]*csv", key)),
        ),
    ],
)
@pytest.mark.parametrize("page", [1_000, 3])
def test_a_glob_means_what_it_means_for_files(lake: Lake, glob: str, meant: list[str], page: int) -> None:
    lake.store.objects = {key: f"id\n{number}\n".encode() for number, key in enumerate(sorted(KEYS))}
    lake.store.page = page
    state = lake.state(glob)
    assert list(state.files) == [f"s3://bucket/{key}" for key in meant], state.reason
    assert state.rows == len(meant)


@pytest.mark.slow
def test_names_of_files_are_matched_as_glob_matches_them(lake: Lake) -> None:
    """The oracle is the same tree on a disk."""
    names = [
        "a.csv",
        "A.csv",
        ".h.csv",
        "d/a.csv",
        "d/e/a.csv",
        "d/.x/a.csv",
        "dd/[a].csv",
        "d/b-1.csv",
        "d/b-22.csv",
    ]
    for name in names:
        (lake.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (lake.folder / name).write_text(f"id\n{name}\n")
        lake.store.objects[name] = f"id\n{name}\n".encode()
    for glob in (
        "*.csv",
        "**/*.csv",
        "d/*",
        "d/**/a.csv",
        "**/a.csv",
        "*/*.csv",
        "d*/*[0-9].csv",
        "[!d]*",
        "d/**",
    ):
        found = lake.read(
            file={"path": glob, "format": "csv"},
            object={"from": "lake", "path": f"s3://bucket/{glob}", "format": "csv"},
        ).states
        on_disk = {f"s3://bucket/{name}": digest for name, digest in found["file"].files.items()}
        assert found["object"].files == on_disk, (glob, found["object"].reason)
        assert on_disk, glob


@pytest.mark.parametrize("versions", [True, False])
def test_what_was_replaced_between_list_and_read_is_an_error(lake: Lake, versions: bool) -> None:
    lake.store.versions = versions
    lake.store.objects = {"a.csv": b"id\n1\n", "b.csv": b"id\n2\n"}

    def replaced(to: _Handler) -> None:
        to.store.objects["b.csv"] = b"id\n3\n"
        to.answer()

    lake.store.odd = [None, replaced]  # the list, then the first object
    state = lake.state("*.csv")
    assert state.status == "error"
    assert "s3://bucket/b.csv changed while it was read" in state.reason
    assert lake.state("*.csv").status == "ok"


@pytest.mark.parametrize(("other", "tags"), [(b"id\n3\n", True), (b"id\n33\n", True), (b"id\n33\n", False)])
def test_a_store_that_heeds_no_condition_is_found_out(lake: Lake, other: bytes, tags: bool) -> None:
    lake.store.objects, lake.store.heeds, lake.store.tags = {"a.csv": b"id\n1\n"}, False, tags

    def replaced(to: _Handler) -> None:
        to.store.objects["a.csv"] = other
        to.answer()

    lake.store.odd = [None, replaced]
    assert "changed while it was read" in lake.state("*.csv").reason


def test_what_was_deleted_after_it_was_listed_is_an_error(lake: Lake) -> None:
    lake.store.objects = {"a.csv": b"id\n1\n"}

    def deleted(to: _Handler) -> None:
        del to.store.objects["a.csv"]
        to.answer()

    lake.store.odd = [None, deleted]
    assert "s3://bucket/a.csv changed while it was read" in lake.state("*.csv").reason


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("heeds", [True, False])
@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_a_second_try_reads_what_the_first_one_found_or_nothing(
    lake: Lake, heeds: bool, tags: bool, same: bool
) -> None:
    """What broke off in the middle is never put together with what is there now."""
    first, second = ROWS.encode(), ROWS.replace("a1,", "b1,").encode()
    lake.store.objects, lake.store.versions = {"a.csv": first}, True
    lake.store.heeds, lake.store.tags = heeds, tags

    def broken(to: _Handler) -> None:
        cut(to)
        if not same:
            to.store.objects["a.csv"] = second

    lake.store.odd = [broken]
    state = lake.state("a.csv")
    if tags:
        assert lake.store.headers[1]["if-match"] == tag(first)
        assert "versionId" not in lake.store.asked[1], "which takes another right than to read objects"
    else:
        assert f"versionId={version(first)}" in lake.store.asked[1]
    if same:
        assert state.status == "ok"
    else:
        assert state.reason.startswith("s3://bucket/a.csv changed while it was read")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("odd", [cut, reset, damaged, refused(500), refused(503, "SlowDown"), refused(429)])
@pytest.mark.parametrize(("times", "status"), [(1, "ok"), (2, "ok"), (3, "error")])
def test_what_may_pass_is_tried_again_twice(
    lake: Lake, odd: Any, times: int, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")  # it is looked at all the same
    lake.store.objects = {"a.csv": ROWS.encode()}
    lake.store.odd = [odd] * times
    assert lake.state("a.csv").status == status
    assert len(lake.store.read) == min(times + 1, 3)


def test_a_checksum_of_parts_is_none_of_the_whole(lake: Lake) -> None:
    def in_parts(to: _Handler) -> None:
        body = to.store.objects["a.csv"]
        to.send(200, body, **{**to.about(body), "x-amz-checksum-sha256": checksum(b"other") + "-2"})

    lake.store.objects, lake.store.odd = {"a.csv": ROWS.encode()}, [in_parts]
    assert lake.state("a.csv").status == "ok"


@pytest.mark.parametrize("key", ["a.csv", "b.csv"])
def test_who_listens_hears_once_that_an_object_is_read(lake: Lake, key: str) -> None:
    heard: list[str] = []

    class Listener(Silent):
        def started(self, name: str) -> None:
            heard.append(f"{name} begins {len(lake.store.read)}")

        def finished(self, name: str) -> None:
            heard.append(f"{name} ends {len(lake.store.read)}")

    lake.store.objects = {"a.csv": ROWS.encode()}
    lake.progress = Listener()
    lake.state(key)
    assert heard == ["one begins 0", "one ends 1"]


@pytest.mark.parametrize("path", ["lake:finance.a", "finance.a"])
def test_a_store_has_no_tables(lake: Lake, path: str) -> None:
    connections = {"lake": Connection(s3="env:LAKE")}
    with pytest.raises(SourceError, match="leads to a store of objects, and not to tables"):
        look.propose(connections, path, lake.store.variables())
    state = lake.read(one={"from": "lake", "table": "finance.a"}).states["one"]
    assert "leads to a store of objects, and not to tables" in state.reason


def test_a_database_has_no_objects(lake: Lake) -> None:
    lake.given = {"s3": None, "postgres": "env:LAKE"}
    assert "leads to a database, and not to a store of objects" in lake.state("a.csv").reason


def test_of_several_stores_the_one_must_be_named(lake: Lake) -> None:
    lake.store.objects = {"u/a.csv": ROWS.encode()}
    connections = {"lake": Connection(s3="env:LAKE"), "other": Connection(s3="env:OTHER")}
    environ = lake.store.variables()
    with pytest.raises(SourceError, match="nobody knows which connection leads to s3:"):
        look.propose(connections, "s3://bucket/u/a.csv", environ)
    assert look.propose(connections, "lake:s3://bucket/u/*.csv", environ) == {
        "u": {
            "from": "lake",
            "path": "s3://bucket/u/*.csv",
            "contract": {
                "title": "a row of s3://bucket/u/*.csv",
                "columns": {
                    "id": {"type": "string", "nullable": True},
                    "amount": {"type": "decimal", "scale": 1, "nullable": True},
                },
            },
        }
    }
    looked = look.look(
        connections, environ, {"u": SourceFile(path="s3://bucket/u/*.csv", **{"from": "lake"})}
    )
    assert [each.objects for each in looked] == [
        {"s3://bucket/u/*.csv": [("s3://bucket/u/a.csv", len(ROWS))]},
        None,
    ]
    assert "OTHER_ACCESS_KEY_ID is not set" in str(looked[1].fault)
    assert lake.store.read == ["u/a.csv"], "which is proposed; none is read to be listed"


def test_objects_are_read_in_the_order_of_their_keys_however_they_are_listed(lake: Lake) -> None:
    lake.store.objects = {f"{name}.csv": b"id\n1\n" for name in "acb"}
    lake.store.backwards = True
    assert list(lake.state("*.csv").files) == [f"s3://bucket/{name}.csv" for name in "abc"]


def test_an_object_that_ends_early_is_none_whatever_reads_it() -> None:
    coming = Coming(Listed("k", 3), iter([b"a", b"b"]))
    with pytest.raises(SourceError, match="came with 2 bytes, where the store says 3"):
        list(find._whole("s3://bucket/k", coming))


def test_the_record_says_where_the_rows_came_from(lake: Lake) -> None:
    lake.store.objects, lake.store.versions = {"a.csv": b"id\n1\n", "b.csv": b"id\n2\n"}, True
    state = lake.state("*.csv")
    source = SourceFile.model_validate({"from": "lake", "path": "s3://bucket/*.csv"})
    entry = source_entry(state, source)
    assert entry["reading"] == {"from": "lake", "path": "s3://bucket/*.csv"}
    assert entry["versions"] == {
        "s3://bucket/a.csv": version(b"id\n1\n"),
        "s3://bucket/b.csv": version(b"id\n2\n"),
    }
    assert list(entry["files"]) == ["s3://bucket/a.csv", "s3://bucket/b.csv"]
    lake.store.versions = False
    again = source_entry(lake.state("*.csv"), source)
    assert "versions" not in again
    assert changed_source(entry, again) is None, (
        "the same bytes are the same, whatever their version is called"
    )


@pytest.mark.slow
def test_a_bomb_in_a_store_is_one_as_in_a_file(lake: Lake) -> None:
    lake.store.objects = {"a.csv.gz": gzip.compress(b"id\n" + b"1\n" * 60_000_000)}
    assert "unpacks to more than 1,000 times" in lake.state("a.csv.gz").reason


def test_as_many_files_are_open_as_the_system_lets(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SMALL", 10)
    lake.store.objects = {f"{number:03}.csv": b"id\n" + b"%d\n" % number * 10 for number in range(60)}
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))  # of which an eighth is used
    try:
        assert lake.state("*.csv").status == "ok"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_objects_that_need_more_files_than_may_be_open_are_refused(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SMALL", 10)
    monkeypatch.setattr(find.Room, "one_more_file", lambda room: find_full())
    lake.store.objects = {"a.csv": ROWS.encode()}
    assert "can not be kept for the run: too many open files; write fewer" in lake.state("a.csv").reason


def find_full() -> None:
    import errno
    import os

    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_more_objects_than_are_read_are_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "OBJECTS_AT_MOST", 3)
    lake.store.objects = {f"{number}.csv": b"id\n1\n" for number in range(4)}
    assert "s3://bucket/*.csv stands for more than 3 objects" in lake.state("*.csv").reason
    assert lake.store.read == [], "none is read in vain"
    lake.store.objects.popitem()
    assert lake.state("*.csv").status == "ok"


def test_a_larger_object_than_is_read_is_refused_before_it_comes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "OBJECT_AT_MOST", 100)
    lake.store.objects = {"a.csv": ROWS.encode()}
    assert "and objects of up to 100 are read" in lake.state("a.csv").reason


@pytest.mark.parametrize("path", ["t/*.parquet", "t/**/*.parquet", "**/*.parquet"])
def test_a_folder_of_delta_is_no_heap_of_files(lake: Lake, path: str) -> None:
    lake.store.objects = {"t/_delta_log/0.json": b"{}", "t/part-0.parquet": b"x"}
    reason = "s3://bucket/t/part-0.parquet is a file of a Delta table, whose log says which of its rows count"
    assert lake.state(path).reason == f"{reason}; name the folder of the table: that is s3://bucket/t"
    assert lake.store.read == []


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "path",
    ["lake/t/part-0.csv", "lake/t/part-*.csv", "lake/t/team=web/*.csv", "lake/t/team=*/*.csv"],
)
@pytest.mark.parametrize("table", ["lake/t", "lake", ""])
def test_an_object_within_a_table_is_none_by_itself(lake: Lake, path: str, table: str) -> None:
    """The log lies beside what a list begins with: it is looked for in each folder above."""
    keys = ["lake/t/part-0.csv", "lake/t/team=web/part-1.csv"]
    lake.store.objects = dict.fromkeys(keys, b"id\n1\n")
    assert lake.state(path).status == "ok"
    lake.store.objects[f"{table}/_delta_log/0.json".lstrip("/")] = b"{}"
    told = lake.state(path).reason
    assert "is a file of a Delta table, whose log says which of its rows count" in told
    assert told.endswith(f"that is s3://bucket/{table}".rstrip("/"))


def test_who_may_not_list_reads_a_single_object(lake: Lake) -> None:
    lake.store.objects = {"t/a.csv": b"id\n1\n", "t/_delta_log/0.json": b"{}"}
    lake.store.odd = [None, refused(403, "AccessDenied")]
    assert lake.state("t/a.csv").status == "ok"
    lake.store.odd = [None, None, refused(403, "AccessDenied")]
    assert "may not be read with these keys" in lake.state("t/a*.csv").reason


def test_a_glob_that_nothing_matches_is_an_error(lake: Lake) -> None:
    lake.store.objects = {"a.csv": b"id\n1\n"}
    assert lake.state("*.parquet").reason == "no object matches s3://bucket/*.parquet"
    assert "s3://bucket/b.csv does not exist" in lake.state("b.csv").reason
