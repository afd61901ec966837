"""An envelope opens only for those who know its type and every key, and only as it was sealed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.audit.signing.dsse import EnvelopeError, open_envelope, pae, seal
from phasegate.audit.signing.keys import PrivateKey, PublicKey

TYPE = "application/vnd.in-toto+json"
PAYLOAD = b'{"gate":"2"}'
Change = Callable[[dict[str, Any]], object]


def known(*keys: PrivateKey) -> Mapping[str, PublicKey]:
    return {key.public.fingerprint: key.public for key in keys}


@pytest.mark.parametrize(
    ("payload_type", "payload", "expected"),
    [
        (
            "http://example.com/HelloWorld",
            b"hello world",
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world",
        ),
        ("", b"", b"DSSEv1 0  0 "),
        ("\u00e9", "\u00e9".encode(), b"DSSEv1 2 \xc3\xa9 2 \xc3\xa9"),
    ],
)
def test_what_is_signed_tells_type_and_payload_apart(
    payload_type: str, payload: bytes, expected: bytes
) -> None:
    assert pae(payload_type, payload) == expected


@given(
    st.text(st.sampled_from("a 1"), max_size=6),
    st.binary(max_size=6),
    st.text(st.sampled_from("a 1"), max_size=6),
    st.binary(max_size=6),
)
def test_no_two_contents_are_signed_alike(kind: str, payload: bytes, kind2: str, payload2: bytes) -> None:
    assert (pae(kind, payload) == pae(kind2, payload2)) == ((kind, payload) == (kind2, payload2))


def test_what_was_sealed_comes_back(key: PrivateKey, other: PrivateKey) -> None:
    document = seal(TYPE, PAYLOAD, key, other)
    opened = open_envelope(document, TYPE, known(other, key))
    assert (opened.payload_type, opened.payload) == (TYPE, PAYLOAD)
    assert opened.signed_by == (key.public.fingerprint, other.public.fingerprint)
    assert json.loads(json.dumps(document)) == document


@given(st.binary(max_size=300), st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_bytes_come_back(payload: bytes, payload_type: str) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes(32)), "zero")
    assert open_envelope(seal(payload_type, payload, key), payload_type, known(key)).payload == payload


def test_the_same_content_is_sealed_the_same_way(key: PrivateKey) -> None:
    assert seal(TYPE, PAYLOAD, key) == seal(TYPE, PAYLOAD, key)


def test_an_envelope_needs_a_signature_of_each_key_once(key: PrivateKey) -> None:
    for keys in ((), (key, key)):
        with pytest.raises(EnvelopeError):
            seal(TYPE, PAYLOAD, *keys)


def replaced(path: tuple[str | int, ...], value: object) -> Change:
    """Puts a value into an envelope, or makes one from what stands there."""

    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value(inner[path[-1]]) if callable(value) else value

    return change


def flipped(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[0] ^= 1
    return base64.b64encode(data).decode()


REFUSED: dict[str, tuple[Change, str]] = {
    "no signature": (lambda document: document["signatures"].clear(), "nobody signed"),
    "signatures are no list": (replaced(("signatures",), {}), "nobody signed"),
    "signatures are null": (replaced(("signatures",), None), "nobody signed"),
    "a signature is no mapping": (replaced(("signatures", 0), "x"), "malformed sig"),
    "a signature without sig": (lambda document: document["signatures"][0].pop("sig"), "malformed sig"),
    "a signature with more": (replaced(("signatures", 0), lambda one: {**one, "cert": "x"}), "malformed sig"),
    "a keyid that is no text": (replaced(("signatures", 0, "keyid"), ["x"]), "unknown key"),
    "an unknown keyid": (replaced(("signatures", 0, "keyid"), "SHA256:x"), "unknown key"),
    "an empty sig": (replaced(("signatures", 0, "sig"), ""), "signature of .* is wrong"),
    "another sig": (replaced(("signatures", 0, "sig"), flipped), "signature of .* is wrong"),
    "a sig cut short": (replaced(("signatures", 0, "sig"), lambda sig: sig[:-4]), "signature of .* is wrong"),
    "a sig that is no text": (replaced(("signatures", 0, "sig"), 1), "signature .* base64"),
    "a sig in both kinds of base64": (replaced(("signatures", 0, "sig"), "-_+/" * 22), "signature .* base64"),
    "a sig of nobody without its key": (
        replaced(("signatures", 0), {"sig": base64.b64encode(bytes(64)).decode()}), "no known key made",
    ),
    "the same signature twice": (replaced(("signatures",), lambda all_: all_ * 2), "two signatures"),
    "another payload": (replaced(("payload",), flipped), "is wrong"),
    "no payload": (replaced(("payload",), ""), "is wrong"),
    "a payload with spaces": (replaced(("payload",), lambda text: f"{text[:4]} {text[4:]}"), "payload .*64"),
    "a payload with a line's end": (replaced(("payload",), lambda text: f"{text}\n"), "payload .*64"),
    "a payload without padding": (replaced(("payload",), "eyI"), "payload .*64"),
    "a payload with loose bits": (replaced(("payload",), "eyJ="), "payload .*64"),
    "a payload that is no text": (replaced(("payload",), None), "payload .*64"),
    "a payload that is no ASCII": (replaced(("payload",), "\u00e9"), "payload .*64"),
    "another type": (replaced(("payloadType",), "application/json"), "expected 'application/vnd"),
    "a type in other letters": (replaced(("payloadType",), TYPE.upper()), "expected 'application/vnd"),
    "a type that is no text": (replaced(("payloadType",), [TYPE]), "expected 'application/vnd"),
    "a missing payload": (lambda document: document.pop("payload"), "no envelope"),
    "a missing type": (lambda document: document.pop("payloadType"), "no envelope"),
    "missing signatures": (lambda document: document.pop("signatures"), "no envelope"),
    "a further key": (lambda document: document.update(more=1), "no envelope"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, key: PrivateKey) -> None:
    change, why = REFUSED[case]
    document = seal(TYPE, PAYLOAD, key)
    changed = deepcopy(document)
    change(changed)
    assert changed != document
    with pytest.raises(EnvelopeError, match=why):
        open_envelope(changed, TYPE, known(key))


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, b"{}"])
def test_what_is_no_envelope(document: object, key: PrivateKey) -> None:
    with pytest.raises(EnvelopeError, match="no envelope"):
        open_envelope(document, TYPE, known(key))


@pytest.mark.parametrize("keyid", [None, ""])
def test_a_signature_need_not_name_its_key(key: PrivateKey, other: PrivateKey, keyid: str | None) -> None:
    document = seal(TYPE, PAYLOAD, key)
    for one in document["signatures"]:
        one.pop("keyid")
        one.update({} if keyid is None else {"keyid": keyid})
    assert open_envelope(document, TYPE, known(other, key)).signed_by == (key.public.fingerprint,)
    for keys in ({}, known(other), {other.public.fingerprint: key.public}):
        with pytest.raises(EnvelopeError, match="no known key made"):
            open_envelope(document, TYPE, keys)
    document["signatures"] *= 2
    with pytest.raises(EnvelopeError, match="two signatures"):
        open_envelope(document, TYPE, known(key))


def test_base64_may_be_that_of_urls(key: PrivateKey) -> None:
    payload = b"\xfb\xff\xfe" * 9
    document = seal(TYPE, payload, key)
    assert "+" in document["payload"]
    in_urls = str.maketrans("+/", "-_")
    document["payload"] = document["payload"].translate(in_urls)
    document["signatures"][0]["sig"] = document["signatures"][0]["sig"].translate(in_urls)
    assert open_envelope(document, TYPE, known(key)).payload == payload


def test_a_key_that_nobody_knows_proves_nothing(key: PrivateKey, other: PrivateKey) -> None:
    for keys in ({}, known(other)):
        with pytest.raises(EnvelopeError, match="unknown key"):
            open_envelope(seal(TYPE, PAYLOAD, key), TYPE, keys)


@pytest.mark.parametrize("first", [True, False])
def test_one_good_signature_does_not_carry_another(key: PrivateKey, other: PrivateKey, first: bool) -> None:
    """A stranger's or a wrong one beside it would look to a reader as if it counted."""
    document = seal(TYPE, PAYLOAD, *((key, other) if first else (other, key)))
    with pytest.raises(EnvelopeError, match="unknown key"):
        open_envelope(document, TYPE, known(key))
    document["signatures"][int(first)]["sig"] = document["signatures"][int(not first)]["sig"]
    with pytest.raises(
        EnvelopeError, match=f"signature of {other.public.fingerprint} is wrong".replace("+", "[+]")
    ):
        open_envelope(document, TYPE, known(key, other))


