"""Whom somebody outside of a ledger vouches for, held against what the ledger says of its signers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from phasegate.audit.ledger.checkpoint import NoteError, SignedNote, read_checkpoint, verified_by
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signer, Signers
from phasegate.rules.model.role import APPROVER, EVALUATOR
from phasegate.rules.values.folding import folded
from phasegate.rules.values.time_zones import UTC, begin_of

By = tuple[str, PublicKey]
"""Who signed: the name of the signature, and the key."""


class Vouched:
    """Those whom an auditor or a project knows.

    Args:
        trusted: the project's list; None where there is none.
        keys: those that were named; none for those of the list.
    """

    def __init__(self, trusted: Signers | None = None, keys: Sequence[PublicKey] = ()) -> None:
        self.trusted = trusted
        self.keys = tuple(keys)
        self._told: set[tuple[str, str]] = set()
        self.unknown: dict[str, Signer] = {}
        """Approvers of the ledger's lists whom the project does not list, by fingerprint."""

    @property
    def anybody(self) -> bool:
        """Whether anybody outside of the ledger says who its signers are."""
        return self.trusted is not None or bool(self.keys)

    def signer(self, note: SignedNote, role: str | None) -> By | None:
        """Who of those that are vouched for signed a checkpoint; None if nobody did.

        Args:
            note: the checkpoint.
            role: that the signer must have; None for any. A key that was named needs none, and where some
                were, nobody else may sign what needs a role.
        """
        found = signer_of(note, [(each.name, key) for each in note.signatures for key in self.keys])
        if found is not None or (self.keys and role is not None):
            return found
        return signer_of(note, names_and_keys(self.trusted, role)) if self.trusted is not None else None

    def newest(self, notes: Mapping[int, str], size: int) -> int:
        """The newest size, up to another, over which somebody signed who is vouched for; 0 if nobody did."""
        for at in sorted((at for at in notes if at <= size), reverse=True):
            with suppress(NoteError):
                if self.signer(read_checkpoint(notes[at])[1], None) is not None:
                    return at
        return 0

    def contradicted(self, signers: Signers) -> Iterator[str]:
        """Where a list of the ledger is at odds with the project's; each is told once.

        An approver whom the project does not list is not: a line may have been taken out. What rests on
        the word of such a one is told by itself.
        """
        if self.trusted is None:
            return
        names = {folded(each.name) for each in self.trusted}
        for each in signers:
            fingerprint = each.public.fingerprint
            told = (each.name, fingerprint)
            if fingerprint in self.trusted.keys or told in self._told:
                continue
            self._told.add(told)
            if folded(each.name) in names:
                yield f"it lists {each.name} with another key than the project, {fingerprint}"
            elif each.has(EVALUATOR):
                yield f"it lists {each.name} as evaluator ({fingerprint}), and the project does not"
            elif each.has(APPROVER):
                self.unknown[fingerprint] = each


def names_and_keys(signers: Iterable[Signer], role: str | None = None) -> list[By]:
    """The names and keys of signers; of those who have a role, where one is given."""
    return [(each.name, each.public) for each in signers if role is None or each.has(role)]


def signer_of(note: SignedNote, may: Sequence[By]) -> By | None:
    """Who of some signed a note; None if nobody did."""
    return next(((name, key) for name, key in may if verified_by(note, name, key.raw)), None)


def over(signer: Signer, day: dt.date, zone: str = UTC) -> str | None:
    """Why the time of a signer was over before a day, or the key not to be trusted on it; None if not.

    Somebody whose time began later may vouch for what is there already.
    """
    first = begin_of(day, zone)
    last = begin_of(day + dt.timedelta(days=1), zone) - dt.timedelta.resolution
    revoked, ended = replace(signer, start=None, end=None), replace(signer, start=None, revoked=None)
    return revoked.why_not(last) or ended.why_not(first)
