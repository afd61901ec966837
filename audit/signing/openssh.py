"""The text of a private Ed25519 key as OpenSSH keeps it, without a passphrase.

The form is that of OpenSSH's ``PROTOCOL.key``. The library reads it, but leaves out the comment, with
which `ssh-keygen` and we name a key, and it writes none: both are done here.
"""

from __future__ import annotations

import base64
import binascii
import struct
import textwrap
from typing import NamedTuple

from phasegate.rules.values.ssh_public_key import ssh_blob

BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----"
END = "-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\x00"
_NONE = b"none"
_BLOCK = 8
_COLUMNS = 70


class ContainerError(ValueError):
    """A text that is no such container; its message says why."""


class Container(NamedTuple):
    """What a private key's file says without being unlocked.

    Attributes:
        type: the algorithm's name, such as ``ssh-ed25519``.
        locked: whether a passphrase is needed.
        public: the public key, as OpenSSH encodes it.
        secret: the private part, still locked where it is.
    """

    type: str
    locked: bool
    public: bytes
    secret: bytes

    def comment(self) -> str:
        """What stands behind the private part of an Ed25519 key that is not locked.

        Raises:
            ContainerError: if nothing stands there, or no text.
        """
        rest = self.secret[8:]  # two equal numbers, which show whether a passphrase was right
        for _ in ("type", "public", "private"):
            _, rest = _take(rest)
        found, _ = _take(rest)
        return _text(found, "its comment")


def read_container(text: str) -> Container:
    """Reads the container around a private key.

    Raises:
        ContainerError: if the text is cut short, or otherwise no such container.
    """
    lines = text.strip().splitlines()
    if len(lines) < 3 or lines[0].strip() != BEGIN or lines[-1].strip() != END:
        raise ContainerError("its first or last line is missing")
    try:
        body = base64.b64decode("".join(line.strip() for line in lines[1:-1]), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ContainerError("it is not written in base64") from error
    if not body.startswith(_MAGIC):
        raise ContainerError("it does not begin as a key of OpenSSH")
    cipher, rest = _take(body[len(_MAGIC) :])
    _, rest = _take(rest)
    _, rest = _take(rest)
    if rest[:4] != struct.pack(">I", 1):
        raise ContainerError("it does not hold exactly one key")
    public, rest = _take(rest[4:])
    secret, rest = _take(rest)
    kind, _ = _take(public)
    return Container(_text(kind, "its type"), cipher != _NONE, public, secret)


def write_container(seed: bytes, public: bytes, comment: str, check: bytes) -> str:
    """Writes a private key.

    Args:
        seed: its 32 secret bytes.
        public: the 32 bytes of its public key.
        comment: its name.
        check: 4 bytes, new for each key.

    Returns:
        The content of the file.
    """
    secret = check * 2 + ssh_blob(public) + _put(seed + public) + _put(comment.encode())
    secret += bytes(range(1, 1 + -len(secret) % _BLOCK))
    body = _MAGIC + _put(_NONE) * 2 + _put(b"") + struct.pack(">I", 1) + _put(ssh_blob(public)) + _put(secret)
    return "\n".join([BEGIN, *textwrap.wrap(base64.b64encode(body).decode(), _COLUMNS), END, ""])


def type_of_pem(text: str) -> str | None:
    """The algorithm that the first line of another form of private key names, None where it names none."""
    first = text.lstrip().partition("\n")[0]
    for word, name in (("RSA ", "ssh-rsa"), ("EC ", "ecdsa"), ("DSA ", "ssh-dss")):
        if first.startswith(f"-----BEGIN {word}PRIVATE KEY"):
            return name
    return None


def _put(part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + part


def _take(data: bytes) -> tuple[bytes, bytes]:
    """The first part of the data, which its length precedes, and the rest."""
    if len(data) < 4:
        raise ContainerError("it is cut short")
    end = 4 + int.from_bytes(data[:4], "big")
    if end > len(data):
        raise ContainerError("it is cut short")
    return data[4:end], data[end:]


def _text(data: bytes, what: str) -> str:
    try:
        found = data.decode()
    except UnicodeDecodeError as error:
        raise ContainerError(f"{what} is no text") from error
    if not found.isprintable():
        raise ContainerError(f"{what} is no text")
    return found