def test_a_signature_under_the_name_of_another_key(key: PrivateKey, other: PrivateKey) -> None:
    document = seal(TYPE, PAYLOAD, key)
    document["signatures"][0]["keyid"] = other.public.fingerprint
    with pytest.raises(EnvelopeError, match="is wrong"):
        open_envelope(document, TYPE, known(key, other))


def test_keys_under_wrong_fingerprints_vouch_for_nobody(key: PrivateKey, other: PrivateKey) -> None:
    document = seal(TYPE, PAYLOAD, key)
    document["signatures"][0]["keyid"] = other.public.fingerprint
    with pytest.raises(EnvelopeError, match="unknown key"):
        open_envelope(document, TYPE, {other.public.fingerprint: key.public})


def test_a_signature_of_the_payload_alone_is_none(key: PrivateKey) -> None:
    document = seal(TYPE, PAYLOAD, key)
    document["signatures"][0]["sig"] = base64.b64encode(key.sign(PAYLOAD)).decode()
    with pytest.raises(EnvelopeError, match="is wrong"):
        open_envelope(document, TYPE, known(key))


def test_a_payload_of_one_type_is_none_of_another(key: PrivateKey) -> None:
    document = seal("application/x", PAYLOAD, key)
    document["payloadType"] = TYPE
    with pytest.raises(EnvelopeError, match="is wrong"):
        open_envelope(document, TYPE, known(key))


