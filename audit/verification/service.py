"""Verifies ledgers and proofs as a user asks for it: which ledger, whose signatures, which checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from phasegate.audit.errors import TrailError
from phasegate.audit.ledger.ledger import Ledger
from phasegate.audit.signing.errors import PublicKeyError
from phasegate.audit.signing.keys import PublicKey, read_public
from phasegate.audit.signing.signers import Signers
from phasegate.audit.trail.locate import nearest_project
from phasegate.audit.verification.ledger import Asked, Heard, Verified, verify
from phasegate.audit.verification.proof import Proof, read_proof
from phasegate.audit.verification.proof_evidence import followed, shown
from phasegate.audit.verification.proof_subject import kept_checkpoint
from phasegate.audit.verification.runs import Retold
from phasegate.records.recheck_requirements import Followed
from phasegate.rules.loading.given_file import PROOF_BYTES, GivenFileError, read_given

_LONGEST_KEY = 10_000


@dataclass(frozen=True, slots=True)
class ShownProof:
    """A proof that was found right, and what else can be said of it.

    Attributes:
        proof: what it proves.
        followed: whether its verdicts follow from its facts; None where it has no evidence.
        kept: how many checkpoints from elsewhere it agrees with.
    """

    proof: Proof
    followed: Followed | None
    kept: int

    @property
    def good(self) -> bool:
        """Whether nothing speaks against it."""
        return self.followed is None or not self.followed.against


def verified_ledger(
    ledger: Ledger,
    against: Sequence[str],
    keys: Sequence[Path],
    start: Path,
    quick: bool,
    heard: Heard | None,
) -> Verified:
    """Verifies a ledger.

    Args:
        ledger: opened for reading.
        against: checkpoints that somebody kept, as they were given.
        keys: files of public keys, one of which must have signed the newest checkpoint.
        start: where the project is looked for, whose signers count where it lists any.
        quick: looks at hashes and checkpoints only.
        heard: hears of the progress.
    """
    kept = [kept_checkpoint(each) for each in against]
    public = [_public(each) for each in keys]
    project = nearest_project(start)
    id_ = project.project.id if project is not None else None
    return verify(ledger, Asked(kept, _trusted(start), public, quick, heard, Retold, id_))


def verified_proof(path: Path, against: Sequence[str], keys: Sequence[Path], start: Path) -> ShownProof:
    """Verifies a proof's file.

    Args:
        path: the file.
        against: checkpoints that somebody kept; the proof must rest on each.
        keys: files of public keys, one of which must have signed its checkpoint.
        start: where the project is looked for, whose signers count where it lists any.

    Raises:
        TrailError: if the file can not be read.
        ProofError: if it proves nothing, or not of the ledger that somebody knows.
    """
    try:
        data = read_given(path, PROOF_BYTES)
    except GivenFileError as error:
        raise TrailError(
            f"{path} can not be read: {error.why}", "name a file that 'phasegate prove' wrote"
        ) from error
    proof = read_proof(data, _trusted(start), [_public(each) for each in keys])
    shown(proof)
    for name, checkpoint in (kept_checkpoint(each) for each in against):
        proof.hold(name, checkpoint)
    return ShownProof(proof, followed(proof), len(against))


def _trusted(start: Path) -> Signers | None:
    project = nearest_project(start)
    return Signers.of(project.project) if project is not None and project.project.signers else None


def _public(path: Path) -> PublicKey:
    try:
        return read_public(read_given(path, _LONGEST_KEY).decode("utf-8"))
    except (GivenFileError, UnicodeDecodeError) as error:
        why = error.why if isinstance(error, GivenFileError) else "it is not UTF-8 text"
        raise PublicKeyError(f"the public key {path} can not be read: {why}", "name a .pub file") from error
