"""A real MariaDB server: the tables of a run are of one moment, whatever happens, or there are none."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from erp_database import SECRET, Erp
from mariadb_server import started

from phasegate.facts.connections import tables
from phasegate.facts.connections.base import PassingFaultError, Snapshot
from phasegate.facts.connections.mysql import wire
from phasegate.facts.connections.mysql.database import DATABASE, MySqlSnapshot
from phasegate.rules.model.connection import Connection
from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})
SLOW = (
    "CREATE TABLE many (i int)",
    "INSERT INTO many SELECT seq FROM seq_1_to_40000",
    "CREATE VIEW slow AS SELECT i FROM many WHERE IF(i % 400 = 0, SLEEP(0.02), 0) = 0",
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0.05)


@contextmanager
def meanwhile(erp: Erp, act: Callable[[Any, int], None], times: int = 1) -> Iterator[list[int]]:
    """Acts on threads of the role that are in the middle of a table, each once, from another connection."""
    done: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        with erp.server.connect(erp.name) as connection, connection.cursor() as cursor:
            while not ended.is_set() and len(done) < times:
                cursor.execute(
                    "SELECT id FROM information_schema.processlist WHERE user = %s AND time_ms > 200 "
                    "AND info LIKE 'SELECT CONCAT%%'",
                    (f"reader_{erp.name}",),
                )
                for (number,) in cursor.fetchall():
                    if number not in done:
                        done.append(number)
                        act(cursor, number)
                time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield done
    finally:
        ended.set()
        thread.join()


def kill(cursor: Any, number: int) -> None:
    cursor.execute(f"KILL {number}")


def open_files() -> int:
    """How many files and sockets this process has open, those of the tests' own output aside."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def threads_of(erp: Erp) -> int:
    with erp.server.connect() as connection, connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE user LIKE %s",
                (f"reader_{erp.name}",),
            )
            ((found,),) = cursor.fetchall()
            if not found:
                break
            time.sleep(0.05)
        return int(found)


def test_a_lost_connection_begins_the_whole_snapshot_anew(maria_erp: Erp) -> None:
    maria_erp.run(*SLOW)
    with meanwhile(maria_erp, kill) as killed:
        found = maria_erp.state(f"{maria_erp.name}.slow", WHOLE)
    assert (found.status, found.rows, len(killed)) == ("ok", 40_000, 1)


