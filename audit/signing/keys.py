"""Ed25519 keys in OpenSSH's form: made, read, signed with, verified with."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from phasegate.audit.signing.errors import (
    EncryptedKeyError,
    KeyFault,
    KeyTypeError,
    MalformedKeyError,
    PublicKeyError,
)
from phasegate.audit.signing.key_file import read_private_file, write_pair
from phasegate.audit.signing.openssh import ContainerError, read_container, type_of_pem, write_container
from phasegate.rules.values.ssh_public_key import (
    TYPE,
    SshKeyError,
    check_point,
    read_ssh_key,
    ssh_blob,
    ssh_line,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_LONGEST_NAME = 120
_CONVERT = "'ssh-keygen -t ed25519' makes one in OpenSSH's form"


@dataclass(frozen=True)
class PublicKey:
    """What verifies a signature. Two are equal if their bytes are, whatever their comments.

    Attributes:
        raw: its 32 bytes.
        comment: what it is called, for people; nothing rests on it.

    Raises:
        PublicKeyError: if the bytes are no key, or one under which anybody could sign.
    """

    raw: bytes
    comment: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        try:
            check_point(self.raw)
        except SshKeyError as error:
            raise PublicKeyError(error.short, error.hint) from error

    @cached_property
    def fingerprint(self) -> str:
        """``SHA256:`` and 43 characters, as ``ssh-keygen -l`` shows it."""
        digest = hashlib.sha256(ssh_blob(self.raw)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    @property
    def openssh(self) -> str:
        """The line of a ``.pub`` file, without its end."""
        return ssh_line(self.raw, self.comment)

    @property
    def pem(self) -> str:
        """The key as `openssl` reads it (SubjectPublicKeyInfo, RFC 8410)."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Whether the signature is one of the data under this key."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """What signs. It shows no secret, and can be neither copied nor written by accident.

    Attributes:
        name: its comment.
        public: the key that verifies what it signs.
    """

    __slots__ = ("_key", "name", "public")

    def __init__(self, key: Ed25519PrivateKey, name: str) -> None:
        self._key = key
        self.name = name
        self.public = PublicKey(key.public_key().public_bytes_raw(), name)

    def __repr__(self) -> str:
        return f"PrivateKey({self.name!r}, {self.public.fingerprint})"

    def sign(self, data: bytes) -> bytes:
        """The signature of the data, 64 bytes; the same for the same data (RFC 8032)."""
        return self._key.sign(data)


def new_key(path: Path, name: str) -> PrivateKey:
    """Makes a key: the private one at the path, mode 0600, and the public one beside it, in ``.pub``.

    Args:
        path: where nothing stands yet.
        name: what it is called, an opaque id; it becomes its comment.

    Raises:
        KeyExistsError: if either file is there already.
        KeyNotKeptError: if they can not be written; nothing of them is left then.
        KeyFault: if the name is none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not name.isprintable() or name != name.strip() or not 0 < len(name) <= _LONGEST_NAME:
        message = f"{name!r} can not name a key"
        raise KeyFault(message, f"take up to {_LONGEST_NAME} printable characters, such as an opaque id")
    key = PrivateKey(Ed25519PrivateKey.generate(), name)
    seed, public = key._key.private_bytes_raw(), key.public
    write_pair(path, write_container(seed, public.raw, name, os.urandom(4)), f"{public.openssh}\n")
    return key


def read_private(path: Path) -> PrivateKey:
    """Reads a private key that has no passphrase.

    Raises:
        KeyFault: if it is missing, open to others, locked, of another type, or damaged; each has a class.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization.ssh import load_ssh_private_key

    text = read_private_file(path)
    if (other := type_of_pem(text)) is not None:
        raise KeyTypeError(path, other)
    if "-----BEGIN" in text and "OPENSSH" not in text:
        raise MalformedKeyError(path, "it is not in OpenSSH's form", _CONVERT)
    try:
        container = read_container(text)
        if container.type != TYPE:
            raise KeyTypeError(path, container.type)
        if container.locked:
            raise EncryptedKeyError(path)
        key = load_ssh_private_key(text.encode(), None)
        name = container.comment()
    except ContainerError as error:
        raise MalformedKeyError(path, str(error)) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise MalformedKeyError(path, "it is damaged") from error
    if (
        not isinstance(key, Ed25519PrivateKey)
        or ssh_blob(key.public_key().public_bytes_raw()) != container.public
    ):
        raise MalformedKeyError(path, "its private and public halves do not belong together")
    return PrivateKey(key, name)


def read_public(line: str) -> PublicKey:
    """Reads a public key from its line, or from the content of its ``.pub`` file.

    Raises:
        PublicKeyError: if it is anything but one key of type ssh-ed25519 with an optional comment.
    """
    try:
        raw, comment = read_ssh_key(line)
    except SshKeyError as error:
        raise PublicKeyError(error.short, error.hint) from error
    return PublicKey(raw, comment)
