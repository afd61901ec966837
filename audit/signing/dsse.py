"""Signed bytes: DSSE envelopes (Dead Simple Signing Envelope, version 1).

An envelope gives its content out only to those who say what it must be and whose signatures they know.
Stricter than DSSE asks: every signature must be by a known key, and right. What nobody vouches for
has no place in a trail, and so each byte of an envelope counts. As DSSE allows, base64 is that of URLs or
the plain one, and a signature need not name its key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from phasegate.audit.signing.keys import PrivateKey, PublicKey
from phasegate.rules.errors import PhasegateError

_KEYS = {"payload", "payloadType", "signatures"}
_SIGNATURE_KEYS = ({"keyid", "sig"}, {"sig"})


_PLAIN = str.maketrans("-_", "+/")


class EnvelopeError(PhasegateError):
    """An envelope that proves nothing."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope held, after its signatures were found right.

    Attributes:
        payload_type: what the payload is, such as ``application/vnd.in-toto+json``.
        payload: the signed bytes.
        signed_by: the fingerprints of the keys that signed, in the envelope's order; at least one.
    """

    payload_type: str
    payload: bytes
    signed_by: tuple[str, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: type and payload, each with its length (DSSE's PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload_type: str, payload: bytes, *keys: PrivateKey) -> dict[str, Any]:
    """Puts bytes into an envelope that the keys sign.

    Returns:
        The envelope as a JSON document.

    Raises:
        EnvelopeError: without a key, or with the same one twice.
    """
    if not keys:
        raise EnvelopeError("an envelope needs a signature")
    if len({key.public for key in keys}) < len(keys):
        raise EnvelopeError("a key signs an envelope once")
    message = pae(payload_type, payload)
    return {
        "payload": _text(payload),
        "payloadType": payload_type,
        "signatures": [{"keyid": key.public.fingerprint, "sig": _text(key.sign(message))} for key in keys],
    }


def open_envelope(document: object, payload_type: str, keys: Mapping[str, PublicKey]) -> Envelope:
    """Opens an envelope whose every signature is by one of the keys.

    Whether a signer was allowed to sign this, and then, is another question: `Signers` answers it.

    Args:
        document: the envelope, as it came out of JSON.
        payload_type: what it must hold; another type is refused, as it could mean another thing.
        keys: the known keys by fingerprint.

    Raises:
        EnvelopeError: if it is malformed, holds another type, has no signature, one by an unknown key, two
            by the same, or one that is wrong.
    """
    if not isinstance(document, dict) or set(document) != _KEYS:
        raise EnvelopeError("this is no envelope", "it has the keys payload, payloadType and signatures")
    found = document["payloadType"]
    if found != payload_type:
        raise EnvelopeError(f"the envelope holds {_shown(found)}, expected {payload_type!r}")
    payload = _bytes(document["payload"], "payload")
    signatures = document["signatures"]
    if not isinstance(signatures, list) or not signatures:
        raise EnvelopeError("nobody signed the envelope", "what nobody signed proves nothing")
    message = pae(payload_type, payload)
    signed_by: list[str] = []
    for signature in signatures:
        keyid = _verified(signature, message, keys)
        if keyid in signed_by:
            raise EnvelopeError(f"the envelope carries two signatures of {keyid}")
        signed_by.append(keyid)
    return Envelope(payload_type, payload, tuple(signed_by))


def _verified(signature: object, message: bytes, keys: Mapping[str, PublicKey]) -> str:
    """The fingerprint of the key that made a signature."""
    if not isinstance(signature, dict) or set(signature) not in _SIGNATURE_KEYS:
        raise EnvelopeError("the envelope has a malformed signature", "it has the keys keyid and sig")
    made = _bytes(signature["sig"], "signature")
    keyid: object = signature.get("keyid", "")
    if keyid == "":
        by = [key for name, key in keys.items() if key.fingerprint == name and key.verify(message, made)]
        if not by:
            raise EnvelopeError(
                "no known key made a signature of the envelope",
                "the content or the signature was changed, or the key is listed nowhere",
            )
        return by[0].fingerprint
    key = keys.get(keyid) if isinstance(keyid, str) else None
    # The key's own fingerprint is compared, so that a wrong mapping vouches for nobody.
    if key is None or key.fingerprint != keyid:
        raise EnvelopeError(f"the envelope is signed by an unknown key, {_shown(keyid)}")
    if not key.verify(message, made):
        raise EnvelopeError(f"the signature of {keyid} is wrong", "the content or the signature was changed")
    return keyid


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: object, what: str) -> bytes:
    """Bytes from base64, plain or of URLs, that is written in the one way in which either can be."""
    try:
        if isinstance(text, str):
            plain = text.translate(_PLAIN) if "+" not in text and "/" not in text else text
            data = base64.b64decode(plain, validate=True)
            if _text(data) == plain:
                return data
    except (binascii.Error, ValueError):
        pass
    raise EnvelopeError(f"the {what} of the envelope is not written in base64")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
