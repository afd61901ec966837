"""A ledger on a PostgreSQL server: what is kept, what is refused, and that no password is told."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from phasegate.audit.ledger.checkpoint import read_checkpoint
from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from phasegate.audit.ledger.store import LedgerError, Row

psycopg = pytest.importorskip("psycopg")

if TYPE_CHECKING:
    from phasegate.audit.ledger.postgres_store import PostgresStore

SIGNER = CheckpointSigner("evaluator", bytes(32), lambda data: hashlib.sha512(data).digest())
DOCUMENT = b"a record, or a pack"
DIGEST = hashlib.sha256(DOCUMENT).hexdigest()


def points(count: int) -> Callable[[Position], list[Draft]]:
    return lambda position: [
        Draft("point", position.newest_run + 1, f"1.1.{i}", {"verdict": "pass"}) for i in range(count)
    ]


def begun(url: str, *counts: int) -> str:
    with Ledger.open(url, create=True) as ledger:
        for count in counts:
            ledger.append(points(count), SIGNER, {DIGEST: DOCUMENT})
    return url


def root_of(rows: list[Row]) -> bytes:
    frontier = Frontier()
    for row in rows:
        frontier.add(leaf_hash(row.body))
    return frontier.root()


def opened(url: str, **how: Any) -> PostgresStore:
    from phasegate.audit.ledger.postgres_store import PostgresStore

    return PostgresStore(url, **how)


def everything(ledger: Ledger) -> list[object]:
    return [
        list(ledger.rows()),
        ledger.store.leaves(0, 10_000),
        ledger.store.nodes(8, 0, 10_000),
        list(ledger.store.checkpoints()),
        [(digest, ledger.content(digest)) for digest in ledger.store.contents()],
    ]


def test_what_was_appended_is_read(database: str) -> None:
    with Ledger.open(begun(database, 1, 300, 2_000)) as ledger:
        rows = list(ledger.rows())
        assert [row.seq for row in rows] == list(range(2_304))
        assert [row.kind for row in rows[:4]] == ["ledger", "point", "checkpoint", "point"]
        assert (ledger.size(), ledger.store.newest_run()) == (2_304, 3)
        assert [row.seq for row in ledger.rows(5, 7)] == [5, 6]
        assert ledger.store.leaves(0, 10_000) == [leaf_hash(row.body) for row in rows]
        assert ledger.store.nodes(8, 0, 10) == [
            root_of(rows[i : i + 256]) for i in range(0, 2_304 - 255, 256)
        ]
        assert ledger.content(DIGEST) == DOCUMENT
        assert ledger.content("0" * 64) is None
        assert list(ledger.store.contents()) == [DIGEST]
        checkpoints = list(ledger.store.checkpoints())
        assert [size for size, _ in checkpoints] == [2, 303, 2_304]
        assert ledger.newest_checkpoint() == checkpoints[-1][1]
        for size, note in checkpoints:
            assert read_checkpoint(note)[0].root == root_of(rows[:size])
        root = root_of(rows)
        assert verify_inclusion(leaf_hash(rows[700].body), 700, 2_304, ledger.prove(700), root)
        assert verify_consistency(303, 2_304, root_of(rows[:303]), root, ledger.consistency(303, 2_304))


def test_entries_are_found(database: str) -> None:
    with Ledger.open(begun(database, 2, 3)) as ledger:
        assert [row.seq for row in ledger.find(["point"])] == [1, 2, 4, 5, 6]
        assert [row.seq for row in ledger.find(["point", "ledger"], subject="1.1.1")] == [2, 5]
        assert [row.seq for row in ledger.find(["point"], 2)] == [4, 5, 6]
        assert [row.seq for row in ledger.find(["point"], 2, "1.1.0")] == [4]
        assert ledger.find([]) == []
        assert {row.ledger for row in [*ledger.find(["point"]), *ledger.rows()]} == {ledger.shown}


def test_an_empty_ledger(database: str) -> None:
    with Ledger.open(begun(database)) as ledger:
        assert everything(ledger) == [[], [], [], [], []]
        assert (ledger.size(), ledger.store.newest_run(), ledger.newest_checkpoint()) == (0, 0, None)


def test_a_reader_sees_one_moment(database: str) -> None:
    with Ledger.open(begun(database, 1)) as reader:
        before = everything(reader)
        begun(database, 5)
        assert everything(reader) == before
        with pytest.raises(LedgerError, match="it was opened for reading"):
            reader.append(points(1), SIGNER)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.store._connection.execute("CREATE TABLE more (x int)")  # type: ignore[attr-defined]


def half_way(ledger: Ledger, error: BaseException) -> None:
    with ledger.store.append() as writer:
        writer.write([Row(301, "point", 1, "", b"{}")], [bytes(32)])
        writer.write_nodes(8, 1, [bytes(32)])
        writer.write_content("f" * 64, b"more")
        writer.write_checkpoint(302, "note")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, LedgerError])
def test_an_append_that_fails_leaves_nothing(database: str, error: type[BaseException]) -> None:
    begun(database, 300)
    with Ledger.open(database, read_only=False) as ledger:
        before = everything(ledger)
        with pytest.raises(error):
            half_way(ledger, error("stop"))
        assert everything(ledger) == before
        ledger.append(points(1), SIGNER)
        assert ledger.size() == 303


@pytest.fixture(scope="module")
def guarded(server: Any) -> str:
    return begun(server.database(), 1)


@pytest.mark.parametrize("table", ["entry", "node", "content", "checkpoint"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET {} = DEFAULT", "DELETE FROM {}", "DELETE FROM {} WHERE false", "TRUNCATE {}"],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_append_only_by_trigger(guarded: str, table: str, statement: str, role: str) -> None:
    column = {"entry": "run", "node": "place", "content": "packed", "checkpoint": "note"}[table]
    with psycopg.connect(guarded, autocommit=True) as owner:
        owner.execute(f"SET session_replication_role = {role}")
        with pytest.raises(
            psycopg.errors.RaiseException, match=rf"the ledger is append-only: no \w+ on {table}"
        ):
            owner.execute(statement.format(f"phasegate.{table}", column))


def test_nothing_is_replaced(database: str) -> None:
    begun(database, 1)
    upsert = "INSERT INTO phasegate.checkpoint VALUES (2, 'x') ON CONFLICT (size) DO UPDATE SET note = 'x'"
    with psycopg.connect(database, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only: no UPDATE on checkpoint"):
            owner.execute(upsert)
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO phasegate.checkpoint VALUES (2, 'x')")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DROP TRIGGER append_only ON phasegate.entry", "the trigger of entry is missing or was changed"),
        ("ALTER TABLE phasegate.node DISABLE TRIGGER ALL", "the trigger of node is missing or was changed"),
        (
            "ALTER FUNCTION phasegate.refuse() RENAME TO other",
            "the trigger of content is missing or was changed",
        ),
        ("ALTER TABLE phasegate.entry ADD COLUMN more text", "entry.more was added"),
        ("ALTER TABLE phasegate.entry DROP COLUMN subject", "entry.subject is missing"),
        ("ALTER TABLE phasegate.entry ALTER COLUMN subject DROP NOT NULL", "entry.subject was changed"),
        ("CREATE VIEW phasegate.seen AS SELECT 1 AS x", "seen.x was added"),
        (
            "CREATE TRIGGER x AFTER INSERT ON phasegate.entry EXECUTE FUNCTION phasegate.refuse()",
            "the trigger x of entry was added",
        ),
        (
            "CREATE RULE x AS ON INSERT TO phasegate.entry DO INSTEAD NOTHING",
            "the rule x of entry was added",
        ),
    ],
)
def test_a_ledger_with_other_tables_is_read_and_not_written(database: str, change: str, fault: str) -> None:
    begun(database, 1)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(change)
    with closing(opened(database, writing=False)) as store:
        assert fault in store.schema_faults()
        assert store.size() == 2
    with pytest.raises(LedgerError, match=f"is damaged: .*{fault}"):
        Ledger.open(database, read_only=False)


@pytest.mark.parametrize("table", ["entry", "node", "content", "checkpoint"])
def test_what_is_not_written_is_not_acknowledged(
    table: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the trigger hides itself; as one of the server's own it does not."""
    from phasegate.audit.ledger.postgres_store import PostgresStore

    begun(database, 1)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION phasegate.drop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        owner.execute(
            f"CREATE TRIGGER x BEFORE INSERT ON phasegate.{table} "
            "FOR EACH ROW EXECUTE FUNCTION phasegate.drop()"
        )
        owner.execute("UPDATE pg_trigger SET tgisinternal = true WHERE tgname = 'x'")
    with pytest.raises(LedgerError, match=f"the trigger x of {table} was added"):
        Ledger.open(database, read_only=False)
    monkeypatch.setattr(PostgresStore, "schema_faults", lambda _: [])
    more = b"another document"
    with (
        Ledger.open(database, read_only=False) as ledger,
        pytest.raises(LedgerError, match="it does not keep what is written to it"),
    ):
        ledger.append(points(300), SIGNER, {hashlib.sha256(more).hexdigest(): more})
    with Ledger.open(database) as ledger:
        assert ledger.size() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("SET kind = 'refused' WHERE seq = 4", "entry 4 is not what it says itself"),
        ("SET run = 1 WHERE seq = 4", "entry 4 is not what it says itself"),
        ("SET body = '{}' WHERE seq = 4", "entry 4 is not what it says itself"),
        (
            "SET body = replace(encode(body, 'escape'), 'pass', 'fail')::bytea WHERE seq = 4",
            "entry 5 is a checkpoint over other entries than those before it",
        ),
        (
            "SET body = replace(encode(body, 'escape'), 'pass', 'fail')::bytea WHERE seq = 300",
            "its entries are not those of its newest checkpoint",
        ),
        ("SET seq = 100000 WHERE seq = 4", "entry 4 is missing"),
    ],
)
def test_a_changed_ledger_is_seen_before_anything_is_decided(database: str, change: str, said: str) -> None:
    from phasegate.audit.ledger.integrity import hashed_entries

    def look() -> None:
        with Ledger.open(database) as ledger:
            at = ledger.position()
            hashed_entries(at)

    begun(database, 1, 2, 300)
    look()
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("ALTER TABLE phasegate.entry DISABLE TRIGGER ALL")
        owner.execute(f"UPDATE phasegate.entry {change}")
    with pytest.raises(LedgerError, match=said):
        look()


