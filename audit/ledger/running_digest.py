"""Running digests over the entries that decisions rest on, signed under each checkpoint.

An index gives entries of some kinds without reading all the others, and whoever can write the tables can
make it leave one out. A digest that runs over all entries of such kinds, in the order of the log, stands
under each checkpoint: what the index gave is all there is if it comes to the same digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

NOTHING = bytes(32)
"""The digest over no entries."""
STATEMENTS, RUNS = "statements", "runs"
KINDS: dict[str, tuple[str, ...]] = {
    STATEMENTS: ("key", "waiver", "revocation", "attestation", "approval", "advance", "adoption"),
    RUNS: ("run", "refused", "notified"),
}
"""The digests by name, and the kinds of entries that each runs over: what people sign, and what tells
the time."""
NAME_OF = {kind: name for name, kinds in KINDS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class RunningDigest:
    """The digest over some entries of a log.

    Attributes:
        count: how many they are.
        digest: of two and the digest before, then of the last one's leaf hash; 32 bytes.
    """

    count: int = 0
    digest: bytes = NOTHING

    def then(self, leaf: bytes) -> RunningDigest:
        """The same with one entry more, by its leaf hash."""
        return RunningDigest(self.count + 1, sha256(b"\x02" + self.digest + leaf).digest())


Digests = dict[str, RunningDigest]
"""By their names in `KINDS`."""


def running(entries: Iterable[tuple[str, bytes]], before: Digests | None = None) -> Digests:
    """The digests over some entries, given as kind and leaf hash in the order of the log.

    Args:
        entries: those of other kinds are passed over.
        before: what the digests had come to; None for the beginning.
    """
    found = dict.fromkeys(KINDS, RunningDigest()) if before is None else dict(before)
    for kind, leaf in entries:
        if (name := NAME_OF.get(kind)) is not None:
            found[name] = found[name].then(leaf)
    return found
