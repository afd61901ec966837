"""Sees, before somebody decides by a ledger, that its entries are those that were signed last.

What is decided rests on the entries that were found, and on those that were not: so all of them are
hashed again, in the order of the log, and where the index would have one found or not found is held
against what the entry says itself. What is decided by is taken from that pass, and the index is not asked
again. `verify` says more of a ledger, and takes longer.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, read_checkpoint
from phasegate.audit.ledger.entry import Position, entry_index
from phasegate.audit.ledger.merkle import Frontier, leaf_hash, leaf_hashes
from phasegate.audit.ledger.project_entries import owner, owner_of
from phasegate.audit.ledger.running_digest import Digests, running
from phasegate.audit.ledger.store import DamagedLedgerError, Row, Stored, among
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical

_PARTS = {kind: b'"entry":"%s"' % kind.encode() for kind in ("point", "target", "gate")}
_UNASKED = b'"asked":null'
_AT_ONCE = 4096
OTHERWISE = "is not what it says itself: the ledger's index says otherwise"
"""What is wrong with an entry, after its number, that the index has under another kind, run or subject."""
_FIRST = -(2**63)
"""No number of an entry is smaller: a store can hold none."""


@dataclass(slots=True)
class _Extent:
    """Where the entries of a run lie, a digest over them, and one that does not follow on them."""

    first: int
    end: int
    digest: Any
    apart: int | None = None


class HashedEntries:
    """The entries of a ledger as one pass over all of them found them; made by `hashed_entries`.

    Those that a run decided on the way are nearly all that there are. They are found by their run, read
    once more and held against what was hashed; anything else is found whatever is asked for.

    Attributes:
        digests: the running digests over all of it.
    """

    def __init__(self, at: Position) -> None:
        self._at = at
        self._tree = Frontier()
        self.digests: Digests = running(())
        self._rows: list[Row] = []
        self._by_run: dict[int, list[Row]] = {}
        self._runs: dict[int, _Extent] = {}
        self._owners: dict[int, str | None] = {}

    def whose(self, row: Row) -> str | None:
        """The id of the project whose an entry is, as it was read on the way; None if it is nobody's."""
        return self._owners[row.seq] if row.seq in self._owners else owner_of(row)

    def go_on(self, at: Position) -> None:
        """Reads what a ledger has grown by since; what was read before is what it was then.

        Whether that is still what the ledger holds is for the caller to know. That the newest checkpoint
        is over it is seen to: what was read goes on to the root that was signed, or not.

        Raises:
            DamagedLedgerError: if it does not go on from what was read, or what is new is not right.
        """
        self._at = at
        self._read()

    @property
    def newest_run(self) -> int:
        """The highest number of a run, 0 where there is none."""
        return max((row.run for row in self._rows if row.kind == "run" and row.run is not None), default=0)

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given.

        Raises:
            DamagedLedgerError: if the entries of the run are no longer those that were hashed.
        """
        if run is None:
            return among(self._rows, kinds, run, subject)
        rows = self._of_run(run) if _PARTS.keys() & {*kinds} else self._by_run.get(run, [])
        return among(rows, kinds, run, subject)

    def _of_run(self, run: int) -> list[Row]:
        extent = self._runs.get(run)
        if extent is None:
            return []
        if extent.apart is not None:
            what = f"entry {extent.apart} stands apart from the others of its run {run}"
            raise DamagedLedgerError(self._at.shown, what)
        rows = [Row(*stored, self._at.shown) for stored in self._at.entries(extent.first, extent.end)]
        digest = sha256()
        for row in rows:
            digest.update(leaf_hash(row.body))
        if digest.digest() != extent.digest.digest() or any(
            entry_index(read_canonical(row.body)) != (row.kind, row.run, row.subject) for row in rows
        ):
            raise DamagedLedgerError(
                self._at.shown, f"the entries of run {run} were changed as they were read"
            )
        return rows

    def _read(self) -> None:
        at, tree = self._at, self._tree
        while tree.size < at.size:
            start = tree.size
            found = at.entries(start or _FIRST, start + _AT_ONCE)
            leaves = leaf_hashes(stored[4] for stored in found)
            for place, stored in enumerate(found, start):
                if stored[0] != place:
                    raise DamagedLedgerError(at.shown, f"entry {place} is missing")
                if not part_of_a_run(stored):
                    tree.add_many(leaves[tree.size - start : place - start])
                    if why := self._wrong(stored):
                        raise DamagedLedgerError(at.shown, f"entry {place} {why}")
                    self._rows.append(row := Row(*stored, at.shown))
                    if row.run is not None:
                        self._by_run.setdefault(row.run, []).append(row)
                    self.digests = running([(stored[1], leaves[place - start])], self.digests)
                self._extend(stored, leaves[place - start])
            tree.add_many(leaves[tree.size - start :])
            if tree.size == start:
                raise DamagedLedgerError(at.shown, f"entry {start} is missing")
        try:
            newest = None if at.note is None else read_checkpoint(at.note)[0]
        except NoteError as error:
            raise DamagedLedgerError(at.shown, error.message) from error
        if newest != Checkpoint(at.origin, tree.size, tree.root()):
            raise DamagedLedgerError(at.shown, "its entries are not those of its newest checkpoint")
        if newest.digests and newest.digests != self.digests:
            raise DamagedLedgerError(
                at.shown, "its newest checkpoint has other running digests than its entries"
            )

    def _extend(self, stored: Stored, leaf: bytes) -> None:
        """Adds an entry to its run; the entries of one stand together."""
        seq, _, run, _, _ = stored
        if run is None:
            return
        extent = self._runs.get(run)
        if extent is None:
            extent = self._runs[run] = _Extent(seq, seq, sha256())
        if extent.end != seq:
            extent.apart = seq
            return
        extent.end = seq + 1
        extent.digest.update(leaf)

    def _wrong(self, stored: Stored) -> str | None:
        """What is wrong with an entry, to be said after its number; None if nothing."""
        try:
            document = read_canonical(stored[4])
            if entry_index(document) != stored[1:4]:
                return OTHERWISE
            self._owners[stored[0]] = owner(document)
            if stored[1] == "checkpoint":
                checkpoint, _ = read_checkpoint(str(document.get("note")))
                if checkpoint != Checkpoint(self._at.origin, self._tree.size, self._tree.root()):
                    return "is a checkpoint over other entries than those before it"
                if checkpoint.digests and checkpoint.digests != self.digests:
                    return "is a checkpoint with other running digests than those of the entries before it"
        except (CanonicalError, NoteError) as error:
            return f"can not be read: {error.message}"
        return None


def hashed_entries(at: Position, before: HashedEntries | None = None) -> HashedEntries:
    """Reads a ledger from its first entry to its last, or goes on from where it was read to before.

    Args:
        at: the ledger as it stands; who signed its newest checkpoint is asked elsewhere.
        before: what was read of it, by somebody who knows that it is so still; used up by this. Where the
            ledger does not go on from it, all is read again.

    Raises:
        DamagedLedgerError: if it is not what its newest checkpoint covers, or an entry, or where it is
            found, was changed behind the ledger's back.
    """
    if before is not None:
        with suppress(DamagedLedgerError):
            before.go_on(at)
            return before
    found = HashedEntries(at)
    if at.size:
        found._read()
    return found


def index_fault(stored: Stored) -> str | None:
    """Why an entry is not where it belongs, to be said after its number; None if it is."""
    _, kind, run, subject, body = stored
    try:
        if not part_of_a_run(stored) and entry_index(read_canonical(body)) != (kind, run, subject):
            return OTHERWISE
    except CanonicalError as error:
        return f"can not be read: {error.message}"
    return None


def part_of_a_run(stored: Stored) -> bool:
    """Whether an entry is plainly one that nobody looks for by itself: what a run decided on the way.

    These are nearly all that there are, and reading each would take long. No text inside an entry can
    hold what is looked for here, for its quotes are escaped there.
    """
    _, kind, run, _, body = stored
    starts = _PARTS.get(kind)
    return (
        starts is not None
        and starts in body
        and b'"run":%d,"schema"' % (run or 0) in body
        and (kind != "gate" or _UNASKED in body)
    )
