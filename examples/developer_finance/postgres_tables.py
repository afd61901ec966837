"""The example's tables in a PostgreSQL database: a schema of their own, typed, with keys and comments."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl
from typed_tables import TypedTable

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from private_postgres import Server, binaries

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

SCHEMA = "developer_finance"
ADDRESS = "ERP_URL"
OWNER = "EXAMPLE_POSTGRES_URL"
"""The variable in which somebody may name a server of theirs."""
READER = "phasegate_reader"
_MADE_BY = "Tables of phasegate's example. They are made anew each time."
_NO_PROGRAMS = f"""\
there are no programs of PostgreSQL on this machine (initdb, pg_ctl). Install them (on Debian: apt-get install
postgresql), or name a database in which a schema {SCHEMA} may be made:
{OWNER}=postgresql://USER:PASSWORD@HOST:PORT/DATABASE"""
_NO_DRIVER = "psycopg is not installed: python -m pip install 'phasegate[postgres]'"


@contextmanager
def kept(root: Path, tables: dict[str, TypedTable]) -> Iterator[tuple[dict[str, object], dict[str, str]]]:
    """Tables in a database: of the server that the environment names, else of one that ends with this.

    Args:
        root: the folder of the project.
        tables: by name.

    Yields:
        What a project says of them, and the environment with the address.

    Raises:
        SystemExit: if there is no server, and none can be started.
    """
    sources = {name: {"from": "erp", "table": f"{SCHEMA}.{name}"} for name in tables}
    if theirs := os.environ.get(OWNER):
        load(theirs, tables)
        # Who made the tables may write them.
        connection = {"postgres": f"env:{OWNER}", "tls": _tls(theirs), "privileged": True}
        yield {"connections": {"erp": connection}, "sources": sources}, {}
        return
    reader = secrets.token_urlsafe()
    with server_in(root / "server") as server:
        load(server.url("postgres"), tables, reader)
        address = f"postgresql://{READER}:{reader}@/postgres?host={quote(server.host, safe='')}"
        yield (
            {"connections": {"erp": {"postgres": f"env:{ADDRESS}"}}, "sources": sources},
            {ADDRESS: address},
        )


@contextmanager
def server_in(folder: Path) -> Iterator[Server]:
    """A server of its own, reached through a socket in a folder, until the end.

    Raises:
        SystemExit: if its programs are not there.
    """
    programs = binaries()
    if programs is None:
        raise SystemExit(f"phasegate: {_NO_PROGRAMS}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server = Server(folder, programs, secrets.token_urlsafe())
    try:
        yield server
    finally:
        server.end()
        shutil.rmtree(folder)


def load(owner: str, tables: dict[str, TypedTable], reader: str | None = None) -> None:
    """Writes tables into a database.

    Args:
        owner: the address of who makes them.
        tables: by name.
        reader: the password of the role that is made to read them; None where none is made.

    Raises:
        SystemExit: if a schema of this name is somebody else's, or the driver is missing.
    """
    try:
        import psycopg
    except ImportError as error:
        raise SystemExit(f"phasegate: {_NO_DRIVER}") from error
    try:
        with psycopg.connect(owner, client_encoding="utf8") as connection:
            _load(connection, tables, reader)
    except psycopg.Error as error:
        # Its words may have a part of the address.
        why = error.sqlstate or "it can not be reached"
        raise SystemExit(f"phasegate: the database took no tables: {why}") from None


def _load(connection: psycopg.Connection, tables: dict[str, TypedTable], reader: str | None) -> None:
    from psycopg import sql

    run = connection.execute
    run("SET LOCAL TimeZone = 'UTC'")
    run("SET LOCAL DateStyle = 'ISO, YMD'")
    schema = sql.Identifier(SCHEMA)
    found = run(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (SCHEMA,)
    ).fetchone()
    if found is not None and found[0] != _MADE_BY:
        raise SystemExit(f"phasegate: the database has a schema {SCHEMA} that is not the example's")
    run(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
    run(sql.SQL("CREATE SCHEMA {}").format(schema))
    run(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(schema, sql.Literal(_MADE_BY)))
    for table in tables.values():
        for statement in _made(table):
            run(statement)
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(_named(table))) as copy:
            for lines in table.lines():
                copy.write(b"".join(lines))
    if reader is not None:
        role = sql.Identifier(READER)
        run(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(reader)))
        run(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
        run(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role))


def _tls(address: str) -> str:
    """What an address asks of TLS, as a connection says it."""
    from psycopg.conninfo import conninfo_to_dict

    asked = str(conninfo_to_dict(address).get("sslmode", "verify-full"))
    return asked if asked in {"verify-full", "verify-ca", "require"} else "off"


def _named(table: TypedTable) -> sql.Identifier:
    from psycopg import sql

    return sql.Identifier(SCHEMA, table.name)


def _made(table: TypedTable) -> Iterator[sql.Composed]:
    """What makes a table, its key, and says what it and its columns mean."""
    from psycopg import sql

    contract, named = table.contract, _named(table)
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(name),
            sql.SQL(_type(kind)),
            sql.SQL("" if contract.may_lack(name) else " NOT NULL"),
        )
        for name, kind in table.frame.schema.items()
    ]
    if contract.key:
        # A part of a primary key may not be empty.
        kind = sql.SQL("UNIQUE" if any(map(contract.may_lack, contract.key)) else "PRIMARY KEY")
        key = sql.SQL(", ").join(map(sql.Identifier, contract.key))
        columns.append(sql.SQL("{} ({})").format(kind, key))
    yield sql.SQL("CREATE TABLE {} ({})").format(named, sql.SQL(", ").join(columns))
    yield sql.SQL("COMMENT ON TABLE {} IS {}").format(named, sql.Literal(contract.title))
    for name in table.frame.columns:
        if (text := contract.columns[name].text) is not None:
            column = sql.Identifier(SCHEMA, table.name, name)
            yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, sql.Literal(text))


def _type(kind: pl.DataType) -> str:
    match kind:
        case pl.Decimal():
            return f"numeric({kind.precision}, {kind.scale})"
        case pl.Datetime():
            return "timestamptz"
        case _:
            return {pl.String: "text", pl.Int64: "bigint", pl.Boolean: "boolean", pl.Date: "date"}[type(kind)]
