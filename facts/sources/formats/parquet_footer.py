"""The footer of a Parquet file: what columns it has, how much they unpack to, and where their pages are.

polars does not show these numbers before it has unpacked everything. The footer is a struct in Thrift's
compact protocol (parquet.thrift, ``FileMetaData``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from phasegate.facts.sources.formats.compact_protocol import LIST, Compact, Wanted
from phasegate.facts.sources.limits import COLUMNS_AT_MOST
from phasegate.rules.model.file_format import FILE_FORMATS

MARK = FILE_FORMATS["parquet"].mark
FOOTER_AT_MOST = 1 << 26
_SCHEMA_AT_MOST = 1 << 24
_SCHEMA, _NUM_CHILDREN = 2, 5
_ROW_GROUPS, _COLUMNS, _TOTAL_BYTE_SIZE, _META_DATA = 4, 1, 2, 3
_PATH, _VALUES, _SIZE, _DATA_PAGE, _DICTIONARY_PAGE = 3, 5, 7, 9, 11
_WANTED: Wanted = {
    _ROW_GROUPS: [
        {
            _COLUMNS: [
                {
                    _META_DATA: {
                        _PATH: [bytes],
                        _VALUES: int,
                        _SIZE: int,
                        _DATA_PAGE: int,
                        _DICTIONARY_PAGE: int,
                    }
                }
            ],
            _TOTAL_BYTE_SIZE: int,
        }
    ]
}
_END = 8
"""Bytes after the footer: its length, and the format's mark."""


class FooterError(Exception):
    """A footer that can not be read."""


class Chunk(NamedTuple):
    """The values of a column in a group of rows.

    Attributes:
        values: how many there are, as the footer says.
        begin: where its first page begins.
        end: where its last page ends.
    """

    values: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Footer:
    """What a footer says of the rows.

    Attributes:
        unpacked: how many bytes its columns unpack to.
        chunks: where their pages are, by the name of each column, or of that in which it is nested.
    """

    unpacked: int
    chunks: Mapping[str, list[Chunk]]


def footer_of(file: IO[bytes]) -> Footer:
    """What the footer of a Parquet file says of its rows.

    Raises:
        FooterError: if that can not be read.
        OSError: if the file can not be.
    """
    try:
        text = _footer(file, FOOTER_AT_MOST + 1)
        if len(text) > FOOTER_AT_MOST:
            raise FooterError(f"its footer has more than {FOOTER_AT_MOST:,} bytes")
        unpacked, chunks = 0, dict[str, list[Chunk]]()
        for group in Compact(text).struct(_WANTED).get(_ROW_GROUPS, []):
            unpacked += group.get(_TOTAL_BYTE_SIZE, 0)
            for column in group.get(_COLUMNS, []):
                name, chunk = _chunk(column[_META_DATA])
                chunks.setdefault(name, []).append(chunk)
    except (LookupError, ValueError, RecursionError) as error:
        raise FooterError("its footer can not be read") from error
    return Footer(unpacked, chunks)


def _chunk(said: Mapping[int, Any]) -> tuple[str, Chunk]:
    begin = said.get(_DICTIONARY_PAGE, said[_DATA_PAGE])
    return said[_PATH][0].decode(), Chunk(said[_VALUES], begin, begin + said[_SIZE])


def shape(file: IO[bytes]) -> tuple[int, int]:
    """How many columns a Parquet file has, nested ones included, and how deeply they are nested.

    Raises:
        FooterError: if that can not be read.
        OSError: if the file can not be.
    """
    try:
        return _shape(Compact(_footer(file, _SCHEMA_AT_MOST)))
    except (IndexError, ValueError, RecursionError) as error:
        raise FooterError("its footer can not be read") from error


def _shape(footer: Compact) -> tuple[int, int]:
    for field, kind in footer.fields():
        if field == _SCHEMA and kind == LIST:
            count, _ = footer.begin_list()
            # The first is the table itself; more than may be are not looked at one by one.
            return count - 1, _depth(footer, count) if count <= COLUMNS_AT_MOST + 1 else 0
        footer.skip(kind)
    raise ValueError("no schema")


def _depth(footer: Compact, count: int) -> int:
    """How deeply the elements of a schema are nested; each is followed by those that it holds."""
    left, deepest = [1], 0
    for children in _children(footer, count):
        while left and not left[-1]:
            left.pop()
        if not left:
            raise ValueError("an element of a schema that nothing holds")
        left[-1] -= 1
        left.append(children)
        deepest = max(deepest, len(left) - 2)
    return deepest


def _children(footer: Compact, count: int) -> Iterator[int]:
    for _ in range(count):
        children = footer.struct({_NUM_CHILDREN: int}).get(_NUM_CHILDREN, 0)
        if children < 0:
            raise ValueError("fewer than no columns")
        yield children


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
