"""Holds a whole ledger against itself, its checkpoints and those that somebody kept elsewhere.

No kept hash, no index and no column is taken for granted: every entry is hashed again from its bytes,
and what the store says of it is compared with what the entry says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, read_checkpoint
from phasegate.audit.ledger.integrity import index_fault
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.merkle import leaf_hashes
from phasegate.audit.ledger.running_digest import KINDS, Digests, RunningDigest, running
from phasegate.audit.ledger.store import ContentError, LedgerError, Row
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signers
from phasegate.audit.verification.checkpoints import Covering
from phasegate.audit.verification.entries import CHECKPOINT_STARTS, KEY_STARTS, Chapters, Retelling
from phasegate.audit.verification.findings import Fault, Faults
from phasegate.audit.verification.projects import Projects
from phasegate.audit.verification.tree import Recount
from phasegate.audit.verification.trusted_keys import Vouched
from phasegate.rules.loading.plugins import absent

CHUNK = 4096
"""How many entries are read before anybody hears of it."""
PLUGINS = (b'"format:', b'"measure:')
"""What the entry of a run has one of that rests on a plugin."""
_FIRST = -(2**63)
"""No number of an entry is smaller: a store can hold none."""
Heard = Callable[[int, int], None]
"""Hears how many entries of how many have been read."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    Attributes:
        size: how many entries there are.
        root: the hash over all of them, recomputed.
        origin: what the ledger calls itself; empty where it can not be told.
        runs, statements, documents, checkpoints: how many of each were looked at.
        signed_by: who signed the newest checkpoint: name and fingerprint; empty where nobody known did.
        own_key: whether that key is known from the ledger itself only.
        kept: how many checkpoints from elsewhere it was held against.
        faults: what is wrong; empty for a ledger that is as it was kept.
        more: how many further faults are not told.
        quick: whether only hashes were looked at, and not what the entries say.
        notes: what is worth knowing and is not wrong: statements that count for nothing, keys that only
            the ledger names.
    """

    size: int
    root: bytes
    origin: str
    runs: int
    statements: int
    documents: int
    checkpoints: int
    signed_by: tuple[str, str] | None
    own_key: bool
    kept: int
    faults: Sequence[Fault]
    more: int
    quick: bool
    notes: Sequence[Fault] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True)
class Asked:
    """How a ledger is to be verified.

    Attributes:
        kept: checkpoints that somebody kept elsewhere, under a name for messages.
        trusted: the signers that somebody outside of the ledger vouches for; None where only the
            ledger says who they are.
        keys: one of these must have signed the checkpoint over each run; none for those of the signers.
        quick: looks at hashes and checkpoints only.
        heard: hears of the progress.
        retelling: makes what holds runs against their records; None to read the entries only.
        project: the id of the project whose the trusted signers are; None for one without.
    """

    kept: Sequence[tuple[str, Checkpoint]] = ()
    trusted: Signers | None = None
    keys: Sequence[PublicKey] = ()
    quick: bool = False
    heard: Heard | None = None
    retelling: (
        Callable[[Callable[[str], bytes | None], Projects, Signers | None, str | None], Retelling] | None
    ) = None
    project: str | None = None


def verify(ledger: Ledger, asked: Asked) -> Verified:
    """Verifies a ledger, from its first entry to its last.

    Args:
        ledger: opened for reading.
        asked: against what.
    """
    return _Verification(ledger, asked).run()


class _UnreadableError(Exception):
    """An entry is missing, and what follows on it can not be held against anything."""


@dataclass
class _Verification:
    ledger: Ledger
    asked: Asked
    faults: Faults = field(default_factory=Faults)
    roots: dict[int, bytes] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    documents: int = 0
    told: Faults = field(default_factory=Faults)
    digests: Digests = field(default_factory=lambda: running(()))
    digested: dict[int, Digests] = field(default_factory=dict)
    """The running digests at each size that somebody has signed or kept."""
    digested_since: int = 0
    """The size of the first checkpoint that has any."""
    revoking: bool = False
    """Whether any list of signers has a key as revoked, by the index."""
    previous: int = 0
    """The newest size but the last one that was signed."""
    plugins: set[tuple[str, object]] = field(default_factory=set)
    """Those that were told."""

    def __post_init__(self) -> None:
        asked, store = self.asked, self.ledger.store
        self.vouched = Vouched(asked.trusted, asked.keys)
        self.chapters = Chapters(self.faults, self.vouched, asked.project)
        if asked.retelling and not asked.quick:
            self.chapters.retelling = asked.retelling(
                store.content, self.chapters.backing, asked.trusted, asked.project
            )
        self.covering = Covering(self.faults, self.told, self.chapters, self.vouched)
        self.tree = Recount(self.ledger.store, self.faults)

    def run(self) -> Verified:
        try:
            self._read()
        except _UnreadableError:
            pass  # told where it was found
        except LedgerError as error:
            self.faults.add("the store", error.message)
        chapters = self.chapters
        return Verified(
            size=self.tree.size,
            root=self.tree.root(),
            origin=chapters.origin,
            runs=chapters.runs,
            statements=chapters.statements,
            documents=self.documents,
            checkpoints=len(self.notes),
            signed_by=self.covering.signed_by,
            own_key=self.covering.own_key,
            kept=len(self.asked.kept),
            notes=self.told.all(),
            faults=self.faults.all(),
            more=self.faults.count - len(self.faults.found),
            quick=self.asked.quick,
        )

    def _read(self) -> None:
        for fault in self.ledger.store.schema_faults():
            self.faults.add("the store", fault)
        if not self.asked.quick:
            for fault in self.ledger.store.file_faults():
                self.faults.add("the store", fault)
        self.notes = dict(self.ledger.store.checkpoints())
        size = self.ledger.size()
        self.previous = max((at for at in self.notes if at < size), default=0)
        self.revoking = any(b'"revoked":' in row.body for row in self.ledger.store.find(("key",)))
        sizes = {kept.size for _, kept in self.asked.kept} | ({size} if self.asked.quick else set(self.notes))
        if self.asked.quick and self.asked.keys and (mark := self.vouched.newest(self.notes, size)) != size:
            self.previous = mark
            sizes.add(mark)
        self._entries(size, sorted(mark for mark in sizes if mark <= size))
        if not size:
            self.faults.add("the ledger", "it holds no entries")
        self._newest(size)
        for name, checkpoint in self.asked.kept:
            self.covering.against(name, checkpoint, self.roots, size)
        for seq, text in self.chapters.backing.void():
            self.told.add(f"entry {seq}", text)
        if not self.asked.quick:
            self._documents()

    def _entries(self, size: int, marks: Sequence[int]) -> None:
        """Reads all entries, and computes the root at each size that somebody has signed or kept."""
        for row in self.ledger.rows(_FIRST, 0):
            self.faults.add(f"entry {row.seq}", "no entry stands before the first one")
        self.roots[0] = self.tree.root()
        start = 0
        for end in [*marks, size]:
            while start < end:
                stop = min(end, (start // CHUNK + 1) * CHUNK)
                self.tree.add(*self._leaves(start, stop))
                start = stop
                if self.asked.heard is not None:
                    self.asked.heard(start, size)
            self.roots[end] = self.tree.root()
            self.digested[end] = self.digests
        self.chapters.end()
        self.tree.end()

    def _leaves(self, start: int, stop: int) -> tuple[list[bytes], list[bytes]]:
        """The leaf hashes of some entries, from their bytes and as they are kept.

        What the entries say is looked at too.
        """
        kinds: list[str] = []
        found = self.ledger.store.entries(start, stop)
        bodies = [stored[4] for stored in found]
        leaves = leaf_hashes(bodies)
        if self.asked.quick:
            for stored in found:
                kinds.append(stored[1])
                if why := index_fault(stored):
                    self.faults.add(f"entry {stored[0]}", why)
            self._skim(start, bodies)
        else:
            for expected, stored in enumerate(found, start):
                if stored[0] != expected:
                    self._missing(expected)
                kinds.append(stored[1])
                if stored[1] == "run" and any(each in stored[4] for each in PLUGINS):
                    self._plugins(stored[0], stored[4])
                row = Row(*stored, self.ledger.shown)
                self.chapters.read(row, self.roots.get(row.seq), self.notes.get(row.seq))
        kept = self.ledger.store.leaves(start, stop)
        self.digests = running(zip(kinds, leaves, strict=True), self.digests)
        if len(leaves) != stop - start:
            there = {row.seq for row in self.ledger.rows(start, stop)}
            self._missing(next(seq for seq in range(start, stop) if seq not in there))
        return leaves, kept

    def _plugins(self, seq: int, body: bytes) -> None:
        """Tells which plugins that a run rests on are not at hand, or are others here, each once."""
        # What is wrong with the entry is told where it is read.
        with suppress(CanonicalError, AttributeError):
            for key, told in read_canonical(body).get("versions", {}).items():
                if isinstance(told, str) and (key, told) not in self.plugins:
                    self.plugins.add((key, told))
                    for text in absent({key: told}):
                        self.told.add(f"entry {seq}", text)

    def _missing(self, seq: int) -> NoReturn:
        self.faults.add(f"entry {seq}", "it is missing, and nothing after it was read")
        raise _UnreadableError

    def _skim(self, start: int, bodies: Sequence[bytes]) -> None:
        """Looks who may sign, at the bytes themselves: the ledger's index may say anything."""
        telling = {start + place for place, body in enumerate(bodies) if body.startswith(KEY_STARTS)}
        telling.update(range(max(start, self.previous), start + len(bodies)))
        telling |= {0} if start == 0 and bodies else set()
        beside: set[int] = set()
        if self.revoking:
            ends = [start + place for place, body in enumerate(bodies) if body.startswith(CHECKPOINT_STARTS)]
            beside = {each for end in [start - 1, *ends] for each in (end, end + 1)} - telling
        for seq in sorted(telling | {each for each in beside if start <= each < start + len(bodies)}):
            (self.chapters.skim if seq in telling else self.chapters.glance)(seq, bodies[seq - start])

    def _newest(self, size: int) -> None:
        """The checkpoint that covers everything."""
        if size not in self.notes:
            newest = max(self.notes, default=0)
            what = f"its newest checkpoint covers {newest} entries" if newest else "it has no checkpoint"
            gone = newest - size
            missing = f", so {gone} {'was' if gone == 1 else 'were'} removed at the end" if gone > 0 else ""
            self.faults.add("the ledger", f"it holds {size} entries and {what}{missing}")
        before = self.previous if self.asked.quick else 0  # what is older was not looked at
        for at, note in self.notes.items():
            if at in self.roots:
                self._checkpoint(at, note, before, newest=at == size)
                before = at
            elif at > size and size in self.notes:
                self.faults.add(f"checkpoint {at}", f"it covers more entries than the {size} that there are")
        if size:
            self.covering.end(size)
            self._index()
        if not self.asked.quick:
            self.chapters.checkpoints(set(self.notes) - {max(self.notes, default=0)})

    def _index(self) -> None:
        """Sees that the store's index gives all entries that decisions rest on, and no others."""
        for name, kinds in KINDS.items():
            given = RunningDigest()
            for leaf in self.ledger.store.indexed_leaves(kinds):
                given = given.then(leaf)
            if given != self.digests[name]:
                what = f"it gives {given.count} where there are {self.digests[name].count}"
                if given.count == self.digests[name].count:
                    what = "it gives others than there are"
                self.faults.add("the index", f"of the entries {', '.join(kinds)} {what}")

    def _checkpoint(self, at: int, note: str, before: int, *, newest: bool) -> None:
        place = f"checkpoint {at}"
        try:
            checkpoint, signed = read_checkpoint(note)
        except NoteError as error:
            self.faults.add(place, error.message)
            return
        if checkpoint.size != at:
            self.faults.add(place, f"its note is about {checkpoint.size} entries")
        if self.chapters.origin and checkpoint.origin != self.chapters.origin:
            self.faults.add(place, f"it is of another ledger, {checkpoint.origin}")
        if checkpoint.root != self.roots[at]:
            self.faults.add(
                place, "its root is not that of the entries: one before it was changed, exchanged or removed"
            )
        if checkpoint.digests:
            self.digested_since = self.digested_since or at
            if checkpoint.digests != self.digested[at]:
                self.faults.add(place, "its running digests are not those of the entries")
        elif self.digested_since:
            self.faults.add(
                place, f"it has no running digests, and checkpoint {self.digested_since} had some"
            )
        self.covering.signed(at, signed, before, newest=newest)

    def _documents(self) -> None:
        """Everything that is kept by its digest, and that something refers to."""
        store = self.ledger.store
        wanted = self.chapters.documents
        for digest in store.contents():
            self.documents += 1
            try:
                if store.content(digest) is None:
                    continue
            except ContentError as error:
                self.faults.add(f"document {digest}", error.message)
            if digest not in wanted:
                self.faults.add(f"document {digest}", "no entry refers to it")
            wanted.pop(digest, None)
        for digest, entry in wanted.items():
            self.faults.add(f"entry {entry}", f"it refers to the document {digest}, which is missing")
