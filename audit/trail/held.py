"""Reads a ledger as it is read where a gate is decided by it: whole, and held against its signature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from phasegate.audit.ledger.integrity import hashed_entries
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import DamagedLedgerError
from phasegate.audit.trail.trail import refuse_gone
from phasegate.audit.trail.trust import refuse_strangers

if TYPE_CHECKING:
    from phasegate.audit.ledger.entry import Position
    from phasegate.audit.ledger.integrity import HashedEntries
    from phasegate.audit.ledger.ledger import Ledger
    from phasegate.audit.signing.signers import Signers


def held(ledger: Ledger) -> Position:
    """The entries of a ledger, of all projects, as one pass over all of them found them.

    Args:
        ledger: opened, with an entry at least.

    Raises:
        DamagedLedgerError: if it hides something, or is not what its newest checkpoint covers.
    """
    return held_on(ledger)[0]


def held_on(ledger: Ledger, before: HashedEntries | None = None) -> tuple[Position, HashedEntries]:
    """The same, and what was read, from which whoever keeps it may go on once the ledger has grown.

    Args:
        ledger: opened, with an entry at least.
        before: what was read of it before, and is so still; used up by this. None for nothing.

    Raises:
        DamagedLedgerError: if it hides something, or is not what its newest checkpoint covers.
    """
    refuse_changed_tables(ledger)
    at = ledger.position()
    found = hashed_entries(at, before)
    return replace(at, find=found.find, newest_run=found.newest_run, whose=found.whose), found


def refuse_changed_tables(ledger: Ledger) -> None:
    """Refuses a ledger whose tables are not those that only grow.

    Raises:
        DamagedLedgerError: if they are others.
    """
    if faults := ledger.store.schema_faults():
        raise DamagedLedgerError(ledger.shown, "; ".join(faults))


def refuse_untrusted(at: Position, signers: Signers, project: str | None) -> None:
    """Refuses a ledger whose newest checkpoint nobody signed whom a project lists.

    Args:
        at: the ledger, in which the entries of all projects are found: any may have written last.
        signers: those whom the project lists.
        project: its id; None for one without.

    Raises:
        SignersGoneError: if it lists nobody any more.
        StrangerError: if somebody else signed it.
    """
    if not len(signers):
        refuse_gone(Listed.of(at.find(("key",))))
    refuse_strangers(at, signers, project)
