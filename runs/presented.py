"""What people present to a run: waivers, attestations, and the approval of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from phasegate.records.attestations import PresentedAttestation
from phasegate.records.schema import ApprovalEntry
from phasegate.records.waivers import PresentedWaiver
from phasegate.rules.model.waiver import Waiver


def _nobody() -> ApprovalEntry:
    return ApprovalEntry(signers=0, required=[], given=[], missing=[])


@dataclass(frozen=True, slots=True)
class Presented:
    """The statements of people that a run takes into account, or refuses.

    Attributes:
        waivers: all of them; a refused one counts for nothing and is shown.
        attestations: all of them in the order of the ledger, refused ones too.
        approval: who approved the rules.
    """

    waivers: tuple[PresentedWaiver, ...] = ()
    attestations: tuple[PresentedAttestation, ...] = ()
    approval: ApprovalEntry = field(default_factory=_nobody)


def unsigned(waivers: Iterable[Waiver]) -> Presented:
    """What a project without signers presents: waivers that count on the word of their file."""
    return Presented(tuple(PresentedWaiver(waiver) for waiver in waivers))
