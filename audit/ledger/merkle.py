"""The mathematics of a Merkle log (RFC 6962, section 2.1): roots, proofs, and their verification."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of a log without entries."""
HASH = 32
Subtree = Callable[[int, int], bytes]
"""Gives the hash of the full subtree over the entries from one number up to another."""


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry: of a zero byte and its bytes."""
    return sha256(b"\x00" + body).digest()


def leaf_hashes(bodies: Iterable[bytes]) -> list[bytes]:
    """The hashes of many entries."""
    return [sha256(b"\x00" + body).digest() for body in bodies]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees: of a one byte and their hashes."""
    return sha256(b"\x01" + left + right).digest()


def paired(row: Sequence[bytes]) -> list[bytes]:
    """The hashes over each two neighbours of a row, whose length is even."""
    each = iter(row)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=True)]


class Frontier:
    """The right edge of a tree that grows: the hashes of its full subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Adds the hash of the next entry."""
        self.size += 1
        height = 0
        while self._peaks and self._peaks[-1][0] == height:
            leaf = node_hash(self._peaks.pop()[1], leaf)
            height += 1
        self._peaks.append((height, leaf))

    def add_many(self, leaves: Iterable[bytes]) -> None:
        """Adds the hashes of the next entries, full rows of them at once."""
        row = list(leaves)
        start = 0
        while start < len(row):
            # The largest full subtree that begins here and that the row fills.
            low = self.size & -self.size or 1 << 62
            height = min(low.bit_length() - 1, (len(row) - start).bit_length() - 1)
            part = row[start : start + (1 << height)]
            start += 1 << height
            for _ in range(height):
                part = paired(part)
            self.add_subtree(height, part[0])

    def add_subtree(self, height: int, peak: bytes) -> None:
        """Adds the hash of the next 2^height entries; the size so far must be a multiple of that."""
        self.size += 1 << height
        while self._peaks and self._peaks[-1][0] == height:
            peak = node_hash(self._peaks.pop()[1], peak)
            height += 1
        self._peaks.append((height, peak))

    def copy(self) -> Frontier:
        """The same edge, to go on from by itself."""
        other = Frontier()
        other.size, other._peaks = self.size, list(self._peaks)
        return other

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def inclusion_proof(seq: int, size: int, subtree: Subtree) -> list[bytes]:
    """The hashes that lead from an entry to the root, the nearest first.

    Args:
        seq: the entry, below the size.
        size: of the tree.
        subtree: gives the hashes of full subtrees.
    """
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if seq < middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The hashes that show that a tree begins with an older one; none for sizes 0 and equal ones."""
    if not 0 < old < new:
        return []
    path: list[bytes] = []
    start, end, known = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start, known = middle, False
    if not known:
        path.append(_range_hash(start, end, subtree))
    return path[::-1]


def verify_inclusion(leaf: bytes, seq: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether an entry's hash is in the tree of a root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= seq < size or not _hashes([leaf, root, *path]):
        return False
    place, last, found = seq, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, step)
        place >>= 1
        last >>= 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a tree begins with an older one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new or not _hashes([old_root, new_root, *path]):
        return False
    if old == 0 and old_root != EMPTY_ROOT:
        return False
    if old in (0, new):
        return not path and (old < new or old_root == new_root)
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            after = node_hash(after, step)
        place >>= 1
        last >>= 1
    return last == 0 and before == old_root and after == new_root


def _split(length: int) -> int:
    """The largest power of two below a length."""
    return 1 << (length - 1).bit_length() - 1


def _range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """The hash over some entries, of which the first begins a full subtree."""
    length = end - start
    if length & (length - 1) == 0:
        return subtree(start, end)
    middle = start + _split(length)
    return node_hash(subtree(start, middle), _range_hash(middle, end, subtree))


def _hashes(found: Sequence[bytes]) -> bool:
    return all(type(each) is bytes and len(each) == HASH for each in found)
