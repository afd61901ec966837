"""PostgreSQL: one read-only snapshot, whose tables come by COPY.

A role that may write, or is a superuser, is refused unless the project lets it: a transaction that can only
read is no sandbox, for a superuser writes files all the same. Row security is off: where a policy would hide
rows the server refuses to answer, where it would else have shown fewer rows without a word.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql

from phasegate.facts.connections.base import (
    Database,
    GivenThere,
    PassingFaultError,
    Snapshot,
    Table,
    TableColumn,
)
from phasegate.facts.connections.digits import exact_decimal
from phasegate.facts.connections.faults import late, lost
from phasegate.facts.connections.postgres.catalogue import (
    CHANGED,
    COLUMNS,
    EXPECTED,
    FOREIGN,
    KINDS,
    NAMED,
    POWERS,
    STORED,
    TABLES,
    UNBOUNDED,
    WRITES,
    column,
)
from phasegate.facts.connections.postgres.copy import BrokenOffError, Copy, LateError, within
from phasegate.facts.connections.postgres.faults import fault, login_fault
from phasegate.facts.sources.files import SourceError
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.connection import Connection

if TYPE_CHECKING:
    from phasegate.facts.engines.sql.engine import SqlEngine
    from phasegate.facts.sources.passes import Source

_CONNECT_TIMEOUT = 10
_OLDEST = 130_000
_SESSION: tuple[LiteralString, ...] = (
    "SET LOCAL search_path = pg_catalog, pg_temp",  # else temporary tables stand before the catalogue
    "SET LOCAL row_security = off",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL synchronize_seqscans = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",
    "SET LOCAL jit = off",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)
"""What comes then does not depend on what somebody set up for the role or the database; the rows of a table
that nobody writes come in one order. Said within the transaction: of a pool each may have another session."""
_MODES = {"verify-full": "verify-full", "verify-ca": "verify-ca", "require": "require", "off": "prefer"}
_SELECTED: dict[str, LiteralString] = {
    "bpchar": "{}::text",  # without the blanks that fill it up
    "timestamptz": "{} AT TIME ZONE 'UTC'",
    UNBOUNDED: "trim_scale({})",
}


class PostgresSnapshot(Snapshot):
    """A transaction that sees one moment, and can write nothing."""

    def __init__(self, name: str, connection: psycopg.Connection, timeout: str, seconds: float) -> None:
        self._name, self._connection, self._timeout, self._seconds = name, connection, timeout, seconds
        self._bases: dict[tuple[str, str], str] = {}
        self._engine: SqlEngine | None = None
        self._late: SourceError | None = None

    def open(self, privileged: bool) -> None:
        """Begins the transaction, once the role is found to be one that may only read.

        Raises:
            SourceError: if it may not be read by this role.
        """
        shown = f"the connection {self._name!r}"
        number = self._connection.info.server_version
        self.server = f"PostgreSQL {number // 10_000}.{number % 10_000}"
        if number < _OLDEST:
            raise SourceError(f"{shown} leads to {self.server}, and 13 or newer is read")
        for statement in ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", *_SESSION):
            self._all(statement, shown=shown)
        milliseconds = sql.SQL("SET LOCAL statement_timeout = {}").format(round(self._seconds * 1_000))
        self._all(milliseconds, shown=shown)
        if not privileged:
            self._refuse_powers(shown)
        self.moment = str(self._all("SELECT pg_current_snapshot()::text", shown=shown)[0][0])

    def _refuse_powers(self, shown: str) -> None:
        hint = "give it a role that may only SELECT, or say 'privileged: true' for the connection"
        superuser, grants, server = self._all(POWERS, shown=shown)[0]
        if superuser or grants or server:
            who = "superuser" if superuser else "role that can grant itself anything, or write files"
            raise SourceError(f"{shown} is refused: its role is a {who}", hint)
        if found := self._all(WRITES, KINDS, shown=shown):
            raise SourceError(f"{shown} is refused: its role may write {found[0][0]}", hint)

    def tables(self) -> list[str]:
        """The tables and views that can be read, each with its schema."""
        return [name for (name,) in self._all(TABLES, KINDS)]

    def table(self, written: str) -> Table:
        """The table of a name, as the catalogue has it."""
        shown = f"{self._name}:{written}"
        found = self._all(NAMED, written, KINDS, shown=shown)
        if not found:
            # Of tables that the role may not read nothing is said.
            raise SourceError(f"{shown} does not exist", suggest(written, self.tables(), of="tables"))
        if len(found) > 1:
            raise SourceError(f"{shown} may be two tables: names with a dot in them can not be told apart")
        schema, name, number = found[0]
        if self._all(FOREIGN, number, shown=shown):
            what = f"{shown} has rows of another server, which are of another moment and may hide some"
            raise SourceError(what, "read a view of it, whose owner answers for that, or that server itself")
        columns = []
        for row in self._all(COLUMNS, number, number, shown=shown):
            each, base = column(*row)
            self._bases[written, each.name] = base
            columns.append(each)
        return Table(schema, name, tuple(columns))

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A savepoint, gone back to whatever happened: functions of a view may have set something."""
        self._all("SAVEPOINT apart")
        try:
            yield
        finally:
            if not self._connection.closed:
                self._all("ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart")

    def exact(self, table: Table, columns: Sequence[TableColumn]) -> list[TableColumn]:
        """The same columns; those of numbers without a precision as their rows have them."""
        asked = [each for each in columns if self._base(table, each) == UNBOUNDED]
        if not asked:
            return list(columns)
        each_of = "coalesce(max(scale(trim_scale({0}))), 0), coalesce(max(abs(trunc({0}))), 0)::text"
        answers = sql.SQL(", ").join(sql.SQL(each_of).format(sql.Identifier(each.name)) for each in asked)
        query = sql.SQL("SELECT {} FROM {}").format(answers, _named(table))
        found = self._all(query, shown=self._shown(table))[0]
        exact = {
            each.name: exact_decimal(each, found[2 * place], found[2 * place + 1])
            for place, each in enumerate(asked)
        }
        return [exact.get(each.name, each) for each in columns]

    def expected(self, table: Table) -> int | None:
        """The sum of what the last look at its parts has found; of a view nobody knows."""
        found = self._all(EXPECTED, table.shown)
        return found[0][0] or None

    def rows(self, table: Table, columns: Sequence[TableColumn]) -> Generator[list[bytes], None, None]:
        """The rows by COPY, whose text form is that of the interface."""
        values = [
            sql.SQL(_SELECTED.get(self._base(table, each), "{}")).format(sql.Identifier(each.name))
            for each in columns
        ]
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT text)").format(
            sql.SQL(", ").join(values) if values else sql.SQL("1"), _named(table)
        )
        shown = self._shown(table)
        try:
            yield from Copy(self._connection, self._seconds).rows(query.as_bytes(self._connection))
            self._refuse_changed(table, shown)
            return
        except psycopg.Error as error:
            found = fault(self._name, shown, self._timeout, error)
        except LateError:
            found = self._given_up(shown)
        except BrokenOffError:
            found = lost(self._name)
            self._connection.close()
        raise found

    def open_there(self, given: GivenThere) -> Source:
        """A source that is computed over in the database."""
        from phasegate.facts.engines.postgres.language import LANGUAGE
        from phasegate.facts.engines.sql.engine import SqlEngine
        from phasegate.facts.engines.sql.source import open_there

        self._engine = self._engine or SqlEngine(LANGUAGE, self, given.renew)
        return open_there(given, self._engine)

    def stay(self, table: Table) -> None:
        """Holds what a table is of as it is, until the snapshot ends: it is asked again and again."""
        shown = self._shown(table)
        self._all("SAVEPOINT locked", shown=shown)
        try:
            self._all(sql.SQL("SELECT 1 FROM {} LIMIT 0").format(_named(table)), shown=shown)
            self._refuse_changed(table, shown)
        except SourceError:
            if not self._connection.closed:
                self._all("ROLLBACK TO SAVEPOINT locked; RELEASE SAVEPOINT locked")
            raise
        self._all("RELEASE SAVEPOINT locked", shown=shown)

    def sure(self, table: Table) -> bool:
        """A table has the same rows each time; a view may ask for the clock, or for chance."""
        return self._all(STORED, table.shown, shown=self._shown(table)) == [(True,)]

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement answers."""
        with self.apart():
            return self._all(statement)

    def _refuse_changed(self, table: Table, shown: str) -> None:
        """Refuses rows of what was emptied, filled anew, altered or exchanged after the moment that is read.

        Those that were written since are not seen, and those that were there are gone: it would seem empty.
        What was read is locked until here, so that nothing of it changes any more.
        """
        if self._all(CHANGED, table.shown, shown=shown):
            what = f"{shown} was emptied, filled anew, altered or exchanged while it was read"
            raise PassingFaultError(what, "run again once that is done")

    def _given_up(self, shown: str) -> SourceError:
        """Closes a connection over which nothing comes any more; it is not tried again."""
        self._connection.close()
        self._late = late(shown, self._timeout)
        return self._late

    def _base(self, table: Table, each: TableColumn) -> str:
        return self._bases.get((table.shown, each.name), "")

    def _shown(self, table: Table) -> str:
        return f"{self._name}:{table.shown}"

    def _all(
        self, query: LiteralString | sql.Composed, *values: object, shown: str = ""
    ) -> list[tuple[Any, ...]]:
        shown = shown or f"the connection {self._name!r}"
        if self._late is not None:
            raise self._late
        try:
            cursor = self._connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description is not None else []
        except psycopg.DataError as error:
            if error.sqlstate is not None:
                found = fault(self._name, shown, self._timeout, error)
            else:  # the driver's own: a sign that no text of the server can have
                found = SourceError(f"{shown} does not exist")
        except psycopg.Error as error:
            found = fault(self._name, shown, self._timeout, error)
        except LateError:
            found = self._given_up(shown)
        # Raised out here, so that the driver's own error, which may quote values, is not told with it.
        raise found


class Postgres(Database):
    """PostgreSQL, by psycopg."""

    @contextmanager
    def snapshot(self, name: str, address: str, connection: Connection) -> Iterator[PostgresSnapshot]:
        """A transaction over a connection of its own."""
        opened = _connected(name, address, connection)
        try:
            found = PostgresSnapshot(name, opened, connection.timeout, connection.seconds)
            found.open(connection.privileged)
            yield found
        finally:
            opened.close()


class _Patient(psycopg.Connection[tuple[Any, ...]]):
    """A connection over which an answer is waited for as long as it may take, and no longer.

    The server's own timeout is of no use where it does not listen any more, or a pool has no session left.
    """

    seconds = float(_CONNECT_TIMEOUT)

    def wait(self, gen: Any, *given: Any, **named: Any) -> Any:
        """Waits for an answer, as psycopg asks."""
        return super().wait(within(gen, self.seconds), *given, **named)


def _connected(name: str, address: str, connection: Connection) -> psycopg.Connection:
    try:
        opened = _Patient.connect(
            address,
            autocommit=True,
            connect_timeout=_CONNECT_TIMEOUT,
            prepare_threshold=None,  # no session of a pool keeps what was prepared in it
            application_name="phasegate",
            client_encoding="utf8",
            # These stand before what the address says.
            sslmode=_MODES[connection.tls],
            gssencmode="disable",
            keepalives=1,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        opened.seconds = connection.seconds
        return opened
    except (psycopg.Error, UnicodeError, ValueError) as error:
        found = login_fault(name, error)
    raise found


def _named(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


DATABASE = Postgres()
