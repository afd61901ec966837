"""The store of a ledger in one SQLite file."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from phasegate.audit.ledger.sqlite_faults import telling
from phasegate.audit.ledger.sqlite_schema import APPLICATION_ID, SCHEMA, VERSION
from phasegate.audit.ledger.store import (
    LOCK_TIMEOUT,
    DamagedLedgerError,
    MissingLedgerError,
    NewerLedgerError,
    NotALedgerError,
    Row,
    UnreadableLedgerError,
    UnwritableLedgerError,
    packed,
    unpacked,
)

_ROW = "SELECT seq, kind, run, subject, body FROM entry"


class _Reads:
    """What is read from an open file, in an append or outside of one."""

    def __init__(self, connection: sqlite3.Connection, shown: str, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self.shown = shown

    def size(self) -> int:
        """How many entries there are."""
        return self._number("SELECT coalesce(max(seq) + 1, 0) FROM entry")

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

    def newest_checkpoint(self) -> str | None:
        """The signed note over the largest size; None in a ledger without entries."""
        found = self._all("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        return found[0][0] if found else None

    def _all(self, query: str, *values: str | int) -> list[tuple[object, ...]]:
        with telling(self.shown, self._timeout):
            return self._connection.execute(query, values).fetchall()

    def _number(self, query: str) -> int:
        number = self._all(query)[0][0]
        if type(number) is not int:
            raise DamagedLedgerError(self.shown, f"{number!r} is no number")
        return number

    def _hashes(self, query: str, *values: int) -> list[bytes]:
        hashes = []
        for (found,) in self._all(query, *values):
            if type(found) is not bytes or len(found) != 32:
                raise DamagedLedgerError(self.shown, "a kept hash has not 32 bytes")
            hashes.append(found)
        return hashes

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
            return Row(seq, kind, run, subject, body)
        raise DamagedLedgerError(self.shown, f"entry {seq} is not stored as an entry is")
