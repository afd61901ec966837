"""An SQLite database, opened so that nobody writes to it and nothing in it is run.

What is opened is a copy of the bytes that are hashed: in memory, or in a temporary file that has no name once
it is open. Names of tables and columns come from the database's own catalogue, and no SQL from anywhere else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Any, NamedTuple, Self

from phasegate.facts.sources.files import FoundFile, SourceError, words
from phasegate.facts.sources.rewritten import temporary_folder
from phasegate.rules.diagnostics.suggestions import suggest

BYTES_AT_MOST = 8 << 30
"""Bytes of a database: it is copied, and its table once more."""
_VALUE_AT_MOST = 1 << 24
_HEAD = 100
_MARK = b"SQLite format 3\x00"
_WAYS = slice(18, 20)
"""Where a database says that its changes may stand beside it; a whole one is read without these."""
_TEXTS = ("CHAR", "CLOB", "TEXT")
_FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What it raises: the second of names, even where it is about to say what is wrong with one."""
_PIECE = 1 << 20
_SHOWN = 10


class Text(bytes):
    """A text, as its bytes; a blob comes as plain bytes."""


class TableOf(NamedTuple):
    """What a database says of a table.

    Attributes:
        name: its name.
        columns: its columns, in their order.
        numbers: for each whether it is declared to hold numbers.
        rowid: the name by which its rows' numbers are asked for; None where they have none.
    """

    name: str
    columns: Sequence[str]
    numbers: Sequence[bool]
    rowid: str | None

    def at(self, number: int) -> str:
        """What the database calls a row: by its number, or its place where rows have none."""
        return f"{self.name} {'rowid' if self.rowid else 'row'} {number}"