@pytest.mark.parametrize("signers", [1, 2])
def test_every_change_of_one_byte_is_refused(key: PrivateKey, other: PrivateKey, signers: int) -> None:
    keys = (key, other)[:signers]
    body = json.dumps(seal(TYPE, PAYLOAD, *keys), separators=(",", ":")).encode()
    for index in range(len(body)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128):
            changed = bytearray(body)
            changed[index] ^= flip
            try:
                document = json.loads(changed)
            except ValueError:
                continue
            with pytest.raises(EnvelopeError):
                open_envelope(document, TYPE, known(*keys))


@pytest.mark.parametrize("what", ["removed", "doubled"])
def test_every_missing_or_doubled_byte_is_refused(key: PrivateKey, what: str) -> None:
    """But for what JSON itself does not tell apart, such as white space."""
    document = seal(TYPE, PAYLOAD, key)
    body = json.dumps(document, separators=(",", ":")).encode()
    for index in range(len(body)):
        middle = b"" if what == "removed" else body[index : index + 1] * 2
        try:
            changed = json.loads(body[:index] + middle + body[index + 1 :])
        except ValueError:
            continue
        assert changed != document
        with pytest.raises(EnvelopeError):
            open_envelope(changed, TYPE, known(key))


class TestWithSecuresystemslib:
    """The other implementation opens our envelopes, and we open its."""

    def test_it_opens_ours(self, key: PrivateKey, other: PrivateKey) -> None:
        from securesystemslib.dsse import Envelope
        from securesystemslib.exceptions import VerificationError

        theirs = Envelope.from_dict(deepcopy(seal(TYPE, PAYLOAD, key, other)))
        keys = [_their_key(key), _their_key(other)]
        assert set(theirs.verify(keys, 2)) == set(known(key, other))
        assert (theirs.payload, theirs.payload_type, theirs.pae()) == (PAYLOAD, TYPE, pae(TYPE, PAYLOAD))
        theirs.payload += b" "
        with pytest.raises(VerificationError):
            theirs.verify(keys, 1)

    def test_we_open_its(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from securesystemslib.dsse import Envelope
        from securesystemslib.signer import CryptoSigner

        private = Ed25519PrivateKey.generate()
        key = PrivateKey(private, "theirs")
        theirs = Envelope(PAYLOAD, TYPE, {})
        theirs.sign(CryptoSigner(private, _their_key(key)))
        document = theirs.to_dict()
        assert open_envelope(document, TYPE, known(key)).payload == PAYLOAD
        assert document == seal(TYPE, PAYLOAD, key)


def _their_key(key: PrivateKey) -> Any:
    from securesystemslib.signer import SSlibKey

    return SSlibKey(key.public.fingerprint, "ed25519", "ed25519", {"public": key.public.raw.hex()})