def test_the_tables_are_as_they_are_written_down(database: str) -> None:
    with closing(opened(begun(database), writing=True)) as store:
        assert store.schema_faults() == []


def test_it_is_acknowledged_only_once_it_is_on_the_disk(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {owner.info.dbname} SET synchronous_commit = off")
    with Ledger.open(begun(database), read_only=False) as ledger:
        seen: list[object] = []

        def entries(position: Position) -> list[Draft]:
            connection = ledger.store._connection  # type: ignore[attr-defined]
            seen.append(connection.execute("SHOW synchronous_commit").fetchone())
            return points(1)(position)

        ledger.append(entries, SIGNER)
        assert seen == [("on",)]


# What is no ledger


def no_ledger(database: str) -> None:
    pass


def other_application(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA phasegate")


def newer(database: str) -> None:
    begun(database)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("COMMENT ON SCHEMA phasegate IS 'phasegate ledger 2'")


def without_tables(database: str) -> None:
    begun(database)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("DROP TABLE phasegate.entry")


@pytest.mark.parametrize("how", [{"writing": False}, {"writing": True}], ids=["reading", "writing"])
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (no_ledger, "there is no ledger at postgresql://"),
        (other_application, "is not a ledger: its schema 'phasegate' is of another application"),
        (newer, "has format 2 of the ledger, and this version reads format 1 only"),
        (without_tables, "is damaged: "),
    ],
)
def test_what_is_no_ledger(
    database: str, make: Callable[[str], None], why: str, how: dict[str, bool]
) -> None:
    make(database)
    with pytest.raises(LedgerError) as caught, closing(opened(database, **how)) as store:
        store.size()
    assert why in caught.value.message
    assert caught.value.exit_code == 2


