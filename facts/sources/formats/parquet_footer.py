"""The footer of a Parquet file, as far as it tells how much the file unpacks to.

polars does not show these numbers before it has unpacked everything. The footer is a struct in
Thrift's compact protocol (parquet.thrift, ``FileMetaData``); only ``row_groups`` and in each of them
``total_byte_size`` matter here, all else is stepped over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from phasegate.facts.sources.limits import COLUMNS_AT_MOST
from phasegate.rules.model.file_format import FILE_FORMATS

MARK = FILE_FORMATS["parquet"].mark
_SCHEMA, _NUM_CHILDREN = 2, 5
_ROW_GROUPS = 4
_TOTAL_BYTE_SIZE = 2
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _, _STRUCT = range(1, 13)
_WIDTHS = {_TRUE: 0, _FALSE: 0, _BYTE: 1, _DOUBLE: 8}
_FOOTER_AT_MOST = 1 << 20
_SCHEMA_AT_MOST = 1 << 24
_END = 8
"""Bytes after the footer: its length, and the format's mark."""


class FooterError(Exception):
    """A footer that can not be read."""


def shape(file: IO[bytes]) -> tuple[int, int]:
    """How many columns a Parquet file has, nested ones included, and how deeply they are nested.

    Raises:
        FooterError: if that can not be read.
        OSError: if the file can not be.
    """
    try:
        footer = _Reader(_footer(file, _SCHEMA_AT_MOST))
        return footer.shape()
    except (IndexError, ValueError, RecursionError) as error:
        raise FooterError("its footer can not be read") from error


def unpacked_bytes(file: IO[bytes]) -> int | None:
    """How many bytes a Parquet file's columns unpack to, as its footer says.

    Returns:
        The bytes; None where the footer is too large to be looked through, or can not be read,
        which polars reports better.
    """
    try:
        footer = _footer(file, _FOOTER_AT_MOST + 1)
        return sum(_Reader(footer).row_groups()) if len(footer) <= _FOOTER_AT_MOST else None
    except (IndexError, ValueError, RecursionError):
        return None


def footer_alone(file: IO[bytes]) -> bytes:
    """A file that has the footer of another one and no rows; where there is no footer, what is in its place.

    Raises:
        OSError: if the file can not be read.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _END))
    end = file.read(_END)
    length = int.from_bytes(end[:4], "little")
    if not end.endswith(MARK) or length > size - _END:
        return MARK + end
    file.seek(size - _END - length)
    return MARK + file.read(length + _END)


def _footer(file: IO[bytes], most: int) -> bytes:
    """The beginning of the footer."""
    size = file.seek(0, 2)
    if size < _END:
        raise ValueError("too short for a footer")
    file.seek(size - _END)
    length = int.from_bytes(file.read(4), "little")
    if not 0 < length <= size - _END:
        raise ValueError("a footer that is not there")
    file.seek(size - _END - length)
    return file.read(min(length, most))


class _Reader:
    """Steps through bytes in the compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def shape(self) -> tuple[int, int]:
        """How many columns the schema has, and how deeply they are nested."""
        for field, kind in self._fields():
            if field == _SCHEMA and kind == _LIST:
                count, _ = self._list()
                # The first is the table itself; more than may be are not looked at one by one.
                return count - 1, self._depth(count) if count <= COLUMNS_AT_MOST + 1 else 0
            self._skip(kind)
        raise ValueError("no schema")

    def _depth(self, count: int) -> int:
        """How deeply the elements of a schema are nested; each is followed by those that it holds."""
        left, deepest = [1], 0
        for _ in range(count):
            while left and not left[-1]:
                left.pop()
            if not left:
                raise ValueError("an element of a schema that nothing holds")
            left[-1] -= 1
            left.append(self._children())
            deepest = max(deepest, len(left) - 2)
        return deepest

    def _children(self) -> int:
        children = 0
        for field, kind in self._fields():
            if field == _NUM_CHILDREN and kind == _I32:
                coded = self._varint()
                children = (coded >> 1) ^ -(coded & 1)
            else:
                self._skip(kind)
        if children < 0:
            raise ValueError("fewer than no columns")
        return children

    def row_groups(self) -> list[int]:
        """The unpacked size of each row group."""
        sizes: list[int] = []
        for field, kind in self._fields():
            if field == _ROW_GROUPS and kind == _LIST:
                count, _ = self._list()
                sizes.extend(self._total_byte_size() for _ in range(count))
            else:
                self._skip(kind)
        return sizes

    def _total_byte_size(self) -> int:
        size = 0
        for field, kind in self._fields():
            if field == _TOTAL_BYTE_SIZE and kind == _I64:
                coded = self._varint()
                size = (coded >> 1) ^ -(coded & 1)
            else:
                self._skip(kind)
        return size

    def _fields(self) -> Iterator[tuple[int, int]]:
        field = 0
        while head := self._byte():
            kind = head & 15
            if head >> 4:
                field += head >> 4
            else:
                coded = self._varint()
                field = (coded >> 1) ^ -(coded & 1)
            yield field, kind

    def _list(self) -> tuple[int, int]:
        head = self._byte()
        count = head >> 4
        return (self._varint() if count == 15 else count), head & 15

    def _skip(self, kind: int) -> None:
        if kind in (_I16, _I32, _I64):
            self._varint()
        elif kind in _WIDTHS:
            self._at += _WIDTHS[kind]
        elif kind == _BINARY:
            length = self._varint()
            self._at += length
        elif kind in (_LIST, _SET):
            count, item = self._list()
            for _ in range(count):
                self._skip(_BYTE if item in (_TRUE, _FALSE) else item)
        elif kind == _STRUCT:
            for _, inner in self._fields():
                self._skip(inner)
        else:  # maps occur in no Parquet footer
            raise ValueError(f"no type of a Parquet footer: {kind}")

    def _byte(self) -> int:
        value = self._data[self._at]
        self._at += 1
        return value

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if not byte & 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than 64 bits")
