"""Proofs, as the command writes them."""

from __future__ import annotations

from pathlib import Path

from phasegate.audit.ledger.checkpoint import Checkpoint
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.trail.runs import find_run
from phasegate.audit.verification.make_proof import make_proof
from phasegate.audit.verification.proof_subject import entry_of


def proof_of(place: Path, subject: str, run: str = "2", *against: Checkpoint) -> str:
    kept = [(f"kept {each.size}", each) for each in against]
    with Ledger.open(place) as ledger:
        return make_proof(ledger, entry_of(ledger, find_run(ledger, run), subject), kept)
