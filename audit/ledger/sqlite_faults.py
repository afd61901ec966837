"""What SQLite says went wrong, told to the reader of a message."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from phasegate.audit.ledger.store import (
    DamagedLedgerError,
    FullLedgerError,
    LedgerError,
    LockedLedgerError,
    NotALedgerError,
    UnreadableLedgerError,
    UnwritableLedgerError,
)


@contextmanager
def telling(shown: str, timeout: float) -> Iterator[None]:
    """Turns an error of SQLite into one that says what to do.

    Args:
        shown: the ledger's address as messages show it.
        timeout: how many seconds a lock was waited for.

    Raises:
        LedgerError: instead of any `sqlite3.Error` of the block.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _fault(shown, timeout, error) from error
    except UnicodeDecodeError as error:  # of a text, or of SQLite's own message about one
        raise DamagedLedgerError(shown, "a text in it is no text") from error


def _fault(shown: str, timeout: float, error: sqlite3.Error) -> LedgerError:
    # Names begin alike where they differ in detail only: SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC.
    name: str = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
    match name.removeprefix("SQLITE_").partition("_")[0]:
        case "BUSY" | "LOCKED":
            return LockedLedgerError(shown, timeout)
        case "FULL":
            return FullLedgerError(shown)
        case "NOTADB":
            return NotALedgerError(shown, "it is not an SQLite file")
        case "CORRUPT" | "ERROR":
            return DamagedLedgerError(shown, str(error))
        case "READONLY":
            return UnwritableLedgerError(shown, str(error))
        case "CANTOPEN":
            return _closed_to_us(shown)
        case "IOERR":
            return _failing(shown, name, error)
    return LedgerError(f"{shown} can not be used: {error}")


def _closed_to_us(shown: str) -> LedgerError:
    hint = "where it lies in a folder that can not be written, copy it with its -wal file into one that can"
    return UnreadableLedgerError(shown, "SQLite can not open it or the files beside it", hint)


def _failing(shown: str, name: str, error: sqlite3.Error) -> LedgerError:
    hint = "what was not acknowledged was not written; see to the disk, its quota and limits, then run again"
    return LedgerError(f"reading or writing {shown} failed: {error} ({name})", hint)
