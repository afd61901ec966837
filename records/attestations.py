"""Attestations as runs are presented with them, and as records have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phasegate.facts.measures.kinds.attested import Given
from phasegate.records.schema import AttestationEntry
from phasegate.records.waivers import instant


@dataclass(frozen=True, slots=True)
class PresentedAttestation:
    """An attestation that a run was presented with.

    Attributes:
        given: what it says, and whether it may count.
        evidence: the digests of the files that it rests on, by name; as they were signed.
        signer: who signed it, by the name that the project lists; None where nobody vouches for it.
    """

    given: Given
    evidence: Mapping[str, str]
    signer: str | None


def attestation_entry(
    presented: PresentedAttestation, fact: str, standing: str, reason: str
) -> AttestationEntry:
    """An attestation with what became of it for one of the facts that it answers.

    Args:
        presented: the attestation.
        fact: the id of the fact.
        standing: what became of it.
        reason: the same in words.
    """
    attestation, revoked = presented.given.attestation, presented.given.revoked
    return AttestationEntry(
        id=attestation.id,
        fact=fact,
        statement=attestation.statement,
        value=in_words(attestation.value),
        evidence=dict(presented.evidence),
        standing=standing,
        reason=reason,
        signer=presented.signer,
        role=attestation.role,
        signed=instant(attestation.signed),
        start=instant(attestation.start),
        end=instant(attestation.end),
        revoked=instant(revoked) if revoked else None,
        comment=attestation.comment,
    )


def in_words(value: str | bool) -> str:
    """A stated value as it was written."""
    return str(value).lower() if isinstance(value, bool) else value
