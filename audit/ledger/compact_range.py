"""The right edge of a ledger's tree: enough hashes to compute its root, and no more.

A tree of n entries is cut into full subtrees of 2^24, 2^16 and 2^8 entries and single leaves, from
the left; the hashes of the subtrees are kept, so that a root takes at most 255 leaves and 255 hashes
of each level but the highest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phasegate.audit.ledger.merkle import EMPTY_ROOT, node_hash
from phasegate.audit.ledger.store import NODE_LEVELS, Reading

_LEVELS = (0, *NODE_LEVELS)
_ABOVE = dict(zip(_LEVELS, NODE_LEVELS, strict=False))


class IncompleteError(ValueError):
    """Fewer hashes are kept than there are entries or subtrees."""


class Edge:
    """The hashes that no kept subtree covers yet, of leaves and of each level of subtrees."""

    def __init__(self, size: int, tails: dict[int, list[bytes]]) -> None:
        self.size = size
        self._tails = tails

    @classmethod
    def read(cls, reading: Reading) -> Edge:
        """The edge of a ledger as it stands.

        Raises:
            IncompleteError: if hashes are missing.
        """
        size = reading.size()
        tails = {}
        for level in _LEVELS:
            above = _ABOVE.get(level)
            start = 0 if above is None else size >> above << (above - level)
            tails[level] = kept_hashes(reading, level, start, size >> level)
        return cls(size, tails)

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Adds a leaf; gives level, place and hash of each subtree that is full with it."""
        self.size += 1
        self._tails[0].append(leaf)
        for level, above in _ABOVE.items():
            tail = self._tails[level]
            if len(tail) < 1 << (above - level):
                return
            full = fold(tail)
            tail.clear()
            self._tails[above].append(full)
            yield above, (self.size >> above) - 1, full

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.size:
            return EMPTY_ROOT
        peaks = [peak for level in reversed(_LEVELS) for peak in _peaks(self._tails[level])]
        root = peaks.pop()
        while peaks:
            root = node_hash(peaks.pop(), root)
        return root


def subtree_hash(reading: Reading, start: int, end: int) -> bytes:
    """The hash of the full subtree over the entries from ``start`` up to ``end``, from kept hashes.

    Raises:
        IncompleteError: if hashes are missing.
    """
    height = (end - start).bit_length() - 1
    level = max(level for level in _LEVELS if level <= height)
    return fold(kept_hashes(reading, level, start >> level, end >> level))


def kept_hashes(reading: Reading, level: int, start: int, end: int) -> list[bytes]:
    """The hashes of a level, which are leaves on level 0.

    Raises:
        IncompleteError: if some are missing.
    """
    if start == end:
        return []
    hashes = reading.nodes(level, start, end) if level else reading.leaves(start, end)
    if len(hashes) != end - start:
        raise IncompleteError(f"{end - start - len(hashes)} kept hashes of level {level} are missing")
    return hashes


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over a row of hashes, whose number is a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def _peaks(tail: Sequence[bytes]) -> Iterator[bytes]:
    start = 0
    for bit in reversed(range(len(tail).bit_length())):
        if len(tail) >> bit & 1:
            yield fold(tail[start : start + (1 << bit)])
            start += 1 << bit
