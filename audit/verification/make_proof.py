"""Writes one entry of a ledger with all that proves it into one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from phasegate.audit.ledger.checkpoint import Checkpoint, read_checkpoint, verified_by
from phasegate.audit.ledger.entry_errors import document_of, naming
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.merkle import verify_consistency
from phasegate.audit.ledger.project_entries import owner_of
from phasegate.audit.ledger.signer_lists import Listed
from phasegate.audit.ledger.store import DamagedLedgerError, LedgerError, Row
from phasegate.audit.signing.signers import Signers
from phasegate.audit.trail.revoked_keys import revoked_elsewhere, words_of
from phasegate.audit.verification.proof import SCHEMA, ProofError, evaluators, read_proof


def make_proof(ledger: Ledger, row: Row, kept: Sequence[tuple[str, Checkpoint]] = ()) -> str:
    """The file that proves an entry of a ledger, as text.

    Args:
        ledger: opened for reading.
        row: the entry.
        kept: checkpoints that somebody kept, under a name for messages; the file then also shows that
            they are of the same ledger, unforked.

    Raises:
        LedgerError: if the ledger does not hold what the entry refers to, does not go on from one of
            the checkpoints, its kept hashes prove nothing, or the run was recorded by a key that
            another project had as revoked.
    """
    _refuse_revoked(ledger, row)
    note, checkpoint, signers = _resting_on(ledger, row)
    evidence = _kept_evidence(ledger, row)
    document = {
        "schema": SCHEMA,
        "entry": _decoded(ledger, row.body, f"entry {row.seq}"),
        "seq": row.seq,
        "size": checkpoint.size,
        "path": _written(ledger.prove(row.seq, checkpoint.size)),
        "checkpoint": note,
        "links": [_link(ledger, name, each, checkpoint) for name, each in kept],
        "signers": signers,
        "evidence": None if evidence is None else _decoded(ledger, evidence, "its evidence"),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        read_proof(text.encode("utf-8"))
    except ProofError as error:
        raise DamagedLedgerError(
            ledger.shown, f"entry {row.seq} can not be proved from it, as {error.why}"
        ) from error
    return text


def _kept_evidence(ledger: Ledger, row: Row) -> bytes | None:
    digest = document_of(row).get("evidence")
    if not isinstance(digest, str):
        return None
    content = ledger.content(digest.removeprefix("sha256:"))
    if content is None:
        raise LedgerError(f"{ledger.shown} does not hold {digest}, the evidence of entry {row.seq}")
    return content


def _refuse_revoked(ledger: Ledger, row: Row) -> None:
    """Refuses what a run decided that a thief may have recorded, as `verify` and `advance` do."""
    for run in ledger.find(("run",), run=row.run):
        document = document_of(run)
        with naming(run):
            fingerprint = str(document["envelope"]["fingerprint"])
        if (why := _revoked(ledger, fingerprint, run, run.seq)) is not None:
            raise LedgerError(
                f"{ledger.shown}: run {row.run} counts for nothing, and is not proved: entry {run.seq} came "
                f"into the ledger after {why}"
            )


def _revoked(ledger: Ledger, fingerprint: str, row: Row, before: int) -> str | None:
    """Which other project had a key as revoked before a place, for the project whose an entry is."""
    listed = Listed.of(each for each in ledger.find(("key",)) if each.seq < before).newest
    return revoked_elsewhere(words_of(ledger, before=before), fingerprint, owner_of(row), listed)


def _resting_on(ledger: Ledger, row: Row) -> tuple[str, Checkpoint, list[Any]]:
    """The newest checkpoint over an entry that an evaluator signed, and who could sign then.

    People sign too, each under a checkpoint of their own; for a run, theirs is not enough.
    """
    lists = [(each, document_of(each).get("signers")) for each in ledger.find(("key",))]
    for size, note in reversed(list(ledger.store.checkpoints())):
        if size <= row.seq:
            break
        listing, signers = next((each for each in reversed(lists) if each[0].seq < size), (row, []))
        checkpoint, signed = read_checkpoint(note)
        with naming(listing):
            known = evaluators(Signers.from_document(signers))
        keys = [key for name, key in known if verified_by(signed, name, key.raw)]
        if any(_revoked(ledger, key.fingerprint, row, size) is None for key in keys):
            return note, checkpoint, signers
    raise LedgerError(f"{ledger.shown} has no checkpoint over entry {row.seq} that an evaluator signed")


def _link(ledger: Ledger, name: str, kept: Checkpoint, own: Checkpoint) -> dict[str, Any]:
    """The proof that a ledger is the one of which somebody kept a checkpoint."""
    size = ledger.size()
    if kept.size > size:
        raise LedgerError(
            f"{name} covers {kept.size} entries, and {ledger.shown} holds {size}",
            "'phasegate verify --against' tells more",
        )
    older, newer = (kept, own) if kept.size <= own.size else (own, kept)
    path = ledger.consistency(older.size, newer.size)
    if (kept.origin and kept.origin != own.origin) or not verify_consistency(
        older.size, newer.size, older.root, newer.root, path
    ):
        raise LedgerError(
            f"{ledger.shown} does not go on from {name}", "'phasegate verify --against' tells more"
        )
    return {"size": kept.size, "path": _written(path)}


def _written(path: Sequence[bytes]) -> list[str]:
    return [step.hex() for step in path]


def _decoded(ledger: Ledger, data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DamagedLedgerError(ledger.shown, f"{what} is no text") from error
