"""Statements: about something, of one kind, and signed as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from phasegate.audit.signing.canonical_json import CanonicalError, canonical
from phasegate.audit.signing.dsse import EnvelopeError, seal
from phasegate.audit.signing.in_toto import (
    APPROVAL,
    PAYLOAD_TYPE,
    PREDICATE_TYPES,
    STATEMENT,
    TEST_RESULT,
    WAIVER,
    Statement,
    StatementError,
    Subject,
    open_statement,
    read_statement,
    sign_statement,
)
from phasegate.audit.signing.keys import PrivateKey

DIGEST = "sha256:" + "0123456789abcdef" * 4
PACK = Subject("developer_finance", DIGEST)
APPROVED = Statement(APPROVAL, (PACK,), {"function": "finance"})


def document(**changes: Any) -> dict[str, Any]:
    """A statement as JSON, with changes."""
    return {
        "_type": STATEMENT,
        "subject": [{"name": PACK.name, "digest": {"sha256": DIGEST.removeprefix("sha256:")}}],
        "predicateType": APPROVAL,
        "predicate": {"function": "finance"},
        **changes,
    }


def test_it_is_written_as_in_toto_asks_in_canonical_json() -> None:
    assert json.loads(APPROVED.payload()) == document()
    assert APPROVED.payload() == canonical(document())
    assert STATEMENT == "https://in-toto.io/Statement/v1"
    assert PAYLOAD_TYPE == "application/vnd.in-toto+json"
    assert TEST_RESULT == "https://in-toto.io/attestation/test-result/v0.1"


@pytest.mark.parametrize("predicate_type", PREDICATE_TYPES)
def test_what_was_signed_comes_back(key: PrivateKey, other: PrivateKey, predicate_type: str) -> None:
    statement = Statement(
        predicate_type, (PACK, Subject("b", DIGEST)), {"a": [1, {"b": None}], "c": "\u00e9"}
    )
    envelope = sign_statement(statement, key, other)
    keys = {one.public.fingerprint: one.public for one in (key, other)}
    opened = open_statement(envelope, predicate_type, keys)
    assert opened.statement == statement
    assert opened.signed_by == (key.public.fingerprint, other.public.fingerprint)


def test_a_statement_of_one_kind_is_none_of_another(key: PrivateKey) -> None:
    keys = {key.public.fingerprint: key.public}
    with pytest.raises(StatementError, match=f"of type '{APPROVAL}', expected '{WAIVER}'"):
        open_statement(sign_statement(APPROVED, key), WAIVER, keys)


def test_nothing_is_read_before_it_is_verified(key: PrivateKey, other: PrivateKey) -> None:
    with pytest.raises(EnvelopeError):
        open_statement(sign_statement(APPROVED, key), APPROVAL, {other.public.fingerprint: other.public})


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps(document()).encode(),
        APPROVED.payload() + b"\n",
        b"",
        b"{",
        APPROVED.payload().replace(b'{"_type"', b'{"_type":"x","_type"'),
    ],
)
def test_a_payload_in_another_than_its_canonical_form_is_refused(key: PrivateKey, payload: bytes) -> None:
    with pytest.raises(CanonicalError):
        open_statement(seal(PAYLOAD_TYPE, payload, key), APPROVAL, {key.public.fingerprint: key.public})


@pytest.mark.parametrize(
    "changed",
    [
        document(_type="https://in-toto.io/Statement/v0.1"),
        document(_type=None),
        document(predicateType="urn:phasegate:approval:2"),
        document(predicateType=["x"]),
        document(predicate=None),
        document(predicate=[]),
        document(subject=[]),
        document(subject={}),
        document(subject=None),
        document(subject=["x"]),
        document(subject=[{"name": "x"}]),
        document(subject=[{"digest": {"sha256": "0" * 64}}]),
        document(subject=[{"name": "", "digest": {"sha256": "0" * 64}}]),
        document(subject=[{"name": "x", "digest": {}}]),
        document(subject=[{"name": "x", "digest": {"sha256": "0" * 63}}]),
        document(subject=[{"name": "x", "digest": {"sha256": "0" * 64 + "\n"}}]),
        document(subject=[{"name": "x", "digest": {"sha256": "A" * 64}}]),
        document(subject=[{"name": "x", "digest": {"sha256": "0" * 64, "md5": "0" * 32}}]),
        document(subject=[{"name": "x", "digest": {"sha256": "0" * 64}, "uri": "x"}]),
        document(subject=[{"name": "x", "digest": {"sha256": digit * 64}} for digit in "01"]),
        document(more=1),
        {key: value for key, value in document().items() if key != "predicate"},
        {},
    ],
)
def test_what_is_no_statement_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(StatementError):
        read_statement(canonical(changed))


@pytest.mark.parametrize(
    ("predicate_type", "subjects"), [("urn:other:1", (PACK,)), (APPROVAL, ()), (APPROVAL, (PACK, PACK))]
)
def test_none_can_be_made_that_could_not_be_read(predicate_type: str, subjects: tuple[Subject, ...]) -> None:
    with pytest.raises(StatementError):
        Statement(predicate_type, subjects, {})


@pytest.mark.parametrize("digest", ["", "sha256:", "0" * 64, DIGEST.upper(), f"{DIGEST}0", f"{DIGEST}\n"])
def test_a_subject_is_known_by_its_digest(digest: str) -> None:
    with pytest.raises(StatementError, match="no SHA-256 digest"):
        Subject("x", digest)


def test_a_predicate_with_a_fraction_is_not_signed(key: PrivateKey) -> None:
    with pytest.raises(CanonicalError):
        sign_statement(Statement(APPROVAL, (PACK,), {"share": 0.95}), key)
