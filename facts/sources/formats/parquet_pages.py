"""The pages of a Parquet file: whether each says of itself what its column has room for.

polars believes what the header of a page says, and asks for as much memory: where a byte of it is another
one, that may be more than there is, and the process is ended in the midst of it, without a word of which
file it was. Only the headers are read here; what stands in the pages polars looks at itself, and says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, Any

from phasegate.facts.sources.formats.compact_protocol import Compact, Wanted
from phasegate.facts.sources.formats.parquet_footer import Chunk

_UNPACKED, _PACKED = 2, 3
_DATA, _DICTIONARY, _DATA_2 = 5, 7, 8
_VALUES, _NULLS, _ROWS, _LEVELS, _REPEATED = 1, 2, 3, 5, 6
_WANTED: Wanted = {
    _UNPACKED: int,
    _PACKED: int,
    _DATA: {_VALUES: int},
    _DICTIONARY: {_VALUES: int},
    _DATA_2: {_VALUES: int, _NULLS: int, _ROWS: int, _LEVELS: int, _REPEATED: int},
}
_HEADER, _HEADER_AT_MOST = 1 << 8, 1 << 24
"""Bytes of a header, as most have them; one with the longest values of its page has more."""


def damaged_page(file: IO[bytes], chunks: Iterable[Chunk]) -> str | None:
    """What is wrong with the pages of a column; None where nothing is.

    Args:
        file: the file.
        chunks: where the pages are.

    Raises:
        OSError: if the file can not be read.
    """
    raw = file.raw if isinstance(file, io.BufferedReader) else file  # the headers lie far from each other
    size = raw.seek(0, 2)
    for values, begin, end in chunks:
        if not 0 <= begin <= end <= size:
            return "pages that are not in the file"
        at, seen = begin, 0
        while at < end:
            try:
                header, length = _header(raw, at, end)
                at += length + header[_PACKED]
                seen += _values(header)
            except (LookupError, ValueError, RecursionError):
                return f"a page at byte {at:,} that can not be read"
        if at != end or seen != values:
            return f"{seen:,} values in its pages up to byte {at:,}, and {values:,} by its footer"
    return None


def _header(raw: IO[bytes] | io.RawIOBase, at: int, end: int) -> tuple[dict[int, Any], int]:
    most = _HEADER
    while True:
        raw.seek(at)
        text = raw.read(min(most, end - at)) or b""
        compact = Compact(text)
        try:
            return compact.struct(_WANTED), compact.at
        except IndexError:
            if most >= min(end - at, _HEADER_AT_MOST):
                raise
        most <<= 4


def _values(header: dict[int, Any]) -> int:
    """How many values a page has, those of a dictionary aside.

    Raises:
        LookupError, ValueError: if there can not be as many.
    """
    unpacked, packed = header[_UNPACKED], header[_PACKED]
    own, words = (header.get(kind, {}) for kind in (_DATA, _DICTIONARY))
    second: dict[int, int] = header.get(_DATA_2, {})
    numbers = (unpacked, packed, *own.values(), *words.values(), *second.values())
    if min(numbers) < 0 or words.get(_VALUES, 0) > unpacked:
        raise ValueError
    if second and (
        second[_NULLS] > second[_VALUES] or second[_LEVELS] + second[_REPEATED] > min(unpacked, packed)
    ):
        raise ValueError
    return int(own.get(_VALUES, 0) + second.get(_VALUES, 0))
