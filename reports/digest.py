"""The digest by which a ledger names a record, for reports that stand alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phasegate.audit.ledger.canonical import CanonicalError, canonical, digest_of

if TYPE_CHECKING:
    from phasegate.audit.record.document import Record


def record_digest(record: Record) -> str | None:
    """``sha256:...`` of the record's canonical form, as the entries of its run have it.

    None where the record has no such form: half of a character is no text that a ledger keeps.
    """
    try:
        return digest_of(canonical(record))
    except CanonicalError:
        return None
