"""Who vouches for a ledger as it stands: the signature under its newest checkpoint."""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.audit.ledger.checkpoint import NoteError, SignedNote, read_checkpoint, verified_by
from phasegate.audit.ledger.entry import Position
from phasegate.audit.ledger.entry_errors import naming
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import DamagedLedgerError, LedgerError, Row
from phasegate.audit.signing.canonical_json import read_canonical
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signers


class StrangerError(LedgerError):
    """Entries that nobody whom the project lists has signed: what is added would make them good."""

    def __init__(self, shown: str, start: int, size: int, names: Iterable[str]) -> None:
        which = f"entry {start}" if start + 1 >= size else f"entries {start} to {size - 1}"
        super().__init__(
            f"{shown}: {which} came under a checkpoint that {', '.join(names) or 'nobody'} signed, by a key "
            "that the project does not list",
            "'phasegate verify' tells what came there; go on with a copy from before. If it was one of your "
            "own signers, list the key (with 'end' or 'revoked' where it no longer counts)",
        )


def refuse_strangers(position: Position, signers: Signers) -> None:
    """Refuses a ledger whose newest checkpoint nobody signed whom the project lists.

    Those who no longer count are listed still. While the ledger knows no other lists than those of
    projects that list nobody, the keys of these count too: a project may begin without signers.

    Args:
        position: the ledger as it stands.
        signers: those whom the project lists; its own key where it lists none.

    Raises:
        StrangerError: if somebody else signed it.
    """
    if position.note is None:
        return
    try:
        _, note = read_checkpoint(position.note)
    except NoteError as error:
        raise DamagedLedgerError(position.shown, error.message) from error
    if signed_by(note, signers.keys.values()) or signed_by(note, _own(position.find(("key",)))):
        return
    marks = [row.seq for row in position.find(("checkpoint",))]
    names = (repr(each.name) for each in note.signatures)
    raise StrangerError(position.shown, marks[-1] if marks else 0, position.size, names)


def signed_by(note: SignedNote, keys: Iterable[PublicKey]) -> bool:
    """Whether one of some keys signed a note, under whatever name."""
    return any(verified_by(note, each.name, key.raw) for key in keys for each in note.signatures)


def _own(rows: list[Row]) -> list[PublicKey]:
    """The keys of a ledger that knows no other lists than those of projects that list nobody."""
    if Listed.of(rows).names:
        return []
    lists = []
    for row in rows:
        with naming(row):
            lists.append(Signers.from_document(read_canonical(row.body).get("signers")))
    return [key for each in lists for key in each.keys.values()]
