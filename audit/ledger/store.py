"""What a store of a ledger is: its rows, what it answers, what goes wrong with it.

A store keeps bytes and judges nothing. It caches hashes so that a proof needs few reads; whoever
verifies a ledger takes none of them for granted and computes them from the bodies again.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from phasegate.rules.errors import PhasegateError

LOCK_TIMEOUT = 30.0
"""How many seconds a writer waits for another one."""
NODE_LEVELS = (8, 16, 24)
"""The hashes of full subtrees of 2^level entries are kept for these levels."""
MAX_CONTENT = 256 * 1024 * 1024
"""Larger documents are neither kept nor unpacked."""


class LedgerError(PhasegateError):
    """A ledger that can not be opened, read or written."""


class MissingLedgerError(LedgerError):
    """There is nothing at the address."""

    def __init__(self, shown: str) -> None:
        super().__init__(f"there is no ledger at {shown}", "the first run that is kept makes it")


class NotALedgerError(LedgerError):
    """Something else than a ledger is at the address."""

    def __init__(self, shown: str, why: str) -> None:
        super().__init__(
            f"{shown} is not a ledger: {why}", "give another place for the ledger, or move this away"
        )


class NewerLedgerError(LedgerError):
    """The ledger was made by a later version."""

    def __init__(self, shown: str, version: object, known: int) -> None:
        message = f"{shown} has format {version} of the ledger, and this version reads format {known} only"
        super().__init__(message, "install the version of phasegate that wrote it")


class LockedLedgerError(LedgerError):
    """Somebody else held the ledger's lock for too long."""

    def __init__(self, shown: str, seconds: float) -> None:
        message = f"{shown} was locked by another process for more than {seconds:g} s"
        super().__init__(message, "nothing was written; wait for the other one to end, then run again")


class FullLedgerError(LedgerError):
    """No room is left for the ledger."""

    def __init__(self, shown: str) -> None:
        message = f"{shown} can not grow: the disk, a quota or a limit on its size is full"
        super().__init__(message, "nothing was written, and what was there is whole; make room and run again")


class UnwritableLedgerError(LedgerError):
    """The ledger may be read and not written."""

    def __init__(self, shown: str, why: str) -> None:
        super().__init__(f"{shown} can not be written: {why}", "let the user that runs phasegate write it")


class UnreadableLedgerError(LedgerError):
    """The ledger is there and may not, or can not, be read."""

    def __init__(self, shown: str, why: str, hint: str | None = None) -> None:
        super().__init__(f"{shown} can not be read: {why}", hint)


class DamagedLedgerError(LedgerError):
    """What the store holds can not be what was written."""

    def __init__(self, shown: str, why: str) -> None:
        hint = "'phasegate verify' tells what is left of it; go on with a copy that verifies"
        super().__init__(f"{shown} is damaged: {why}", hint)


