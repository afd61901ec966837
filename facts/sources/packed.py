"""Packed files: unpacked once, within limits, into memory or into a temporary file without a name.

What is hashed are the packed bytes, as they lie there; everything else reads what they say. A few bytes may
unpack to more than a disk holds, so that what comes out is counted while it comes.
"""

from __future__ import annotations

import hashlib
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import IO, Any

from phasegate.facts.sources.content import Room
from phasegate.facts.sources.formats.pieces import PIECE, pieces
from phasegate.facts.sources.rewritten import Fingerprint, Rewritten, kept, owned
from phasegate.rules.model.file_format import PACKINGS, PackingName

UNPACKED_AT_MOST = 8 << 30
"""Bytes to which a file may unpack: some 80 million rows; of more Parquet is the better form."""
RATIO_AT_MOST = 1_000
"""So many times its size a file may unpack to; tables reach a tenth of it."""
SUSPICIOUS = 1 << 26
"""So many bytes may come of a file of any size: a run has room for them."""


class UnpackedError(Exception):
    """Why a packed file can not be unpacked: what it is or does, and what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class _DamagedError(Exception):
    """What is no whole archive."""


class _Member(ABC):
    """One of the archives that a packed file consists of, one behind the other."""

    _inner: Any

    @property
    def eof(self) -> bool:
        """Whether it has ended."""
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        """What comes behind its end."""
        return bytes(self._inner.unused_data)

    @abstractmethod
    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What some more of it say, in pieces."""


class _Gzip(_Member):
    """A member of a gzip file, its checksum looked at."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def unpack(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self.eof and (piece := self._inner.decompress(data, PIECE)):
                yield piece
                data = self._inner.unconsumed_tail
        except zlib.error as error:
            raise _DamagedError from error


class _Zstd(_Member):
    """A frame of a zstd file; one that asks for more than 128 MiB to be unpacked is none."""

    def __init__(self) -> None:
        import sys

        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        self._inner, self._error = zstd.ZstdDecompressor(), zstd.ZstdError

    def unpack(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self.eof and (piece := self._inner.decompress(data, PIECE)):
                yield piece
                data = b""
        except self._error as error:
            raise _DamagedError from error


_MEMBERS: dict[PackingName, Callable[[], _Member]] = {"gzip": _Gzip, "zstd": _Zstd}


def unpacked(opened: Callable[[], IO[bytes]], packing: PackingName, room: Room) -> Rewritten:
    """What a packed file says.

    Args:
        opened: opens it.
        packing: how it is packed.
        room: what may still be held in memory.

    Raises:
        UnpackedError: if it is damaged, cut off, or larger than is read.
        OSError: if it can not be read, or what it says not be kept.
    """
    try:
        unpacking = _Unpacking(opened, packing)
        return owned(kept(unpacking.pieces(), room), unpacking.fingerprint)
    except ImportError as error:
        hint = f"install it with: pip install 'phasegate[{packing}]'"
        raise UnpackedError(f"is compressed ({packing}), and what unpacks it is missing", hint) from error


class _Unpacking:
    """A packed file on the way out.

    Args:
        opened: opens it.
        packing: how it is packed.
    """

    def __init__(self, opened: Callable[[], IO[bytes]], packing: PackingName) -> None:
        self._opened, self._packing = opened, packing
        self._sha, self._packed, self._size = hashlib.sha256(), 0, 0

    @property
    def fingerprint(self) -> Fingerprint:
        """Of the packed bytes; once all pieces came."""
        return Fingerprint(f"sha256:{self._sha.hexdigest()}", self._packed)

    def pieces(self) -> Iterator[bytes]:
        """What it says, in pieces.

        Raises:
            UnpackedError: if it is damaged, or too large.
        """
        try:
            for piece in self._members():
                self._size += len(piece)
                self._refuse_bomb()
                yield piece
        except _DamagedError as error:
            what = f"is no whole {self._packing} file: it is damaged or cut off"
            raise UnpackedError(what, "was it written, and copied, to the end?") from error

    def _members(self) -> Iterator[bytes]:
        mark, make = PACKINGS[self._packing].mark, _MEMBERS[self._packing]
        member, data = make(), b""
        with self._opened() as packed:
            for piece in pieces(packed):
                self._sha.update(piece)
                self._packed += len(piece)
                data += piece
                while data:
                    if member.eof:
                        if len(data) < len(mark):  # the rest of it comes with the next piece
                            break
                        if not data.startswith(mark):
                            raise self._goes_on()
                        member = make()
                    yield from member.unpack(data)
                    data = member.unused_data if member.eof else b""
        if not member.eof:
            raise _DamagedError
        if data:
            raise self._goes_on()

    def _goes_on(self) -> UnpackedError:
        what = f"goes on after the end of its {self._packing} data"
        return UnpackedError(what, "was something written behind it? Compress the table anew")

    def _refuse_bomb(self) -> None:
        dense = "no table packs that densely: unpack it by hand and look what it is"
        if self._size > max(SUSPICIOUS, self._packed * RATIO_AT_MOST):
            what = f"unpacks to more than {RATIO_AT_MOST:,} times its {self._packed:,} bytes"
            raise UnpackedError(what, dense)
        if self._size > UNPACKED_AT_MOST:
            what = f"unpacks to more than {UNPACKED_AT_MOST:,} bytes, which are not read"
            raise UnpackedError(what, "divide it into several files, or export Parquet")
