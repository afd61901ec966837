"""Whoever may write the ledger's tables hides an entry from its index: nothing is decided by what is left.

The entry stays where it is, and its bytes are those that were hashed; only whoever asks for its kind does not
find it any more.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from postgres_server import Server, server  # noqa: F401

World = Any
WAIVED = "2026-03-03T12:00:00+00:00"
KINDS = ("key", "approval", "waiver", "revocation", "gate", "run")
HOLDING = {"key", "approval", "waiver", "revocation"}
"""The kinds of the entries that the world below has and that decisions rest on."""


def partial_index(ledger: str, kind: str) -> None:
    """SQLite: an index that leaves entries out, under the text of one that does not."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (text,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_kind'").fetchone()
        connection.execute("DROP INDEX entry_kind")
        connection.execute(
            f"CREATE INDEX entry_kind ON entry (kind, run, subject) WHERE kind <> '{kind}' OR seq < 1"
        )
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'entry_kind'", (text,))
        (version,) = connection.execute("PRAGMA schema_version").fetchone()
        connection.execute(f"PRAGMA schema_version = {version + 1}")


def row_policy(ledger: str, kind: str) -> None:
    """PostgreSQL: a policy that hides entries from whoever asks for kinds, and from nobody else."""
    execute(
        ledger,
        "ALTER TABLE phasegate.entry ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE phasegate.entry FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY shown ON phasegate.entry FOR SELECT "
        f"USING (kind <> '{kind}' OR seq < 1 OR current_query() NOT LIKE '%kind = ANY%')",
        "CREATE POLICY kept ON phasegate.entry FOR INSERT WITH CHECK (true)",
    )


def other_operator(ledger: str, kind: str) -> None:
    """PostgreSQL: an equals sign of somebody's own, which the role finds before the server's."""
    execute(
        ledger,
        "CREATE SCHEMA other",
        f"CREATE FUNCTION other.eq(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS "
        f"$$ SELECT $1 OPERATOR(pg_catalog.=) $2 AND $1 OPERATOR(pg_catalog.<>) '{kind}' $$",
        "CREATE OPERATOR other.= (LEFTARG = text, RIGHTARG = text, FUNCTION = other.eq)",
        "ALTER ROLE CURRENT_USER SET search_path = other, pg_catalog",
    )


def execute(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def waived(world: World) -> World:
    """A gate that is open by a waiver, which is then revoked: from now on it is closed."""
    world.approve()
    assert world.waive().exit_code == 0
    assert world.at(WAIVED).gate().exit_code == 0
    assert world.by("dev", "waive", "--revoke", "W-1").exit_code == 0
    assert world.at("2026-03-03T13:00:00+00:00").gate().exit_code == 1
    return world


DECIDING = (
    ("ci", "gate", "1"),
    ("ci", "gate", "1", "--no-ledger"),
    ("ci", "check"),
    ("ci", "check", "--no-ledger"),
    ("fin", "advance", "1"),
)


def nothing_is_decided(world: World, kind: str, *named: str) -> None:
    """No command lets anything through; what rests on the hidden kind names the fault."""
    for name, *command in DECIDING:
        result = world.by(name, *command)
        words = " ".join(command[:2])
        assert result.exit_code in (1, 2), (words, result.output)
        if kind in HOLDING and "gate" not in words and "advance" not in words:
            assert any(each in result.stderr for each in named), (words, result.output)
    assert world.by("ci", "gate", "1").exit_code in (1, 2)
    assert world.by("fin", "advance", "1").exit_code == 2


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("kind", KINDS)
def test_a_partial_index_hides_nothing(waived: World, kind: str, tmp_path: Path) -> None:
    partial_index(str(tmp_path / "phasegate.db"), kind)
    nothing_is_decided(waived, kind, "its index gives ")
    if kind in HOLDING | {"run"}:
        quick = waived.run("verify", "--quick")
        assert (quick.exit_code, "the index" in quick.stdout) == (1, True), quick.output
    assert waived.run("verify").exit_code == 1


@pytest.fixture
def address(world: World, server: Server, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: F811
    """The same project with its ledger on a server, and where that is."""
    found = server.database()
    monkeypatch.setenv("LEDGER", found)
    world.more = "ledger: env:LEDGER\n"
    world.write()
    return found


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("kind", ["revocation", "key", "gate", "approval"])
@pytest.mark.parametrize("hide", [row_policy, other_operator])
def test_a_server_hides_nothing(address: str, waived: World, hide: Any, kind: str) -> None:
    hide(address, kind)
    if hide is row_policy:
        nothing_is_decided(waived, kind, "phasegate.entry", "the policy", "the row security")
        verified = waived.run("verify")
        assert verified.exit_code in (1, 2), verified.output
        assert "row security of entry is on" in verified.output
        return
    try:  # the server's own operator is asked whatever the role says
        assert waived.at("2026-03-03T14:00:00+00:00").gate().exit_code == 1
        assert waived.by("fin", "advance", "1").exit_code == 2
        assert waived.run("verify").exit_code == 0
    finally:
        execute(address, "ALTER ROLE CURRENT_USER RESET search_path")
