"""Thrift's compact protocol, in which Parquet writes what it says of itself.

Only what somebody wants is made into values; all else is stepped over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Wanted = Mapping[int, "Value"]
"""The fields of a struct that are wanted, each with what it must be."""
Value = Wanted | Sequence["Value"] | type[int] | type[bytes]
"""An integer, a text, a struct, or a list of one of these that stands for each."""
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _, STRUCT = range(1, 13)
_WIDTHS = {TRUE: 0, FALSE: 0, BYTE: 1, DOUBLE: 8}
_LONG = 15


class Compact:
    """Steps through bytes.

    Each method raises an IndexError where the bytes end too early, and a ValueError where they make no sense.

    Args:
        data: the bytes.

    Attributes:
        at: where the next value begins.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """The fields of a struct and what they are; whoever asks takes or skips the value of each."""
        field = 0
        while head := self._byte():
            kind = head & 15
            field = field + (head >> 4) if head >> 4 else self.number()
            yield field, kind

    def struct(self, wanted: Wanted) -> dict[int, Any]:
        """The wanted fields of a struct; one that is not there, or of another kind, has no value."""
        found: dict[int, Any] = {}
        for field, kind in self.fields():
            if field in wanted:
                self._value(field, kind, wanted[field], found)
            else:
                self.skip(kind)
        return found

    def _value(self, field: int, kind: int, wanted: Value, found: dict[int, Any]) -> None:
        if kind in (I16, I32, I64) and wanted is int:
            found[field] = self.number()
        elif kind == BINARY and wanted is bytes:
            found[field] = self._text()
        elif kind == STRUCT and isinstance(wanted, Mapping):
            found[field] = self.struct(wanted)
        elif kind == LIST and isinstance(wanted, Sequence):
            count, item = self.begin_list()
            own: dict[int, Any] = {}
            found[field] = []
            for _ in range(count):
                self._value(0, item, wanted[0], own)
                found[field].append(own.pop(0))
        else:
            self.skip(kind)

    def begin_list(self) -> tuple[int, int]:
        """How many values a list has, and of what kind, each of which is taken or skipped."""
        head = self._byte()
        count = head >> 4
        return (self._varint() if count == _LONG else count), head & 15

    def number(self) -> int:
        """An integer."""
        coded = self._varint()
        return (coded >> 1) ^ -(coded & 1)

    def skip(self, kind: int) -> None:
        """Steps over a value."""
        if kind in (I16, I32, I64):
            self._varint()
        elif kind in _WIDTHS:
            self.at += _WIDTHS[kind]
        elif kind == BINARY:
            length = self._varint()
            self.at += length
        elif kind in (LIST, SET):
            count, item = self.begin_list()
            if item in _WIDTHS:  # at once: it may claim more of them than anybody can count
                self.at += count * (_WIDTHS[item] or 1)
                return
            for _ in range(count):
                self.skip(item)
        elif kind == STRUCT:
            for _, inner in self.fields():
                self.skip(inner)
        else:  # maps occur nowhere in Parquet
            raise ValueError(f"no type of Parquet: {kind}")

    def _text(self) -> bytes:
        length = self._varint()
        begun, self.at = self.at, self.at + length
        if self.at > len(self._data):
            raise IndexError
        return self._data[begun : self.at]

    def _byte(self) -> int:
        value = self._data[self.at]
        self.at += 1
        return value

    def _varint(self) -> int:
        value = self._byte()
        if value < 128:
            return value
        value &= 127
        shift = 7
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than 64 bits")
