"""What there is behind the connections of a project: tried, listed, and proposed as sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from phasegate.facts.connections.base import Snapshot, Table, TableColumn
from phasegate.facts.connections.registry import database_named
from phasegate.facts.connections.tables import address_of
from phasegate.facts.contracts.types import type_name
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import DATABASES, Connection


@dataclass(frozen=True, slots=True)
class Looked:
    """A connection that was tried.

    Attributes:
        name: of the connection.
        database: what it leads to, with its version once it was reached.
        fault: why it can not be read; None where it can.
        tables: what can be read of it.
    """

    name: str
    database: str
    fault: str | None = None
    tables: tuple[Table, ...] = ()


def look(connections: Mapping[str, Connection], environ: Mapping[str, str]) -> list[Looked]:
    """Tries each connection, and lists the tables behind it with their columns; no row is read.

    Raises:
        SourceError: if there is none.
    """
    _some(connections)
    return [_tried(name, connection, environ) for name, connection in connections.items()]


def _some(connections: Mapping[str, Connection]) -> None:
    if not connections:
        hint = "name one, as in connections: {erp: {postgres: env:ERP_URL}}"
        raise SourceError("the project has no connections", hint)


def _tried(name: str, connection: Connection, environ: Mapping[str, str]) -> Looked:
    title = DATABASES[connection.database].title
    try:
        with _snapshot(name, connection, environ) as snapshot:
            found = [_listed(snapshot, each) for each in snapshot.tables()]
            return Looked(name, snapshot.server, None, tuple(each for each in found if each is not None))
    except SourceError as error:
        return Looked(name, title, error.sentence)


def _listed(snapshot: Snapshot, name: str) -> Table | None:
    try:
        with snapshot.apart():
            return snapshot.table(name)
    except SourceError:  # dropped meanwhile, or one of two that share a name
        return None


def _snapshot(name: str, connection: Connection, environ: Mapping[str, str]) -> Any:
    address = address_of(name, connection, environ)
    return database_named(connection.database).snapshot(name, address, connection)


def propose(
    connections: Mapping[str, Connection], written: str, environ: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """A table as a source with its contract, as a project file has it.

    Args:
        connections: those of the project.
        written: the table with its schema; before it a connection and a colon, where there are several.
        environ: the environment.

    Raises:
        SourceError: if there is none, or it can not be told in which database.
    """
    _some(connections)
    name, _, table = written.partition(":")
    if name not in connections:
        if len(connections) != 1:
            hint = "write the connection before it, as in erp:finance.invoices"
            raise SourceError(f"nobody knows which connection has {written}", hint)
        (name,), table = connections, written
    with _snapshot(name, connections[name], environ) as snapshot:
        found = snapshot.table(table)
        columns = snapshot.exact(found, found.columns)
    return {
        _source_name(found.name): {
            "from": name,
            "table": found.shown,
            "contract": {
                "title": f"a row of {found.shown}",
                "columns": {each.name: _column(each) for each in columns if each.kind is not None},
            },
        }
    }


def _column(column: TableColumn) -> dict[str, Any]:
    """What a contract says of a column; whether its values may be missing as the database sees to it."""
    kind = column.meant or column.kind
    assert kind is not None
    told: dict[str, Any] = {"type": type_name(kind)}
    if isinstance(kind, pl.Decimal):
        told["scale"] = min(kind.scale, 18)
    return told if column.filled else {**told, "nullable": True}


def _source_name(table: str) -> str:
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in table.lower())
    return name if not name[:1].isdigit() else f"_{name}"
