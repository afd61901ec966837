"""The kinds of signed statements in a ledger, and the type that each has inside its envelope."""

from __future__ import annotations

from phasegate.audit.signing.in_toto import ADVANCE, APPROVAL, ATTESTATION, REVOCATION, WAIVER

TYPES = {
    "waiver": WAIVER,
    "revocation": REVOCATION,
    "attestation": ATTESTATION,
    "approval": APPROVAL,
    "advance": ADVANCE,
}
RUN_RESTS_ON = ("waiver", "attestation", "revocation", "approval")
"""The kinds that a run takes into account."""
