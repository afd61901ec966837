"""Signed statements as a ledger has them: who vouches for each, or why nobody does.

A statement counts if its envelope is right, if the project lists the signer's key at the moment that
the statement names, and if that key had not been revoked in the ledger before the statement came
there. The last rule is what a stolen key runs into: it can sign any date, but not an earlier place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from phasegate.audit.ledger.canonical import read_canonical
from phasegate.audit.ledger.draft import Draft
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.store import Row
from phasegate.audit.signed.envelope import EnvelopeError
from phasegate.audit.signed.keys import PrivateKey
from phasegate.audit.signed.signers import Signer, Signers, UntrustedError
from phasegate.audit.signed.statement import Statement, StatementError, open_statement, sign_statement
from phasegate.audit.statements.types import TYPES
from phasegate.audit.waived import instant
from phasegate.rules.errors import PhasegateError


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in a ledger.

    Attributes:
        seq: the sequence number of its entry.
        kind: of the entry.
        predicate: what is said; empty where it can not be read.
        digests: what it is said about: digest by name.
        signer: who vouches for it; None where nobody does.
        signed: the moment that it names; None where it can not be read.
        refused: why it counts for nothing; None if it counts.
        then: the signer as the ledger listed it when the statement came there; None where it did not.
    """

    seq: int
    kind: str
    predicate: dict[str, Any]
    digests: dict[str, str]
    signer: Signer | None
    signed: dt.datetime | None
    refused: str | None = None
    then: Signer | None = None


def statement_draft(kind: str, subject: str, statement: Statement, key: PrivateKey) -> Draft:
    """The entry for a statement that a key signs now."""
    return Draft(kind, None, subject, {"envelope": sign_statement(statement, key)})


def said(ledger: Ledger, signers: Signers, *kinds: str) -> Iterator[Said]:
    """The statements of some kinds in the order of the ledger, those that do not count among them.

    Args:
        ledger: where they stand.
        signers: those whom the project lists today.
        kinds: of entries.
    """
    logged = Signers(())
    for row in ledger.find(("key", *kinds)):
        document = read_canonical(row.body)
        if row.kind == "key":
            logged = Signers.from_document(document["signers"])
        else:
            yield _said(row, document, signers, logged)


def _said(row: Row, document: dict[str, Any], signers: Signers, logged: Signers) -> Said:
    keys = {**logged.keys, **signers.keys}
    try:
        opened = open_statement(document.get("envelope"), TYPES[row.kind], keys)
        signed = dt.datetime.fromisoformat(opened.statement.predicate["signed"])
        (fingerprint,) = opened.signed_by
    except (EnvelopeError, StatementError) as error:
        return Said(row.seq, row.kind, {}, {}, None, None, error.message)
    except (PhasegateError, KeyError, TypeError, ValueError):
        return Said(row.seq, row.kind, {}, {}, None, None, "the statement does not say when it was signed")
    predicate = dict(opened.statement.predicate)
    digests = {subject.name: subject.digest for subject in opened.statement.subjects}
    try:
        signer = signers.who(fingerprint, signed)
        before = next((each for each in logged if each.public.fingerprint == fingerprint), None)
        if before is not None and before.revoked is not None:
            raise UntrustedError(
                f"the key of {signer.name!r} had been revoked when the statement came into the ledger"
            )
    except UntrustedError as error:
        return Said(row.seq, row.kind, predicate, digests, None, signed, error.message)
    return Said(row.seq, row.kind, predicate, digests, signer, signed, then=before)


def to_the_second(moment: dt.datetime) -> str:
    """A moment as statements have it."""
    return instant(moment.replace(microsecond=0))
