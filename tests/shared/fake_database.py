"""A database that is a list of lines: what holds for every kind of database is tried without a server."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from phasegate.facts.connections.base import Database, Snapshot, Table, TableColumn
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import Connection

KINDS: dict[str, pl.DataType | None] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Decimal(38, 2),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "geometry": None,
}


@dataclass
class FakeTable:
    """A table: the type of each column in the database's words, and its rows as lines.

    Attributes:
        fault: raised after the last row instead of an end.
    """

    columns: dict[str, str]
    lines: list[bytes]
    fault: Exception | None = None


@dataclass
class FakeDatabase(Database):
    """A kind of database.

    Attributes:
        tables: by name.
        faults: what goes wrong with each snapshot in turn, None where nothing does.
        addresses: those that were asked for, one a snapshot.
        read: the columns that were asked for.
    """

    tables: dict[str, FakeTable] = field(default_factory=dict)
    faults: list[SourceError | None] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    read: list[list[str]] = field(default_factory=list)

    @contextmanager
    def snapshot(self, name: str, address: str, connection: Connection) -> Iterator[FakeSnapshot]:
        self.addresses.append(address)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        yield FakeSnapshot(self, len(self.addresses))


class FakeSnapshot(Snapshot):
    """What the database is now."""

    server = "Fake 1"

    def __init__(self, database: FakeDatabase, number: int) -> None:
        self._database, self.moment = database, str(number)

    def tables(self) -> list[str]:
        return list(self._database.tables)

    def table(self, written: str) -> Table:
        if written not in self._database.tables:
            raise SourceError(f"there is no table {written}")
        schema, _, name = written.partition(".")
        columns = self._database.tables[written].columns
        return Table(schema, name, tuple(TableColumn(*each, KINDS[each[1]]) for each in columns.items()))

    def expected(self, table: Table) -> int:
        """Out of date, as a catalogue's guess is."""
        return len(self._database.tables[table.shown].lines) + 1

    @contextmanager
    def apart(self) -> Iterator[None]:
        yield

    def rows(self, table: Table, columns: Sequence[TableColumn]) -> Generator[list[bytes], None, None]:
        self._database.read.append([column.name for column in columns])
        found = self._database.tables[table.shown]
        places = [list(found.columns).index(column.name) for column in columns]
        for line in found.lines:
            values = line.rstrip(b"\n").split(b"\t")
            yield [b"\t".join(values[place] for place in places) + b"\n"]
        if found.fault is not None:
            raise found.fault