def test_a_connection_that_is_lost_again_and_again_is_an_error_and_leaves_nothing(
    maria_erp: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = maria_erp.name
    maria_erp.run(*SLOW, "CREATE TABLE t (i int)")
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setenv("TMPDIR", str(kept))
    assert maria_erp.state(f"{name}.t", WHOLE).status == "ok"
    before = open_files()
    with meanwhile(maria_erp, kill, times=5) as killed:
        found = maria_erp.states(WHOLE, slow=f"{name}.slow", other=f"{name}.t")
    assert len(killed) == 3
    assert {each.status for each in found.values()} == {"error"}
    assert "was lost" in found["slow"].reason or "broke off (1927" in found["slow"].reason
    assert list(kept.iterdir()) == []
    gc.collect()
    assert open_files() <= before
    assert threads_of(maria_erp) == 0
    maria_erp.run("INSERT INTO t VALUES (1)", "DROP TABLE t")  # no lock of it is held


def test_a_server_that_dies_is_an_error_and_one_that_comes_back_is_read(
    maria_erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = started()
    monkeypatch.setattr(tables, "_PAUSE", 0.5)
    maria_erp.server, name = server, maria_erp.name
    try:
        server.execute(
            None,
            "SET GLOBAL innodb_flush_log_at_trx_commit = 1",  # what is committed is there after the end
            f"CREATE DATABASE {name}", f"CREATE USER reader_{name} IDENTIFIED BY '{SECRET}'",
            f"GRANT SELECT ON {name}.* TO reader_{name}",
        )  # fmt: skip
        maria_erp.run(*SLOW)
        maria_erp.as_role(f"reader_{name}")

        def stop(cursor: Any, number: int) -> None:
            server.stop()

        def restart(cursor: Any, number: int) -> None:
            server.stop()
            server.start()

        with suppressed_in(meanwhile(maria_erp, restart)):
            found = maria_erp.state(f"{name}.slow", WHOLE)
        assert (found.status, found.rows) == ("ok", 40_000), found.reason
        with suppressed_in(meanwhile(maria_erp, stop)):
            found = maria_erp.state(f"{name}.slow", WHOLE)
        assert found.status == "error"
        assert "the server can not be reached" in found.reason
    finally:
        server.end()


@contextmanager
def suppressed_in(watched: Any) -> Iterator[None]:
    """The watcher's own connection is lost with the server."""
    hook = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        with watched:
            yield
    finally:
        threading.excepthook = hook


def test_what_is_written_during_the_run_is_not_seen(maria_erp: Erp) -> None:
    name = maria_erp.name
    maria_erp.run(
        *SLOW, "CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)", "CREATE TABLE gone (i int)",
        "INSERT INTO gone VALUES (1)", "CREATE TABLE changed (i int)", "INSERT INTO changed VALUES (1)",
    )  # fmt: skip

    def write(cursor: Any, number: int) -> None:
        cursor.execute("INSERT INTO t SELECT seq FROM seq_2_to_1000")
        cursor.execute("INSERT INTO many VALUES (-1), (-2)")
        cursor.execute("DELETE FROM gone")
        cursor.execute("UPDATE changed SET i = 5")

    wanted = {key: f"{name}.{key}" for key in ("slow", "t", "gone", "changed")}
    with meanwhile(maria_erp, write) as written:
        found = maria_erp.read(WHOLE, **wanted)
    assert len(written) == 1
    assert {key: each.rows for key, each in found.states.items()} == {
        "slow": 40_000, "t": 1, "gone": 1, "changed": 1,
    }  # fmt: skip
    assert found.frames["changed"].collect()["i"].to_list() == [1]
    assert maria_erp.state(f"{name}.t", WHOLE).rows == 1_000


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("DROP TABLE t", "error"),
        ("RENAME TABLE t TO u", "error"),
        ("CREATE OR REPLACE TABLE t (i int)", "error"),
        ("ALTER TABLE t DROP COLUMN i", "error"),
    ],
)
def test_a_table_that_goes_during_the_run_is_an_error(maria_erp: Erp, change: str, status: str) -> None:
    """One that was made anew since the moment has no rows of that moment."""
    name = maria_erp.name
    maria_erp.run(*SLOW, "CREATE TABLE t (i int, j int)", "INSERT INTO t VALUES (1, 1)")
    with meanwhile(maria_erp, lambda cursor, _: cursor.execute(change), times=1) as changed:
        found = maria_erp.states(WHOLE, slow=f"{name}.slow", t=f"{name}.t")
    assert len(changed) == 1
    if "REPLACE" in change:  # all is read once more, of a later moment
        assert {each.status for each in found.values()} == {"ok"}
        assert found["t"].rows == 0
        return
    assert (found["slow"].status, found["t"].status) == ("ok", status)


def test_a_table_that_is_altered_is_read_as_it_is_then_or_was(maria_erp: Erp) -> None:
    """Its columns and its rows are of one form."""
    name = maria_erp.name
    maria_erp.run(*SLOW, "CREATE TABLE t (i int, d decimal(10,2))", "INSERT INTO t VALUES (1, 1.25)")
    wanted = Contract(title="t", infer=True)
    change = "ALTER TABLE t MODIFY d decimal(10,1)"
    with meanwhile(maria_erp, lambda cursor, _: cursor.execute(change)) as changed:
        found = maria_erp.read(wanted, slow=f"{name}.slow", t=f"{name}.t")
    assert len(changed) == 1
    assert found.states["t"].status == "ok", found.states["t"].reason
    assert str(found.frames["t"].collect()["d"][0]) == "1.3"


def test_a_table_that_is_read_is_altered_afterwards(maria_erp: Erp) -> None:
    name = maria_erp.name
    maria_erp.run(*SLOW)
    ended: list[float] = []

    def alter(cursor: Any, number: int) -> None:
        cursor.execute("ALTER TABLE many ADD COLUMN j int, ALGORITHM=COPY")
        ended.append(time.monotonic())

    with meanwhile(maria_erp, alter) as changed:
        found = maria_erp.state(f"{name}.slow", WHOLE)
        read = time.monotonic()
    assert (found.status, found.rows, len(changed)) == ("ok", 40_000, 1)
    assert ended[0] >= read - 0.5, "it waited for the snapshot to end"


