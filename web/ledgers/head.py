"""The head of a ledger: how far it reaches, and what was signed over all of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phasegate.audit.ledger.checkpoint import NoteError, read_checkpoint
from phasegate.audit.ledger.store import DamagedLedgerError

if TYPE_CHECKING:
    from phasegate.audit.ledger.ledger import Ledger

Marks = tuple[tuple[int, int, int, int], ...]
"""Of each file of a ledger its device, number, size and time of change."""


class Head(NamedTuple):
    """How a ledger stands.

    Attributes:
        origin: what it calls itself.
        size: how many entries it has.
        root: the hash over them, as the newest checkpoint has it.
        note: that checkpoint, signed; empty of a ledger without entries.
    """

    origin: str
    size: int
    root: bytes
    note: str


EMPTY = Head("", 0, b"", "")


def head_of(ledger: Ledger) -> Head:
    """The head of a ledger as it stands.

    Raises:
        LedgerError: if it can not be read, or its newest checkpoint is not over all of it.
    """
    size, note = ledger.size(), ledger.newest_checkpoint()
    if not size:
        return EMPTY
    try:
        if note is None:
            raise NoteError("its entries have no checkpoint")
        checkpoint, _ = read_checkpoint(note)
    except NoteError as error:
        raise DamagedLedgerError(ledger.shown, error.message) from error
    if checkpoint.size != size:
        why = f"its newest checkpoint covers {checkpoint.size} entries, and it holds {size}"
        raise DamagedLedgerError(ledger.shown, why)
    return Head(checkpoint.origin, size, checkpoint.root, note)


class Files(NamedTuple):
    """The files of a ledger: where it is said to be, and where its log is written to."""

    ledger: Path
    log: Path


def files_of(address: str | Path) -> Files | None:
    """The files of a ledger; None of one on a server."""
    if isinstance(address, str):
        return None
    real = Path(os.path.realpath(address))
    return Files(address, real.with_name(f"{real.name}-wal"))


def marks_of(files: Files | None) -> Marks:
    """By what a change of a ledger's files is noticed that no entry tells of; nothing of one on a server."""
    found = []
    for path in files or ():
        try:
            told = path.stat()
        except OSError:
            continue
        # Whoever only reads makes an empty log for as long as it does.
        if told.st_size or files is None or path is files.ledger:
            found.append((told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns))
    return tuple(found)
