"""Deletion vectors: which rows of a file are deleted.

A vector is a RoaringBitmap in its portable form, with a mark in front, and in a file with its size and a
checksum. Nothing of it is expanded before it is known that it has as many rows as the log says.
"""

from __future__ import annotations

import base64
import re
import struct
import sys
import uuid
import zlib
from array import array
from collections.abc import Iterator

import polars as pl

from phasegate.facts.sources.formats.delta.actions import LogError, Vector

BYTES_AT_MOST = 1 << 28
_MARK = 1681511377
_RUNS, _NO_RUNS = 12347, 12346
_OFFSETS_FROM = 4
_ARRAY_AT_MOST = 4096
_BITS = 8192
_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_ID = 20
_ONE = re.compile("1")


def file_of(vector: Vector) -> str | None:
    """The path of the file that a vector stands in, as the log means it; None where it stands in the log.

    Raises:
        LogError: if it stands nowhere.
    """
    match vector.storage:
        case "i":
            return None
        case "p":
            return vector.where
        case "u" if len(vector.where) >= _ID:
            prefix, coded = vector.where[:-_ID], vector.where[-_ID:]
            name = f"deletion_vector_{uuid.UUID(bytes=_decoded(coded))}.bin"
            return f"{prefix}/{name}" if prefix else name
    raise LogError("has a deletion vector that stands nowhere")


def vector_bytes(vector: Vector, file: bytes | None) -> bytes:
    """The bytes of a vector.

    Args:
        vector: where they stand.
        file: what its file holds; None where it stands in the log.

    Raises:
        LogError: if they are damaged.
    """
    if file is None:
        found = _decoded(vector.where)[: vector.size]
        if len(found) != vector.size:
            raise LogError("has a deletion vector that is cut off")
        return found
    begun = 1 if vector.offset is None else vector.offset
    end = begun + 4 + vector.size
    if end + 4 > len(file) or file[:1] != b"\x01" or begun < 1:
        raise LogError("has a deletion vector that is cut off")
    found = file[begun + 4 : end]
    size, checksum = (int.from_bytes(file[at : at + 4], "big") for at in (begun, end))
    if size != vector.size or checksum != zlib.crc32(found):
        raise LogError("has a deletion vector that is damaged")
    return found


def deleted_rows(found: bytes, rows: int, most: int) -> pl.Series:
    """The numbers of the rows that a vector deletes, counted from 0, in order.

    Args:
        found: its bytes.
        rows: how many they are, as the log says.
        most: how many rows the file has.

    Raises:
        LogError: if it deletes others.
    """
    if rows > most:
        raise LogError("has a deletion vector for more rows than the file has")
    try:
        pieces = list(_Reader(found).pieces(rows))
    except (struct.error, IndexError, ValueError) as error:
        raise LogError("has a deletion vector that can not be read") from error
    all_rows = pl.concat(pieces) if pieces else pl.Series(dtype=pl.UInt32)
    ascending = all_rows.len() < 2 or bool((all_rows.diff().drop_nulls() > 0).all())
    if all_rows.len() != rows or not ascending or (rows and int(all_rows[-1]) >= most):
        raise LogError("has a deletion vector for other rows than the file has")
    return all_rows


def _decoded(text: str) -> bytes:
    try:
        return base64.b85decode(text.translate(str.maketrans(_Z85, _B85)))
    except ValueError as error:
        raise LogError("has a deletion vector that can not be read") from error


class _Reader:
    """Steps through a vector."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def pieces(self, rows: int) -> Iterator[pl.Series]:
        """The rows, some at a time.

        Args:
            rows: how many there must be.
        """
        mark, bitmaps = self._take("<iq")
        if mark != _MARK or bitmaps not in (0, 1):
            raise ValueError("no vector of a file")
        if bitmaps:
            (high,) = self._take("<i")
            if high:  # no file has so many rows
                raise ValueError("a row beyond all files")
            yield from self._bitmap(rows)
        if self._at != len(self._data):
            raise ValueError("more than a vector")

    def _bitmap(self, rows: int) -> Iterator[pl.Series]:
        (cookie,) = self._take("<I")
        runs = b""
        if cookie & 0xFFFF == _RUNS:
            count = (cookie >> 16) + 1
            runs = self._bytes((count + 7) // 8)
        elif cookie == _NO_RUNS:
            (count,) = self._take("<I")
        else:
            raise ValueError("no bitmap")
        if count > 1 << 16:
            raise ValueError("more containers than there can be")
        heads = [self._take("<HH") for _ in range(count)]
        if sum(size + 1 for _, size in heads) != rows:
            raise ValueError("another number of rows")
        if not runs or count >= _OFFSETS_FROM:
            self._bytes(4 * count)
        for place, (high, size) in enumerate(heads):
            is_run = bool(runs) and bool(runs[place // 8] >> place % 8 & 1)
            low = self._run(size + 1) if is_run else self._plain(size + 1)
            yield low.cast(pl.UInt32) + (high << 16)

    def _plain(self, size: int) -> pl.Series:
        if size <= _ARRAY_AT_MOST:
            return pl.Series(self._shorts(size), dtype=pl.UInt16)
        bits = f"{int.from_bytes(self._bytes(_BITS), 'little'):b}"[::-1]
        found = array("H", [one.start() for one in _ONE.finditer(bits)])
        if len(found) != size:
            raise ValueError("another number of rows")
        return pl.Series(found, dtype=pl.UInt16)

    def _run(self, size: int) -> pl.Series:
        (count,) = self._take("<H")
        spans = self._shorts(2 * count)
        if sum(length + 1 for length in spans[1::2]) != size:
            raise ValueError("another number of rows")
        found: list[int] = []
        for begun, length in zip(spans[::2], spans[1::2], strict=True):
            found += range(begun, begun + length + 1)
        return pl.Series(found, dtype=pl.UInt16)

    def _shorts(self, count: int) -> array[int]:
        found = array("H", self._bytes(2 * count))
        if sys.byteorder == "big":
            found.byteswap()
        return found

    def _take(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self._bytes(struct.calcsize(form)))

    def _bytes(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise ValueError("cut off")
        self._at += count
        return found
