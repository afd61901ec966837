"""Why a key can not be used."""

from __future__ import annotations

from pathlib import Path

from phasegate.rules.errors import PhasegateError

_MAKE = "'phasegate keys new' makes one"


class KeyFault(PhasegateError):  # noqa: N818 - KeyError means another thing in Python
    """A key that can not be used, or not be made."""


class MissingKeyError(KeyFault):
    """There is no such file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no key {str(path)!r}", _MAKE)


class UnreadableKeyError(KeyFault):
    """The system does not give the file out."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the key {str(path)!r} can not be read: {why}", "is it the file's owner who runs this?"
        )


class NoKeyFileError(KeyFault):
    """Something else than a file that may hold a key."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"{str(path)!r} holds no key: it is {what}", f"name the file of a private key; {_MAKE}"
        )


class ExposedKeyError(KeyFault):
    """A private key that others on the machine may read or replace."""

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(
            f"the key {str(path)!r} is open to others than its owner (mode {mode:04o})",
            f"'chmod 600 {path}' closes it; if others had access to it, make a new one",
        )


class EncryptedKeyError(KeyFault):
    """A private key under a passphrase, which nobody is there to type in a pipeline."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the key {str(path)!r} is locked by a passphrase",
            f"'ssh-keygen -p -N \"\" -f {path}' takes it away; or make a key for this use alone",
        )


class KeyTypeError(KeyFault):
    """A key of another algorithm than Ed25519."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"the key {str(path)!r} is of type {found}, only ssh-ed25519 signs here",
            f"'ssh-keygen -t ed25519' makes one, and {_MAKE}",
        )


class MalformedKeyError(KeyFault):
    """A private key that is damaged, or none in OpenSSH's form."""

    def __init__(self, path: Path, why: str, hint: str | None = None) -> None:
        super().__init__(
            f"the key {str(path)!r} can not be understood: {why}", hint or "restore it, or make a new one"
        )


class PublicKeyError(KeyFault):
    """A text that is no public key for Ed25519."""


class KeyExistsError(KeyFault):
    """Something has the name that a new key was to have."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is already a file {str(path)!r}",
            "a key is never overwritten: choose another name, or move it away",
        )


class KeyNotKeptError(KeyFault):
    """The system did not take the files of a new key; nothing of them is left."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the key {str(path)!r} was not made: {why}",
            "nothing of it is left; its folder must exist, be writable and have room",
        )