def test_making_one_again_changes_nothing(database: str) -> None:
    begun(database, 1)
    begun(database, 1)
    with Ledger.open(database) as ledger:
        assert ledger.size() == 4


def test_another_application_is_not_built_upon(database: str) -> None:
    other_application(database)
    with pytest.raises(LedgerError, match="of another application"):
        Ledger.open(database, create=True)


# Others who are at it


def test_a_writer_waits_and_then_says_so(database: str) -> None:
    begun(database, 1)
    with closing(opened(database, writing=True)) as store, store.append():
        with (
            Ledger.open(database, read_only=False, timeout=0.05) as other,
            pytest.raises(LedgerError, match=r"was locked by another process for more than 0\.05 s"),
        ):
            other.append(points(1), SIGNER)
        with Ledger.open(database) as reader:
            assert reader.size() == 2
    begun(database, 1)


def test_writers_at_once_take_turns(database: str) -> None:
    start = threading.Barrier(3)
    failed: list[BaseException] = []

    def writes() -> None:
        try:
            start.wait()
            for _ in range(5):
                begun(database, 2)
        except BaseException as error:  # noqa: BLE001 - the test's own thread tells it
            failed.append(error)

    threads = [threading.Thread(target=writes) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with Ledger.open(database) as ledger:
        rows = list(ledger.rows())
        assert [row.seq for row in rows] == list(range(15 * 3))
        assert [row.run for row in ledger.find(["point"])] == [run for run in range(1, 16) for _ in range(2)]
        for size, note in ledger.store.checkpoints():
            assert read_checkpoint(note)[0].root == root_of(rows[:size])


# The server


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of somebody who listens and never answers."""
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)  # a socket's path has no more than 107 bytes
        listening.bind(".s.PGSQL.5432")
        listening.listen()
        yield "postgresql://user:canary@/x?host=/proc/self/cwd"


def test_a_server_that_does_not_answer(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from phasegate.audit.ledger import postgres_store

    monkeypatch.setattr(postgres_store, "CONNECT_TIMEOUT", 2)
    with pytest.raises(LedgerError, match=r"can not be reached: .*timeout expired") as caught:
        Ledger.open(silent)
    assert "canary" not in told(caught.value)


def told(error: BaseException) -> str:
    """All that a reader, a log or a traceback may show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(error)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("x?host=/no/such/folder", "can not be reached: .*No such file or directory"),
        ("x?host=/no/such/folder&password=canary-2", "can not be reached: .*No such file or directory"),
        ("x?no_such_option=1", "can not be reached: .*no_such_option"),
    ],
)
def test_a_server_that_is_away(place: str, why: str) -> None:
    url = f"postgresql://user:canary@/{place}"
    with pytest.raises(LedgerError, match=why) as caught:
        Ledger.open(url)
    assert "canary" not in told(caught.value)
    assert caught.value.exit_code == 2


