"""A ledger: an append-only Merkle log in a store, each append under a checkpoint of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, read_checkpoint, sign_checkpoint
from phasegate.audit.ledger.compact_range import Edge, IncompleteError, subtree_hash
from phasegate.audit.ledger.entry import OWN_KINDS, Appended, Draft, Position, row_of
from phasegate.audit.ledger.indexed import IndexedEntries
from phasegate.audit.ledger.integrity import hashed_entries
from phasegate.audit.ledger.merkle import consistency_proof, inclusion_proof, leaf_hash
from phasegate.audit.ledger.project_entries import Adopted, ProjectEntries
from phasegate.audit.ledger.running_digest import Digests, running
from phasegate.audit.ledger.store import (
    LOCK_TIMEOUT,
    DamagedLedgerError,
    Finding,
    LedgerError,
    Reading,
    Row,
    Store,
    Writer,
)
from phasegate.audit.signing.canonical_json import CanonicalError, read_canonical

_SERVERS = ("postgresql://", "postgres://")
_NO_CONTENTS: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class CheckpointSigner:
    """Who signs the checkpoints of an append.

    Attributes:
        name: the name in the signed note.
        public: the Ed25519 key, 32 bytes.
        sign: gives the 64 bytes of a signature.
    """

    name: str
    public: bytes
    sign: Callable[[bytes], bytes]


class Ledger:
    """An open ledger; closed at the end of a `with` block."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._whose: tuple[str | None, Adopted] | None = None
        self._at: Position | None = None

    @staticmethod
    def open(
        address: str | Path,
        *,
        create: bool = False,
        read_only: bool = True,
        timeout: float = LOCK_TIMEOUT,
    ) -> Ledger:
        """Opens the ledger at an address.

        Args:
            address: the path of a file, or the URL of a PostgreSQL database.
            create: makes the ledger where there is none; it is then opened for writing.
            read_only: shows the ledger as it stands now.
            timeout: how many seconds to wait for another writer.

        Raises:
            LedgerError: if it can not be opened.
        """
        writing = create or not read_only
        if isinstance(address, str) and address.startswith(_SERVERS):
            try:
                from phasegate.audit.ledger.postgres_store import PostgresStore
            except ImportError as error:
                hint = "install it with: pip install 'phasegate[postgres]'"
                raise LedgerError("a ledger on a PostgreSQL server needs psycopg", hint) from error
            return Ledger(PostgresStore(address, create=create, writing=writing, timeout=timeout))
        from phasegate.audit.ledger.sqlite_file import new_file
        from phasegate.audit.ledger.sqlite_store import SqliteStore

        path = Path(address)
        if create:
            new_file(path, timeout)
        return Ledger(SqliteStore(path, writing=writing, timeout=timeout))

    @staticmethod
    def glance(path: Path) -> Ledger:
        """Opens a ledger in a file without touching anything: for proposals, which nobody goes by.

        Raises:
            LedgerError: if it can not be opened.
        """
        from phasegate.audit.ledger.sqlite_store import SqliteStore

        return Ledger(SqliteStore(path, writing=False, glance=True))

    def of(self, project: str | None, adopted: Adopted = ()) -> Self:
        """The same ledger, in which only the entries of one project are found from now on.

        Args:
            project: its id; None for a project without one.
            adopted: the entries of nobody that it has taken on.
        """
        self._whose = (project, adopted)
        return self

    def through(self, at: Position) -> Ledger:
        """The same ledger, whose entries are found as a position finds them; closed with this one.

        Args:
            at: what somebody has seen to, such as `audit.trail.held`, or has narrowed to one project.
        """
        found = Ledger(self.store)
        found._at = at
        return found

    def __repr__(self) -> str:
        return f"Ledger({self.shown!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the store."""
        self.store.close()

    @property
    def shown(self) -> str:
        """The address, without a password."""
        return self.store.shown

    @property
    def origin(self) -> str:
        """What the checkpoints call the ledger.

        Raises:
            LedgerError: if the ledger has no entry yet, or its first one is not what it must be.
        """
        if not self.size():
            raise LedgerError(f"{self.shown} holds no entry yet", "the first run that is kept begins it")
        return _origin(self.store, self.shown)

    def size(self) -> int:
        """How many entries there are."""
        return self.store.size()

    def newest_run(self) -> int:
        """The highest number of a run, 0 where there is none."""
        return self._at.newest_run if self._at is not None else self.store.newest_run()

    def newest_checkpoint(self) -> str | None:
        """The signed note over all entries; None in a ledger without entries."""
        return self.store.newest_checkpoint()

    def rows(self, start: int = 0, end: int | None = None) -> Iterator[Row]:
        """The entries from ``start`` up to ``end``, streamed in their order."""
        return self.store.rows(start, end)

    def position(self) -> Position:
        """The ledger as it stands, for whoever reads it as an append would.

        Raises:
            LedgerError: if the ledger has no entry yet, or its first one is not what it must be.
        """
        found = self._position(self.store, self.size(), self.origin)
        return replace(found, find=self._own(found).find)

    def _position(self, reading: Reading, size: int, origin: str) -> Position:
        note = reading.newest_checkpoint() if size else None
        newest_run, entries = reading.newest_run(), reading.entries
        whole = Position(size, size + 1, newest_run, reading.find, origin, entries, note, self.shown)
        indexed = IndexedEntries(reading, note, self.shown, lambda: hashed_entries(whole))
        return replace(whole, find=indexed.find)

    def find(self, kinds: Collection[str], run: int | None = None, subject: str | None = None) -> list[Row]:
        """The entries of some kinds, in their order, of one run or subject where it is given."""
        if self._at is not None:
            return self._at.find(kinds, run, subject)
        return self._own(self.store).find(kinds, run, subject)

    def _own(self, log: Finding) -> Finding:
        return log if self._whose is None else ProjectEntries(log, *self._whose, self.shown)

    def content(self, digest: str) -> bytes | None:
        """A kept document by its SHA-256, None where there is none.

        Raises:
            ContentError: if the bytes are not those that the digest names.
        """
        return self.store.content(digest)

    def append(
        self,
        entries: Callable[[Position], Sequence[Draft]],
        signer: CheckpointSigner,
        contents: Mapping[str, bytes] = _NO_CONTENTS,
    ) -> Appended:
        """Appends entries and documents under a new checkpoint: all of it, or nothing.

        The first append begins the ledger with an entry that names it; every later one first
        enters the checkpoint before it.

        Args:
            entries: gives the entries, called once nobody else can write any more.
            signer: who signs the new checkpoint.
            contents: documents to keep, by their SHA-256 in hexadecimal digits.

        Raises:
            LedgerError: if nothing could be written, or the ledger does not match its checkpoint.
            CanonicalError: if an entry can not be written canonically.
            ValueError: if there are no entries, or one contradicts itself.
        """
        with self.store.append() as writer:
            return self._append(writer, entries, signer, contents)

    def _append(
        self,
        writer: Writer,
        entries: Callable[[Position], Sequence[Draft]],
        signer: CheckpointSigner,
        contents: Mapping[str, bytes],
    ) -> Appended:
        edge, origin, head = self._head(writer)
        at = self._position(writer, edge.size, origin)
        first, before = at.first, self._digests(at)
        drafts = entries(at)
        if not drafts or any(draft.kind in OWN_KINDS for draft in drafts):
            raise ValueError(f"an append takes entries, and none of {', '.join(OWN_KINDS)}")
        rows = [row_of(edge.size + i, draft) for i, draft in enumerate((head, *drafts))]
        leaves = [leaf_hash(row.body) for row in rows]
        full = [node for leaf in leaves for node in edge.add(leaf)]
        digests = running(zip((row.kind for row in rows), leaves, strict=True), before)
        checkpoint = Checkpoint(origin, edge.size, edge.root(), digests)
        note = sign_checkpoint(checkpoint, signer.name, signer.sign, signer.public)
        writer.write(rows, leaves)
        for level, place, node in full:
            writer.write_nodes(level, place, [node])
        for digest, document in contents.items():
            if hashlib.sha256(document).hexdigest() != digest:
                raise ValueError(f"the document to keep as {digest} is another one")
            writer.write_content(digest, document)
        writer.write_checkpoint(edge.size, note)
        # What is acknowledged must be there: a hidden trigger may have dropped it without a word.
        kept = (writer.size(), writer.newest_checkpoint(), writer.leaves(first - 1, edge.size))
        if kept != (edge.size, note, leaves):
            raise DamagedLedgerError(self.shown, "it does not keep what is written to it")
        run = max((draft.run for draft in drafts if draft.run is not None), default=None)
        return Appended(first, edge.size, run, note)

    def _digests(self, at: Position) -> Digests:
        """What the running digests have come to: of a ledger from before there were any, by all entries."""
        found = read_checkpoint(at.note)[0].digests if at.note is not None else {}
        return found or hashed_entries(at).digests

    def _head(self, writer: Writer) -> tuple[Edge, str, Draft]:
        """The tree so far, the ledger's name, and the entry that an append begins with."""
        note = writer.newest_checkpoint()
        try:
            edge = Edge.read(writer)
            if note is None and not edge.size:
                import secrets

                origin = f"phasegate.local/{secrets.token_hex(16)}"
                return edge, origin, Draft("ledger", None, "", {"origin": origin})
            if note is None:
                raise DamagedLedgerError(self.shown, "its entries have no checkpoint")
            newest = read_checkpoint(note)[0]
        except IncompleteError as error:
            raise DamagedLedgerError(self.shown, str(error)) from error
        except NoteError as error:
            raise DamagedLedgerError(self.shown, error.message) from error
        # A new signature must not make good what was changed under the one before.
        if newest != Checkpoint(_origin(writer, self.shown), edge.size, edge.root()):
            raise DamagedLedgerError(self.shown, "its entries are not those of its newest checkpoint")
        return edge, newest.origin, Draft("checkpoint", None, "", {"note": note})

    def prove(self, seq: int, size: int | None = None) -> list[bytes]:
        """The inclusion proof of an entry in the first ``size`` entries, from kept hashes.

        Raises:
            LedgerError: if there is no such entry or size, or hashes are missing.
        """
        total = self.size()
        size = total if size is None else size
        if not 0 <= seq < size <= total:
            raise LedgerError(f"{self.shown} has no entry {seq} among {size} of its {total}")
        return self._proved(lambda: inclusion_proof(seq, size, self._subtree))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the first ``old`` entries are the beginning of the first ``new`` ones.

        Raises:
            LedgerError: if there are no such sizes, or hashes are missing.
        """
        total = self.size()
        if not 0 <= old <= new <= total:
            raise LedgerError(f"{self.shown} has no sizes {old} and {new}: it holds {total} entries")
        return self._proved(lambda: consistency_proof(old, new, self._subtree))

    def _subtree(self, start: int, end: int) -> bytes:
        return subtree_hash(self.store, start, end)

    def _proved(self, proof: Callable[[], list[bytes]]) -> list[bytes]:
        try:
            return proof()
        except IncompleteError as error:
            raise DamagedLedgerError(self.shown, str(error)) from error


def _origin(reading: Reading, shown: str) -> str:
    found = reading.find(["ledger"])
    try:
        if [row.seq for row in found] == [0]:
            origin = read_canonical(found[0].body).get("origin")
            if isinstance(origin, str):
                return origin
    except CanonicalError as error:
        raise DamagedLedgerError(shown, f"entry 0 can not be read: {error.message}") from error
    raise DamagedLedgerError(shown, "its first entry does not name it")
