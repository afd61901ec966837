"""What there is behind the connections of a project: tried, listed, and proposed as sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from phasegate.facts.connections.again import again
from phasegate.facts.connections.base import Snapshot, Table, TableColumn
from phasegate.facts.connections.registry import database_named
from phasegate.facts.connections.tables import address_of
from phasegate.facts.contracts.types import type_name
from phasegate.facts.sources.content import Room
from phasegate.facts.sources.files import SourceError
from phasegate.rules.errors import PhasegateError
from phasegate.rules.model.connection import DATABASES, STORES, Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile
from phasegate.rules.values.object_path import is_object, object_path


@dataclass(frozen=True, slots=True)
class Looked:
    """A connection that was tried.

    Attributes:
        name: of the connection.
        database: what it leads to, with its version once it was reached.
        fault: why it can not be read; None where it can.
        tables: what can be read of it, where it is a database.
        objects: of a store, by each path that a source of the project has there, the objects that it stands
            for now, with their bytes.
    """

    name: str
    database: str
    fault: str | None = None
    tables: tuple[Table, ...] = ()
    objects: Mapping[str, Sequence[tuple[str, int]]] | None = None


def look(
    connections: Mapping[str, Connection],
    environ: Mapping[str, str],
    sources: Mapping[str, SourceFile] | None = None,
) -> list[Looked]:
    """Tries each connection, and lists the tables behind it with their columns; no row is read.

    Of a store the objects are listed that the project's sources stand for.

    Raises:
        SourceError: if there is none.
    """
    _some(connections)
    return [
        _tried(name, connection, environ)
        if connection.store is None
        else _listed_objects(name, connections, environ, sources or {})
        for name, connection in connections.items()
    ]


def _listed_objects(
    name: str,
    connections: Mapping[str, Connection],
    environ: Mapping[str, str],
    sources: Mapping[str, SourceFile],
) -> Looked:
    from phasegate.facts.connections.objects.find import Objects

    store = connections[name].store
    assert store is not None
    title, objects = STORES[store].title, Objects(connections, environ)
    own = [each for each in sources.values() if each.connection == name and each.objects is not None]
    try:
        objects.open(name)
        return Looked(name, title, objects={each.place: objects.listed(each) for each in own})
    except PhasegateError as error:
        return Looked(name, title, str(error).replace("\nhelp: ", "; "))


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
        written: the table with its schema, or the path of objects in a store; before it a connection and a
            colon, where there are several.
        environ: the environment.

    Raises:
        SourceError: if there is none, or it can not be told in which database.
    """
    _some(connections)
    name, _, table = written.partition(":")
    if is_object(written) or (name in connections and is_object(table)):
        return _proposed_objects(connections, written, environ)
    if name not in connections:
        if len(connections) != 1:
            hint = "write the connection before it, as in erp:finance.invoices"
            raise SourceError(f"nobody knows which connection has {written}", hint)
        (name,), table = connections, written

    def looked() -> tuple[Table, list[TableColumn]]:
        with _snapshot(name, connections[name], environ) as snapshot:
            found = snapshot.table(table)
            return found, snapshot.exact(found, found.columns)

    found, columns = again(looked)
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


def _proposed_objects(
    connections: Mapping[str, Connection], written: str, environ: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Objects as a source; they are read, for what their columns are stands nowhere else."""
    from phasegate.facts.connections.objects.find import Objects
    from phasegate.facts.sources.scan import scan_source

    stores = [name for name, each in connections.items() if each.store is not None]
    name, _, path = written.partition(":")
    if is_object(written):
        if len(stores) != 1:
            hint = f"write the connection before it, as in lake:{written}"
            raise SourceError(f"nobody knows which connection leads to {written}", hint)
        name, path = stores[0], written
    source, objects = SourceFile.model_validate({"from": name, "path": path}), Objects(connections, environ)
    room = Room()
    found = objects.find(source, room)
    contract = Contract(title=f"a row of {path}", infer=True)
    columns = scan_source(contract, source, Path(), room=room, objects=found).contract.columns
    return {
        _source_name(object_path(path).named or "objects"): {
            "from": name,
            "path": path,
            "contract": {
                "title": contract.title,
                "columns": {key: each.model_dump(exclude_defaults=True) for key, each in columns.items()},
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
