"""A file that changes while it is read: its digest and its rows are of one content, or it is an error."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import os
import resource
import sqlite3
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import polars as pl
import pytest
from workbooks import inline, packed, parts

from phasegate.facts.model.fact import SourceState
from phasegate.facts.sources import content as sources_bytes
from phasegate.facts.sources import file as sources_part
from phasegate.facts.sources import open as sources
from phasegate.facts.sources import passes, scan
from phasegate.facts.sources.content import Held, Room
from phasegate.facts.sources.files import SourceError, Watcher, find_files, fingerprint
from phasegate.facts.sources.open import open_source
from phasegate.facts.sources.rewritten import Fingerprint
from phasegate.facts.sources.source import OpenSource, numbers
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile

AS_OF = dt.date(2026, 3, 31)
CONTRACT = Contract.model_validate(
    {"title": "Costs", "columns": {"team": {"type": "string"}, "ok": {"type": "string"}}}
)
CHANGED = "changed while it was read; run again once it is written"
ROWS = 500
FORMATS = ("csv", "latin1", "ndjson", "parquet", "csv.gz", "json", "sqlite", "xlsx")
MOMENTS = ("opened", "hashed", "headed", "planned", "held", "computed")


def content(kind: str, word: str) -> bytes:
    """A file all of whose rows have one word; as many bytes, whichever word of two letters it is."""
    if kind in ("csv", "latin1"):
        text = "team,ok\n" + "".join(f"é{row},{word}\n" for row in range(ROWS))
        return text.encode("latin1" if kind == "latin1" else "utf-8")
    if kind == "csv.gz":
        return gzip.compress(content("csv", word), compresslevel=0, mtime=0)
    if kind == "json":
        return json.dumps([{"team": f"t{row}", "ok": word} for row in range(ROWS)]).encode()
    if kind == "sqlite":
        with closing(sqlite3.connect(":memory:")) as database, database:
            database.execute("CREATE TABLE t (team TEXT, ok TEXT)")
            database.executemany("INSERT INTO t VALUES (?, ?)", [(f"t{row}", word) for row in range(ROWS)])
            database.commit()
            return bytes(database.serialize())
    if kind == "xlsx":
        with TemporaryDirectory() as folder:
            rows = inline(("team", "ok"), *((f"t{row}", word) for row in range(ROWS)))
            packed(Path(folder) / "f", parts(rows), zipfile.ZIP_STORED)
            return (Path(folder) / "f").read_bytes()
    if kind == "ndjson":
        return "".join(f'{{"team": "t{row}", "ok": "{word}"}}\n' for row in range(ROWS)).encode()
    found = io.BytesIO()
    frame = pl.DataFrame({"team": [f"t{row}" for row in range(ROWS)], "ok": [word] * ROWS})
    frame.write_parquet(found, compression="uncompressed", statistics=False)
    return found.getvalue()


NO = {kind: content(kind, "no") for kind in FORMATS}
YES = {kind: content(kind, "ya") for kind in FORMATS}


@dataclass
class Writer:
    """Somebody who writes into a file at a moment, and puts its time back."""

    path: Path
    new: bytes
    how: str
    done: list[str] = field(default_factory=list)

    def at(self, moment: str) -> None:
        if moment in self.done:
            return
        self.done.append(moment)
        state = self.path.stat()
        place = self.path
        if self.how == "replaced":
            place = self.path.with_name("new")
            place.touch()
        descriptor = os.open(place, os.O_WRONLY)
        os.pwrite(descriptor, self.new, 0)
        os.close(descriptor)
        os.utime(place, ns=(state.st_atime_ns, state.st_mtime_ns))
        if place != self.path:
            place.replace(self.path)


def file_of(folder: Path, kind: str) -> tuple[Path, dict[str, str]]:
    if kind == "latin1":
        return folder / "f.csv", {"path": "f.csv", "encoding": "latin1"}
    return folder / f"f.{kind}", {"path": f"f.{kind}"}


def spied(monkeypatch: pytest.MonkeyPatch, write: Callable[[str], object]) -> None:
    """Has somebody told of each moment; what is hashed is hashed at once, so that the order is one."""
    held, read, plan, store = Held.__init__, fingerprint, scan.read_columns, sources.stored

    def opened(self: Held, *args: Any) -> None:
        held(self, *args)
        write("opened")

    def hashed(reading: Callable[[], IO[bytes]], watch: Callable[[], Watcher]) -> Future[Fingerprint]:
        found: Future[Fingerprint] = Future()
        found.set_result(read(reading, watch))
        write("hashed")
        return found

    def planned(*args: Any) -> Any:
        write("headed")
        found = plan(*args)
        write("planned")
        return found

    def stored(*args: Any) -> Any:
        found = store(*args)
        write("held")
        return found

    monkeypatch.setattr(Held, "__init__", opened)
    monkeypatch.setattr(
        sources_part, "fingerprint_later", lambda source, watch=Watcher, _=None: hashed(source, watch)
    )
    monkeypatch.setattr(scan, "read_columns", planned)
    monkeypatch.setattr(sources, "stored", stored)


def measured(source: OpenSource, write: Callable[[str], object]) -> tuple[SourceState, Any]:
    if source.frame is None:
        return source.settle({}), None
    *checks, rows = pl.collect_all([*source.checks, source.frame.select(*source.kinds)])
    write("computed")
    return source.settle(numbers(checks)), rows


@pytest.mark.sampled(every=18)
@pytest.mark.parametrize("size", ["small", "large", "many"])
@pytest.mark.parametrize("how", ["in place", "replaced"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_is_written_at_any_moment_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, moment: str, how: str, size: str
) -> None:
    if size != "small":
        monkeypatch.setattr(passes, "SMALL", -1)
    if size == "many":
        monkeypatch.setattr(resource, "getrlimit", lambda _: (0, 0))
    path, said = file_of(tmp_path, kind)
    path.write_bytes(NO[kind])
    writer = Writer(path, YES[kind], how)

    def write(now: str) -> None:
        if now == moment:
            writer.at(moment)

    with monkeypatch.context() as patched:
        spied(patched, write)
        source = open_source("costs", CONTRACT, SourceFile.model_validate(said), tmp_path, AS_OF)
        state, _ = measured(source, write)
    assert writer.done == [moment]
    assert (state.status, state.reason) == ("error", f"{path.name} {CHANGED}")


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_is_put_back_before_anybody_looks_is_an_error_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, size: str
) -> None:
    if size == "large":
        monkeypatch.setattr(passes, "SMALL", -1)
    path, said = file_of(tmp_path, kind)
    path.write_bytes(NO[kind])
    there, back = Writer(path, YES[kind], "in place"), Writer(path, NO[kind], "in place")

    def write(now: str) -> None:
        if now == "hashed":
            there.at(now)
        elif now == "computed":
            back.at(now)

    with monkeypatch.context() as patched:
        spied(patched, write)
        source = open_source("costs", CONTRACT, SourceFile.model_validate(said), tmp_path, AS_OF)
        state, _ = measured(source, write)
    assert (there.done, back.done) == (["hashed"], ["computed"])
    assert path.read_bytes() == NO[kind]
    assert state.status == "error"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("kind", FORMATS)
def test_another_folder_in_the_place_of_a_files_own_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, small: int
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    for name, files in (("data", NO), ("other", YES)):
        (tmp_path / name).mkdir()
        file_of(tmp_path / name, kind)[0].write_bytes(files[kind])

    def swap(now: str) -> None:
        if now in ("opened", "computed"):
            (tmp_path / "data").rename(tmp_path / "kept")
            (tmp_path / "other").rename(tmp_path / "data")
            (tmp_path / "kept").rename(tmp_path / "other")

    said = file_of(tmp_path, kind)[1]
    file = SourceFile.model_validate({**said, "path": f"data/{said['path']}"})
    with monkeypatch.context() as patched:
        spied(patched, swap)
        state, rows = measured(open_source("costs", CONTRACT, file, tmp_path, AS_OF), swap)
    assert state.status == "ok", state.reason
    assert set(rows["ok"]) == {"no"}
    assert list(state.files.values()) == [f"sha256:{hashlib.sha256(NO[kind]).hexdigest()}"]


@pytest.mark.sampled(every=10)
@pytest.mark.parametrize("limit", [0, 16, 1024])
@pytest.mark.parametrize("small", [passes.SMALL, -1])
@pytest.mark.parametrize("kind", FORMATS)
def test_files_are_the_same_however_they_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, small: int, limit: int
) -> None:
    monkeypatch.setattr(passes, "SMALL", small)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    path, said = file_of(tmp_path, kind)
    ending = path.name.removeprefix("f")
    for name, files in (("1", NO), ("2", YES), ("3", NO)):
        (tmp_path / f"{name}{ending}").write_bytes(files[kind])
    file = SourceFile.model_validate({**said, "path": f"*{ending}"})
    state, rows = measured(open_source("costs", CONTRACT, file, tmp_path, AS_OF), lambda _: None)
    assert state.status == "ok", state.reason
    assert rows is not None
    assert rows["ok"].to_list() == ["no"] * ROWS + ["ya"] * ROWS + ["no"] * ROWS
    assert len(set(state.files.values())) == 2


def test_the_bytes_of_a_run_have_room_for_so_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SMALL", 8)
    monkeypatch.setattr(passes, "SMALL_TOGETHER", 20)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (24, 24))
    room = Room()
    asked = [[8], [4, 4], [8], [9], [1, 1, 1], [9]]
    assert [room.take(sizes) for sizes in asked] == ["memory", "memory", "open", "open", "memory", "open"]
    assert [room.take([9]), room.take([1]), room.take([1])] == ["named", "memory", "named"]


def test_where_any_number_of_files_may_be_open_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "SMALL", -1)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert Room().take([1] * 8_000) == "open"


@pytest.mark.parametrize("way", ["open", "named"])
def test_a_file_that_was_written_just_now_is_held_once_a_further_change_would_show(
    tmp_path: Path, way: sources_bytes.Way
) -> None:
    for _ in range(5):
        (tmp_path / "f").write_bytes(b"x")
        held = Held(tmp_path / "f", way)
        assert time.time_ns() - held.state.st_ctime_ns > 10_000_000
        assert not held.changed()


@pytest.mark.parametrize("way", ["open", "named"])
def test_a_file_that_somebody_goes_on_writing_counts_as_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: sources_bytes.Way
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    wait = time.sleep

    def write(seconds: float) -> None:
        wait(seconds)
        path.write_bytes(b"y")

    monkeypatch.setattr(time, "sleep", write)
    assert Held(path, way).changed()


def test_a_file_of_a_time_to_come_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"x")
    slept: list[float] = []
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    monkeypatch.setattr(time, "sleep", slept.append)
    assert not Held(tmp_path / "f", "open").changed()
    assert sum(slept) < 0.1


def test_a_small_file_that_grows_while_it_is_read_counts_as_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 10)
    read = os.pread

    def pread(descriptor: int, size: int, offset: int) -> bytes:
        if not offset:
            with path.open("ab") as file:
                file.write(b"y" * 1000)
        return read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", pread)
    held = Held(path, "memory")
    assert held.changed()
    assert len(held.open().read()) <= 11


def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(NO["csv"])
    take = Room.take

    def replaced(self: Room, sizes: list[int]) -> sources_bytes.Way:
        path.unlink()
        os.mkfifo(path)
        return take(self, sizes)

    monkeypatch.setattr(Room, "take", replaced)
    with pytest.raises(SourceError, match="not a regular file but a pipe"):
        find_files(tmp_path, "f.csv", outside=False)


def test_an_open_file_is_closed_with_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(NO["csv"])
    held = Held(path, "open")
    assert isinstance(held.text, io.FileIO)
    file, reading = held.text, held.open()
    del held
    assert not file.closed  # somebody reads on
    assert reading.read() == NO["csv"]
    reading.close()
    del reading
    assert file.closed


def test_no_reader_follows_the_path_of_a_file_by_itself() -> None:
    folder = Path(sources_bytes.__file__).parent
    for path in folder.glob("**/*.py"):
        assert "file.path.open(" not in path.read_text(encoding="utf-8"), path
