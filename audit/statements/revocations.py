"""Revocations: signed statements that end another statement from a moment on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple

from phasegate.audit.signing.in_toto import REVOCATION, Statement, Subject
from phasegate.audit.signing.signers import Signer
from phasegate.audit.statements.reader import Said, to_the_second

Revocable = Literal["waiver", "attestation"]


class Revocation(NamedTuple):
    """A revocation that somebody vouches for; whether that one may revoke is asked elsewhere.

    Attributes:
        id: of the statement that is revoked.
        at: the instant from which that counts no more.
        by: who signed the revocation.
    """

    id: str
    at: dt.datetime
    by: Signer


def revocation_statement(
    what: Revocable, id_: str, subjects: Sequence[Subject], signer: Signer, moment: dt.datetime, reason: str
) -> Statement:
    """The statement that ends another from a moment on.

    Args:
        what: the kind of the other one.
        id_: its id.
        subjects: what it is about.
        signer: who ends it.
        moment: the moment of signing.
        reason: why.
    """
    when = to_the_second(moment)
    predicate = {what: id_, "revoked": when, "signed": when, "reason": reason, "by": signer.name}
    return Statement(REVOCATION, subjects, predicate)


def revocation_of(what: Revocable, each: Said) -> Revocation | None:
    """What a statement revokes of one kind; None if nothing, or nobody vouches for it."""
    id_ = each.predicate.get(what)
    if each.kind != "revocation" or not isinstance(id_, str) or each.signer is None or each.signed is None:
        return None
    return Revocation(id_, each.signed, each.signer)
