"""Entries that the index gives, held against the running digests of the newest checkpoint.

A scheduled run need not read a long log from its beginning. It takes what its index gives of the kinds
that decisions rest on, and hashes these: if they come to the digest that was signed, none was left out,
added or changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from phasegate.audit.ledger.checkpoint import NoteError, read_checkpoint
from phasegate.audit.ledger.entry import entry_index
from phasegate.audit.ledger.entry_errors import document_of
from phasegate.audit.ledger.integrity import OTHERWISE
from phasegate.audit.ledger.merkle import leaf_hash
from phasegate.audit.ledger.running_digest import KINDS, NAME_OF, Digests, running
from phasegate.audit.ledger.store import DamagedLedgerError, Finding, Row, among


class IndexedEntries:
    """The entries of a ledger, found by its index and held against its newest checkpoint.

    Args:
        log: gives what the index has.
        note: the newest checkpoint; who signed that is asked elsewhere.
        shown: the ledger's address, for messages.
        whole: reads all entries, where the checkpoint is from before there were running digests.
    """

    def __init__(self, log: Finding, note: str | None, shown: str, whole: Callable[[], Finding]) -> None:
        self._log = log
        self._shown = shown
        self._whole = whole
        self._held: dict[str, list[Row]] = {}
        self._all: Finding | None = None
        try:
            self._digests: Digests = read_checkpoint(note)[0].digests if note is not None else running(())
        except NoteError as error:
            raise DamagedLedgerError(shown, error.message) from error

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given.

        Kinds that no running digest runs over are found by the index alone.

        Raises:
            DamagedLedgerError: if the index does not give all entries of a kind, or others.
        """
        if not self._digests:
            if self._all is None:
                self._all = self._whole()
            return self._all.find(kinds, run, subject)
        found = [
            row
            for name in {NAME_OF[kind]: 0 for kind in kinds if kind in NAME_OF}
            for row in self._rows(name)
        ]
        if beside := [kind for kind in kinds if kind not in NAME_OF]:
            found += self._log.find(beside, run, subject)
        return sorted(among(found, kinds, run, subject), key=lambda row: row.seq)

    def _rows(self, name: str) -> list[Row]:
        """All entries that one of the digests runs over."""
        if name not in self._held:
            rows = self._log.find(KINDS[name])
            for row in rows:
                self._hold(row)
            found = running([(row.kind, leaf_hash(row.body)) for row in rows])
            if found[name] != self._digests[name]:
                what = f"{len(rows)} entries where {self._digests[name].count} were signed"
                if len(rows) == self._digests[name].count:
                    what = "other entries than those that were signed"
                raise DamagedLedgerError(self._shown, f"its index gives {what} ({', '.join(KINDS[name])})")
            self._held[name] = rows
        return self._held[name]

    def _hold(self, row: Row) -> None:
        """Sees that the index says of an entry what it says itself: of two kinds, one may be overlooked."""
        if entry_index(document_of(row)) != (row.kind, row.run, row.subject):
            raise DamagedLedgerError(self._shown, f"entry {row.seq} {OTHERWISE}")
