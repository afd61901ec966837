"""One scheduler at a time: a lock that its holder loses with its process, whatever ends it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phasegate.audit.ledger.store import LedgerError
from phasegate.rules.values.ledger_address import SERVERS

LOCK = 0x706861736567
"""The number of the advisory lock on a server, apart from that of an append."""


@contextmanager
def one_at_a_time(address: str | Path) -> Iterator[bool]:
    """Holds the lock of the scheduled runs of one ledger.

    On a server it is an advisory lock of a session, so that one of many machines has it; beside a file it
    is a lock on the file ``NAME-schedule``, which goes with the process that has it.

    Args:
        address: where the ledger is.

    Yields:
        Whether it was free; nothing is waited for.

    Raises:
        LedgerError: if the server can not be reached, or nothing can be written beside the file.
    """
    if isinstance(address, str) and address.startswith(SERVERS):
        with _on_a_server(address) as held:
            yield held
    else:
        with _beside_a_file(Path(address)) as held:
            yield held


def lock_file(path: Path) -> Path:
    """The file whose lock is held, beside a ledger that is a file."""
    return path.with_name(f"{path.name}-schedule")


@contextmanager
def _on_a_server(address: str) -> Iterator[bool]:
    import psycopg

    from phasegate.audit.ledger.postgres_address import server_address
    from phasegate.audit.ledger.postgres_store import connect

    connection = connect(server_address(address))
    try:
        connection.autocommit = True
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        yield bool(row and row[0])
    except psycopg.Error as error:
        raise LedgerError(f"the server of the ledger went away: {type(error).__name__}") from error
    finally:
        with contextlib.suppress(psycopg.Error):
            connection.close()  # the lock goes with the session


@contextmanager
def _beside_a_file(path: Path) -> Iterator[bool]:
    import fcntl

    lock = lock_file(path)
    try:
        file = lock.open("ab")
    except OSError as error:
        hint = "schedules need to write where the ledger is"
        raise LedgerError(f"{lock.name} can not be opened: {error.strerror}", hint) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
