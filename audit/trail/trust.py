"""Who vouches for a ledger as it stands: the signature under its newest checkpoint."""

from __future__ import annotations

from collections.abc import Iterable

from phasegate.audit.ledger.checkpoint import NoteError, SignedNote, read_checkpoint, verified_by
from phasegate.audit.ledger.entry import OWN_KINDS, Position
from phasegate.audit.ledger.project_entries import owner_of
from phasegate.audit.ledger.signer_lists import Listed, is_own, list_in
from phasegate.audit.ledger.store import DamagedLedgerError, LedgerError, Row
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signers
from phasegate.rules.model.role import APPROVER, EVALUATOR


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


class RevokedElsewhereError(LedgerError):
    """A key that another project in the ledger has as revoked: a thief has it for all."""

    def __init__(self, shown: str, why: str) -> None:
        super().__init__(
            f"{shown}: {why}, and so it counts for no other project there",
            "sign with another key; whoever revoked it by mistake lists it anew, and a key that is only "
            "given up gets 'end'",
        )


def refuse_revoked(position: Position, fingerprint: str, signers: Signers, project: str | None) -> None:
    """Refuses a key that another project in a ledger has as revoked, where its word counts.

    Args:
        position: the ledger as it stands, with the entries of all projects.
        fingerprint: of the key.
        signers: those whom the project for which it signs lists.
        project: its id; None for one without.

    Raises:
        RevokedElsewhereError: if it is one.
    """
    if not any(b'"revoked":' in row.body for row in position.find(("key",))):
        return
    from phasegate.audit.trail.revoked_keys import revoked_elsewhere, words_of

    words = words_of(position, note=position.note)
    if (why := revoked_elsewhere(words, fingerprint, project, signers)) is not None:
        raise RevokedElsewhereError(position.shown, why)


def refuse_strangers(position: Position, signers: Signers, project: str | None = None) -> None:
    """Refuses a ledger whose newest checkpoint nobody signed whom the project lists.

    Where it is shared, another project may have written last: an evaluator or approver of its newest list
    has then signed, and nothing but entries of that project came under the signature.

    Those who no longer count are listed still. While the ledger knows no other lists than those of
    projects that list nobody, the keys of these count too: a project may begin without signers.

    Args:
        position: the ledger as it stands, with the entries of all projects.
        signers: those whom the project lists; its own key where it lists none.
        project: its id; None for a project without one.

    Raises:
        StrangerError: if somebody else signed it.
    """
    if position.note is None:
        return
    try:
        _, note = read_checkpoint(position.note)
    except NoteError as error:
        raise DamagedLedgerError(position.shown, error.message) from error
    lists = position.find(("key",))
    if signed_by(note, signers.keys.values()) or signed_by(note, _own(lists)):
        return
    marks = [row.seq for row in position.find(("checkpoint",))]
    start = marks[-1] if marks else 0
    added = [Row(*stored, position.shown) for stored in position.entries(start, position.size)]
    whose = {owner_of(row) for row in added if row.kind not in OWN_KINDS}
    if len(whose) == 1 and not whose & {None, project} and signed_by(note, _listed(lists, *whose)):
        return
    names = (repr(each.name) for each in note.signatures)
    raise StrangerError(position.shown, start, position.size, names)


def signed_by(note: SignedNote, keys: Iterable[PublicKey]) -> bool:
    """Whether one of some keys signed a note, under whatever name."""
    return any(verified_by(note, each.name, key.raw) for key in keys for each in note.signatures)


def _listed(rows: list[Row], project: str | None) -> list[PublicKey]:
    """The keys of those whom the newest list of a project has record or approve."""
    newest = Listed.of(row for row in rows if owner_of(row) == project).newest or Signers(())
    return [each.public for each in newest if each.has(EVALUATOR) or each.has(APPROVER)]


def _own(rows: list[Row]) -> list[PublicKey]:
    """The keys of a ledger that knows no other lists than those of projects that list nobody."""
    lists = [*map(list_in, rows)]
    return [key for each in lists for key in each.keys.values()] if all(map(is_own, lists)) else []
