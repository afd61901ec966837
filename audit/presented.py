"""What people present to a run: waivers, attestations, and the approval of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from phasegate.audit.document import ApprovalEntry, AttestationEntry
from phasegate.audit.waived import PresentedWaiver
from phasegate.rules.waiver import Waiver


def _nobody() -> ApprovalEntry:
    return ApprovalEntry(signers=0, required=[], given=[], missing=[])


@dataclass(frozen=True, slots=True)
class Presented:
    """The statements of people that a run takes into account, or refuses.

    Attributes:
        waivers: all of them; a refused one counts for nothing and is shown.
        attestations: those that answer a fact of the pack, and what became of each.
        approval: who approved the rules.
    """

    waivers: tuple[PresentedWaiver, ...] = ()
    attestations: tuple[AttestationEntry, ...] = ()
    approval: ApprovalEntry = field(default_factory=_nobody)


def unsigned(waivers: Iterable[Waiver]) -> Presented:
    """What a project without signers presents: waivers that count on the word of their file."""
    return Presented(tuple(PresentedWaiver(waiver) for waiver in waivers))
