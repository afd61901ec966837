"""A ledger in a SQLite file: what is kept, what is refused, and what a closed one looks like."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from phasegate.audit.ledger import store as stores
from phasegate.audit.ledger.sqlite_file import new_file
from phasegate.audit.ledger.sqlite_schema import APPLICATION_ID, SCHEMA, VERSION
from phasegate.audit.ledger.sqlite_store import SqliteStore
from phasegate.audit.ledger.store import ContentError, LedgerError, Row

DOCUMENT = b"a record, or a pack"
DIGEST = hashlib.sha256(DOCUMENT).hexdigest()


def row(seq: int, kind: str = "point", run: int | None = 1, subject: str = "1.1.1") -> Row:
    return Row(seq, kind, run, subject, b'{"seq":%d}' % seq)


def leaf(seq: int) -> bytes:
    return hashlib.sha256(b"%d" % seq).digest()


def fill(store: SqliteStore, count: int = 3) -> None:
    with store.append() as writer:
        start = writer.size()
        writer.write([row(start + i) for i in range(count)], [leaf(start + i) for i in range(count)])
        place = len(store.nodes(8, 0, 1_000))
        writer.write_nodes(8, place, [leaf(start)])
        writer.write_content(DIGEST, DOCUMENT)
        writer.write_checkpoint(start + count, f"note over {start + count}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    new_file(tmp_path / "phasegate.db")
    return tmp_path / "phasegate.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, writing=True)) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def filled(path: Path) -> Path:
    """A closed ledger."""
    with closing(SqliteStore(path, writing=True)) as opened:
        fill(opened)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def everything(store: SqliteStore) -> list[object]:
    digests = list(store.contents())
    return [
        list(store.rows()),
        store.leaves(0, 1_000),
        store.nodes(8, 0, 1_000),
        list(store.checkpoints()),
        [(digest, store.content(digest)) for digest in digests],
    ]


def test_what_was_written_is_read(store: SqliteStore) -> None:
    assert everything(store) == [
        [row(0), row(1), row(2)],
        [leaf(0), leaf(1), leaf(2)],
        [leaf(0)],
        [(3, "note over 3")],
        [(DIGEST, DOCUMENT)],
    ]
    assert (store.size(), store.newest_run(), store.newest_checkpoint()) == (3, 1, "note over 3")
    assert [each.seq for each in store.rows(1, 2)] == [1]
    assert store.leaves(1, 3) == [leaf(1), leaf(2)]
    assert store.content("0" * 64) is None


def test_a_new_ledger_is_empty(path: Path) -> None:
    with closing(SqliteStore(path, writing=False)) as store:
        assert everything(store) == [[], [], [], [], []]
        assert (store.size(), store.newest_run(), store.newest_checkpoint()) == (0, 0, None)


@pytest.mark.parametrize(
    ("kinds", "run", "subject", "found"),
    [
        (["point"], None, None, [1, 2, 4]),
        (["point", "gate"], None, None, [1, 2, 3, 4]),
        (["point"], 1, None, [1, 2]),
        (["point"], 2, "1.1.1", [4]),
        (["point"], None, "1.1.1", [1, 4]),
        (["key"], None, None, [0]),
        (["run"], None, None, []),
        ([], None, None, []),
    ],
)
def test_entries_are_found(
    path: Path, kinds: list[str], run: int | None, subject: str | None, found: list[int]
) -> None:
    rows = [
        row(0, "key", None, ""),
        row(1),
        row(2, subject="1.1.2"),
        row(3, "gate", 1, "programme"),
        row(4, run=2),
    ]
    with closing(SqliteStore(path, writing=True)) as store:
        with store.append() as writer:
            writer.write(rows, [leaf(each.seq) for each in rows])
            assert [each.seq for each in writer.find(kinds, run, subject)] == found
            assert writer.newest_run() == 2
        assert [each.seq for each in store.find(kinds, run, subject)] == found


def test_a_closed_ledger_is_one_file_and_a_copy_of_it_is_whole(store: SqliteStore, path: Path) -> None:
    written = everything(store)
    assert path.with_name("phasegate.db-wal").exists()
    store.close()
    store.close()
    assert names(path.parent) == ["phasegate.db"]
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    with closing(SqliteStore(copy, writing=False)) as other:
        assert everything(other) == written


def test_a_reader_leaves_no_trace(filled: Path) -> None:
    before = (filled.read_bytes(), filled.stat().st_mtime_ns)
    with closing(SqliteStore(filled, writing=False)) as reader:
        assert reader.size() == 3
    assert names(filled.parent) == ["phasegate.db"]
    assert (filled.read_bytes(), filled.stat().st_mtime_ns) == before


def test_a_reader_sees_one_moment_and_stops_nobody(store: SqliteStore, path: Path) -> None:
    reader = SqliteStore(path, writing=False)
    before = everything(reader)
    fill(store)
    assert store.size() == 6
    assert everything(reader) == before
    store.close()
    reader.close()
    assert names(path.parent) == ["phasegate.db"]
    with closing(SqliteStore(path, writing=False)) as later:
        assert later.size() == 6


def test_a_reader_writes_nothing(filled: Path) -> None:
    with closing(SqliteStore(filled, writing=False)) as reader:
        with pytest.raises(LedgerError, match="it was opened for reading"), reader.append():
            pass
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("CREATE TABLE more (x)")


# All or nothing


@pytest.mark.parametrize("step", range(5))
def test_an_append_that_fails_half_way_leaves_nothing(store: SqliteStore, path: Path, step: int) -> None:
    before = everything(store)

    def half_way() -> None:
        with store.append() as writer:
            steps: list[Callable[[], None]] = [
                lambda: writer.write([row(3)], [leaf(3)]),
                lambda: writer.write_nodes(8, 1, [leaf(3)]),
                lambda: writer.write_content("f" * 64, b"more"),
                lambda: writer.write_checkpoint(4, "note over 4"),
            ]
            for each in steps[:step]:
                each()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_way()
    assert everything(store) == before
    fill(store)
    assert store.size() == 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = x'00'",
        "UPDATE entry SET seq = 9 WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 2",
        "DELETE FROM entry",
        "UPDATE node SET hash = zeroblob(32)",
        "DELETE FROM node",
        "UPDATE content SET packed = x'00'",
        "DELETE FROM content",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "REPLACE INTO entry VALUES (2, 'point', 1, '', zeroblob(32), x'00')",
        "INSERT OR REPLACE INTO entry VALUES (0, 'point', 1, '', zeroblob(32), x'00')",
        "INSERT INTO entry VALUES (4, 'point', 1, '', zeroblob(32), x'00')",
        "INSERT INTO entry VALUES (-1, 'point', 1, '', zeroblob(32), x'00')",
        "REPLACE INTO node VALUES (8, 0, zeroblob(32))",
        "INSERT INTO node VALUES (8, 2, zeroblob(32))",
        f"REPLACE INTO content VALUES ('{DIGEST}', x'00')",
        "REPLACE INTO checkpoint VALUES (3, '')",
        "INSERT INTO checkpoint VALUES (2, '')",
        "INSERT INTO checkpoint VALUES (4, '')",
    ],
)
def test_append_only_by_trigger(filled: Path, statement: str) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as stranger:
        before = list(stranger.iterdump())
        with pytest.raises(sqlite3.IntegrityError, match=r"^the ledger is append-only: "):
            stranger.executescript(f"BEGIN; {statement}; COMMIT")
        stranger.execute("ROLLBACK")
        assert list(stranger.iterdump()) == before


def test_a_document_is_kept_once(store: SqliteStore) -> None:
    fill(store)
    assert list(store.contents()) == [DIGEST]


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (zlib.compress(b"another one"), "holds other bytes"),
        (b"no zlib", "can not be unpacked"),
        (zlib.compress(DOCUMENT)[:-1], "holds other bytes"),
        (zlib.compress(DOCUMENT) + b"more", "holds other bytes"),
        (zlib.compress(b"0" * 5_000_000), "is larger than 1,000,000 bytes"),
        ("text", "is not stored as one is"),
    ],
    ids=["other", "garbage", "cut", "longer", "bomb", "text"],
)
def test_a_document_is_what_its_digest_names(
    path: Path, monkeypatch: pytest.MonkeyPatch, kept: bytes | str, why: str
) -> None:
    monkeypatch.setattr(stores, "MAX_CONTENT", 1_000_000)
    column = "packed BLOB" if isinstance(kept, bytes) else "packed TEXT"
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("DROP TABLE content")
        stranger.execute(f"CREATE TABLE content (digest TEXT, {column})")
        stranger.execute("INSERT INTO content VALUES (?, ?)", (DIGEST, kept))
    with closing(SqliteStore(path, writing=False)) as store, pytest.raises(LedgerError, match=why):
        store.content(DIGEST)


def test_a_document_that_is_too_large_is_not_kept(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MAX_CONTENT", 3)
    with pytest.raises(ContentError, match="is larger than 3 bytes"), store.append() as writer:
        writer.write_content(hashlib.sha256(b"four").hexdigest(), b"four")


# What is no ledger


def of_another_application(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE entry (seq)")


def with_version(version: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        new_file(path)
        with closing(sqlite3.connect(path)) as other:
            other.execute(f"PRAGMA user_version = {version}")

    return make


def text_file(path: Path) -> None:
    path.write_text("phasegate: 1\n" * 1_000)


def cut_off(path: Path) -> None:
    new_file(path)
    path.write_bytes(path.read_bytes()[:5_000])


@pytest.mark.parametrize("writing", [False, True], ids=["reading", "writing"])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "there is no ledger at {}"),
        (lambda path: path.mkdir(), "{} is not a ledger: it is a folder"),
        (lambda path: path.touch(), "{} is not a ledger: it is empty"),
        (os.mkfifo, "{} is not a ledger: it is not a regular file"),
        (text_file, "{} is not a ledger: it is not an SQLite file"),
        (lambda path: path.write_bytes(b"x"), "{} is not a ledger: it is too short to be one"),
        (of_another_application, "{} is not a ledger: it is an SQLite file of another application"),
        (with_version(0), "{} is not a ledger: 0 is no version of its tables"),
        (with_version(-1), "{} is not a ledger: -1 is no version of its tables"),
        (
            with_version(VERSION + 1),
            f"{{}} has format {VERSION + 1} of the ledger, and this version reads format {VERSION} only",
        ),
        (cut_off, "{} is damaged: database disk image is malformed"),
        (lambda path: path.symlink_to(path), "{} can not be read: Too many levels of symbolic links"),
    ],
    ids=[
        "missing",
        "folder",
        "empty",
        "fifo",
        "text",
        "one byte",
        "another application",
        "version 0",
        "version -1",
        "newer",
        "cut off",
        "endless link",
    ],
)
def test_what_is_no_ledger(
    tmp_path: Path, make: Callable[[Path], object], message: str, writing: bool
) -> None:
    path = tmp_path / "phasegate.db"
    make(path)
    with pytest.raises(LedgerError) as caught:
        SqliteStore(path, writing=writing)
    assert caught.value.message == message.format(path)
    assert caught.value.exit_code == 2


def test_a_path_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="null byte"):
        SqliteStore(tmp_path / "a\0b", writing=False)
    with pytest.raises(LedgerError, match="File name too long"):
        SqliteStore(tmp_path / ("a" * 300), writing=False)


# A new one


def test_a_new_ledger_can_be_told_by_its_header(path: Path) -> None:
    header = path.read_bytes()[:100]
    assert header[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"phlg"
    assert names(path.parent) == [path.name]


def test_a_new_ledger_replaces_nothing(filled: Path) -> None:
    link, nowhere = filled.with_name("link"), filled.with_name("nowhere")
    link.symlink_to(filled)
    nowhere.symlink_to("missing")
    before = filled.read_bytes()
    for place in (filled, link, nowhere):
        new_file(place)
    assert filled.read_bytes() == before
    assert names(filled.parent) == ["link", "nowhere", filled.name]


def test_of_two_that_make_one_the_second_finds_the_first_ones(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled.read_bytes()
    monkeypatch.setattr(Path, "exists", lambda path: False)  # it was made a moment after the look
    new_file(filled)
    assert filled.read_bytes() == before
    assert names(filled.parent) == [filled.name]


@pytest.mark.parametrize("count", [2, 8])
def test_of_those_who_make_one_at_once_all_find_the_same(tmp_path: Path, count: int) -> None:
    path = tmp_path / "phasegate.db"
    start = threading.Barrier(count)
    failed: list[BaseException] = []

    def make() -> None:
        try:
            start.wait()
            new_file(path)
            with closing(SqliteStore(path, writing=True)) as store:
                fill(store, 1)
        except BaseException as error:  # noqa: BLE001 - the test's own thread tells it
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with closing(SqliteStore(path, writing=False)) as store:
        assert store.size() == count
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("missing/phasegate.db", "No such file or directory"),
        ("file/phasegate.db", "Not a directory"),
        ("a" * 300, "File name too long"),
    ],
)
def test_where_no_ledger_can_be_made(tmp_path: Path, place: str, why: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match=f"can not be written: {why}"):
        new_file(tmp_path / place)
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("end", ["-wal", "-journal"])
def test_what_a_removed_ledger_left_is_not_written_into_a_new_one(tmp_path: Path, end: str) -> None:
    orphan = tmp_path / f"phasegate.db{end}"
    orphan.write_bytes(b"frames")
    with pytest.raises(LedgerError, match="was removed, and what was to be written to it is still there"):
        new_file(tmp_path / "phasegate.db")
    assert names(tmp_path) == [orphan.name]


# Damage


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DROP TRIGGER entry_update", "entry_update is missing"),
        ("DROP INDEX entry_run", "entry_run is missing"),
        ("DROP TABLE node", "node is missing"),
        ("ALTER TABLE checkpoint ADD COLUMN more TEXT", "checkpoint was changed"),
        ("CREATE TRIGGER x AFTER INSERT ON entry BEGIN SELECT 1; END", "x was added"),
        ("CREATE VIEW seen AS SELECT * FROM entry", "seen was added"),
    ],
)
def test_a_ledger_with_other_tables_is_read_and_not_written(filled: Path, change: str, fault: str) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as stranger:
        stranger.execute(change)
        stranger.execute("ANALYZE")  # SQLite's own tables are no fault
    with closing(SqliteStore(filled, writing=False)) as store:
        assert fault in store.schema_faults()
        assert store.size() == 3
    with pytest.raises(LedgerError, match=f"is damaged: .*{fault}"):
        SqliteStore(filled, writing=True)


def test_the_tables_are_as_they_are_written_down(store: SqliteStore) -> None:
    assert store.schema_faults() == []
    assert {
        f"{table}_{verb}"
        for table in ("entry", "node", "content", "checkpoint")
        for verb in ("update", "delete", "insert")
    } <= SCHEMA.keys()


@pytest.mark.parametrize(
    ("change", "read", "why"),
    [
        ("DROP TABLE entry", lambda store: store.size(), "no such table: entry"),
        ("UPDATE entry SET seq = 1e300", lambda store: store.size(), "is no number"),
        ("UPDATE entry SET body = 'text'", lambda store: list(store.rows()), "is not stored as an entry is"),
        ("UPDATE entry SET subject = NULL", lambda store: store.find(["point"]), "is not stored as an entry"),
        ("UPDATE entry SET leaf = x'00'", lambda store: store.leaves(0, 1), "has not 32 bytes"),
        ("UPDATE entry SET kind = CAST(x'ff' AS TEXT)", lambda store: list(store.rows()), "decode"),
    ],
)
def test_rows_that_are_none(
    filled: Path, change: str, read: Callable[[SqliteStore], object], why: str
) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as stranger:
        stranger.executescript(
            "PRAGMA legacy_alter_table = ON; CREATE TABLE loose (seq, kind, run, subject, leaf, body);"
            "INSERT INTO loose SELECT * FROM entry;"
            "DROP TABLE entry; ALTER TABLE loose RENAME TO entry;"
        )
        stranger.execute(change)
    with closing(SqliteStore(filled, writing=False)) as store, pytest.raises(LedgerError, match=why):
        read(store)


def test_a_damaged_page_is_told(filled: Path) -> None:
    data = bytearray(filled.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    data[size:] = b"\xff" * (len(data) - size)
    filled.write_bytes(data)
    with closing(SqliteStore(filled, writing=False)) as store, pytest.raises(LedgerError, match="is damaged"):
        list(store.rows())


# Others who are at it


def test_a_writer_waits_and_then_says_so(store: SqliteStore, path: Path) -> None:
    with store.append() as writer:
        writer.write([row(3)], [leaf(3)])
        with closing(SqliteStore(path, writing=True, timeout=0.05)) as other:
            with pytest.raises(LedgerError) as caught, other.append():
                pass
            assert caught.value.message == f"{path} was locked by another process for more than 0.05 s"
            assert other.size() == 3
    fill(store)
    assert store.size() == 7


def test_writers_take_turns(store: SqliteStore, path: Path) -> None:
    def writes() -> None:
        with closing(SqliteStore(path, writing=True)) as other:
            for _ in range(20):
                fill(other, 2)

    threads = [threading.Thread(target=writes) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.seq for each in store.rows()] == list(range(3 + 3 * 20 * 2))


def test_a_file_that_another_program_holds(filled: Path) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as stranger:
        stranger.execute("PRAGMA locking_mode = EXCLUSIVE")
        stranger.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match=r"was locked by another process for more than 0\.05 s"):
            SqliteStore(filled, writing=False, timeout=0.05)


# No room, no leave


def test_a_full_disk_leaves_the_ledger_whole(store: SqliteStore) -> None:
    before = everything(store)
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(LedgerError, match="can not grow: the disk"):
        fill(store, 10_000)
    assert everything(store) == before
    store._connection.execute("PRAGMA max_page_count = 1000000")
    fill(store)
    assert store.size() == 6


LIMITED = """
import resource, sys
from pathlib import Path
from phasegate.audit.ledger.sqlite_store import SqliteStore
from phasegate.audit.ledger.store import LedgerError, Row
store = SqliteStore(Path(sys.argv[1]), writing=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    for _ in range(500):
        with store.append() as writer:
            seq = writer.size()
            writer.write([Row(seq, "point", 1, "", bytes(30_000))], [bytes(32)])
            writer.write_checkpoint(seq + 1, "")
        print(seq, flush=True)
except LedgerError as error:
    print(error.message, file=sys.stderr)
    store.close()
    sys.exit(error.exit_code)
"""


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("limit", [100_000, 123_456, 1_000_000, 5_000_000])
def test_a_limit_on_the_size_of_files_loses_nothing(filled: Path, limit: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(filled), str(limit)], capture_output=True, text=True
    )
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert str(filled) in ended.stderr
    acknowledged = [int(line) for line in ended.stdout.split()]
    with closing(SqliteStore(filled, writing=True)) as store:
        assert [each.seq for each in store.rows()][: 3 + len(acknowledged)] == [0, 1, 2, *acknowledged]
        assert store.size() <= 3 + len(acknowledged) + 1
        assert [size for size, _ in store.checkpoints()] == list(range(3, store.size() + 1))
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        fill(store)


@pytest.fixture
def read_only(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger whose folder can not be written."""
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and allowed(path, mode))
    return filled


