"""Whoever may write the folder puts a file of SQLite's of another time beside a ledger: nothing opens by it.

SQLite takes such a file for what a killed writer left, and writes it into the ledger. What comes of that is
the ledger as it was, a ledger that nobody decides by, or a whole older copy: that one only a checkpoint shows
which was kept elsewhere, and it does.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

World = Any
LEDGER = "phasegate.db"


class Times:
    """Copies of a ledger's files: while its gate was open by a waiver, and once that was revoked."""

    def __init__(self, world: World) -> None:
        self.ledger = world.folder / LEDGER
        self.open, self.revoked, self.other = (world.folder / name for name in ("then", "now", "other"))
        world.approve()
        assert world.waive().exit_code == 0
        with self._written(self.open):
            assert world.at("2026-03-03T12:00:00+00:00").gate().exit_code == 0
        with self._written(self.revoked):
            assert world.by("dev", "waive", "--revoke", "W-1").exit_code == 0
        world.at("2026-03-03T13:00:00+00:00")
        result = world.run("checkpoint", "-o", "kept.txt")
        assert result.exit_code == 0, result.output

    def _written(self, folder: Path) -> Any:
        """While something is written, a reader keeps the log out of the file; both are copied."""
        from contextlib import contextmanager

        @contextmanager
        def copied() -> Any:
            with closing(sqlite3.connect(self.ledger, isolation_level=None)) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM entry").fetchone()
                yield
                folder.mkdir()
                for end in ("", "-wal", "-shm"):
                    shutil.copy(f"{self.ledger}{end}", folder / f"{LEDGER}{end}")
            # Closed by the last one, the log is put into the file.
            with closing(sqlite3.connect(self.ledger)) as last:
                last.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

        return copied()

    def log(self, folder: Path) -> bytes:
        found = (folder / f"{LEDGER}-wal").read_bytes()
        assert found
        return found

    def mixed(self, file: Path, log: Path) -> None:
        shutil.copy(file / LEDGER, self.ledger)
        self.beside("-wal", self.log(log))

    def beside(self, end: str, content: bytes) -> None:
        Path(f"{self.ledger}{end}").write_bytes(content)


def hot_journal(whole: Path, folder: Path) -> bytes:
    """The journal of a transaction that was never ended: the pages of a ledger as they were before it."""
    draft = folder / "draft.db"
    shutil.copy(whole, draft)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("UPDATE entry SET subject = subject || 'x', body = CAST(body || x'00' AS BLOB)")
        connection.execute("UPDATE checkpoint SET note = note || 'x'")
        return Path(f"{draft}-journal").read_bytes()


def file_then(times: Times) -> Path:
    """The ledger's whole file as it was while the gate was open."""
    folder = times.open / "whole"
    folder.mkdir()
    for end in ("", "-wal"):
        shutil.copy(times.open / f"{LEDGER}{end}", folder / f"{LEDGER}{end}")
    with closing(sqlite3.connect(folder / LEDGER)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return folder / LEDGER


def other_log(times: Times) -> bytes:
    """The log of a ledger that has nothing to do with this one, with tables of the same names."""
    times.other.mkdir()
    with closing(sqlite3.connect(times.other / LEDGER, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, kind, run, subject, leaf, body)")
        connection.execute("CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note)")
        return times.log(times.other)


GAMES: dict[str, Callable[[Times], None]] = {
    "the log of before the revocation": lambda t: t.beside("-wal", t.log(t.open)),
    "the log of the revocation, once more": lambda t: t.beside("-wal", t.log(t.revoked)),
    "half of a log": lambda t: t.beside("-wal", t.log(t.open)[: len(t.log(t.open)) // 2]),
    "both logs": lambda t: t.beside("-wal", t.log(t.open) + t.log(t.revoked)[32:]),
    "the log of another ledger": lambda t: t.beside("-wal", other_log(t)),
    "no log at all": lambda t: t.beside("-wal", b"nothing that SQLite has ever written" * 500),
    "the index of a log": lambda t: t.beside("-shm", (t.open / f"{LEDGER}-shm").read_bytes()),
    "an older file under the newer log": lambda t: t.mixed(t.open, t.revoked),
    "the newer file under the older log": lambda t: t.mixed(t.revoked, t.open),
    "the journal of before the revocation": lambda t: t.beside("-journal", hot_journal(file_then(t), t.open)),
    "a journal of now": lambda t: t.beside("-journal", hot_journal(t.ledger, t.open)),
    "half of a journal": lambda t: t.beside("-journal", hot_journal(file_then(t), t.open)[:9_000]),
    "no journal at all": lambda t: t.beside("-journal", b"nothing" * 3_000),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("game", GAMES)
def test_a_file_from_another_time_opens_nothing(game: str, world: World) -> None:
    times = Times(world)
    GAMES[game](times)
    results = [
        world.by("dev", "advance", "1"),
        world.gate(),
        world.by("fin", "approve"),
        world.by("fin", "advance", "1"),
    ]
    against = world.run("verify", "--against", "kept.txt")
    assert not any("Traceback" in each.output for each in (*results, against))
    if 0 in (results[0].exit_code, results[1].exit_code, results[3].exit_code):
        # A whole older copy was put back: whoever kept a checkpoint sees it.
        assert against.exit_code == 1, (game, against.output)
        return
    assert results[1].exit_code in (1, 2), results[1].output
    assert against.exit_code in (0, 1, 2)
