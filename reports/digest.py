"""The digest by which a ledger names a record, for reports that stand alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from phasegate.audit.ledger.canonical import CanonicalError, canonical

if TYPE_CHECKING:
    from phasegate.audit.record.document import Record


def record_digest(record: Record) -> str | None:
    """``sha256:...`` of the record's canonical form, as the entries of its run have it.

    None where the record has no such form: half of a character is no text that a ledger keeps.
    """
    try:
        return f"sha256:{hashlib.sha256(canonical(record)).hexdigest()}"
    except CanonicalError:
        return None
