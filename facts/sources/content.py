"""What a file of a source holds, held fast: its digest and its rows are of the same bytes.

A small file is read once, and everything is taken from those bytes: digest, header, structure, rows. A
large one is opened once, and everything is read from what was opened, so that another file under the
same name changes nothing. Whether somebody wrote into it meanwhile is told by what the system says of
it, the time of its last change included, which no program can put back (docs/decisions/0026).
"""

from __future__ import annotations

import errno
import io
import os
import resource
import stat
import time
from collections.abc import Sequence
from os import stat_result
from pathlib import Path
from typing import IO, Literal
from weakref import finalize

from phasegate.facts.sources import passes

Way = Literal["memory", "open", "named"]
"""How files are held: their bytes in memory, the file open, or only its name."""
_TICK, _COARSE_TICK, _SECOND = 20_000_000, 2_000_000_000, 1_000_000_000
"""Nanoseconds between two times that a file system tells apart; of some that know whole seconds alone."""
_TRIES = 3
_FILES_AT_MOST = 1 << 16
_BUFFER = 1 << 18


class UnfitError(Exception):
    """What is no regular file any more."""


class Room:
    """What may still be held of the sources of a run: bytes in memory, and open files."""

    def __init__(self) -> None:
        self._bytes = passes.SMALL_TOGETHER
        # polars holds an opened file once more for each of its scans, and others need files too.
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._files = (_FILES_AT_MOST if most == resource.RLIM_INFINITY else most) // 8

    def take(self, sizes: Sequence[int]) -> Way:
        """How the files of one source are held.

        Args:
            sizes: the bytes of each.
        """
        together = sum(sizes)
        if together <= min(passes.SMALL, self._bytes):
            self._bytes -= together
            return "memory"
        if len(sizes) <= self._files:
            self._files -= len(sizes)
            return "open"
        return "named"

    def spare(self) -> int:
        """So many bytes of one more file may be held in memory."""
        return min(passes.SMALL, self._bytes)

    def fill(self, size: int) -> None:
        """So many more bytes are held in memory."""
        self._bytes -= size

    def one_more_file(self) -> None:
        """One more file is held open.

        Raises:
            OSError: if there are too many already.
        """
        if self._files < 1:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self._files -= 1


class Held:
    """What a regular file holds.

    Args:
        path: where it is.
        way: how it is held.

    Attributes:
        state: what the system said of it before anything of it was read.

    Raises:
        UnfitError: if it is no regular file.
        OSError: if it can not be read.
    """

    def __init__(self, path: Path, way: Way) -> None:
        self._path = path
        self._bytes: bytes | None = None
        self._file: IO[bytes] | None = None
        file = _opened(path)
        try:
            if way == "memory":
                self.state = os.fstat(file.fileno())
                self._bytes = _all_of(file.fileno(), self.state.st_size)
                self._written = self._differs(file)
            else:
                self.state, settled = _settled(file.fileno())
                self._written = not settled
        except BaseException:
            file.close()
            raise
        if way == "open":
            self._file = file
            finalize(self, file.close)
        else:
            file.close()

    @property
    def text(self) -> Path | IO[bytes]:
        """What polars reads, as often as it likes, from the beginning."""
        if self._bytes is not None:
            return io.BytesIO(self._bytes)  # which shares them
        # polars reads it by its descriptor, wherever it stands, and in pieces.
        return self._path if self._file is None else self._file

    def open(self) -> IO[bytes]:
        """The same bytes, for whoever reads by himself."""
        if self._bytes is not None:
            return io.BytesIO(self._bytes)
        if self._file is None:
            return io.BufferedReader(_opened(self._path), _BUFFER)
        return apart(self._file, self)

    @property
    def in_memory(self) -> bytes | None:
        """Its bytes, where they are held in memory."""
        return self._bytes

    def changed(self) -> bool:
        """Whether the system says something else of it than before it was read, or must be thought to."""
        try:
            with _opened(self._path) as file:  # opened: over a network only that asks anew
                return self._written or self._differs(file)
        except (OSError, UnfitError):
            return True

    def _differs(self, file: io.FileIO) -> bool:
        return _identity(os.fstat(file.fileno())) != _identity(self.state)


class Own(Held):
    """Bytes that nobody but this process can reach: in memory, or in a file without a name.

    Args:
        kept: the bytes, or the file, which is closed when this goes.
    """

    def __init__(self, kept: bytes | IO[bytes]) -> None:
        self._path, self._written = Path(), False
        self._bytes = kept if isinstance(kept, bytes) else None
        self._file = None if isinstance(kept, bytes) else kept
        if isinstance(kept, bytes):
            self.state = os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, len(kept), 0, 0, 0))
        else:
            self.state = os.fstat(kept.fileno())
            finalize(self, kept.close)

    def changed(self) -> bool:
        """Nothing changes them."""
        return False


def apart(file: IO[bytes], holder: object) -> IO[bytes]:
    """An open file read from its beginning, wherever others stand in it.

    Args:
        file: the file; it stays open.
        holder: what closes it when it goes, and must not go before.
    """
    return io.BufferedReader(_Apart(file, holder), _BUFFER)


class _Apart(io.RawIOBase):
    """Reads an open file from a place of its own."""

    def __init__(self, file: IO[bytes], holder: object) -> None:
        self._file, self._holder, self._at = file, holder, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = os.fstat(self._file.fileno()).st_size
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence]
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        read = os.preadv(self._file.fileno(), [buffer], self._at)
        self._at += read
        return read


def _opened(path: Path) -> io.FileIO:
    # A pipe that took the file's place would block until somebody writes to it.
    file = io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UnfitError
    return file


def _identity(state: stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _all_of(descriptor: int, size: int) -> bytes:
    """The bytes of a file, and one more where it has grown."""
    found = bytearray()
    while part := os.pread(descriptor, size + 1 - len(found), len(found)):
        found += part
    return bytes(found)


def _settled(descriptor: int) -> tuple[stat_result, bool]:
    """What the system says of a file, once any further change would make it say something else.

    Its times go in ticks. What is written in the tick of the last change leaves the time as it is.

    Returns:
        What it says, and whether that is so: not of a file that somebody goes on writing.
    """
    state = os.fstat(descriptor)
    for _ in range(_TRIES):
        tick = _TICK if state.st_ctime_ns % _SECOND else _COARSE_TICK
        age = time.time_ns() - state.st_ctime_ns
        if age > tick:
            return state, True
        time.sleep(min(tick, tick - age) / _SECOND + 0.001)  # a time to come is of another clock
        before, state = state, os.fstat(descriptor)
        if _identity(before) == _identity(state):
            return state, True
    return state, False
