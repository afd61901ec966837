"""Sees, before somebody decides by a ledger, that its entries are those that were signed last.

What is decided rests on the entries that were found, and on those that were not: so all of them are
hashed again, in the order of the log, and where the index would have one found or not found is held
against what the entry says itself. `verify` says more of a ledger, and takes longer.
"""

from __future__ import annotations

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, read_checkpoint
from phasegate.audit.ledger.entry import entry_index
from phasegate.audit.ledger.merkle import Frontier, leaf_hashes
from phasegate.audit.ledger.store import DamagedLedgerError, Entries, Stored
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical

_PARTS = {kind: b'"entry":"%s"' % kind.encode() for kind in ("point", "target", "gate")}
_UNASKED = b'"asked":null'
_AT_ONCE = 4096
_FIRST = -(2**63)
"""No number of an entry is smaller: a store can hold none."""


def refuse_changed(entries: Entries, size: int, note: str | None, origin: str, shown: str) -> None:
    """Refuses a ledger that is not what its newest checkpoint covers, or whose index lies.

    Args:
        entries: gives those from one number up to another, as they are stored.
        size: how many there are, by the number of the last one.
        note: the newest checkpoint; who signed that is asked elsewhere.
        origin: the ledger's name.
        shown: its address, for messages.

    Raises:
        DamagedLedgerError: if an entry, or where it is found, was changed behind the ledger's back.
    """
    tree = Frontier()
    while tree.size < size:
        start = tree.size
        found = entries(start or _FIRST, start + _AT_ONCE)
        waiting: list[bytes] = []  # bodies that the tree does not cover yet
        for place, stored in enumerate(found, start):
            if stored[0] != place:
                raise DamagedLedgerError(shown, f"entry {place} is missing")
            if not _part_of_a_run(stored):
                tree.add_many(leaf_hashes(waiting))
                waiting.clear()
                if why := _wrong(stored, origin, tree):
                    raise DamagedLedgerError(shown, f"entry {place} {why}")
            waiting.append(stored[4])
        tree.add_many(leaf_hashes(waiting))
        if tree.size == start:
            raise DamagedLedgerError(shown, f"entry {start} is missing")
    try:
        newest = None if note is None else read_checkpoint(note)[0]
    except NoteError as error:
        raise DamagedLedgerError(shown, error.message) from error
    if newest != Checkpoint(origin, tree.size, tree.root()):
        raise DamagedLedgerError(shown, "its entries are not those of its newest checkpoint")


def _wrong(stored: Stored, origin: str, before: Frontier) -> str | None:
    """What is wrong with an entry, to be said after its number; None if nothing."""
    _, kind, run, subject, body = stored
    try:
        document = read_canonical(body)
        if entry_index(document) != (kind, run, subject):
            return "is not what it says itself: the ledger's index says otherwise"
        if kind == "checkpoint":
            checkpoint, _ = read_checkpoint(str(document.get("note")))
            if checkpoint != Checkpoint(origin, before.size, before.root()):
                return "is a checkpoint over other entries than those before it"
    except (CanonicalError, NoteError) as error:
        return f"can not be read: {error.message}"
    return None


def _part_of_a_run(stored: Stored) -> bool:
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
