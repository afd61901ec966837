"""Computes the tree of a ledger anew from its entries, and holds the kept hashes against it."""

from __future__ import annotations

from collections.abc import Sequence

from phasegate.audit.ledger.merkle import Frontier, paired
from phasegate.audit.ledger.store import NODE_LEVELS, Store
from phasegate.audit.verification.findings import Faults

_FAR = 2**60
_BLOCK = NODE_LEVELS[0]


class Recount:
    """A tree that grows by leaves; whole blocks of 256 of them are reduced at once.

    Args:
        store: whose kept hashes are compared; they are used for nothing else.
        faults: where the ones that differ are told.
    """

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._tree = Frontier()
        self._pending: list[bytes] = []
        self._nodes: dict[int, list[bytes]] = {level: [] for level in NODE_LEVELS}

    @property
    def size(self) -> int:
        """How many leaves there are so far."""
        return self._tree.size + len(self._pending)

    def add(self, leaves: Sequence[bytes], kept: Sequence[bytes]) -> None:
        """Adds the next entries.

        Args:
            leaves: their leaf hashes, computed from their bytes.
            kept: the same as the store has them.
        """
        start = self.size
        if list(kept) != list(leaves):
            self._differing(start, leaves, kept)
        self._pending.extend(leaves)
        whole = len(self._pending) >> _BLOCK << _BLOCK
        row = self._pending[:whole]
        del self._pending[:whole]
        for _ in range(_BLOCK if row else 0):
            row = paired(row)
        for block in row:
            self._tree.add_subtree(_BLOCK, block)
        self._compare(NODE_LEVELS[0], row)

    def root(self) -> bytes:
        """The root over the leaves so far."""
        tree = self._tree.copy()
        tree.add_many(self._pending)
        return tree.root()

    def end(self) -> None:
        """Sees that no hash is kept of a subtree that the entries do not fill."""
        for level, done in self._nodes.items():
            if self._store.nodes(level, len(done), len(done) + 1 + _FAR):
                self._faults.add(
                    f"subtree {len(done)} of level {level}", "a hash is kept, and there is no such subtree"
                )
                return
        # No range of places finds what stands before the first one, or on a level that there is not.
        more = self._store.node_count() - sum(map(len, self._nodes.values()))
        if more > 0:
            self._faults.add("the store", f"it keeps hashes of subtrees that there are not: {more}")

    def _differing(self, start: int, leaves: Sequence[bytes], kept: Sequence[bytes]) -> None:
        for place, leaf in enumerate(leaves):
            if place >= len(kept) or kept[place] != leaf:
                self._faults.add(
                    f"entry {start + place}", "its bytes are not those that were hashed when it was kept"
                )

    def _compare(self, level: int, row: Sequence[bytes]) -> None:
        """Compares the kept hashes of subtrees of one level, and of those above that are full by now."""
        if not row:
            return
        done = self._nodes[level]
        kept = self._store.nodes(level, len(done), len(done) + len(row))
        for place, block in enumerate(row):
            if place >= len(kept) or kept[place] != block:
                self._faults.add(
                    f"subtree {len(done) + place} of level {level}",
                    "its kept hash is not that of its entries",
                )
        before = len(done)
        done.extend(row)
        if level == NODE_LEVELS[-1]:
            return
        above = NODE_LEVELS[NODE_LEVELS.index(level) + 1]
        width = 1 << (above - level)
        for place in range(before // width, len(done) // width):
            part = done[place * width : (place + 1) * width]
            while len(part) > 1:
                part = paired(part)
            self._compare(above, part)
