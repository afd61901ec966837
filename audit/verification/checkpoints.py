"""Who signed the checkpoints of a ledger: each run under one is that signer's word."""

from __future__ import annotations

from collections.abc import Mapping

from phasegate.audit.ledger.checkpoint import Checkpoint, SignedNote
from phasegate.audit.verification.entries import Chapters
from phasegate.audit.verification.findings import Faults
from phasegate.audit.verification.trusted_keys import By, Vouched, names_and_keys, signer_of
from phasegate.rules.model.role import EVALUATOR


class Covering:
    """Holds the signatures of checkpoints against the signers, in the order of their sizes.

    Where somebody outside of the ledger says whose signatures count, every run must be under a checkpoint
    that one of these signed: a later one shows only that it stood there, and not who recorded it.

    Args:
        faults, notes: where it is told what is wrong, and what is worth knowing.
        chapters: what the entries say.
        vouched: whom somebody outside of the ledger vouches for.
    """

    def __init__(self, faults: Faults, notes: Faults, chapters: Chapters, vouched: Vouched) -> None:
        self._faults = faults
        self._notes = notes
        self._chapters = chapters
        self._vouched = vouched
        self._first = ""
        self._vouched_at = 0
        self._refused = False
        self.signed_by: tuple[str, str] | None = None
        self.own_key = False

    def signed(self, at: int, note: SignedNote, before: int, *, newest: bool) -> None:
        """Looks who signed a checkpoint.

        Args:
            at: how many entries it covers.
            note: it.
            before: how many the one before it covers.
            newest: whether it covers all.
        """
        recorders, vouched = self._chapters.recorders, self._vouched
        runs = recorders.any(before, at)
        role = EVALUATOR if runs else None
        by = vouched.signer(note, role)
        own = signer_of(note, names_and_keys(self._chapters.signers(at), role))
        if by is not None:
            self._vouched_at = max(self._vouched_at, at)
        elif own is None or not (self._others(before, at) or self._enough(at, own, runs=runs, newest=newest)):
            self._refused = True
            self._faults.add(f"checkpoint {at}", _unsigned(own, runs=runs))
            return
        signer = by or own
        assert signer is not None
        known = vouched.trusted if by is not None else None
        if known is not None and vouched.keys and signer[1].fingerprint not in known.keys:
            known = None  # a key that was named and that the project does not know
        recorders.signed(before, at, signer, self._faults, known)
        if newest:
            self.signed_by = (signer[0], signer[1].fingerprint)
            self.own_key = by is None

    def end(self, size: int) -> None:
        """Tells what is to be said of all of them.

        Args:
            size: of the ledger.
        """
        if self._first:
            self._notes.add("the ledger", self._first)
        for fingerprint, each in self._vouched.unknown.items():
            roles = ", ".join(each.roles)
            self._notes.add(
                "the ledger", f"it once listed {each.name} as {roles} ({fingerprint}); the project does not"
            )
        if not self._vouched.keys or self._refused:
            return
        if not self._vouched_at:
            self._faults.add("the ledger", "no key that you named has signed any checkpoint of it")
        elif self._vouched_at < size and self.signed_by is not None:
            name, fingerprint = self.signed_by
            who = next(
                (each for each in self._chapters.signers(size) if each.public.fingerprint == fingerprint),
                None,
            )
            roles = ", ".join(who.roles) if who is not None else "nobody"
            self._notes.add(
                f"checkpoint {size}",
                f"it covers no run after the one over {self._vouched_at} entries, which a key that you named "
                f"signed. {name} signed it ({fingerprint}), whom the ledger lists as {roles}: name that key "
                "with --key too, if you know it",
            )

    def against(self, name: str, kept: Checkpoint, roots: Mapping[int, bytes], size: int) -> None:
        """Holds the ledger against a checkpoint that somebody kept elsewhere.

        Args:
            name: how messages call it.
            kept: it.
            roots: the roots at the sizes that are asked for.
            size: of the ledger.
        """
        if self._chapters.origin and kept.origin and kept.origin != self._chapters.origin:
            self._faults.add(name, f"it is of another ledger, {kept.origin}")
        elif kept.size > size:
            gone = kept.size - size
            self._faults.add(
                name,
                f"it covers {kept.size} entries and the ledger holds {size}: {gone} are gone, "
                "as if an older copy had been put back",
            )
        elif kept.root != roots[kept.size]:
            self._faults.add(
                name,
                f"the first {kept.size} entries are not those that it was signed over: "
                "the ledger was forked or changed before that",
            )

    def _others(self, before: int, at: int) -> bool:
        """Whether nothing but another project's came under a checkpoint; keys that are named vouch for it."""
        return not self._vouched.keys and self._chapters.others(before, at)

    def _enough(self, at: int, own: By, *, runs: bool, newest: bool) -> bool:
        """Whether it is enough that the ledger itself lists who signed."""
        vouched = self._vouched
        if not vouched.anybody:
            return True
        if vouched.keys:
            return not runs
        if newest:
            return False
        if runs and not self._chapters.beginning(at):
            return False
        if runs and not self._first:
            self._first = (
                "its first runs were recorded before the project listed any signer, with a key that only the "
                f"ledger names: {own[0]} ({own[1].fingerprint})"
            )
        return True


def _unsigned(own: By | None, *, runs: bool) -> str:
    if own is None:
        return "no evaluator has signed it, and it covers a run" if runs else "no signer has signed it"
    who = f"only the ledger itself says who {own[0]} is, who signed it ({own[1].fingerprint})"
    return f"{who}, and it covers a run" if runs else who
