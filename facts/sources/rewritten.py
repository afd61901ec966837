"""What a file says, written anew as polars can read it, and the digest of what it was made from."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING
from weakref import finalize

from phasegate.facts.sources.content import Room, apart

if TYPE_CHECKING:
    import polars as pl

ROWS = 1 << 16
"""So many rows are written, and later read, at a time."""


def unnamed_file() -> IO[bytes]:
    """A temporary file without a name: nobody else can open it, and nothing of it outlives the process.

    Raises:
        OSError: if there is no place to write.
    """
    return TemporaryFile(dir=temporary_folder())


def temporary_folder() -> str | None:
    """Where temporary files stand: where ``TMPDIR`` says, else in ``/var/tmp``; None is Python's own choice.

    On many systems ``/tmp`` is memory.
    """
    place = "/var/tmp"  # noqa: S108 - a file without a name can be neither guessed nor exchanged
    told = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    usual = told or not os.access(place, os.W_OK | os.X_OK)
    return None if usual else place


def kept(
    coming: Iterator[bytes], room: Room, made: Callable[[], IO[bytes]] = unnamed_file
) -> IO[bytes] | bytes:
    """Bytes that come in pieces: in memory, as long as there is room; then in a file without a name.

    Args:
        coming: the pieces; what goes wrong with them is raised.
        room: what may still be held.
        made: makes the file.

    Raises:
        OSError: if they can not be kept.
    """
    begun, size, spare = [], 0, room.spare()
    for piece in coming:
        begun.append(piece)
        size += len(piece)
        if size > spare:
            break
    else:
        room.fill(size)
        return b"".join(begun)
    with ExitStack() as closing:
        held = closing.enter_context(made())
        held.writelines(chain(begun, coming))
        held.seek(0)  # which flushes it; polars reads some formats from where a file stands
        closing.pop_all()
    return held


def rows_kept(rows: pl.LazyFrame, at_a_time: int = ROWS) -> io.FileIO:
    """A file without a name that holds rows as Parquet, from its beginning.

    Args:
        rows: the rows; they are computed once, and never all in memory.
        at_a_time: how many are written, and later read, at a time.

    Raises:
        Exception: what polars raises, see `passes.read_errors`: an `OSError` where there is no room for them.
    """
    with unnamed_file() as opened:
        file = io.FileIO(os.dup(opened.fileno()), "r+b")
    try:
        # Statistics would only serve to skip rows, and each of them is needed.
        rows.sink_parquet(file, compression="lz4", statistics=False, row_group_size=at_a_time)
        file.seek(0)  # polars reads from where the file stands
    except BaseException:
        file.close()
        raise
    return file


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one reading of a file found.

    Attributes:
        digest: ``sha256:...`` of its bytes.
        size: how many they are.
        fault: what is wrong with their structure, None if nothing.
    """

    digest: str
    size: int
    fault: str | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Rewritten:
    """What a file says as polars can read it: in memory, or in a temporary file that goes with this object.

    Attributes:
        kept: the bytes, or the temporary file.
        fingerprint: of the original.
    """

    kept: IO[bytes] | bytes
    fingerprint: Fingerprint

    @property
    def text(self) -> IO[bytes]:
        """What polars reads."""
        return io.BytesIO(self.kept) if isinstance(self.kept, bytes) else self.kept

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.kept) if isinstance(self.kept, bytes) else os.fstat(self.kept.fileno()).st_size

    def open(self) -> IO[bytes]:
        """The same from the beginning, for whoever reads by himself."""
        return io.BytesIO(self.kept) if isinstance(self.kept, bytes) else apart(self.kept, self)


def rewritten(write: Callable[[IO[bytes]], Fingerprint]) -> Rewritten:
    """A temporary file that somebody fills.

    Args:
        write: fills it, and gives the fingerprint of what it was made from.

    Raises:
        OSError: if it can not be kept.
    """
    with ExitStack() as closing:
        held = closing.enter_context(unnamed_file())
        fingerprint = write(held)
        held.flush()
        closing.pop_all()
    return owned(held, fingerprint)


def owned(held: IO[bytes] | bytes, fingerprint: Fingerprint) -> Rewritten:
    """What is kept, closed when it goes."""
    made = Rewritten(held, fingerprint)
    if not isinstance(held, bytes):
        finalize(made, held.close)
    return made
