"""Spark, and what speaks Spark Connect as it does: tables as Arrow batches, of one moment or not at all.

Spark knows no snapshot of several tables. What tables are read from is therefore asked before and after: the
files of each, with their sizes and times where the server tells these, and how many rows there are. Where
that is another answer then, nothing was read. Only what reads is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from phasegate.facts.connections.base import (
    Database,
    GivenThere,
    PassingFaultError,
    Snapshot,
    Table,
    TableColumn,
)
from phasegate.facts.connections.spark_connect.address import Address, parsed
from phasegate.facts.connections.spark_connect.client import Client
from phasegate.facts.connections.spark_connect.session import Session
from phasegate.facts.engines.plans import READ
from phasegate.facts.sources.files import SourceError
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.connection import Connection

if TYPE_CHECKING:
    from phasegate.facts.engines.sql.engine import SqlEngine
    from phasegate.facts.sources.passes import Source

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "EXCEPTION",
    "spark.sql.parquet.int96RebaseModeInRead": "EXCEPTION",
    "spark.sql.avro.datetimeRebaseModeInRead": "EXCEPTION",
    "spark.sql.legacy.charVarcharAsString": "false",
}
"""What comes does then not depend on what somebody set up for the server. Files that are damaged or gone are
faults, and so are days before 1582 in files of which nobody knows by which calendar they were written."""
_OF_FILES = "_metadata.file_path, _metadata.file_size, _metadata.file_modification_time"
_FIRST_SPARK = 3
"""The version of Spark that spoke Spark Connect first; others that speak it have versions of their own."""


class _Files(NamedTuple):
    """What is known of the files that a table is of.

    Attributes:
        digest: of their names, and of sizes and times where these are told; nothing where it is of none.
        whole: whether these are told, as of a table by itself.
    """

    digest: str = ""
    whole: bool = False


@dataclass
class _Read:
    """A table that was read.

    Attributes:
        table: the table.
        files: what is known of the files that it is of.
        rows: how many came.
    """

    table: Table
    files: _Files
    rows: int = 0


class SparkSnapshot(Snapshot):
    """A session, and what the tables were made of that were read of it."""

    moment = "none: the server tells of no files"

    def __init__(self, session: Session) -> None:
        self._session = session
        self._engine: SqlEngine | None = None
        self._read: list[_Read] = []  # a table may be read for several sources

    def open(self) -> None:
        """Sets the session up.

        Raises:
            SourceError: if the server does not let it.
        """
        self._session.set_up(_SETTINGS)
        version = str(self._session.all("SELECT version()").item(0, 0)).split(" ")[0]
        major = version.split(".")[0]
        spark = major.isdecimal() and int(major) >= _FIRST_SPARK
        self.server = f"Spark {version}" if spark else f"Spark Connect server {version}"

    def tables(self) -> list[str]:
        """The tables and views of the current catalogue, each with its schema."""
        schemas = sorted(map(str, self._session.all("SHOW SCHEMAS").to_series(0)))
        return [f"{schema}.{name}" for schema in schemas for name in self._names([schema])]

    def table(self, written: str) -> Table:
        """The table of a name, as the catalogue has it."""
        shown = f"{self._session.name}:{written}"
        *schema, name = written.split(".")
        if len(schema) not in (1, 2) or not all((*schema, name)):
            raise SourceError(f"{shown} does not exist", "write schema.table, or catalog.schema.table")
        names = self._names(schema, shown)
        if name not in names:
            known = [".".join((*schema, each)) for each in names]
            raise SourceError(f"{shown} does not exist", suggest(written, known, of="tables"))
        found = Table(".".join(schema), name, ())
        return Table(found.schema, name, self._session.columns(_selected("*", found), shown))

    def _names(self, schema: Sequence[str], shown: str | None = None) -> list[str]:
        """The tables of a schema, without views of the session, which are somebody's own."""
        listed = self._session.all(f"SHOW TABLES IN {'.'.join(map(_quoted, schema))}", shown)
        spelt = (schema[-1], _quoted(schema[-1]))
        return sorted(name for where, name, passing in listed.iter_rows() if not passing and where in spelt)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A query that fails leaves its session as it was."""
        yield

    def moment_of(self, table: Table) -> str:
        """A digest of the files that its rows are of; or that nothing is known of any."""
        return next(each.files.digest for each in reversed(self._read) if each.table == table) or self.moment

    def rows(self, table: Table, columns: Sequence[TableColumn]) -> Generator[pl.DataFrame, None, None]:
        """The rows as Arrow batches."""
        read = _Read(table, self._files(table))
        values = ", ".join(_quoted(each.name) for each in columns)
        for frame in self._session.rows(_selected(values or "1", table), columns, self._shown(table)):
            read.rows += frame.height
            yield frame
        self._read.append(read)

    def path(self, table: Table) -> tuple[str, ...]:
        """The names by which a table is reached, that of a catalogue included."""
        return _path(table)

    def stay(self, table: Table) -> None:
        """Notes of which files a table is; where none are told nobody knows whether it stays what it is."""
        files, rows = self._files(table), self._count(table)
        if rows and not files.digest:
            what = (
                f"{self._shown(table)} is asked many times, and the server does not tell of which files it is"
            )
            raise SourceError(f"{what}: nobody knows whether that is the same table each time", READ)
        self._read.append(_Read(table, files, rows))

    def open_there(self, given: GivenThere) -> Source:
        """A source that is computed over by the server."""
        from phasegate.facts.engines.spark_connect.language import LANGUAGE
        from phasegate.facts.engines.sql.engine import SqlEngine
        from phasegate.facts.engines.sql.source import open_there

        self._engine = self._engine or SqlEngine(LANGUAGE, self, given.renew)
        return open_there(given, self._engine)

    def set_up(self, settings: Mapping[str, str]) -> None:
        """Makes further settings of the session.

        Raises:
            SourceError: if the server does not let them be made.
        """
        self._session.set_up(settings)

    def sure(self, table: Table) -> bool:
        """Where the server tells of its files how large and old they are; of a view it tells only names."""
        return next(read.files.whole for read in reversed(self._read) if read.table == table)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement answers."""
        return self._session.all(statement).rows()

    def hold(self, table: Table | None = None) -> None:
        """Holds what was read against what is there now.

        Raises:
            PassingFaultError: if that is another table, of which nobody knows how much was read.
        """
        reads = [read for read in self._read if table in (None, read.table)]
        assert reads or table is None, "nothing is noted of it"
        for read in reads:
            shown = self._shown(read.table)
            if (self._files(read.table), self._count(read.table)) != (read.files, read.rows):
                hint = "read it when nobody writes, or a view of one version of it (VERSION AS OF)"
                raise PassingFaultError(f"{shown} changed while it was read", hint)

    def _count(self, table: Table) -> int:
        return int(self._session.all(_selected("count(*)", table), self._shown(table)).item(0, 0))

    def _files(self, table: Table) -> _Files:
        """What is known of the files that a table is of, looked for anew."""
        shown = self._shown(table)
        self._session.understood(f"REFRESH TABLE {_named(table)}")  # some servers keep lists, others none
        names = self._session.files(_selected("*", table), shown)
        if not names:
            return _Files()
        whole, digest = False, hashlib.sha256(json.dumps(names).encode())
        try:
            told = self._session.all(_selected(f"DISTINCT {_OF_FILES}", table), shown)
        except PassingFaultError:
            raise
        except SourceError:  # of a view, and by some servers, only the names are told
            pass
        else:
            whole = True
            digest.update(json.dumps(sorted(map(str, told.rows()))).encode())
        return _Files(f"files sha256:{digest.hexdigest()}", whole)

    def _shown(self, table: Table) -> str:
        return f"{self._session.name}:{table.shown}"