class Database:
    """An open database.

    Args:
        file: it.

    Raises:
        SourceError: if it is no whole one, or there is no room for it.
    """

    def __init__(self, file: FoundFile) -> None:
        self._file, self._closing = file, ExitStack()

    def __enter__(self) -> Self:
        with self._file.open() as raw:
            head = raw.read(_HEAD)
        self._refuse_parts(head)
        try:
            self._connection = self._closing.enter_context(closing(self._opened()))
            # Its schema is trusted: no function here reaches out of the copy, and older SQLite counts none of
            # JSON, with which Django checks each column of it, among those that may be called otherwise.
            for pragma in ("query_only = ON", "cell_size_check = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_AT_MOST)
            self._connection.text_factory = Text
        except _FAULTS as error:
            self._closing.close()
            raise self._damaged(error) from error
        except OSError as error:
            self._closing.close()
            what = f"{self._file.shown} can not be copied into a temporary file: {words(error)}"
            raise SourceError(what, "it is in TMPDIR, else in /var/tmp or /tmp") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def table(self, name: str | None) -> TableOf:
        """A table by its name; the only one where none is given.

        Raises:
            SourceError: if there is none of this name, or it is not stored in the database.
        """
        shown = self._file.shown
        asked = "SELECT name, type, rootpage FROM sqlite_master WHERE type IN ('table', 'view')"
        kinds = {
            _decoded(found): "view" if kind == b"view" else "table" if page else "virtual table"
            for found, kind, page in self._all(asked)
        }
        own = [each for each in sorted(kinds) if not each.startswith("sqlite_")]
        tables = [each for each in own if kinds[each] == "table"]
        if name is None:
            if len(tables) != 1:
                listed = f"it has {', '.join(tables[:_SHOWN])}" if tables else None
                raise SourceError(f"{shown} has {len(tables):,} tables: say which, by 'table'", listed)
            (name,) = tables
        if name not in kinds:
            raise SourceError(f"{shown} has no table {name!r}", suggest(name, tables, of="tables"))
        if kinds[name] != "table":
            hint = "have it stored as a table, by CREATE TABLE ... AS"
            raise SourceError(f"{shown}: {name!r} is a {kinds[name]}, whose rows are computed", hint)
        self._check("quick_check", name)
        columns = self._all("SELECT name, type FROM pragma_table_xinfo(?)", name)
        try:
            names = [each.decode() for each, _ in columns]
        except UnicodeDecodeError as error:  # in its place SQLite would give its name for each row's value
            raise self._damaged(error) from error
        return TableOf(
            name, names, [_of_numbers(_decoded(kind)) for _, kind in columns], self._rowid(name, names)
        )

    def rows(self, of: TableOf) -> Iterator[tuple[int, Sequence[Any]]]:
        """The rows of a table with their numbers.

        Raises:
            SourceError: if the database is damaged.
        """
        columns = ", ".join(map(_quoted, of.columns))
        asked = f"SELECT {of.rowid or '0'}, {columns} FROM {_quoted(of.name)}"  # noqa: S608 - of the catalogue
        asked = f"{asked} ORDER BY {of.rowid}" if of.rowid else asked
        # Where an index has all columns its rows may be read in the table's place: it must have the same.
        if any(b" INDEX " in plan[-1] for plan in self._all(f"EXPLAIN QUERY PLAN {asked}")):
            self._check("integrity_check", of.name)
        try:
            rows = self._connection.execute(asked)
            for place, (number, *values) in enumerate(rows, start=1):
                yield (number if of.rowid else place), values
        except _FAULTS as error:
            raise self._damaged(error) from error

    def _check(self, how: str, table: str) -> None:
        for (said,) in self._all(f"PRAGMA {how}({_quoted(table)})"):
            if said != b"ok":
                what = f"{self._file.shown} is damaged: {_decoded(said)}"
                raise SourceError(what, "restore it, or export it anew")

    def _opened(self) -> sqlite3.Connection:
        # One thread at a time reads it, though it may be another one that goes on.
        with self._file.open() as raw:
            head = bytearray(raw.read(_HEAD))
            head[_WAYS] = b"\x01\x01"
            if (whole := self._file.held.in_memory) is not None:
                connection = sqlite3.connect(":memory:", check_same_thread=False)
                connection.deserialize(bytes(head) + whole[_HEAD:])
                return connection
            with NamedTemporaryFile(dir=temporary_folder(), suffix=".sqlite") as copy:
                copy.write(head)
                copyfileobj(raw, copy, _PIECE)
                copy.flush()
                place = f"{Path(copy.name).as_uri()}?mode=ro&immutable=1"
                connection = sqlite3.connect(place, uri=True, check_same_thread=False)
                connection.execute("SELECT COUNT(*) FROM sqlite_master")  # which opens it
                return connection

    def _refuse_parts(self, head: bytes) -> None:
        """Refuses what is no database, or not all of one."""
        shown, size = self._file.shown, self._file.size
        if not head.startswith(_MARK) or len(head) < _HEAD:
            raise SourceError(f"{shown} is no SQLite database", "is it cut off?")
        if not {*head[_WAYS]} <= {1, 2}:
            hint = "is it damaged? 'PRAGMA integrity_check' tells more"
            raise SourceError(f"{shown} is no SQLite database of a form that is known", hint)
        if size > BYTES_AT_MOST:
            what = f"{shown} has {size:,} bytes; of a database no more than {BYTES_AT_MOST:,} are read"
            raise SourceError(what, "export the table as Parquet")
        page = int.from_bytes(head[16:18], "big")
        page = (1 << 16) if page == 1 else max(page, 1)
        known = head[24:28] == head[92:96]
        if size % page or (known and int.from_bytes(head[28:32], "big") * page > size):
            raise SourceError(f"{shown} is no whole SQLite database", "is it cut off?")

    def _rowid(self, name: str, columns: Sequence[str]) -> str | None:
        taken = {each.lower() for each in columns}
        for rowid in ("rowid", "_rowid_", "oid"):
            if rowid in taken:
                continue
            try:
                self._connection.execute(f"SELECT {rowid} FROM {_quoted(name)} LIMIT 0")  # noqa: S608
            except _FAULTS:  # it is one WITHOUT ROWID
                return None
            return rowid
        return None

    def _all(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except _FAULTS as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> SourceError:
        said = "it has a name that is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"{error}"
        return SourceError(f"{self._file.shown} can not be read: {said}", "is it cut off, or damaged?")


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _of_numbers(declared: str) -> bool:
    """Whether SQLite makes numbers of what is written into a column that is declared so."""
    kind = declared.upper()
    if "INT" in kind:
        return True
    return bool(kind) and not any(text in kind for text in (*_TEXTS, "BLOB"))
