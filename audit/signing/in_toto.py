"""What is signed: in-toto statements, version 1. A statement says something about things by their digests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phasegate.audit.signing.canonical_json import canonical, read_canonical
from phasegate.audit.signing.dsse import open_envelope, seal
from phasegate.audit.signing.keys import PrivateKey, PublicKey
from phasegate.rules.errors import PhasegateError

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
WAIVER = "urn:phasegate:waiver:1"
REVOCATION = "urn:phasegate:revocation:1"
ATTESTATION = "urn:phasegate:attestation:1"
APPROVAL = "urn:phasegate:approval:1"
ADVANCE = "urn:phasegate:advance:1"
ADOPTION = "urn:phasegate:adoption:1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
PREDICATE_TYPES = (WAIVER, REVOCATION, ATTESTATION, APPROVAL, ADVANCE, ADOPTION, TEST_RESULT)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_KEYS = {"_type", "subject", "predicateType", "predicate"}


class StatementError(PhasegateError):
    """A statement that says nothing, or something else than was asked for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about.

    Attributes:
        name: what it is called, for people.
        digest: what it is: ``sha256:`` and 64 hexadecimal digits.
    """

    name: str
    digest: str

    def __post_init__(self) -> None:
        if not self.name:
            raise StatementError("a subject of a statement has no name")
        if not _DIGEST.fullmatch(self.digest):
            raise StatementError(f"the subject {self.name!r} of a statement has no SHA-256 digest")


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said about subjects.

    Attributes:
        predicate_type: which kind of thing is said, one of `PREDICATE_TYPES`.
        subjects: what it is said about, at least one.
        predicate: what is said: plain JSON, without fractions.
    """

    predicate_type: str
    subjects: Sequence[Subject]
    predicate: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.predicate_type not in PREDICATE_TYPES:
            raise StatementError(f"there is no statement of type {self.predicate_type!r}")
        if not self.subjects:
            raise StatementError("a statement about nothing says nothing")
        if len({subject.name for subject in self.subjects}) < len(self.subjects):
            raise StatementError("two subjects of a statement have one name")

    def payload(self) -> bytes:
        """The bytes that are signed: the statement as canonical JSON.

        Raises:
            CanonicalError: if the predicate holds what canonical JSON can not.
        """
        return canonical(
            {
                "_type": STATEMENT,
                "subject": [
                    {"name": subject.name, "digest": {"sha256": subject.digest.removeprefix("sha256:")}}
                    for subject in self.subjects
                ],
                "predicateType": self.predicate_type,
                "predicate": dict(self.predicate),
            }
        )


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement and who signed it.

    Attributes:
        statement: what is said.
        signed_by: the fingerprints of the keys; at least one.
    """

    statement: Statement
    signed_by: tuple[str, ...]


def sign_statement(statement: Statement, *keys: PrivateKey) -> dict[str, Any]:
    """The statement in an envelope that the keys sign."""
    return seal(PAYLOAD_TYPE, statement.payload(), *keys)


def open_statement(document: object, predicate_type: str, keys: Mapping[str, PublicKey]) -> SignedStatement:
    """Opens an envelope and reads the statement in it.

    Args:
        document: the envelope, as it came out of JSON.
        predicate_type: what must be said; a waiver is no approval, whoever signed it.
        keys: the known keys by fingerprint.

    Raises:
        EnvelopeError: if not every signature is right and by a known key.
        CanonicalError: if the payload is not canonical JSON.
        StatementError: if it is no statement, or one of another type.
    """
    envelope = open_envelope(document, PAYLOAD_TYPE, keys)
    statement = read_statement(envelope.payload)
    if statement.predicate_type != predicate_type:
        raise StatementError(
            f"this is a statement of type {statement.predicate_type!r}, expected {predicate_type!r}"
        )
    return SignedStatement(statement, envelope.signed_by)


def read_statement(payload: bytes) -> Statement:
    """Reads a statement, which nobody has verified.

    Raises:
        CanonicalError: if the bytes are not canonical JSON.
        StatementError: if they are no statement of a known type.
    """
    document = read_canonical(payload)
    if set(document) != _KEYS or document["_type"] != STATEMENT:
        raise StatementError("this is no in-toto statement of version 1")
    predicate_type, subjects, predicate = (
        document["predicateType"],
        document["subject"],
        document["predicate"],
    )
    if (
        not isinstance(predicate_type, str)
        or not isinstance(subjects, list)
        or not isinstance(predicate, dict)
    ):
        raise StatementError("this is no in-toto statement of version 1")
    return Statement(predicate_type, tuple(_subject(subject) for subject in subjects), predicate)


def _subject(document: object) -> Subject:
    match document:
        case {"name": str(name), "digest": {"sha256": str(digest), **others}, **more} if (
            not others and not more
        ):
            return Subject(name, f"sha256:{digest}")
    raise StatementError("a subject of a statement has not exactly a name and a SHA-256 digest")
