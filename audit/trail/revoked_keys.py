"""Keys that one project in a shared ledger has as revoked, and for whom of the others that counts.

A thief has a key for all who list it. But whoever may write a ledger could name anybody's key as revoked,
and shut them out. So what a project says of keys counts for another one once somebody whom that one lists
has signed for the project: a stranger can not have that. Where nobody of a list is found to have signed
it, it counts for all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from phasegate.audit.ledger.checkpoint import NoteError, SignedNote, read_checkpoint, verified_by
from phasegate.audit.ledger.entry import OWN_KINDS
from phasegate.audit.ledger.entry_errors import naming
from phasegate.audit.ledger.project_entries import EVERYBODYS, owner
from phasegate.audit.ledger.running_digest import NAME_OF
from phasegate.audit.ledger.store import Finding, Row
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signer, Signers

BEGINS = tuple(NAME_OF)
"""Kinds of entries with which an append begins; all of one append are of one project."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What a project says of keys.

    Attributes:
        revoked: those that its newest list has as revoked, by their fingerprints.
        notes: the checkpoints over its entries, one of each who signed any.
        signed: whether somebody of its newest list is known to have signed that, or what followed of it.
    """

    revoked: Mapping[str, Signer]
    notes: tuple[SignedNote, ...] = ()
    signed: bool = False

    def counts_for(self, keys: Iterable[PublicKey]) -> bool:
        """Whether it counts for a project that lists some keys."""
        return not self.signed or any(_made(note, key) for key in keys for note in self.notes)


Words = Mapping[str | None, _Word]
"""What the projects of a ledger say of keys at some place, by their ids."""


def revoked_elsewhere(
    words: Words, fingerprint: str, project: str | None, *listed: Signers | None
) -> str | None:
    """Which project other than one has a key as revoked so that it counts, in words; None if none has.

    Args:
        words: what the projects of a ledger say.
        fingerprint: of the key.
        project: the project for which it signs.
        listed: whom that one lists, by its file or by the ledger.
    """
    for other, word in words.items():
        found = word.revoked.get(fingerprint)
        if other == project or found is None or found.revoked is None:
            continue
        if word.counts_for(key for each in listed if each is not None for key in each.keys.values()):
            from phasegate.records.waivers import instant

            named = f"project {other}" if other is not None else "a project without an id"
            return f"{named} had listed the key of {found.name!r} as revoked from {instant(found.revoked)} on"
    return None


def words_of(log: Finding, before: int | None = None, note: str | None = None) -> Words:
    """What the projects of a ledger say of keys.

    Args:
        log: where entries are found, whosever they are.
        before: the place up to which it is asked; None for the end.
        note: the checkpoint over all entries, for the end.

    Raises:
        EntryError: if an entry can not be read.
    """
    found = WordsAlong(log)
    if before is not None:
        return found.before(before)
    return found.end(note)


class WordsAlong:
    """What the projects of a ledger say of keys from place to place; nothing is read while none is revoked.

    Args:
        log: where entries are found, whosever they are.
    """

    def __init__(self, log: Finding) -> None:
        self._keys = RevokedKeys()
        self._rows: list[Row] = []
        if any(b'"revoked":' in row.body for row in log.find(("key", EVERYBODYS))):
            self._rows = log.find((*BEGINS, "checkpoint", EVERYBODYS))[::-1]

    def before(self, seq: float) -> Words:
        """What they say before a place; one that is not before the last one that was asked for.

        Raises:
            EntryError: if an entry can not be read.
        """
        while self._rows and self._rows[-1].seq < seq:
            row = self._rows.pop()
            with naming(row):
                self._keys.read(row.seq, read_canonical(row.body))
        return self._keys.words

    def end(self, note: str | None) -> Words:
        """What they say at the end, over which there is a checkpoint.

        Raises:
            EntryError: if an entry can not be read.
        """
        self.before(math.inf)
        self._keys.ends(note)
        return self._keys.words


class RevokedKeys:
    """Reads the entries of a ledger in their order, those with which an append begins at least.

    Attributes:
        words: what the projects say up to here; another mapping once that changes.
    """

    def __init__(self) -> None:
        self.words: Words = {}
        self._lists: dict[str | None, Signers] = {}
        self._whose: set[str | None] = set()
        self._signers: set[tuple[str | None, tuple[tuple[str, bytes], ...]]] = set()

    def read(self, seq: int, document: Mapping[str, Any]) -> None:
        """Reads the next entry.

        Raises:
            SignersError: if it is a list of signers that can not be read.
            KeyFault: if there is a key in that which is none.
        """
        kind = document.get("entry")
        if kind == "checkpoint":
            self.ends(document.get("note"), seq)
        elif kind not in OWN_KINDS:
            whose = owner(document)
            self._whose.add(whose)
            if kind == "key":
                self._lists[whose] = signers = Signers.from_document(document.get("signers"))
                revoked = {each.public.fingerprint: each for each in signers if each.revoked is not None}
                self._say(whose, revoked=revoked, signed=False)

    def ends(self, note: object, size: int | None = None) -> None:
        """An append ends with a checkpoint, of some size where that is known."""
        whose, self._whose = self._whose, set()
        try:
            checkpoint, signed = read_checkpoint(note if isinstance(note, str) else "")
        except NoteError:  # told by whoever verifies; nobody is found to have signed it
            return
        if size is not None and checkpoint.size != size:
            return
        by = tuple(sorted((each.name, each.key_hash) for each in signed.signatures))
        for each in whose:
            if (each, by) in self._signers and self._word(each).signed:
                continue
            keys = self._lists[each].keys.values() if each in self._lists else ()
            own = any(_made(signed, key) for key in keys)
            if (each, by) not in self._signers:
                self._say(each, notes=(*self._word(each).notes, signed))
            if own:  # what nobody has signed stands for nobody's further notes
                self._signers.add((each, by))
                self._say(each, signed=True)

    def _word(self, whose: str | None) -> _Word:
        return self.words.get(whose, _Word({}))

    def _say(self, whose: str | None, **more: Any) -> None:
        self.words = {**self.words, whose: replace(self._word(whose), **more)}


def _made(note: SignedNote, key: PublicKey) -> bool:
    """Whether a key signed a note, under whatever name."""
    return any(verified_by(note, each.name, key.raw) for each in note.signatures)
