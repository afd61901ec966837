"""Whether a ledger is still the one that was shown before, and what was signed is what it holds.

Before anything of a new head is shown, the tree of kept hashes comes to the root that was signed, the entries
of runs and statements come to the running digests under it, somebody signed it whom the project lists, and
it goes on from the head that was shown last. `verify` says more, and takes longer; it runs beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.ledger.checkpoint import read_checkpoint
from phasegate.audit.ledger.compact_range import Edge, IncompleteError
from phasegate.audit.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from phasegate.audit.ledger.project_entries import owner_of
from phasegate.audit.ledger.running_digest import KINDS
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import DamagedLedgerError, LedgerError
from phasegate.audit.signing.signers import Signers
from phasegate.audit.trail.trust import refuse_strangers
from phasegate.web.ledgers.head import EMPTY, Head

if TYPE_CHECKING:
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.audit.ledger.store import Row


class ReplacedLedgerError(LedgerError):
    """Another ledger than the one that was shown stands at its place."""

    def __init__(self, shown: str, why: str) -> None:
        super().__init__(
            f"{shown} is not the ledger that was shown before: {why}",
            "put the ledger back that was there; if another one is meant, start the server anew",
        )


def refuse_replaced(ledger: Ledger, head: Head, before: Head) -> None:
    """Sees that a ledger goes on from a head of it.

    Raises:
        ReplacedLedgerError: if it does not.
    """
    if before == EMPTY or head == before:
        return
    if head.origin != before.origin:
        raise ReplacedLedgerError(ledger.shown, "it has another name in its checkpoints")
    if head.size < before.size:
        why = f"it held {before.size} entries, and holds {head.size}"
        raise ReplacedLedgerError(ledger.shown, why)
    path = ledger.consistency(before.size, head.size)
    if not verify_consistency(before.size, head.size, before.root, head.root, path):
        raise ReplacedLedgerError(ledger.shown, f"its first {before.size} entries are others")


def refuse_damaged(ledger: Ledger, head: Head) -> None:
    """Sees that what a ledger keeps is what was signed, as far as its index and kept hashes tell.

    Raises:
        DamagedLedgerError: if it is not.
    """
    if faults := ledger.store.schema_faults():
        raise DamagedLedgerError(ledger.shown, "; ".join(faults))
    if head == EMPTY:
        return
    try:
        root = Edge.read(ledger.store).root()
    except IncompleteError as error:
        raise DamagedLedgerError(ledger.shown, str(error)) from error
    if root != head.root or ledger.origin != head.origin:
        raise DamagedLedgerError(ledger.shown, "its entries are not those of its newest checkpoint")
    position = ledger.position()
    for kinds in KINDS.values():  # each is held against the digest that was signed
        position.find(kinds)


def refuse_unsigned(ledger: Ledger, head: Head, project: str | None, signers: Signers | None) -> None:
    """Sees that somebody signed the newest checkpoint whom the project lists, or its ledger for it.

    Raises:
        StrangerError: if nobody did.
    """
    if head == EMPTY:
        return
    position = ledger.position()
    if signers is None:
        own = [row for row in position.find(("key",)) if owner_of(row) in (project, None)]
        signers = Listed.of(own).newest or Signers(())
    refuse_strangers(position, signers, project)


def refuse_changed(ledger: Ledger, row: Row) -> None:
    """Sees that an entry is the one in the tree under the newest checkpoint.

    Raises:
        DamagedLedgerError: if it is not.
    """
    checkpoint, _ = read_checkpoint(ledger.newest_checkpoint() or "")
    path = ledger.prove(row.seq, checkpoint.size)
    if not verify_inclusion(leaf_hash(row.body), row.seq, checkpoint.size, path, checkpoint.root):
        raise DamagedLedgerError(ledger.shown, f"entry {row.seq} is not the one that was signed")
