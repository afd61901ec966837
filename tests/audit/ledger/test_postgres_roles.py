"""Who writes a ledger and who may only read it, by the statements that `deploy/postgresql/` has for both."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from private_postgres import binaries

from phasegate.audit.ledger.entry import Draft, Position
from phasegate.audit.ledger.ledger import CheckpointSigner, Ledger
from phasegate.audit.ledger.store import LedgerError

psycopg = pytest.importorskip("psycopg")

SHIPPED = Path(__file__).parents[3] / "deploy" / "postgresql"
SIGNER = CheckpointSigner("evaluator", bytes(32), lambda data: hashlib.sha512(data).digest())
WRITES = (
    "INSERT INTO phasegate.checkpoint VALUES (99, '')",
    "UPDATE phasegate.entry SET kind = 'run'",
    "DELETE FROM phasegate.entry",
    "TRUNCATE phasegate.content",
    "DROP TABLE phasegate.node",
    "DROP TRIGGER append_only ON phasegate.entry",
    "ALTER TABLE phasegate.entry DISABLE TRIGGER ALL",
    "CREATE TABLE phasegate.more (i int)",
    "CREATE SCHEMA more",
    "COMMENT ON SCHEMA phasegate IS 'phasegate ledger 2'",
)


def points(position: Position) -> list[Draft]:
    return [Draft("point", position.newest_run + 1, "1.1.1", {"verdict": "pass"})]


def run(file: str, database: str, **roles: str) -> None:
    """Runs a shipped file as who makes roles, as whoever sets up a server runs it."""
    programs = binaries()
    assert programs is not None
    chosen = [f"--set={name}={role}" for name, role in roles.items()]
    command = [
        programs / "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        *chosen,
        "--dbname",
        database,
    ]
    subprocess.run([*command, "--file", SHIPPED / file], check=True, capture_output=True, text=True)


@pytest.fixture(params=[False, True], ids=["before the first run", "a ledger that is there"])
def ledger(request: pytest.FixtureRequest, server: Any, database: str) -> tuple[str, str, str]:
    """The addresses of a ledger for its owner, for who writes, and for who reads."""
    with psycopg.connect(database, autocommit=True) as owner:
        name = owner.info.dbname
        writer, reader = f"writer_{name}", f"reader_{name}"
        if request.param:
            Ledger.open(database, create=True).close()
            run("reader.sql", database, reader=reader)
            owner.execute(f"ALTER ROLE {reader} PASSWORD 'canary'")
            return database, database, server.url(name, reader, "canary")
        run("roles.sql", database, reader=reader, writer=writer)
        for role in (writer, reader):
            owner.execute(f"ALTER ROLE {role} PASSWORD 'canary'")
    return database, server.url(name, writer, "canary"), server.url(name, reader, "canary")


def test_who_may_only_read_reads_all_of_it(ledger: tuple[str, str, str]) -> None:
    _, writer, reader = ledger
    with Ledger.open(writer, create=True) as writing:
        writing.append(points, SIGNER, {hashlib.sha256(b"a record").hexdigest(): b"a record"})
        size = writing.size()
    with Ledger.open(reader) as reading:
        assert size == reading.size() == len([*reading.rows()]) == 2
        assert [reading.content(digest) for digest in reading.store.contents()] == [b"a record"]
        assert reading.store.leaves(0, size)
        assert [*reading.store.checkpoints()]
        assert reading.store.schema_faults() == []  # type: ignore[attr-defined]
    with (
        Ledger.open(reader, read_only=False) as refused,
        pytest.raises(LedgerError, match=r"can not be written: (permission denied|cannot execute)") as caught,
    ):
        refused.append(points, SIGNER)
    assert "canary" not in str(caught.value)


def test_and_writes_nothing_whatever_they_say(ledger: tuple[str, str, str]) -> None:
    _, writer, reader = ledger
    Ledger.open(writer, create=True).close()
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    with psycopg.connect(reader, autocommit=True) as connection:
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        for statement in WRITES:
            with pytest.raises(refused):
                connection.execute(statement)
        connection.execute("SET default_transaction_read_only = off")
        for statement in WRITES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        held = connection.execute(
            "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = current_user UNION "
            "SELECT rolname::text FROM pg_roles WHERE pg_has_role(current_user, oid, 'usage') "
            "AND rolname <> current_user"
        ).fetchall()
        assert held == [("SELECT",)]


def test_others_do_not_come_in(server: Any, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        name = owner.info.dbname
        run("roles.sql", database)  # under the names that they have where nothing is said
        owner.execute(f"CREATE ROLE stranger_{name} LOGIN PASSWORD 'canary'")
        made = owner.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'phasegate%' ORDER BY 1"
        ).fetchall()
        assert made == [("phasegate_reader",), ("phasegate_writer",)]
    with pytest.raises(LedgerError, match="permission denied for database"):
        Ledger.open(server.url(name, f"stranger_{name}", "canary"))
