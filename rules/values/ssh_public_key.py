"""Ed25519 public keys as OpenSSH writes them: one line of type, base64 and comment.

The line is read here and not by a library: a project file is read at every start, and its only form is
19 fixed bytes and a point.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import NamedTuple

TYPE = "ssh-ed25519"
HEADER = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"
"""What stands before the 32 bytes of the point (RFC 8709, section 4)."""
LENGTH = 32
_LONGEST = 40
_MADE = "'ssh-keygen -t ed25519' or 'phasegate keys new' makes one"
_COPY = "copy the whole line of the .pub file"
_OTHER_TYPES = ("ssh-", "ecdsa-", "sk-", "rsa-", "webauthn-")

# Curve25519 in Edwards form, RFC 8032, section 5.1.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


class SshKeyError(ValueError):
    """A text that is no public key for Ed25519.

    Attributes:
        short: what is wrong.
        hint: what to write in its place.
    """

    rule = "bad-key"

    def __init__(self, short: str, hint: str = _COPY) -> None:
        super().__init__(f"{short}: {hint}")
        self.short = short
        self.hint = hint


class SshKey(NamedTuple):
    """What a line says.

    Attributes:
        raw: the 32 bytes of the point.
        comment: the rest of the line, for people.
    """

    raw: bytes
    comment: str


def read_ssh_key(line: str) -> SshKey:
    """Reads a line as it stands in a ``.pub`` file.

    Args:
        line: the line; its end, of whatever system, may be there.

    Raises:
        SshKeyError: if it is anything but one key of type ssh-ed25519 with an optional comment; the options
            of an ``authorized_keys`` file limit what a key may do, and are therefore not read over.
    """
    text = line.strip(" \t\r\n")
    words = text.split(maxsplit=2)
    if not words:
        raise SshKeyError("there is no key", _MADE)
    if "PRIVATE KEY" in text:
        raise SshKeyError("this is a private key", "keep it to yourself, and name the line of its .pub file")
    if words[0] != TYPE:
        raise _other_start(words)
    if not text.replace("\t", " ").isprintable():
        raise SshKeyError("a public key is one line of printable text")
    if len(words) == 1:
        raise SshKeyError(f"nothing stands after {TYPE!r}")
    raw = _point(words[1])
    check_point(raw)
    return SshKey(raw, words[2] if len(words) == 3 else "")


# A list of signers is read from many entries of a ledger: of the same keys each time.
@lru_cache(maxsize=1024)
def check_point(raw: bytes) -> None:
    """Refuses bytes that are no public key, or one that protects nothing.

    Raises:
        SshKeyError: if they are not 32, encode no point of the curve, or one of small order.
    """
    if len(raw) != LENGTH:
        raise SshKeyError(f"a key for Ed25519 has {LENGTH} bytes, found {len(raw)}")
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    # x**2 = (y**2 - 1) / (d * y**2 + 1) must be a square; a fraction is one where the product is (Euler).
    product = (y * y - 1) * (_D * y * y + 1) % _P
    if y >= _P or pow(product, (_P - 1) // 2, _P) not in (0, 1):
        raise SshKeyError("these bytes are no point of the curve, so no key", _COPY)
    # Order 1, 2 and 4 have y = 1, -1 and 0; twice a point of order 8 has y = 0, so x**2 = -y**2.
    if y in (0, 1, _P - 1) or (_D * y**4 + 2 * y * y - 1) % _P == 0:
        raise SshKeyError("under this key anybody can sign: its point is of small order", _MADE)


def ssh_blob(raw: bytes) -> bytes:
    """The key as OpenSSH encodes it inside of its base64."""
    return HEADER + raw


def ssh_line(raw: bytes, comment: str = "") -> str:
    """The line of a ``.pub`` file, without its end."""
    return f"{TYPE} {base64.b64encode(ssh_blob(raw)).decode()} {comment}".rstrip()


def _point(text: str) -> bytes:
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SshKeyError("the key is not written in base64") from error
    if base64.b64encode(blob).decode() != text:
        raise SshKeyError("the key is not written in base64")
    if not blob.startswith(HEADER) or len(blob) != len(HEADER) + LENGTH:
        raise SshKeyError(f"the key is cut short, or is not of the type {TYPE!r} that stands before it")
    return blob[len(HEADER) :]


def _other_start(words: list[str]) -> SshKeyError:
    """Why a line that begins otherwise is refused."""
    first = words[0] if len(words[0]) <= _LONGEST else f"{words[0][:_LONGEST]}..."
    if words[0].startswith(_OTHER_TYPES):
        return SshKeyError(f"a key of type {first!r} can not sign here, only {TYPE!r}", _MADE)
    if any(TYPE in word for word in words):
        return SshKeyError(f"options stand before the key: {first!r}", f"begin with {TYPE!r}")
    return SshKeyError(f"expected a public key, which begins with {TYPE!r}, found {first!r}", _MADE)
