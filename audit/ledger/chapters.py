"""What the entries of a ledger say, read from first to last and held against each other."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from typing import Any

from phasegate.audit.ledger.canonical import CanonicalError, read_canonical
from phasegate.audit.ledger.draft import ENTRY_SCHEMA, entry_index
from phasegate.audit.ledger.faults import Faults
from phasegate.audit.ledger.note import NoteError, read_checkpoint
from phasegate.audit.ledger.store import Row
from phasegate.audit.signed.envelope import EnvelopeError
from phasegate.audit.signed.key_errors import KeyFault
from phasegate.audit.signed.keys import PublicKey
from phasegate.audit.signed.signers import Signers, SignersError
from phasegate.audit.signed.statement import StatementError, open_statement
from phasegate.audit.statements.types import TYPES

DECIDED = ("point", "target", "gate")
"""What a run decides, one entry each."""


class Chapters:
    """Reads entries in their order.

    Args:
        faults: where it is told what is wrong.
        trusted: signers that somebody outside of the ledger vouches for.
    """

    def __init__(self, faults: Faults, trusted: Signers | None) -> None:
        self._faults = faults
        self._trusted = trusted
        self._signers: list[tuple[int, Signers]] = []
        self._run: Mapping[str, Any] = {}
        self._runs_at: list[int] = []
        self._gates: dict[int, str] = {}
        self._checkpoints: set[int] = set()
        self.origin = ""
        self.runs = 0
        self.statements = 0
        self.documents: dict[str, int] = {}
        self._kinds: dict[str, Callable[[Row, dict[str, Any]], None]] = {
            "ledger": self._ledger,
            "key": self._key,
            "run": self._new_run,
            "refused": lambda *_: None,
            **dict.fromkeys(DECIDED, self._decided),
            **dict.fromkeys(TYPES, self._statement),
        }

    def read(self, row: Row, root: bytes | None = None, note: str | None = None) -> None:
        """Reads one entry.

        Args:
            row: the entry.
            root: the root of all entries before it, where it is known.
            note: the checkpoint over all entries before it, where there is one.
        """
        place = f"entry {row.seq}"
        try:
            document = read_canonical(row.body)
        except CanonicalError as error:
            self._faults.add(place, error.message)
            return
        if document.get("schema") != ENTRY_SCHEMA:
            self._faults.add(place, f"its schema is {document.get('schema')!r}, not {ENTRY_SCHEMA!r}")
            return
        if entry_index(document) != (row.kind, row.run, row.subject):
            self._faults.add(place, "the ledger's index says of it what it does not say itself")
        kind = document.get("entry")
        if kind == "checkpoint":
            self._checkpoint(row, document, root, note)
        elif kind in self._kinds:
            self._kinds[kind](row, document)
        else:
            self._faults.add(place, f"there is no entry of kind {kind!r}")
        if row.seq == 0 and kind != "ledger":
            self._faults.add(place, "the first entry does not name the ledger")

    def signers(self, size: int) -> Signers:
        """Those whom the ledger itself lets sign a checkpoint over so many entries."""
        at = bisect_left([seq for seq, _ in self._signers], size)
        return self._signers[at - 1][1] if at else Signers(())

    def has_run(self, start: int, end: int) -> bool:
        """Whether a run was kept between two sizes: an evaluator must then have signed the second."""
        at = bisect_left(self._runs_at, start)
        return at < len(self._runs_at) and self._runs_at[at] < end

    def checkpoints(self, expected: Collection[int]) -> None:
        """Compares the checkpoints that are entries with those that the ledger keeps beside."""
        for size in sorted(set(expected) - self._checkpoints):
            self._faults.add(
                f"checkpoint {size}", "it is no entry of the ledger, as each but the newest one is"
            )
        for size in sorted(self._checkpoints - set(expected)):
            self._faults.add(f"checkpoint {size}", "it is an entry of the ledger and was removed beside it")

    def _ledger(self, row: Row, document: dict[str, Any]) -> None:
        origin = document.get("origin")
        if row.seq != 0:
            self._faults.add(f"entry {row.seq}", "it names the ledger once more")
        elif not isinstance(origin, str) or not origin:
            self._faults.add("entry 0", "it does not name the ledger")
        else:
            self.origin = origin

    def _key(self, row: Row, document: dict[str, Any]) -> None:
        try:
            self._signers.append((row.seq, Signers.from_document(document.get("signers"))))
        except (SignersError, KeyFault) as error:
            self._faults.add(f"entry {row.seq}", error.message)

    def _checkpoint(self, row: Row, document: dict[str, Any], root: bytes | None, note: str | None) -> None:
        place, text = f"entry {row.seq}", document.get("note")
        self._checkpoints.add(row.seq)
        try:
            checkpoint, _ = read_checkpoint(text if isinstance(text, str) else "")
        except NoteError as error:
            self._faults.add(place, error.message)
            return
        if checkpoint.size != row.seq:
            self._faults.add(
                place, f"it is a checkpoint over {checkpoint.size} entries and stands after {row.seq}"
            )
        elif root is not None and checkpoint.root != root:
            self._faults.add(place, "it is a checkpoint over other entries than those before it")
        if note is not None and note != text:
            self._faults.add(place, "it is another checkpoint than the one that the ledger keeps beside")

    def _new_run(self, row: Row, document: dict[str, Any]) -> None:
        self.runs += 1
        self._runs_at.append(row.seq)
        if document.get("run") != self.runs:
            self._faults.add(
                f"entry {row.seq}", f"it is run {document.get('run')!r} after run {self.runs - 1}"
            )
        self._run = document
        parts = document.get("parts")
        for digest in [*(parts.values() if isinstance(parts, dict) else ()), document.get("rules")]:
            self._refers(row, digest)

    def _decided(self, row: Row, document: dict[str, Any]) -> None:
        for key in ("run", "record", "pack", "as_of"):
            if document.get(key) != self._run.get(key):
                self._faults.add(f"entry {row.seq}", f"its {key} is not that of the run before it")
        if document.get("entry") == "gate":
            self._gates[row.seq] = hashlib.sha256(row.body).hexdigest()
        else:
            self._refers(row, document.get("evidence"))

    def _refers(self, row: Row, digest: object) -> None:
        if isinstance(digest, str):
            self.documents.setdefault(digest.removeprefix("sha256:"), row.seq)
        else:
            self._faults.add(f"entry {row.seq}", "it does not say where its evidence is kept")

    def _statement(self, row: Row, document: dict[str, Any]) -> None:
        """A statement must be signed by a key that the ledger or somebody outside knows."""
        self.statements += 1
        keys: dict[str, PublicKey] = dict(self._trusted.keys) if self._trusted is not None else {}
        for _, signers in self._signers:
            keys |= signers.keys
        try:
            opened = open_statement(document.get("envelope"), TYPES[row.kind], keys)
        except (EnvelopeError, StatementError, CanonicalError) as error:
            self._faults.add(f"entry {row.seq}", f"{row.kind}: {error.message}")
            return
        if row.kind == "advance":
            gate = opened.statement.predicate.get("entry")
            digests = [subject.digest.removeprefix("sha256:") for subject in opened.statement.subjects]
            if not isinstance(gate, int) or digests != [self._gates.get(gate)]:
                self._faults.add(f"entry {row.seq}", "it goes through a gate that the ledger does not have")


def names_and_keys(signers: Signers, role: str | None = None) -> list[tuple[str, PublicKey]]:
    """The names and keys of signers; of those who have a role, where one is given."""
    return [(each.name, each.public) for each in signers if role is None or each.has(role)]