def test_reading_on_a_read_only_medium(read_only: Path) -> None:
    with closing(SqliteStore(read_only, writing=False)) as store:
        assert names(read_only.parent) == [read_only.name]  # nothing that would have to be written
        assert store.size() == 3


BOUND = """
import sys
from pathlib import Path
from phasegate.audit.ledger.sqlite_store import SqliteStore
from phasegate.audit.ledger.store import LedgerError
try:
    print(SqliteStore(Path(sys.argv[1]), writing=sys.argv[2] == "write").size())
except LedgerError as error:
    print(error.message)
"""


def bound_by_permissions() -> None:
    """Takes from root, in a process that is about to start, what lets it write whatever it wants."""
    drop_from_bounds, override = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    if os.geteuid() == 0 and ctypes.CDLL(None).prctl(drop_from_bounds, override, 0, 0, 0):
        raise OSError("this root can not give up its rights")


@pytest.mark.parametrize(
    ("folder", "file", "how", "said"),
    [
        (0o555, 0o644, "read", "3"),
        (0o555, 0o444, "read", "3"),
        (0o755, 0o444, "read", "3"),
        (0o555, 0o644, "write", "{} can not be written: the file or its folder is read-only"),
        (0o755, 0o444, "write", "{} can not be written: the file or its folder is read-only"),
    ],
)
def test_permissions_bind(filled: Path, folder: int, file: int, how: str, said: str) -> None:
    place = filled.parent / "closed" / "phasegate.db"
    place.parent.mkdir()
    filled.rename(place)
    place.chmod(file)
    place.parent.chmod(folder)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", BOUND, str(place), how],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=bound_by_permissions,
        )
        assert ended.stdout.strip() == said.format(place)
        assert names(place.parent) == [place.name]
    finally:
        place.parent.chmod(0o755)


def test_a_log_that_can_not_be_taken_up_is_not_passed_over(filled: Path, tmp_path: Path) -> None:
    place = tmp_path / "closed" / "phasegate.db"
    place.parent.mkdir()
    with closing(SqliteStore(filled, writing=True)) as store:
        fill(store)
        place.write_bytes(filled.read_bytes())
        place.with_name("phasegate.db-wal").write_bytes(filled.with_name("phasegate.db-wal").read_bytes())
    place.parent.chmod(0o555)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", BOUND, str(place), "read"],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=bound_by_permissions,
        )
        assert "can not be read: SQLite can not open it or the files beside it" in ended.stdout
    finally:
        place.parent.chmod(0o755)
    with closing(SqliteStore(place, writing=False)) as store:
        assert store.size() == 6


def test_writing_on_a_read_only_medium(read_only: Path) -> None:
    with pytest.raises(LedgerError, match="can not be written: the file or its folder is read-only"):
        SqliteStore(read_only, writing=True)
