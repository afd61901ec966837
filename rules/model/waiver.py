"""Waivers: exceptions that somebody answers for, with a floor and an end."""

from __future__ import annotations

from pydantic import Field

from phasegate.rules.model.base import Id, Instant, Model, QuantityText, Text
from phasegate.rules.model.verdict import Waivable


class Waiver(Model):
    """An exception for one requirement.

    It counts on a day only if it covers that whole day: from ``start`` (included) to ``end``
    (excluded).

    Attributes:
        id: what it is called where it is told of.
        requirement: the full id, ``point/criterion/fact``.
        pack_digest: the digest of the pack under which it was granted.
        covers: the verdicts that it turns into ``waived``; never ``error``.
        floor: the worst value that it covers.
        reason: why.
        risk_owner: who carries the risk (an opaque id).
        requester, approver: who asked and who granted; two people.
        granted: when it was granted; it does not reach back behind that.
        start, end: UTC instants.
        revoked: the instant from which it no longer counts.
    """

    id: Id
    requirement: str
    pack_digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    covers: tuple[Waivable, ...] = Field(min_length=1)
    floor: QuantityText | None = None
    reason: Text
    risk_owner: Text
    requester: Text
    approver: Text
    granted: Instant
    start: Instant
    end: Instant
    revoked: Instant | None = None


class WaiverFile(Model):
    """A file of waivers.

    Attributes:
        waivers: the exceptions.
    """

    waivers: tuple[Waiver, ...]
