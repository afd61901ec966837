"""What somebody outside of a ledger holds it to: who may sign in it, and from which checkpoint it goes on.

A ledger says itself whose signatures count. Whoever can write all of it anew can list others, or put an older
copy back; neither shows in the ledger. What is pinned stands elsewhere, and both show by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phasegate.audit.ledger.merkle import verify_consistency
from phasegate.audit.ledger.store import LedgerError
from phasegate.audit.signing.signers import Signer, Signers

if TYPE_CHECKING:
    import datetime as dt

    from phasegate.audit.ledger.checkpoint import Checkpoint
    from phasegate.audit.ledger.ledger import Ledger


class OtherSignersError(LedgerError):
    """Signers of whom what pins them says otherwise."""

    def __init__(self, shown: str, why: str) -> None:
        super().__init__(
            f"{shown}: {why}",
            "if the project's list was changed on purpose, write its lines where they are pinned",
        )


class NotGoneOnError(LedgerError):
    """A ledger that does not go on from a checkpoint that was kept elsewhere."""

    def __init__(self, shown: str, name: str, why: str) -> None:
        super().__init__(
            f"{shown} does not go on from {name}: {why}", "'phasegate verify --against' tells more"
        )


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a ledger is held to from outside.

    Attributes:
        signers: those who may sign for the project; None where nothing pins them.
        checkpoint: one that the ledger must go on from, and its name for messages; None for none.
    """

    signers: Signers | None = None
    checkpoint: tuple[str, Checkpoint] | None = None

    def refuse_others(self, shown: str, listed: Signers) -> None:
        """Refuses a list that is not the one that is pinned.

        A line of it may count for a shorter time: a key that is revoked or given up is so at once. It must
        not be left out: a function whose approver is gone would be asked no more.

        Args:
            shown: the ledger, for messages.
            listed: those whom the project's file or its ledger lists.

        Raises:
            OtherSignersError: if it is another one.
        """
        if self.signers is None:
            return
        own = {each.name: each for each in listed}
        pinned = {each.name: each for each in self.signers}
        if more := [name for name in own if name not in pinned]:
            raise OtherSignersError(shown, f"{', '.join(more)} may sign there, and no line pins that")
        if less := [name for name in pinned if name not in own]:
            raise OtherSignersError(shown, f"the project does not list {', '.join(less)}, whom a line pins")
        for name, signer in own.items():
            if (what := _beyond(signer, pinned[name])) is not None:
                raise OtherSignersError(shown, f"{name} has {what} than the line that pins it")

    def refuse_another(self, ledger: Ledger, own: Checkpoint) -> None:
        """Refuses a ledger that does not go on from the checkpoint.

        Args:
            ledger: it, opened.
            own: its newest checkpoint.

        Raises:
            NotGoneOnError: if it does not.
        """
        if self.checkpoint is None:
            return
        name, kept = self.checkpoint
        if kept.origin and kept.origin != own.origin:
            raise NotGoneOnError(ledger.shown, name, f"that is of another ledger, {kept.origin}")
        if kept.size > own.size:
            why = f"it covers {kept.size:,} entries, and the ledger holds {own.size:,}, as if an older copy"
            raise NotGoneOnError(ledger.shown, name, f"{why} had been put back")
        path = ledger.consistency(kept.size, own.size)
        if not verify_consistency(kept.size, own.size, kept.root, own.root, path):
            raise NotGoneOnError(ledger.shown, name, f"its first {kept.size:,} entries are others")


def _beyond(own: Signer, pinned: Signer) -> str | None:
    """What a signer has that is not pinned; None where it has nothing."""
    if own.public.raw != pinned.public.raw:
        return "another key"
    if set(own.roles) != set(pinned.roles):
        return "other roles"
    ends = (_sooner(own.end, pinned.end), _sooner(own.revoked, pinned.revoked))
    begins = pinned.start is None or (own.start is not None and own.start >= pinned.start)
    return None if begins and all(ends) else "more time"


def _sooner(own: dt.datetime | None, pinned: dt.datetime | None) -> bool:
    return pinned is None or (own is not None and own <= pinned)


NOTHING_PINNED = Pinned()
"""What a ledger is held to that nothing outside of it speaks of."""
