"""Who says in a ledger that they recorded a run, held against who signed it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signers, UntrustedError
from phasegate.audit.trail.revoked_keys import Words, revoked_elsewhere
from phasegate.audit.verification.findings import Faults

_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who says that they recorded a run.

    Attributes:
        seq: the run's entry.
        name, fingerprint: of the key.
        at: when; None where that is no instant.
        signers: those whom the ledger lists at that place, for the run's project.
        vouched: whether the run may be of the project that says whose signatures count.
        revoked: which other project had the key as revoked by then, in words; None if none had.
    """

    seq: int
    name: object
    fingerprint: object
    at: dt.datetime | None
    signers: Signers
    vouched: bool = True
    revoked: str | None = None

    @staticmethod
    def of(
        seq: int,
        envelope: object,
        whose: str | None,
        signers: Signers,
        words: Words,
        *,
        vouched: bool = True,
    ) -> Recorder:
        """What the envelope of a run says.

        Args:
            seq: the run's entry.
            envelope: what its entry has.
            whose: the run's project.
            signers: those whom the newest list of that has at that place.
            words: what all projects say there of keys.
            vouched: whether the run may be of the project that says whose signatures count.
        """
        said: Mapping[str, Any] = envelope if isinstance(envelope, dict) else {}
        try:
            at = dt.datetime.fromisoformat(said["recorded_at"])
        except (KeyError, TypeError, ValueError):
            at = None
        if at is not None and at.utcoffset() is None:
            at = None
        fingerprint = said.get("fingerprint")
        revoked = revoked_elsewhere(words, str(fingerprint), whose, signers)
        return Recorder(seq, said.get("evaluator"), fingerprint, at, signers, vouched, revoked)

    def against(self, by: str, key: PublicKey, trusted: Signers | None = None) -> str | None:
        """What speaks against a signature under the run; None if nothing does.

        Args:
            by: the name of the signature.
            key: that made it.
            trusted: the signers that somebody outside of the ledger vouches for, if anybody does.
        """
        if (self.name, self.fingerprint) != (by, key.fingerprint):
            return "it was signed by somebody else than it says"
        if self.at is None:
            return "it does not say when it was recorded"
        if self.revoked is not None:
            return f"it came into the ledger after {self.revoked}"
        return self._untimely(self.signers, key, self.at) or (
            self._untimely(trusted, key, self.at) if trusted is not None else None
        )

    @staticmethod
    def _untimely(signers: Signers, key: PublicKey, moment: dt.datetime) -> str | None:
        """Why a key could not sign at a moment; None if it could."""
        why = None
        # The moment was cut to its second; whoever may sign within it may sign.
        for at in (moment, moment + (_SECOND - dt.timedelta.resolution)):
            try:
                signers.who(key.fingerprint, at)
                return None
            except UntrustedError as error:
                why = why or error.message
        return why


class Recorders:
    """The recorders of all runs, in the order of the ledger."""

    def __init__(self) -> None:
        self._found: list[Recorder] = []
        self._at: list[int] = []

    def add(self, recorder: Recorder) -> None:
        """Takes note of the next run."""
        self._found.append(recorder)
        self._at.append(recorder.seq)

    def any(self, start: int, end: int) -> bool:
        """Whether a run stands between two sizes."""
        at = bisect_left(self._at, start)
        return at < len(self._at) and self._at[at] < end

    def signed(
        self, start: int, end: int, by: tuple[str, PublicKey], faults: Faults, trusted: Signers | None
    ) -> None:
        """Holds the runs between two sizes against whoever signed the second one.

        Args:
            start: the first size.
            end: the second one.
            by: who signed: the name of the signature, and the key.
            faults: where it is told what is wrong.
            trusted: the signers that somebody outside of the ledger vouches for, if anybody does.
        """
        for recorder in self._found[bisect_left(self._at, start) : bisect_left(self._at, end)]:
            known = trusted if recorder.vouched else None
            if (why := recorder.against(*by, known)) is not None:
                faults.add(f"entry {recorder.seq}", why)
