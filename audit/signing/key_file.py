"""The files of keys on a disk: read without a race, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from phasegate.audit.signing.errors import (
    ExposedKeyError,
    KeyExistsError,
    KeyNotKeptError,
    MissingKeyError,
    NoKeyFileError,
    UnreadableKeyError,
)

MAX_BYTES = 65_536
_PRIVATE, _PUBLIC = 0o600, 0o644
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_private_file(path: Path) -> str:
    """Reads the file of a private key that nobody but its owner can reach.

    What is judged is the file that was opened, so nobody can put another in its place meanwhile. A link
    is followed.

    Raises:
        KeyFault: if there is no such file, if it is none, too large, or open to the group or to others.
    """
    try:
        # Without O_NONBLOCK the opening of a pipe waits for somebody to write into it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise MissingKeyError(path) from None
    except (OSError, ValueError) as error:
        raise UnreadableKeyError(path, _why(error)) from error
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise NoKeyFileError(path, _KINDS.get(stat.S_IFMT(mode), "no file"))
        content = _read(handle)
    except OSError as error:
        raise UnreadableKeyError(path, _why(error)) from error
    finally:
        os.close(handle)
    if len(content) > MAX_BYTES:
        raise NoKeyFileError(path, f"larger than {MAX_BYTES:,} bytes")
    if content.startswith((b"ssh-", b"ecdsa-", b"sk-")):
        raise NoKeyFileError(path, "the public half of one, which signs nothing")
    if mode & 0o077:
        raise ExposedKeyError(path, stat.S_IMODE(mode))
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise NoKeyFileError(path, "no text") from None


def write_pair(path: Path, private: str, public: str) -> None:
    """Writes the two files of a key, both or neither, and overwrites nothing.

    Each is written under a passing name, and gets its own by a link, which fails where the name is taken.

    Args:
        path: where the private key is to be; the public one stands beside it and ends in ``.pub``.
        private: its content.
        public: the content of the other.

    Raises:
        KeyExistsError: if either name is taken, be it by a link that leads nowhere.
        KeyNotKeptError: if the files can not be written.
    """
    made: list[Path] = []
    try:
        beside = path.with_name(f"{path.name}.pub")
        for one in (path, beside):
            if os.path.lexists(one):
                raise KeyExistsError(one)
        passing = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        half = passing.with_name(f"{passing.name}.pub")
        try:
            _write(passing, private, _PRIVATE)
            _write(half, public, _PUBLIC)
            for source, target in ((passing, path), (half, beside)):
                _link(source, target)
                made.append(target)
            _keep_names(path.parent)
        except BaseException:
            for one in made:
                one.unlink(missing_ok=True)
            raise
        finally:
            for one in (passing, half):
                with suppress(FileNotFoundError, NotADirectoryError):
                    one.unlink()
    except (OSError, ValueError) as error:
        raise KeyNotKeptError(path, _why(error)) from error


def _read(handle: int) -> bytes:
    """The file's content, and of a larger one a byte more than is allowed."""
    parts: list[bytes] = []
    missing = MAX_BYTES + 1
    while missing and (part := os.read(handle, missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _write(path: Path, content: str, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        if mode == _PRIVATE:
            os.fchmod(handle, mode)  # the umask may have taken even the owner's rights
        file.write(content.encode())
        file.flush()
        os.fsync(handle)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise KeyExistsError(target) from None


def _keep_names(folder: Path) -> None:
    """Has the names on the disk before anything is signed with the key."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