def test_what_the_server_refuses(server: Any, database: str) -> None:
    begun(database, 1)
    name = database.rpartition("/")[2].partition("?")[0]
    for url, why in (
        (server.url(name, password="canary-wrong"), "password authentication failed"),
        (server.url(name, user="stranger"), "password authentication failed"),
        (server.url("no_such_database"), 'database "no_such_database" does not exist'),
    ):
        with pytest.raises(LedgerError) as caught:
            Ledger.open(url)
        assert why in caught.value.message
        assert "canary" not in told(caught.value)


def test_a_user_who_may_not_make_one(server: Any, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        name = owner.info.dbname
        owner.execute(f"CREATE ROLE guest_{name} LOGIN PASSWORD 'canary'")
    with pytest.raises(LedgerError, match="can not be written: permission denied for database"):
        Ledger.open(server.url(name, f"guest_{name}", "canary"), create=True)


def test_a_connection_that_is_lost(database: str) -> None:
    begun(database, 1)
    with Ledger.open(database, read_only=False) as ledger:

        def entries(position: Position) -> list[Draft]:
            with psycopg.connect(database, autocommit=True) as owner:
                victim = ledger.store._connection.info.backend_pid  # type: ignore[attr-defined]
                owner.execute("SELECT pg_terminate_backend(%s, 5000)", [victim])
            return points(300)(position)

        with pytest.raises(LedgerError, match="failed: ") as caught:
            ledger.append(entries, SIGNER)
        assert "canary" not in told(caught.value)
        with pytest.raises(LedgerError):
            ledger.size()
    with Ledger.open(database) as ledger:
        assert ledger.size() == 2


def test_nothing_shows_the_password(server: Any, database: str) -> None:
    with Ledger.open(begun(database, 1)) as ledger:
        for text in (repr(ledger), repr(ledger.store), ledger.shown, repr(vars(ledger.store))):
            assert "canary" not in text
        assert ledger.shown.startswith(f"postgresql://{server.user}:***@/ledger_")


def test_a_psycopg_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "phasegate.audit.ledger.postgres_store", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = "postgresql://user:canary@host/x"
    with pytest.raises(LedgerError, match="needs psycopg") as caught:
        Ledger.open(url)
    assert caught.value.hint == "install it with: pip install 'phasegate[postgres]'"
    assert "canary" not in told(caught.value)