def test_what_takes_too_long_is_an_error(maria_erp: Erp) -> None:
    maria_erp.run("CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)")
    maria_erp.run("CREATE VIEW v AS SELECT i FROM t WHERE SLEEP(30) = 0")
    maria_erp.as_role(f"reader_{maria_erp.name}", timeout="1 seconds")
    before = time.monotonic()
    assert "the server took longer than 1 seconds" in maria_erp.state(f"{maria_erp.name}.v", WHOLE).reason
    assert time.monotonic() - before < 10, "and is not tried again"
    assert threads_of(maria_erp) == 0


def test_what_somebody_ends_at_the_server_is_an_error(maria_erp: Erp) -> None:
    maria_erp.run(*SLOW)
    with meanwhile(maria_erp, lambda cursor, number: cursor.execute(f"KILL QUERY {number}")) as ended:
        found = maria_erp.state(f"{maria_erp.name}.slow", WHOLE)
    assert len(ended) == 1
    assert "somebody ended it at the server (1317" in found.reason


def test_a_table_that_somebody_locks_is_waited_for_no_longer_than_that(maria_erp: Erp) -> None:
    maria_erp.run("CREATE TABLE t (i int)")
    maria_erp.as_role(f"reader_{maria_erp.name}", timeout="1 seconds")
    with maria_erp.server.connect(maria_erp.name) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES t WRITE")
        assert "is it locked?" in maria_erp.state(f"{maria_erp.name}.t", WHOLE).reason
        cursor.execute("UNLOCK TABLES")
    assert maria_erp.state(f"{maria_erp.name}.t", WHOLE).status == "ok"


def test_rows_that_somebody_locks_are_read(maria_erp: Erp) -> None:
    maria_erp.run("CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)")
    with maria_erp.server.connect(maria_erp.name) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE t SET i = 2")
        found = maria_erp.read(WHOLE, one=f"{maria_erp.name}.t")
        assert found.frames["one"].collect()["i"].to_list() == [1], "nobody has committed the other"
        cursor.execute("ROLLBACK")


def test_nothing_can_be_written_even_where_the_role_may(maria_erp: Erp) -> None:
    maria_erp.run(
        "CREATE TABLE log (i int)",
        "CREATE TABLE t (i int)",
        "INSERT INTO t VALUES (1)",
        "CREATE FUNCTION noted() RETURNS int MODIFIES SQL DATA "
        "BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
        "CREATE VIEW v AS SELECT noted() AS i FROM t",
    )
    maria_erp.as_role(maria_erp.server.user, maria_erp.server.password, privileged=True)
    found = maria_erp.state(f"{maria_erp.name}.v", WHOLE)
    assert found.status == "error"  # while reading, or, once it knows the function, while telling its columns
    assert "to read it is to write (1792" in found.reason or "does not tell its columns" in found.reason
    assert maria_erp.state(f"{maria_erp.name}.log", WHOLE).rows == 0


def test_a_value_in_an_error_of_the_server_is_not_told(maria_erp: Erp) -> None:
    maria_erp.run(
        "CREATE TABLE t (i int)",
        "INSERT INTO t VALUES (1)",
        "CREATE FUNCTION raised() RETURNS int BEGIN SIGNAL SQLSTATE '45000' "
        "SET MESSAGE_TEXT = 'ada@example.org'; RETURN 1; END",
        "CREATE VIEW v AS SELECT raised() AS i FROM t",
    )
    table = f"{maria_erp.name}.v"
    assert (
        "the server does not tell its columns; a view with functions" in maria_erp.state(table, WHOLE).reason
    )
    maria_erp.run(f"GRANT EXECUTE ON FUNCTION raised TO reader_{maria_erp.name}")
    found = maria_erp.state(table, WHOLE)
    assert "the server says 1644" in found.reason
    assert "ada" not in repr(found)


def test_a_view_of_what_is_gone_is_an_error(maria_erp: Erp) -> None:
    maria_erp.run("CREATE TABLE t (i int)", "CREATE VIEW v AS SELECT i FROM t", "DROP TABLE t")
    assert maria_erp.state(f"{maria_erp.name}.v", WHOLE).status == "error"


def test_a_moment_and_a_server_are_in_the_state(maria_erp: Erp) -> None:
    table = f"{maria_erp.name}.t"
    maria_erp.run("CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)")
    first = maria_erp.state(table, WHOLE)
    assert first.table is not None
    assert first.table.server.startswith("MariaDB ")
    assert first.table.types == {"i": "int(11)"}
    assert maria_erp.state(table, WHOLE) == first, "nobody wrote"
    maria_erp.run("DELETE FROM t", "INSERT INTO t VALUES (1)")
    other = maria_erp.state(table, WHOLE)
    assert other.table is not None
    assert (other.digest, other.table.rows) == (first.digest, first.table.rows)
    assert other.table.snapshot != first.table.snapshot


