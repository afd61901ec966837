"""The kinds of signed statements in a ledger, and the type that each has inside its envelope."""

from __future__ import annotations

from phasegate.audit.signing.in_toto import ADOPTION, ADVANCE, APPROVAL, ATTESTATION, REVOCATION, WAIVER

TYPES = {
    "waiver": WAIVER,
    "revocation": REVOCATION,
    "attestation": ATTESTATION,
    "approval": APPROVAL,
    "advance": ADVANCE,
    "adoption": ADOPTION,
}
RUN_RESTS_ON = ("waiver", "attestation", "revocation", "approval", "adoption")
"""The kinds that a run takes into account."""
