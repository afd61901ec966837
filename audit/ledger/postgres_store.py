"""The store of a ledger on a PostgreSQL server, in the schema ``phasegate`` of one database."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import psycopg

from phasegate.audit.ledger.postgres_address import ServerAddress, server_address
from phasegate.audit.ledger.postgres_faults import connection_fault, telling
from phasegate.audit.ledger.postgres_schema import (
    COLUMNS,
    FOUND_COLUMNS,
    FOUND_KINDS,
    FOUND_POLICIES,
    FOUND_RULES,
    FOUND_TRIGGERS,
    LOCK,
    MARK,
    OURS_ALONE,
    REFUSE,
    STATEMENTS,
    TRIGGER_TYPE,
    VERSION,
)
from phasegate.audit.ledger.store import (
    LOCK_TIMEOUT,
    DamagedLedgerError,
    MissingLedgerError,
    NewerLedgerError,
    NotALedgerError,
    Row,
    Stored,
    UnwritableLedgerError,
    packed,
    unpacked,
)

CONNECT_TIMEOUT = 10
"""How many seconds a server may take to answer."""
_PAGE = 1_000
_WRITE_ROW = (
    "INSERT INTO phasegate.entry (seq, kind, run, subject, leaf, body) VALUES (%s, %s, %s, %s, %s, %s)"
)
_ROW = "SELECT seq, kind, run, subject, body FROM phasegate.entry"


class _Reads:
    """What is read over a connection, in an append or outside of one."""

    def __init__(self, connection: psycopg.Connection, address: ServerAddress, timeout: float) -> None:
        self._connection = connection
        self._address = address
        self._timeout = timeout

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self._address.shown

    def size(self) -> int:
        """How many entries there are."""
        return self._number("SELECT coalesce(max(seq) + 1, 0) FROM phasegate.entry")

    def entries(self, start: int, end: int) -> list[Stored]:
        """The entries from ``start`` up to ``end`` in their order, many at once."""
        return self._all(f"{_ROW} WHERE seq >= %s AND seq < %s ORDER BY seq", start, end)

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given."""
        query = f"{_ROW} WHERE kind = ANY(%s)"
        values: list[object] = [list(kinds)]
        if run is not None:
            query += " AND run = %s"
            values.append(run)
        if subject is not None:
            query += " AND subject = %s"
            values.append(subject)
        return [self._row(*found) for found in self._all(f"{query} ORDER BY seq", *values)]

    def _row(self, seq: int, kind: str, run: int | None, subject: str, body: bytes) -> Row:
        return Row(seq, kind, run, subject, body, self.shown)

    def newest_run(self) -> int:
        """The highest number of a run, 0 where there is none."""
        return self._number("SELECT coalesce(max(run), 0) FROM phasegate.entry")

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The kept leaf hashes of the entries from ``start`` up to ``end``."""
        query = "SELECT leaf FROM phasegate.entry WHERE seq >= %s AND seq < %s ORDER BY seq"
        return [leaf for (leaf,) in self._all(query, start, end)]

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        """The kept hashes of full subtrees of 2^level entries, counted in subtrees."""
        query = (
            "SELECT hash FROM phasegate.node WHERE level = %s AND place >= %s AND place < %s ORDER BY place"
        )
        return [node for (node,) in self._all(query, level, start, end)]

    def node_count(self) -> int:
        """How many hashes of subtrees are kept, of whatever level and place."""
        return self._number("SELECT count(*) FROM phasegate.node")

    def newest_checkpoint(self) -> str | None:
        """The signed note over the largest size; None in a ledger without entries."""
        found = self._all("SELECT note FROM phasegate.checkpoint ORDER BY size DESC LIMIT 1")
        return found[0][0] if found else None

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with telling(self._address, self._timeout):
            return self._connection.execute(query, values, binary=True).fetchall()

    def _number(self, query: str) -> int:
        number: int = self._all(query)[0][0]
        return number


class _Writer(_Reads):
    """Writes inside the transaction that `PostgresStore.append` holds."""

    def write(self, rows: Sequence[Row], leaves: Sequence[bytes]) -> None:
        """Writes entries, whose numbers follow on the last one, with their leaf hashes."""
        values = [
            (row.seq, row.kind, row.run, row.subject, leaf, row.body)
            for row, leaf in zip(rows, leaves, strict=True)
        ]
        self._many(_WRITE_ROW, values)

    def write_nodes(self, level: int, start: int, hashes: Sequence[bytes]) -> None:
        """Writes hashes of full subtrees, the first of which is number ``start`` of its level."""
        values = [(level, start + i, each) for i, each in enumerate(hashes)]
        self._many("INSERT INTO phasegate.node (level, place, hash) VALUES (%s, %s, %s)", values)

    def write_content(self, digest: str, document: bytes) -> None:
        """Keeps a document under its SHA-256, unless it is there already."""
        if not self._all("SELECT 1 FROM phasegate.content WHERE digest = %s", digest):
            values = [(digest, packed(document))]
            self._many("INSERT INTO phasegate.content (digest, packed) VALUES (%s, %s)", values)

    def write_checkpoint(self, size: int, note: str) -> None:
        """Writes the signed note over all entries, after them."""
        self._many("INSERT INTO phasegate.checkpoint (size, note) VALUES (%s, %s)", [(size, note)])

    def _many(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        with telling(self._address, self._timeout), self._connection.cursor() as cursor:
            cursor.executemany(statement, values)
            written = cursor.rowcount
        if written != len(values):  # whatever dropped the others said nothing
            raise DamagedLedgerError(self.shown, "it does not keep what is written to it")


class PostgresStore(_Reads):
    """A ledger on a server, one in a database."""

    def __init__(
        self, url: str, *, create: bool = False, writing: bool, timeout: float = LOCK_TIMEOUT
    ) -> None:
        """Opens the ledger.

        Args:
            url: the database.
            create: makes the ledger where the database has none.
            writing: False shows the ledger as it stands now.
            timeout: how many seconds to wait for another writer.

        Raises:
            LedgerError: if there is none, or the server can not be reached, or refuses.
        """
        address = server_address(url)
        super().__init__(connect(address), address, timeout)
        self._writing = writing
        try:
            self._make_ready(create)
        except BaseException:
            self._connection.close()
            raise

    def __repr__(self) -> str:
        return f"PostgresStore({self.shown!r})"

    def _make_ready(self, create: bool) -> None:
        if create and self._comment() is None:
            self._create()
        if not self._writing:
            # All that is read is then of one moment.
            self._all_done("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        comment = self._comment()
        if comment is None:
            raise MissingLedgerError(self.shown)
        version = comment.removeprefix(MARK)
        if not comment.startswith(MARK) or not version.isdecimal():
            raise NotALedgerError(self.shown, "its schema 'phasegate' is of another application")
        if int(version) != VERSION:
            raise NewerLedgerError(self.shown, version, VERSION)
        if self._writing and (faults := self.schema_faults()):
            raise DamagedLedgerError(self.shown, "; ".join(faults))

    def _comment(self) -> str | None:
        query = (
            "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') "
            "FROM pg_namespace WHERE nspname = 'phasegate'"
        )
        found = self._all(query)
        return found[0][0] if found else None

    def _create(self) -> None:
        with self._locked():
            if self._comment() is None:  # of two that make one, the second finds the first one's
                for statement in STATEMENTS:
                    self._all_done(statement)

    def schema_faults(self) -> list[str]:
        """Where the tables and their triggers are not those that an append-only ledger has."""
        columns = {(table, name): (kind, filled) for table, name, kind, filled in self._all(FOUND_COLUMNS)}
        expected = {(table, name): each for table, names in COLUMNS.items() for name, each in names.items()}
        faults = [f"{table}.{name} is missing" for table, name in expected if (table, name) not in columns]
        faults += [f"{table}.{name} was added" for table, name in columns if (table, name) not in expected]
        faults += [
            f"{table}.{name} was changed"
            for (table, name), each in expected.items()
            if (table, name) in columns and columns[table, name] != each
        ]
        triggers = {(table, name): rest for table, name, *rest in self._all(FOUND_TRIGGERS)}
        for table in COLUMNS:
            found = triggers.pop((table, "append_only"), None)
            if found != ["A", TRIGGER_TYPE, True, "refuse", REFUSE]:
                faults.append(f"the trigger of {table} is missing or was changed")
        faults += [f"the trigger {name} of {table} was added" for table, name in triggers]
        faults += [f"the rule {name} of {table} was added" for table, name in self._all(FOUND_RULES)]
        faults += [f"the policy {name} of {table} was added" for table, name in self._all(FOUND_POLICIES)]
        for table, plain, secured in self._all(FOUND_KINDS):
            if not plain:
                faults.append(f"{table} is no plain table")
            if secured:
                faults.append(f"the row security of {table} is on")
        return faults

    def rows(self, start: int = 0, end: int | None = None) -> Iterator[Row]:
        """The entries from ``start`` up to ``end``, streamed in their order."""
        last = self.size() if end is None else end
        query = f"{_ROW} WHERE seq >= %s AND seq < %s ORDER BY seq LIMIT %s"
        while page := self._all(query, start, last, _PAGE):
            yield from (self._row(*found) for found in page)
            start = page[-1][0] + 1

    def indexed_leaves(self, kinds: Collection[str]) -> list[bytes]:
        """The kept leaf hashes of the entries that the index gives of some kinds, in their order."""
        query = "SELECT leaf FROM phasegate.entry WHERE kind = ANY(%s) ORDER BY seq"
        return [leaf for (leaf,) in self._all(query, list(kinds))]

    def file_faults(self) -> list[str]:
        """Nothing: the files are the server's, which tells of a damaged page where it meets one."""
        return []

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """The sizes and signed notes of all checkpoints, in the order of size."""
        query = "SELECT size, note FROM phasegate.checkpoint WHERE size > %s ORDER BY size LIMIT %s"
        last = -1
        while page := self._all(query, last, _PAGE):
            yield from ((size, note) for size, note in page)
            last = page[-1][0]

    def content(self, digest: str) -> bytes | None:
        """A kept document, None where there is none."""
        found = self._all("SELECT packed FROM phasegate.content WHERE digest = %s", digest)
        return unpacked(digest, found[0][0]) if found else None

    def contents(self) -> Iterator[str]:
        """The digests of all kept documents, sorted."""
        query = 'SELECT digest FROM phasegate.content ORDER BY digest COLLATE "C"'
        return (digest for (digest,) in self._all(query))

    @contextlib.contextmanager
    def append(self) -> Iterator[_Writer]:
        """One transaction under the ledger's lock; an exception leaves everything as it was."""
        if not self._writing:
            raise UnwritableLedgerError(self.shown, "it was opened for reading")
        with self._locked():
            # A server may be set up to acknowledge what it has not written yet.
            self._all_done(
                "SELECT set_config('synchronous_commit', 'on', true) "
                "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
            )
            yield _Writer(self._connection, self._address, self._timeout)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # Each statement must see what was committed while the lock was waited for.
        self._all_done("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        try:
            self._all_done(f"SET LOCAL lock_timeout = {max(1, round(self._timeout * 1_000))}")
            self._all_done(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield
            with telling(self._address, self._timeout, committing=True):
                self._connection.execute("COMMIT")
        except BaseException:
            # A connection that broke has nothing left to take back.
            with contextlib.suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _all_done(self, statement: str) -> None:
        with telling(self._address, self._timeout):
            self._connection.execute(statement)

    def close(self) -> None:
        """Lets go of the connection."""
        self._connection.close()


def connect(address: ServerAddress) -> psycopg.Connection:
    """A connection to a server, on which each statement stands by itself.

    Raises:
        LedgerError: if the server can not be reached, or refuses.
    """
    try:
        connection = psycopg.connect(
            address.url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT,
            application_name="phasegate",
            client_encoding="utf8",
        )
        for statement in OURS_ALONE:
            connection.execute(statement)
        return connection
    except (psycopg.Error, UnicodeError) as error:
        fault = connection_fault(address, error)
    # Raised out here, so that the driver's own error, which may quote the address, is not told with it.
    raise fault
