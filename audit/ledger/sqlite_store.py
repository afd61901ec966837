"""The store of a ledger in one SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import cast

from phasegate.audit.ledger.sqlite_faults import telling
from phasegate.audit.ledger.sqlite_file import glance_uri, look_at, uri_of
from phasegate.audit.ledger.sqlite_schema import APPLICATION_ID, SCHEMA, VERSION
from phasegate.audit.ledger.store import (
    LOCK_TIMEOUT,
    DamagedLedgerError,
    NewerLedgerError,
    NotALedgerError,
    Row,
    Stored,
    UnwritableLedgerError,
    packed,
    unpacked,
)

_ROW = "SELECT seq, kind, run, subject, body FROM entry"
_TYPES: tuple[set[type], ...] = ({int}, {str}, {int, type(None)}, {str}, {bytes})
"""Of the columns of a row."""


def _is_of_sqlite(name: object, kind: object) -> bool:
    """Whether SQLite itself made a part of the schema: indexes of keys, and tables for its planner."""
    return (kind, str(name).startswith("sqlite_autoindex_")) == ("index", True) or (
        kind == "table" and str(name) in ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
    )


class _Reads:
    """What is read from an open file, in an append or outside of one."""

    def __init__(self, connection: sqlite3.Connection, shown: str, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self.shown = shown

    def size(self) -> int:
        """How many entries there are."""
        return self._number("SELECT coalesce(max(seq) + 1, 0) FROM entry")

    def entries(self, start: int, end: int) -> list[Stored]:
        """The entries from ``start`` up to ``end`` in their order, many at once."""
        found = self._all(f"{_ROW} WHERE seq >= ? AND seq < ? ORDER BY seq", start, end)
        # Looked at in C, as there may be a million of them.
        types = [set(map(type, column)) for column in zip(*found, strict=True)]
        if all(column <= fit for column, fit in zip(types, _TYPES, strict=False)):
            return cast("list[Stored]", found)
        raise DamagedLedgerError(self.shown, "an entry is not stored as an entry is")

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given."""
        query = f"{_ROW} WHERE kind IN ({', '.join('?' * len(kinds))})"
        values: list[str | int] = [*kinds]
        if run is not None:
            query += " AND run = ?"
            values.append(run)
        if subject is not None:
            query += " AND subject = ?"
            values.append(subject)
        return [self._row(found) for found in self._all(f"{query} ORDER BY seq", *values)]

    def newest_run(self) -> int:
        """The highest number of a run, 0 where there is none."""
        return self._number("SELECT coalesce(max(run), 0) FROM entry")

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The kept leaf hashes of the entries from ``start`` up to ``end``."""
        query = "SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
        return self._hashes(query, start, end)

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        """The kept hashes of full subtrees of 2^level entries, counted in subtrees."""
        query = "SELECT hash FROM node WHERE level = ? AND place >= ? AND place < ? ORDER BY place"
        return self._hashes(query, level, start, end)

    def node_count(self) -> int:
        """How many hashes of subtrees are kept, of whatever level and place."""
        return self._number("SELECT count(*) FROM node")

    def newest_checkpoint(self) -> str | None:
        """The signed note over the largest size; None in a ledger without entries."""
        newest = list(self._notes("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1"))
        return newest[0][1] if newest else None

    def _each(self, query: str, *values: str | int) -> Iterator[tuple[object, ...]]:
        with telling(self.shown, self._timeout):
            yield from self._connection.execute(query, values)

    def _all(self, query: str, *values: str | int) -> list[tuple[object, ...]]:
        with telling(self.shown, self._timeout):
            return self._connection.execute(query, values).fetchall()

    def _number(self, query: str) -> int:
        number = self._all(query)[0][0]
        if type(number) is not int:
            raise DamagedLedgerError(self.shown, f"{number!r} is no number")
        return number

    def _notes(self, query: str) -> Iterator[tuple[int, str]]:
        for size, note in self._each(query):
            if type(size) is not int or type(note) is not str:
                raise DamagedLedgerError(self.shown, f"checkpoint {size!r} is not stored as one is")
            yield size, note

    def _hashes(self, query: str, *values: int) -> list[bytes]:
        hashes = [found for (found,) in self._all(query, *values)]
        if set(map(type, hashes)) - {bytes} or set(map(len, cast("list[bytes]", hashes))) - {32}:
            raise DamagedLedgerError(self.shown, "a kept hash has not 32 bytes")
        return cast("list[bytes]", hashes)

    def _row(self, found: tuple[object, ...]) -> Row:
        seq, kind, run, subject, body = found
        # A table that somebody made anew may hold anything anywhere.
        if (
            type(seq) is int
            and type(kind) is str
            and (run is None or type(run) is int)
            and type(subject) is str
            and type(body) is bytes
        ):
            return Row(seq, kind, run, subject, body, self.shown)
        raise DamagedLedgerError(self.shown, f"entry {seq} is not stored as an entry is")


class _Writer(_Reads):
    """Writes inside the transaction that `SqliteStore.append` holds."""

    def write(self, rows: Sequence[Row], leaves: Sequence[bytes]) -> None:
        """Writes entries, whose numbers follow on the last one, with their leaf hashes."""
        values = [
            (row.seq, row.kind, row.run, row.subject, leaf, row.body)
            for row, leaf in zip(rows, leaves, strict=True)
        ]
        self._many(
            "INSERT INTO entry (seq, kind, run, subject, leaf, body) VALUES (?, ?, ?, ?, ?, ?)", values
        )

    def write_nodes(self, level: int, start: int, hashes: Sequence[bytes]) -> None:
        """Writes hashes of full subtrees, the first of which is number ``start`` of its level."""
        values = [(level, start + i, each) for i, each in enumerate(hashes)]
        self._many("INSERT INTO node (level, place, hash) VALUES (?, ?, ?)", values)

    def write_content(self, digest: str, document: bytes) -> None:
        """Keeps a document under its SHA-256, unless it is there already."""
        if not self._all("SELECT 1 FROM content WHERE digest = ?", digest):
            self._many("INSERT INTO content (digest, packed) VALUES (?, ?)", [(digest, packed(document))])

    def write_checkpoint(self, size: int, note: str) -> None:
        """Writes the signed note over all entries, after them."""
        self._many("INSERT INTO checkpoint (size, note) VALUES (?, ?)", [(size, note)])

    def _many(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        with telling(self.shown, self._timeout):
            written = self._connection.executemany(statement, values).rowcount
        if written != len(values):  # whatever dropped the others said nothing
            raise DamagedLedgerError(self.shown, "it does not keep what is written to it")


class SqliteStore(_Reads):
    """A ledger in a file. A closed one is one file, so that a copy of it is whole."""

    def __init__(
        self, path: Path, *, writing: bool, timeout: float = LOCK_TIMEOUT, glance: bool = False
    ) -> None:
        """Opens the ledger.

        Args:
            path: the file; links are followed.
            writing: False shows the ledger as it stands now, and leaves the file as it is.
            timeout: how many seconds to wait for another writer.
            glance: only to propose something; see `glance_uri`.

        Raises:
            LedgerError: if there is none, or it is something else, or may not be used in this way.
        """
        shown = str(path)
        look_at(path, shown, writing=writing)
        with telling(shown, timeout):
            uri = glance_uri(path) if glance else uri_of(path, writing=writing)
            connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
        super().__init__(connection, shown, timeout)
        self._writing = writing
        self._open = True
        try:
            self._make_ready()
        except BaseException:
            connection.close()
            raise

    def __repr__(self) -> str:
        return f"SqliteStore({self.shown!r})"

    def _make_ready(self) -> None:
        with telling(self.shown, self._timeout):
            # Functions that a stranger's view or trigger might call are for our statements alone.
            self._connection.execute("PRAGMA trusted_schema = OFF")
            if self._writing:
                self._connection.execute("PRAGMA synchronous = FULL")
            else:
                self._connection.execute("PRAGMA query_only = ON")
                self._connection.execute("BEGIN")  # all that is read is then of one moment
        if self._number("PRAGMA application_id") != APPLICATION_ID:
            raise NotALedgerError(self.shown, "it is an SQLite file of another application")
        version = self._number("PRAGMA user_version")
        if version > VERSION:
            raise NewerLedgerError(self.shown, version, VERSION)
        if version != VERSION:
            raise NotALedgerError(self.shown, f"{version} is no version of its tables")
        if self._writing and (faults := self.schema_faults()):
            raise DamagedLedgerError(self.shown, "; ".join(faults))

    def schema_faults(self) -> list[str]:
        """Where the tables and their triggers are not those that an append-only ledger has."""
        query = "SELECT name, type, sql FROM sqlite_schema"
        # Whoever writes the schema itself can give a trigger a name that looks like one of SQLite's own.
        rows = [(str(name), sql) for name, kind, sql in self._all(query) if not _is_of_sqlite(name, kind)]
        found = dict(rows)
        faults = [f"{name} is missing" for name in SCHEMA if name not in found]
        names = [name for name, _ in rows]
        faults += [f"{name} was added" for name in found if name not in SCHEMA or names.count(name) > 1]
        faults += [f"{name} was changed" for name in SCHEMA if name in found and found[name] != SCHEMA[name]]
        return faults

    def rows(self, start: int = 0, end: int | None = None) -> Iterator[Row]:
        """The entries from ``start`` up to ``end``, streamed in their order."""
        last = self.size() if end is None else end
        query = f"{_ROW} WHERE seq >= ? AND seq < ? ORDER BY seq"
        return (self._row(found) for found in self._each(query, start, last))

    def indexed_leaves(self, kinds: Collection[str]) -> list[bytes]:
        """The kept leaf hashes of the entries that the index gives of some kinds, in their order."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT leaf FROM entry WHERE kind IN ({marks}) ORDER BY seq"  # noqa: S608 - of marks alone
        with telling(self.shown, self._timeout):
            return [bytes(leaf) for (leaf,) in self._connection.execute(query, [*kinds])]

    def file_faults(self) -> list[str]:
        """What SQLite finds damaged when it reads all of its pages."""
        return [str(fault) for (fault,) in self._all("PRAGMA integrity_check(20)") if fault != "ok"]

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """The sizes and signed notes of all checkpoints, in the order of size."""
        return self._notes("SELECT size, note FROM checkpoint ORDER BY size")

    def content(self, digest: str) -> bytes | None:
        """A kept document, None where there is none."""
        found = self._all("SELECT packed FROM content WHERE digest = ?", digest)
        if not found:
            return None
        kept = found[0][0]
        if type(kept) is not bytes:
            raise DamagedLedgerError(self.shown, f"the document {digest} is not stored as one is")
        return unpacked(digest, kept)

    def contents(self) -> Iterator[str]:
        """The digests of all kept documents, sorted."""
        return (str(digest) for (digest,) in self._all("SELECT digest FROM content ORDER BY digest"))

    @contextlib.contextmanager
    def append(self) -> Iterator[_Writer]:
        """One transaction under the ledger's lock; an exception leaves everything as it was."""
        if not self._writing:
            raise UnwritableLedgerError(self.shown, "it was opened for reading")
        with telling(self.shown, self._timeout):
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield _Writer(self._connection, self.shown, self._timeout)
            with telling(self.shown, self._timeout):
                self._connection.execute("COMMIT")
        except BaseException:
            # After some errors SQLite has rolled back by itself.
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Lets go of the ledger, and leaves it as one file where nobody else has it open."""
        if not self._open:
            return
        self._open = False
        if self._writing:
            # Readers that can not write the folder see a ledger without a write-ahead log only.
            # Whoever is at it now will do the same at their end; what was acknowledged is safe
            # in the log, so that nothing here is worth an error.
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA busy_timeout = 0")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        with telling(self.shown, self._timeout):
            self._connection.close()
