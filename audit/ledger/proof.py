"""One entry with all that proves it, in one file; and its verification without a ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phasegate.audit.ledger.canonical import CanonicalError, read_canonical
from phasegate.audit.ledger.chapters import names_and_keys
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.ledger.merkle import leaf_hash, verify_inclusion
from phasegate.audit.ledger.note import Checkpoint, NoteError, SignedNote, read_checkpoint, verified_by
from phasegate.audit.ledger.store import LedgerError, Row
from phasegate.audit.signed.key_errors import KeyFault
from phasegate.audit.signed.keys import PublicKey
from phasegate.audit.signed.signers import Signers, SignersError
from phasegate.rules.errors import PhasegateError

SCHEMA = "phasegate/proof/1"
MAX_BYTES = 64 * 1024 * 1024
"""Larger files are not read."""
_KEYS = {"schema", "entry", "seq", "size", "path", "checkpoint", "signers", "evidence"}
_MOST_STEPS = 64


class ProofError(PhasegateError):
    """A file that proves nothing."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this proves nothing: {why}", "'phasegate prove ID --run R' writes a proof")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a file was found to prove.

    Attributes:
        entry: what the ledger's entry says.
        evidence: why, where the entry names any.
        seq: the entry's number.
        checkpoint: that covers it.
        signed_by: who signed that: name and fingerprint.
        own_key: whether the key is known from the file itself only.
    """

    entry: Mapping[str, Any]
    evidence: Mapping[str, Any] | None
    seq: int
    checkpoint: Checkpoint
    signed_by: tuple[str, str]
    own_key: bool


def make_proof(ledger: Ledger, row: Row) -> str:
    """The file that proves an entry of a ledger, as text.

    Raises:
        LedgerError: if the ledger does not hold what the entry refers to.
    """
    note = ledger.newest_checkpoint()
    if note is None:
        raise LedgerError(f"{ledger.shown} has no checkpoint")
    size = read_checkpoint(note)[0].size
    digest = read_canonical(row.body).get("evidence")
    evidence = None
    if isinstance(digest, str):
        content = ledger.content(digest.removeprefix("sha256:"))
        if content is None:
            raise LedgerError(f"{ledger.shown} does not hold {digest}, the evidence of entry {row.seq}")
        evidence = content.decode("utf-8")
    keys = ledger.find(("key",))
    document = {
        "schema": SCHEMA,
        "entry": row.body.decode("utf-8"),
        "seq": row.seq,
        "size": size,
        "path": [step.hex() for step in ledger.prove(row.seq, size)],
        "checkpoint": note,
        "signers": read_canonical(keys[-1].body)["signers"] if keys else [],
        "evidence": evidence,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_proof(data: bytes, trusted: Signers | None = None, keys: Sequence[PublicKey] = ()) -> Proof:
    """What a file proves.

    Args:
        data: the bytes of the file.
        trusted: signers that somebody vouches for; None for those that the file itself names.
        keys: one of these must have signed the checkpoint; none for those of the signers.

    Raises:
        ProofError: if any part of it is malformed, or does not follow from the others.
    """
    document = _document(data)
    signers = trusted
    if signers is None:
        try:
            signers = Signers.from_document(document["signers"])
        except (SignersError, KeyFault) as error:
            raise ProofError(error.message) from error
    try:
        checkpoint, note = read_checkpoint(_text(document, "checkpoint"))
        body = _text(document, "entry").encode("utf-8")
        entry = read_canonical(body)
    except (NoteError, CanonicalError) as error:
        raise ProofError(error.message) from error
    may = [(each.name, key) for each in note.signatures for key in keys] if keys else names_and_keys(signers)
    signed_by = _signer(note, may)
    if checkpoint.size != document["size"]:
        raise ProofError(f"its checkpoint covers {checkpoint.size} entries, not {document['size']}")
    seq = document["seq"]
    if not verify_inclusion(leaf_hash(body), seq, checkpoint.size, _path(document["path"]), checkpoint.root):
        raise ProofError("the entry does not lead to the root of its checkpoint")
    return Proof(entry, _evidence(document, entry), seq, checkpoint, signed_by, trusted is None and not keys)


def _document(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise ProofError(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProofError("it is no JSON") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        raise ProofError(f"its schema is {found!r}, not {SCHEMA!r}")
    if set(document) != _KEYS:
        raise ProofError(f"it has not exactly the keys {', '.join(sorted(_KEYS))}")
    if type(document["seq"]) is not int or type(document["size"]) is not int:
        raise ProofError("the entry's number or the size of the ledger is no whole number")
    return document


def _text(document: Mapping[str, Any], key: str) -> str:
    if not isinstance(document[key], str):
        raise ProofError(f"its {key} is no text")
    try:
        document[key].encode("utf-8")
    except UnicodeEncodeError as error:
        raise ProofError(f"its {key} is no Unicode text") from error
    return str(document[key])


def _path(steps: object) -> Sequence[bytes]:
    try:
        if isinstance(steps, list) and len(steps) <= _MOST_STEPS and all(len(step) == 64 for step in steps):
            return [bytes.fromhex(step) for step in steps]
    except (TypeError, ValueError):
        pass
    raise ProofError("its path is no list of hashes")


def _signer(note: SignedNote, may: Sequence[tuple[str, PublicKey]]) -> tuple[str, str]:
    for name, key in may:
        if verified_by(note, name, key.raw):
            return name, key.fingerprint
    raise ProofError("nobody who may sign has signed its checkpoint")


def _evidence(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    named = entry.get("evidence")
    if named is None and document["evidence"] is None:
        return None
    if named is None or document["evidence"] is None:
        raise ProofError("it has evidence that its entry does not name, or none where it does")
    data = _text(document, "evidence").encode("utf-8")
    if f"sha256:{hashlib.sha256(data).hexdigest()}" != named:
        raise ProofError("its evidence is not what its entry names")
    try:
        return read_canonical(data)
    except CanonicalError as error:
        raise ProofError(error.message) from error