def test_a_server_without_a_binary_log_has_no_name_for_a_moment(
    maria_erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = MySqlSnapshot._all

    def without(self: Any, query: str, *given: str, **more: str) -> list[Any]:
        return [] if "binlog_snapshot" in query else asked(self, query, *given, **more)

    monkeypatch.setattr(MySqlSnapshot, "_all", without)
    maria_erp.run("CREATE TABLE t (i int)")
    found = maria_erp.state(f"{maria_erp.name}.t", WHOLE)
    assert found.table is not None
    assert found.table.snapshot == "the server keeps no binary log"


@contextmanager
def snapshot_of(erp: Erp) -> Iterator[Snapshot]:
    erp.server.settle()
    address = erp.server.url(erp.name, f"reader_{erp.name}", SECRET)
    with DATABASE.snapshot("erp", address, Connection(mysql="env:ERP_URL")) as snapshot:
        yield snapshot


def read(snapshot: Snapshot, written: str) -> list[bytes]:
    table = snapshot.table(written)
    columns = snapshot.exact(table, table.columns)
    return [line for lines in snapshot.rows(table, columns) for line in lines]


def test_the_moment_is_that_of_the_beginning_and_not_of_the_first_row(maria_erp: Erp) -> None:
    maria_erp.run("CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)")
    with snapshot_of(maria_erp) as snapshot:
        maria_erp.run("INSERT INTO t VALUES (2)")
        assert read(snapshot, f"{maria_erp.name}.t") == [b"1\n"]


@pytest.mark.parametrize("change", ["ADD COLUMN j int", "MODIFY i bigint", "RENAME COLUMN i TO k"])
def test_a_table_that_is_altered_while_it_is_looked_at_is_looked_at_again(
    maria_erp: Erp, change: str
) -> None:
    maria_erp.run("CREATE TABLE t (i int)")
    with snapshot_of(maria_erp) as snapshot:
        table = snapshot.table(f"{maria_erp.name}.t")
        maria_erp.run(f"ALTER TABLE t {change}")
        with pytest.raises(PassingFaultError):
            snapshot.exact(table, table.columns)


BASE = ("CREATE TABLE base (i int PRIMARY KEY, j int NOT NULL)", "INSERT INTO base VALUES (1, 5), (2, 5)")
TABLE = ("CREATE TABLE t (i int PRIMARY KEY, j int, z int DEFAULT 0)", "INSERT INTO t VALUES (1, 5, 0)")
VIEW = (*BASE, "CREATE VIEW t AS SELECT i, j FROM base")
TWICE = (*BASE, "CREATE VIEW v AS SELECT i, j FROM base", "CREATE VIEW t AS SELECT i, j FROM v")
ALTERED = {
    "a new column takes the name of another": (
        TABLE,
        "ALTER TABLE t ADD fresh int NOT NULL DEFAULT 0, ALGORITHM=INSTANT", "UPDATE t SET fresh = j",
        "ALTER TABLE t CHANGE j old int", "ALTER TABLE t CHANGE fresh j int",
    ),
    "a column is dropped and added": (
        TABLE, "ALTER TABLE t DROP j", "ALTER TABLE t ADD j int AFTER i", "UPDATE t SET j = 5",
    ),
    "two columns swap their names": (
        TABLE, "UPDATE t SET z = j", "ALTER TABLE t RENAME COLUMN j TO z, RENAME COLUMN z TO j",
    ),
    "two tables swap their names": (
        (*TABLE, "CREATE TABLE u AS SELECT i, 0 AS j, j AS z FROM t"),
        "RENAME TABLE t TO w, u TO t, w TO u",
    ),
    "a table is emptied": (TABLE, "TRUNCATE t"),
    "a view is replaced": (VIEW, "CREATE OR REPLACE VIEW t AS SELECT i, 0 AS j FROM base"),
    "a view takes the place of a table": (
        TABLE, "RENAME TABLE t TO u", "CREATE VIEW t AS SELECT i, z AS j, z FROM u",
    ),
    "a view beneath a view is replaced": (
        TWICE, "CREATE OR REPLACE VIEW v AS SELECT i, i AS j FROM base",
    ),
    "the table of a view is altered": (
        VIEW, "ALTER TABLE base DROP j", "ALTER TABLE base ADD j int NOT NULL DEFAULT 0",
        "UPDATE base SET j = 5",
    ),
    "the table of a view of a view is altered": (
        TWICE, "ALTER TABLE base DROP j", "ALTER TABLE base ADD j int NOT NULL DEFAULT 0",
        "UPDATE base SET j = 5",
    ),
}  # fmt: skip
"""What a migration does, by what stands there before it."""


@pytest.mark.parametrize(
    ("before", "changes"), [(each[0], each[1:]) for each in ALTERED.values()], ids=ALTERED
)
def test_a_table_that_was_altered_since_the_moment_is_of_no_moment(
    maria_erp: Erp, before: tuple[str, ...], changes: tuple[str, ...]
) -> None:
    """To rows of the moment, the new column holds its default; the whole snapshot is read again."""
    name = maria_erp.name
    maria_erp.run(*before, f"GRANT SHOW VIEW ON {name}.* TO reader_{name}")
    with snapshot_of(maria_erp) as snapshot:
        maria_erp.run(*changes)
        with pytest.raises(PassingFaultError):
            read(snapshot, f"{name}.t")
    with snapshot_of(maria_erp) as snapshot:
        read(snapshot, f"{name}.t")


def test_a_table_that_was_altered_since_the_moment_is_read_as_it_is_after(maria_erp: Erp) -> None:
    name = maria_erp.name
    before, *changes = ALTERED["a new column takes the name of another"]
    maria_erp.run(*SLOW, *before)

    def migrate(cursor: Any, number: int) -> None:
        for change in changes:
            cursor.execute(change)

    with meanwhile(maria_erp, migrate) as migrated:
        found = maria_erp.read(Contract(title="t", infer=True), slow=f"{name}.slow", t=f"{name}.t")
    assert len(migrated) == 1
    assert found.frames["t"].collect()["j"].to_list() == [5]


def test_a_table_that_was_just_created_is_read_at_another_try(
    maria_erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 1.0)
    maria_erp.run("CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)")
    maria_erp.server.changed = 0.0  # nobody waits
    assert maria_erp.state(f"{maria_erp.name}.t", WHOLE).status == "ok"


@pytest.mark.parametrize("before", [TABLE, VIEW, TWICE], ids=["table", "view", "view of a view"])
def test_rows_that_are_written_since_the_moment_have_nothing_read_again(
    maria_erp: Erp, before: tuple[str, ...]
) -> None:
    name = maria_erp.name
    maria_erp.run(*before, f"GRANT SHOW VIEW ON {name}.* TO reader_{name}")
    with snapshot_of(maria_erp) as snapshot:
        first = read(snapshot, f"{name}.t")
    with snapshot_of(maria_erp) as snapshot:
        maria_erp.run(f"INSERT INTO {'t' if before == TABLE else 'base'} (i, j) VALUES (9, 9)")
        assert read(snapshot, f"{name}.t") == first


def test_what_a_view_is_of_is_held_until_the_snapshot_ends(maria_erp: Erp) -> None:
    name = maria_erp.name
    maria_erp.run(*TWICE)
    with snapshot_of(maria_erp) as snapshot:
        table = snapshot.table(f"{name}.t")
        snapshot.exact(table, table.columns)
        for change in (
            "ALTER TABLE base ADD k int",
            "CREATE OR REPLACE VIEW v AS SELECT i, 0 AS j FROM base",
            "CREATE OR REPLACE VIEW t AS SELECT i, 0 AS j FROM base",
        ):
            with pytest.raises(Exception, match="1205"):
                maria_erp.run("SET lock_wait_timeout = 1", change)


def test_rows_that_nobody_wants_any_more_are_ended_and_the_same_moment_read_on(
    maria_erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = maria_erp.name
    maria_erp.run(*SLOW, "CREATE VIEW slower AS SELECT i FROM many WHERE IF(i % 400 = 0, SLEEP(0.2), 0) = 0")
    monkeypatch.setattr(wire, "_BLOCK", 100)
    with snapshot_of(maria_erp) as snapshot:
        slow = snapshot.table(f"{name}.slower")
        rows = snapshot.rows(slow, snapshot.exact(slow, slow.columns))
        assert next(rows)
        before = time.monotonic()
        rows.close()
        assert time.monotonic() - before < 10, "twenty seconds of it were left"
        maria_erp.run("INSERT INTO many VALUES (-1)")
        assert len(read(snapshot, f"{name}.many")) == 40_000
