"""One entry with all that proves it, in one file: read, and verified without a ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phasegate.audit.ledger.checkpoint import Checkpoint, NoteError, SignedNote, read_checkpoint
from phasegate.audit.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from phasegate.audit.signing.canonical_json import CanonicalError, digest_of, read_canonical
from phasegate.audit.signing.errors import KeyFault
from phasegate.audit.signing.keys import PublicKey
from phasegate.audit.signing.signers import Signers, SignersError
from phasegate.audit.verification.trusted_keys import By, names_and_keys, over, signer_of
from phasegate.records.time_zone import zone_of
from phasegate.rules.errors import PhasegateError
from phasegate.rules.loading.given_file import PROOF_VALUES, GivenFileError, read_json
from phasegate.rules.model.role import EVALUATOR
from phasegate.rules.values.time_zones import UnknownZoneError, day_of

SCHEMA = "phasegate/proof/1"
_KEYS = {"schema", "entry", "seq", "size", "path", "checkpoint", "links", "signers", "evidence"}
_MOST_STEPS = 128
"""Of a path; one step for each level of the tree, and as many again in a link."""
_MOST_LINKS = 1_000


class ProofError(PhasegateError):
    """A file that proves nothing, or not what it must be held against.

    Attributes:
        why: the reason, in words.
    """

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(f"this proves nothing: {why}", hint or "'phasegate prove ID --run R' writes a proof")
        self.why = why


@dataclass(frozen=True, slots=True)
class Proof:
    """What a file was found to prove.

    Attributes:
        entry: what the ledger's entry says.
        evidence: why, where the entry names any.
        seq: the entry's number.
        checkpoint: that covers it.
        links: for other sizes of the ledger, what shows that the smaller one is the beginning of the
            larger one.
        signed_by: who signed that: name and fingerprint.
        own_key: whether the key is known from the file itself only.
    """

    entry: Mapping[str, Any]
    evidence: Mapping[str, Any] | None
    seq: int
    checkpoint: Checkpoint
    links: Mapping[int, Sequence[bytes]]
    signed_by: tuple[str, str]
    own_key: bool

    def hold(self, name: str, kept: Checkpoint) -> None:
        """Sees that the ledger is the one of which somebody kept a checkpoint.

        Args:
            name: how messages call it.
            kept: the checkpoint; it covers as many entries as the proof's own, or the proof has a link
                between the two.

        Raises:
            ProofError: if it is another ledger, or was forked, or the proof does not tell.
        """
        own = self.checkpoint
        if kept.origin and kept.origin != own.origin:
            raise ProofError(f"it is of another ledger than {name}: {own.origin}")
        if kept.size == own.size:
            if kept.root != own.root:
                raise ProofError(f"it rests on other entries than {name}: the ledger was forked or changed")
            return
        link = self.links.get(kept.size)
        if link is None:
            raise ProofError(
                f"it rests on {own.size} entries, and does not show that they belong together with {name}",
                f"prove it once more, with --against '{kept.size} ROOT'",
            )
        older, newer = (kept, own) if kept.size < own.size else (own, kept)
        if not verify_consistency(older.size, newer.size, older.root, newer.root, link):
            raise ProofError(f"its ledger does not belong together with {name}: it was forked or changed")


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
    # A run is proved by an evaluator's word, and no other signer's.
    may = [(each.name, key) for each in note.signatures for key in keys] if keys else evaluators(signers)
    signed_by = _signer(note, may)
    if trusted is not None:
        _in_time(trusted, signed_by, entry)
    if checkpoint.size != document["size"]:
        raise ProofError(f"its checkpoint covers {checkpoint.size} entries, not {document['size']}")
    seq = document["seq"]
    path = _path(document["path"])
    if not verify_inclusion(leaf_hash(body), seq, checkpoint.size, path, checkpoint.root):
        raise ProofError("the entry does not lead to the root of its checkpoint")
    evidence, links = _evidence(document, entry), _links(document["links"])
    return Proof(entry, evidence, seq, checkpoint, links, signed_by, trusted is None and not keys)


def evaluators(signers: Signers) -> list[By]:
    """The names and keys of those whose checkpoints prove runs."""
    return names_and_keys(signers, EVALUATOR)


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = read_json(data, PROOF_VALUES)
    except GivenFileError as error:
        raise ProofError(error.why) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        shown = found[:60] if isinstance(found, str) else None
        raise ProofError(f"its schema is {shown!r}, not {SCHEMA!r}")
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
    raise ProofError("a path in it is no list of hashes")


def _links(links: object) -> Mapping[int, Sequence[bytes]]:
    found: dict[int, Sequence[bytes]] = {}
    if not isinstance(links, list) or len(links) > _MOST_LINKS:
        raise ProofError(f"its links are no list of at most {_MOST_LINKS}")
    for link in links:
        if not isinstance(link, dict) or set(link) != {"size", "path"} or type(link["size"]) is not int:
            raise ProofError("a link in it has not exactly a size and a path")
        found[link["size"]] = _path(link["path"])
    return found


def _signer(note: SignedNote, may: Sequence[By]) -> tuple[str, str]:
    found = signer_of(note, may)
    if found is None:
        raise ProofError("no evaluator has signed its checkpoint")
    return found[0], found[1].fingerprint


def _in_time(trusted: Signers, signed_by: tuple[str, str], entry: Mapping[str, Any]) -> None:
    """Sees that whoever signed could still sign when an entry was decided, as far as it tells the day.

    Raises:
        ProofError: if the time of the key was over, or the key not to be trusted any more.
    """
    name, fingerprint = signed_by
    signer = next((each for each in trusted if each.public.fingerprint == fingerprint), None)
    if signer is None:  # a key that was named, and that the project does not know
        return
    try:
        zone = zone_of(entry)
        why = over(signer, dt.date.fromisoformat(entry["as_of"]), zone)
        if why is None and "envelope" in entry:
            recorded = dt.datetime.fromisoformat(entry["envelope"]["recorded_at"])
            why = over(signer, day_of(recorded, zone), zone)
    except (KeyError, TypeError, ValueError, UnknownZoneError) as error:
        raise ProofError("it does not say on which day it was decided") from error
    if why is not None:
        raise ProofError(
            f"{name} could not sign what was decided on {entry['as_of']} any more: the key {why}"
        )


def _evidence(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    named = entry.get("evidence")
    if named is None and document["evidence"] is None:
        return None
    if named is None or document["evidence"] is None:
        raise ProofError("it has evidence that its entry does not name, or none where it does")
    data = _text(document, "evidence").encode("utf-8")
    if digest_of(data) != named:
        raise ProofError("its evidence is not what its entry names")
    try:
        return read_canonical(data)
    except CanonicalError as error:
        raise ProofError(error.message) from error
