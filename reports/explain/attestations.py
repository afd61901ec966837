"""What people attest, told in a story: who states what, on which evidence, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phasegate.records.time_zone import day_shown, first_day_shown, zone_of
from phasegate.reports.text.dates import up_to
from phasegate.reports.text.plain import counted, digest_start, listed

if TYPE_CHECKING:
    from phasegate.records.schema import AttestationEntry, FactEntry, Record

ATTESTED = "attested"
"""The kind of facts that people state."""
MOST = 5
"""So many attestations of one fact are told."""


def attested_from(fact: FactEntry) -> str:
    """What an attested fact comes from, as others come from rows."""
    if not fact["newest"]:
        return "no attestation that counts"
    return f"an attestation of {fact['newest']} (good for {counted(fact['max_age_days'] or 0, 'day')})"


def attestations_said(record: Record, fact: str) -> Iterator[str]:
    """The attestations for a fact, a paragraph each: the one that answers it, then the newest first.

    Args:
        record: what is told of.
        fact: the id of the fact.
    """
    own = [each for each in reversed(record["attestations"]) if each["fact"] == fact]
    own.sort(key=lambda each: each["standing"] != "used")
    for attestation in own[:MOST]:
        yield _said(attestation, record)
    if len(own) > MOST:
        yield f"The record has {len(own) - MOST:,} more of them."


def _said(attestation: AttestationEntry, record: Record) -> str:
    signed, start = day_shown(attestation["signed"], record), first_day_shown(attestation, record)
    files = [f"{name} ({digest_start(digest)})" for name, digest in attestation["evidence"].items()]
    standing = attestation["standing"].replace("_", " ")
    fate = "It counts" if standing == "used" else f"It does not count, {standing}"
    comment = f" Its comment: {attestation['comment']}" if attestation["comment"] else ""
    return (
        f"Attestation {attestation['id']}, signed by {attestation['signer'] or 'nobody who may'} as "
        f"{attestation['role']} on {signed}, states {attestation['value']!r} on "
        f"{listed(files)}, from {start} {up_to(attestation['end'], zone_of(record))}. "
        f"{fate}: {attestation['reason']}.{comment}"
    )
