"""The file of a ledger: what may be opened, how it is opened, and how a new one is made."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

from phasegate.audit.ledger.sqlite_faults import telling
from phasegate.audit.ledger.sqlite_schema import APPLICATION_ID, SCHEMA, VERSION
from phasegate.audit.ledger.store import (
    LOCK_TIMEOUT,
    LedgerError,
    MissingLedgerError,
    NotALedgerError,
    UnreadableLedgerError,
    UnwritableLedgerError,
)
from phasegate.rules.values.paths import resolved

_HEADER = 100
"""SQLite takes a file that is shorter than its header for a new one."""


def look_at(path: Path, shown: str, *, writing: bool) -> None:
    """Refuses what can be no ledger, before SQLite sees it.

    Raises:
        LedgerError: if there is nothing, or no file, or it may not be read, or written.
    """
    # Only looked at, never opened: closing a file lets go of every lock that this process holds on
    # it, also of those of an SQLite connection elsewhere in the process.
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise MissingLedgerError(shown) from error
    except ValueError as error:  # said in other words by each Python
        raise UnreadableLedgerError(shown, "its name holds a null byte") from error
    except OSError as error:
        raise UnreadableLedgerError(shown, error.strerror or str(error)) from error
    if stat.S_ISDIR(found.st_mode):
        raise NotALedgerError(shown, "it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise NotALedgerError(shown, "it is not a regular file")
    if not found.st_size:
        raise NotALedgerError(shown, "it is empty")
    if found.st_size < _HEADER:
        raise NotALedgerError(shown, "it is too short to be one")
    if not os.access(path, os.R_OK):
        raise UnreadableLedgerError(shown, "permission denied")
    if writing and not _may_write(path):
        raise UnwritableLedgerError(shown, "the file or its folder is read-only")


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(resolved(path).parent, os.W_OK | os.X_OK)


def glance_uri(path: Path) -> str:
    """How SQLite opens the file for a glance: it takes no lock, and makes and changes no file beside it.

    What a writer has not yet put into the file itself is not seen, and what is read while it does so may
    be damaged; whoever glances goes by nothing of it.
    """
    return f"{Path(os.path.realpath(path)).as_uri()}?mode=ro&immutable=1"


def uri_of(path: Path, *, writing: bool) -> str:
    """How SQLite opens the file, and never makes one."""
    # A reader that may write the folder opens the file for writing too (query_only keeps it from
    # it): it then recovers a ledger whose writer was killed, and leaves no files beside it.
    uri = Path(os.path.realpath(path)).as_uri()
    if writing or _may_write(path):
        return f"{uri}?mode=rw"
    log = Path(f"{os.path.realpath(path)}-wal")
    try:
        logged = log.stat().st_size > 0
    except FileNotFoundError:
        logged = False
    # Without a log and without leave to make one, the file is all there is.
    return f"{uri}?mode=ro" if logged else f"{uri}?mode=ro&immutable=1"


def new_file(path: Path, timeout: float = LOCK_TIMEOUT) -> None:
    """Makes a ledger without entries, unless there is a file already.

    It is made beside its place and linked there, so that nobody ever meets half a ledger, and of
    two that make one at once the second finds the first one's.

    Raises:
        LedgerError: if it can not be made.
    """
    import secrets

    shown = str(path)
    draft = path.with_name(f".phasegate-{secrets.token_hex(8)}")
    try:
        if path.exists() or path.is_symlink():
            return
        _refuse_orphans(path, shown)
        with telling(shown, timeout):
            _fill(draft)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        _keep_name(path.parent)
    except OSError as error:
        raise UnwritableLedgerError(shown, error.strerror or str(error)) from error
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                draft.with_name(draft.name + end).unlink()


def _refuse_orphans(path: Path, shown: str) -> None:
    # SQLite would take what a removed ledger left behind for the new one's, and write it into it.
    for end in ("-wal", "-journal"):
        orphan = path.with_name(path.name + end)
        if orphan.exists() and not path.exists():
            hint = f"put the ledger back beside {orphan.name}, or move that file away as well"
            raise LedgerError(f"{shown} was removed, and what was to be written to it is still there", hint)


def _fill(draft: Path) -> None:
    # Made here, so that a folder that is missing or closed to us is told by the system's own words.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN")
        for statement in SCHEMA.values():
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
    finally:
        connection.close()


def _keep_name(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