class SparkConnect(Database):
    """Spark Connect, by gRPC."""

    @contextmanager
    def snapshot(self, name: str, address: str, connection: Connection) -> Iterator[SparkSnapshot]:
        """A session of its own."""
        where = parsed(name, address)
        client = Client(where, tls=encrypted(name, where, connection))
        try:
            found = SparkSnapshot(Session(name, client, (connection.timeout, connection.seconds)))
            found.open()
            yield found
        finally:
            client.close()


def encrypted(name: str, address: Address, connection: Connection) -> bool:
    """Whether the channel is encrypted; gRPC then checks certificate and name, and knows nothing less."""
    match connection.tls:
        case "verify-full":
            return address.tls or not address.loopback
        case "off":
            return address.tls
        case other:
            hint = "write verify-full, or off where nobody listens"
            raise SourceError(f"the connection {name!r}: Spark Connect has no tls: {other}", hint)


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _path(table: Table) -> tuple[str, ...]:
    return (*table.schema.split("."), table.name)


def _named(table: Table) -> str:
    return ".".join(map(_quoted, _path(table)))


def _selected(what: str, table: Table) -> str:
    return f"SELECT {what} FROM {_named(table)}"  # noqa: S608 - names of the catalogue, quoted


DATABASE = SparkConnect()
