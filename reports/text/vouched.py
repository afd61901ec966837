"""Who vouches for what counts beside the data: the signer of a waiver or attestation, on what, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.records.time_zone import zone_of
from phasegate.reports.text.dates import up_to
from phasegate.reports.text.plain import digest_start, listed, visible

if TYPE_CHECKING:
    from phasegate.records.schema import AttestationEntry, Record, WaiverEntry


def signed_by(waiver: WaiverEntry) -> str:
    """``, signed by ann``; nothing of a waiver that stands in a file and that nobody signed."""
    return f", signed by {visible(waiver['signer'])}" if waiver["signer"] is not None else ""


def attestation_account(attestation: AttestationEntry, record: Record) -> str:
    """Who attests on what evidence, and until when: for texts of one line."""
    by = visible(attestation["signer"] or "nobody who may")
    files = listed([f"{visible(name)} ({digest_start(it)})" for name, it in attestation["evidence"].items()])
    return (
        f"attestation {visible(attestation['id'])}, signed by {by} as {visible(attestation['role'])} on "
        f"{files or 'nothing'}, {up_to(attestation['end'], zone_of(record))}"
    )
