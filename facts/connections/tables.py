"""The tables of a run that are in databases: for each connection one snapshot, of which all are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import NamedTuple
from weakref import finalize, ref

from phasegate.facts.connections.again import PAUSE as _PAUSE
from phasegate.facts.connections.again import again
from phasegate.facts.connections.base import Database, PassingFaultError, Snapshot, Table, TableColumn
from phasegate.facts.connections.registry import database_named
from phasegate.facts.connections.stage import TablePart, stage
from phasegate.facts.model.progress import opening, rows_count
from phasegate.facts.sources.files import SourceError
from phasegate.facts.sources.limits import refuse_columns
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.connection import DATABASES, Connection
from phasegate.rules.model.contract import Contract
from phasegate.rules.model.project import SourceFile


class TableThere(NamedTuple):
    """A table that stays where it is.

    Attributes:
        snapshot: what is asked of it.
        table: it.
        columns: those that are read.
        kept: for as long as somebody keeps it the snapshot is open.
        renew: opens another one in its place, where it was lost.
    """

    snapshot: Snapshot
    table: Table
    columns: tuple[TableColumn, ...]
    kept: object = None
    renew: Callable[[], Snapshot] | None = None


class _Kept:
    """What is kept by those who ask a snapshot."""


WantedTable = tuple[SourceFile, Contract]
"""Where a table is, and what its columns must be."""


def read_tables(
    wanted: Mapping[str, WantedTable], connections: Mapping[str, Connection], environ: Mapping[str, str]
) -> dict[str, TablePart | TableThere | SourceError]:
    """The tables, read; or why not.

    Args:
        wanted: what is read, by the source's name.
        connections: how databases are reached, by name.
        environ: the environment, which holds their addresses.
    """
    found: dict[str, TablePart | TableThere | SourceError] = {}
    for name in dict.fromkeys(each[0].connection for each in wanted.values()):
        own = {key: each for key, each in wanted.items() if each[0].connection == name}
        try:
            found |= _of_one(name or "", connections, own, environ)
        except SourceError as error:
            found |= dict.fromkeys(own, error)
    return found


def address_of(name: str, connection: Connection, environ: Mapping[str, str]) -> str:
    """The address of a connection.

    Raises:
        SourceError: if the variable that should hold it does not, or there are no tables there.
    """
    if connection.store is not None:
        what = f"the connection {name!r} leads to a store of objects, and not to tables"
        raise SourceError(what, "name its objects by 'path', as in s3://BUCKET/FOLDER/*.parquet")
    found = environ.get(connection.variable, "").strip()
    if not found:
        what = f"the connection {name!r} is where {connection.variable} says, and that variable is not set"
        raise SourceError(what, f"set it to an address such as {DATABASES[connection.database].example}")
    return found


def _of_one(
    name: str,
    connections: Mapping[str, Connection],
    wanted: Mapping[str, WantedTable],
    environ: Mapping[str, str],
) -> dict[str, TablePart | TableThere | SourceError]:
    if name not in connections:
        raise SourceError(f"there is no connection {name!r}", suggest(name, connections, of="connections"))
    connection = connections[name]
    address = address_of(name, connection, environ)
    database = database_named(connection.database)
    return again(lambda: _snapshot(database, name, address, connection, wanted), _PAUSE)


def _snapshot(
    database: Database,
    name: str,
    address: str,
    connection: Connection,
    wanted: Mapping[str, WantedTable],
) -> dict[str, TablePart | TableThere | SourceError]:
    """All tables of one connection, of one moment."""
    found: dict[str, TablePart | TableThere | SourceError] = {}
    with ExitStack() as open_:
        snapshot = open_.enter_context(database.snapshot(name, address, connection))
        for key, each in wanted.items():
            try:
                with snapshot.apart(), opening(key):
                    found[key] = read = _read(snapshot, each)
                if isinstance(read, TableThere):
                    snapshot.stay(read.table)
            except PassingFaultError:
                raise
            except SourceError as error:
                found[key] = error
        snapshot.hold()
        there = [each.table for each in found.values() if isinstance(each, TableThere)]
        if there:
            kept = _Kept()
            finalize(kept, open_.pop_all().close)  # it is asked until the run is over
            renew = _renewing(lambda: database.snapshot(name, address, connection), there, kept)
            found = {
                key: each._replace(kept=kept, renew=renew) if isinstance(each, TableThere) else each
                for key, each in found.items()
            }
    return found


def _renewing(
    opened: Callable[[], AbstractContextManager[Snapshot]], tables: Sequence[Table], kept: _Kept
) -> Callable[[], Snapshot]:
    """What opens another snapshot, which is closed with the first."""
    keeper = ref(kept)  # nobody else keeps it, or no snapshot would ever be closed

    def renew() -> Snapshot:
        with ExitStack() as open_:
            snapshot = open_.enter_context(opened())
            for table in tables:
                snapshot.stay(table)
            if (still := keeper()) is not None:
                finalize(still, open_.pop_all().close)
            return snapshot

    return renew


def _read(snapshot: Snapshot, wanted: WantedTable) -> TablePart | TableThere:
    source, contract = wanted
    assert source.table is not None
    table = snapshot.table(source.table)
    refuse_columns(source.place, len(table.columns))
    needed = needed_columns(table.columns, source, contract)
    exact = snapshot.exact(table, needed)
    left_out = {column.name: column.left_out for column in exact if column.kind is None}
    refuse_left_out(
        exact, source, contract, "cast it in a view, to text, numeric, date or the like, and read that"
    )
    read = [each for each in exact if each.kind is not None]
    if not read:  # the contract may lack each of its columns, and rows are counted all the same
        read = [each for each in table.columns if each.kind is not None][:1]
    if not read:
        raise SourceError(f"{source.place} has no column that can be read")
    if source.compute == "engine":
        return TableThere(snapshot, table, tuple(read))
    if (expected := snapshot.expected(table)) is not None:
        rows_count().expect(expected, estimated=True)
    return stage(snapshot, table, read, source, left_out)


def _theirs(source: SourceFile, contract: Contract) -> dict[str, str]:
    """The table's name of each column of the contract."""
    renamed = {name: found for found, name in source.rename.items()}
    return {name: renamed.get(name, name) for name in contract.columns}


def needed_columns(
    columns: Sequence[TableColumn], source: SourceFile, contract: Contract
) -> list[TableColumn]:
    """The columns that are read, in the table's order: those of the contract, or all where it infers."""
    if contract.infer:
        return list(columns)
    names = {*_theirs(source, contract).values(), *source.rename}
    return [column for column in columns if column.name in names]


def refuse_left_out(
    columns: Iterable[TableColumn], source: SourceFile, contract: Contract, hint: str
) -> None:
    """Refuses columns that the contract names, and that can not be read.

    Args:
        columns: the table's.
        source: what the project says of it.
        contract: what its columns must be.
        hint: what to do about one.

    Raises:
        SourceError: naming the first.
    """
    ours = {*_theirs(source, contract).values()}
    for column in columns:
        if column.kind is None and column.name in ours:
            raise SourceError(
                f"{source.place}: column {column.name!r} can not be read: {column.left_out}", hint
            )
