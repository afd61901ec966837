"""Waivers as records have them, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from phasegate.records.schema import WaiverEntry
from phasegate.rules.model.waiver import Waiver


@dataclass(frozen=True, slots=True)
class PresentedWaiver:
    """A waiver that a run was presented with.

    Attributes:
        waiver: what it says.
        signer: who signed it, by the name that the project lists; None where nobody did.
        refused: why it counts for nothing, whatever it says; None where it may count.
    """

    waiver: Waiver
    signer: str | None = None
    refused: str | None = None


UNTRUSTED = "untrusted"
"""The standing of a waiver that nobody vouches for who may."""


def waiver_entry(presented: PresentedWaiver, standing: str, reason: str) -> WaiverEntry:
    """A waiver with what became of it."""
    waiver = presented.waiver
    return WaiverEntry(
        id=waiver.id,
        requirement=waiver.requirement,
        standing=standing,
        reason=reason,
        covers=list(waiver.covers),
        floor=waiver.floor,
        why=waiver.reason,
        risk_owner=waiver.risk_owner,
        requester=waiver.requester,
        approver=waiver.approver,
        pack_digest=waiver.pack_digest,
        granted=instant(waiver.granted),
        revoked=instant(waiver.revoked) if waiver.revoked else None,
        start=instant(waiver.start),
        end=instant(waiver.end),
        signer=presented.signer,
    )


def presented_waiver(entry: WaiverEntry) -> PresentedWaiver:
    """The waiver behind an entry of a record."""
    waiver = Waiver.model_validate(
        {
            "id": entry["id"],
            "requirement": entry["requirement"],
            "pack_digest": entry["pack_digest"],
            "covers": entry["covers"],
            "floor": entry["floor"],
            "reason": entry["why"],
            "risk_owner": entry["risk_owner"],
            "requester": entry["requester"],
            "approver": entry["approver"],
            "granted": entry["granted"],
            "start": entry["start"],
            "end": entry["end"],
            "revoked": entry["revoked"],
        }
    )
    return PresentedWaiver(
        waiver, entry["signer"], entry["reason"] if entry["standing"] == UNTRUSTED else None
    )


def renamed(waiver: Waiver, name_of: Callable[[str], str]) -> Waiver:
    """A waiver that names the rules in force by their digest, where it names them by another one.

    Args:
        waiver: as it was granted.
        name_of: gives the digest of the rules in force for any that names them; others as they are.
    """
    digest = name_of(waiver.pack_digest)
    return waiver if digest == waiver.pack_digest else waiver.model_copy(update={"pack_digest": digest})


def as_under(waivers: Iterable[PresentedWaiver], rules: str, others: str) -> tuple[PresentedWaiver, ...]:
    """Waivers as if those granted under some rules were granted under others: like is held against like.

    Args:
        waivers: all of them.
        rules: the digest of the rules.
        others: that of the others.
    """
    return tuple(
        replace(each, waiver=each.waiver.model_copy(update={"pack_digest": others}))
        if each.waiver.pack_digest == rules
        else each
        for each in waivers
    )


def instant(when: dt.datetime) -> str:
    """An instant as records have it, in UTC; parts of a second only where there are some."""
    return when.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