class ContentError(LedgerError):
    """A kept document that is not the one its digest names."""

    def __init__(self, digest: str, why: str) -> None:
        super().__init__(
            f"the kept document sha256:{digest} {why}", "'phasegate verify' tells what else is wrong"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored.

    Attributes:
        seq: its number, from 0.
        kind, run, subject: an index to find it by, and no more: see `entry_index`.
        body: the canonical bytes that its leaf hash is of.
        ledger: the address of the ledger that it was read from, as messages may show it.
    """

    seq: int
    kind: str
    run: int | None
    subject: str
    body: bytes
    ledger: str = field(default="", compare=False, repr=False)


Stored = tuple[int, str, int | None, str, bytes]
"""An entry as a tuple: number, kind, run, subject, body."""
Entries = Callable[[int, int], list[Stored]]
"""Gives the entries from one number up to another."""


def among(
    rows: Iterable[Row], kinds: Collection[str], run: int | None = None, subject: str | None = None
) -> list[Row]:
    """Those of some entries that `Finding.find` would give."""
    return [
        row
        for row in rows
        if row.kind in kinds and (run is None or row.run == run) and subject in (None, row.subject)
    ]


class Finding(Protocol):
    """Where entries are found: a ledger, or one in the midst of an append."""

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given."""
        ...


class Reading(Finding, Protocol):
    """What is read alike inside an append and outside of one."""

    def size(self) -> int:
        """How many entries there are."""
        ...

    def entries(self, start: int, end: int) -> list[Stored]:
        """The entries from ``start`` up to ``end`` in their order, many at once."""
        ...

    def newest_run(self) -> int:
        """The highest number of a run, 0 where there is none."""
        ...

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The kept leaf hashes of the entries from ``start`` up to ``end``."""
        ...

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        """The kept hashes of full subtrees of 2^level entries, counted in subtrees."""
        ...

    def node_count(self) -> int:
        """How many hashes of subtrees are kept, of whatever level and place."""
        ...

    def newest_checkpoint(self) -> str | None:
        """The signed note over the largest size; None in a ledger without entries."""
        ...


class Writer(Reading, Protocol):
    """What may be written inside one append; all of it is kept, or none."""

    def write(self, rows: Sequence[Row], leaves: Sequence[bytes]) -> None:
        """Writes entries, whose numbers follow on the last one, with their leaf hashes."""
        ...

    def write_nodes(self, level: int, start: int, hashes: Sequence[bytes]) -> None:
        """Writes hashes of full subtrees, the first of which is number ``start`` of its level."""
        ...

    def write_content(self, digest: str, document: bytes) -> None:
        """Keeps a document under its SHA-256, unless it is there already."""
        ...

    def write_checkpoint(self, size: int, note: str) -> None:
        """Writes the signed note over all entries, after them."""
        ...


class Store(Reading, Protocol):
    """Where a ledger is kept.

    A store that was opened for reading shows the ledger as it stood when it was opened.
    """

    @property
    def shown(self) -> str:
        """Its address as messages may show it, without a password."""
        ...

    def rows(self, start: int = 0, end: int | None = None) -> Iterator[Row]:
        """The entries from ``start`` up to ``end``, streamed in their order."""
        ...

    def indexed_leaves(self, kinds: Collection[str]) -> list[bytes]:
        """The kept leaf hashes of the entries that the index gives of some kinds, in their order."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """The sizes and signed notes of all checkpoints, in the order of size."""
        ...

    def content(self, digest: str) -> bytes | None:
        """A kept document, None where there is none.

        Raises:
            ContentError: if the bytes are not those that the digest names.
        """
        ...

    def contents(self) -> Iterator[str]:
        """The digests of all kept documents, sorted."""
        ...

    def schema_faults(self) -> list[str]:
        """Where the tables and their triggers are not those that an append-only ledger has."""
        ...

    def file_faults(self) -> list[str]:
        """What the store itself finds damaged when it reads all of its pages; takes long."""
        ...

    def append(self) -> AbstractContextManager[Writer]:
        """One transaction under the ledger's lock; an exception leaves everything as it was.

        Raises:
            LedgerError: if the ledger was opened for reading, is locked by somebody else, or can
                not be written.
        """
        ...

    def close(self) -> None:
        """Lets go of the ledger; twice is no fault."""
        ...


def packed(document: bytes) -> bytes:
    """A document as it is kept.

    Raises:
        ContentError: if it is too large.
    """
    if len(document) > MAX_CONTENT:
        raise ContentError(hashlib.sha256(document).hexdigest(), f"is larger than {MAX_CONTENT:,} bytes")
    return zlib.compress(document)


def unpacked(digest: str, kept: bytes) -> bytes:
    """A kept document as it was, compared with its digest.

    Raises:
        ContentError: if it is another one, or none.
    """
    inflate = zlib.decompressobj()
    try:
        document = inflate.decompress(kept, MAX_CONTENT + 1)
    except zlib.error as error:
        raise ContentError(digest, "can not be unpacked") from error
    if len(document) > MAX_CONTENT:
        raise ContentError(digest, f"is larger than {MAX_CONTENT:,} bytes")
    if not inflate.eof or inflate.unused_data or hashlib.sha256(document).hexdigest() != digest:
        raise ContentError(digest, "holds other bytes than those that were kept")
    return document
