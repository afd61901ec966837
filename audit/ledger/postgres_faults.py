"""What a PostgreSQL server says went wrong, told to the reader of a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from phasegate.audit.ledger.postgres_address import ServerAddress
from phasegate.audit.ledger.store import (
    DamagedLedgerError,
    FullLedgerError,
    LedgerError,
    LockedLedgerError,
    UnwritableLedgerError,
)


def connection_fault(address: ServerAddress, error: Exception) -> LedgerError:
    """Why no connection came about, without the password."""
    hint = "see that the server runs, and that address, user and password are right"
    return LedgerError(f"{address.shown} can not be reached: {address.scrubbed(str(error))}", hint)


@contextmanager
def telling(address: ServerAddress, timeout: float, *, committing: bool = False) -> Iterator[None]:
    """Turns an error of the server into one that says what to do.

    Args:
        address: the ledger's address.
        timeout: how many seconds a lock was waited for.
        committing: whether it happens at the end of an append.

    Raises:
        LedgerError: instead of any `psycopg.Error` of the block.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _fault(address, timeout, error, committing) from error


def _fault(address: ServerAddress, timeout: float, error: psycopg.Error, committing: bool) -> LedgerError:
    shown, why = address.shown, address.scrubbed(error.diag.message_primary or str(error))
    if isinstance(error, errors.LockNotAvailable):
        return LockedLedgerError(shown, timeout)
    if isinstance(error, errors.DiskFull):
        return FullLedgerError(shown)
    if isinstance(error, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction):
        return UnwritableLedgerError(shown, why)
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn | errors.DataCorrupted):
        return DamagedLedgerError(shown, why)
    if committing and error.sqlstate is None:
        hint = "'phasegate runs' tells whether this append was kept; run again if it was not"
        return LedgerError(f"the connection to {shown} was lost while it was committing: {why}", hint)
    if isinstance(error, psycopg.OperationalError):
        return LedgerError(f"{shown} failed: {why}", "nothing was written; run again once the server is well")
    return LedgerError(f"{shown} refused: {why}")
