"""Checkpoints of a log and the notes that carry them (C2SP signed-note and tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from phasegate.rules.errors import PhasegateError

ED25519 = b"\x01"
MAX_NOTE = 1_000_000
"""Longer notes are not read, in bytes."""
_MARK = "\u2014 "
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(PhasegateError):
    """A text that is no signed note, or no checkpoint."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was at a moment.

    Attributes:
        origin: the log.
        size: how many entries it had.
        root: the hash over all of them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines of it."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature under a note.

    Attributes:
        name: of the key.
        key_hash: four bytes that tell which key of that name.
        signature: what it made.
    """

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and the signatures under it, not yet verified."""

    text: str
    signatures: tuple[NoteSignature, ...]


def key_hash(name: str, public: bytes) -> bytes:
    """The four bytes by which notes name an Ed25519 key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, name: str, sign: Callable[[bytes], bytes], public: bytes) -> str:
    """The signed note of a checkpoint.

    Raises:
        NoteError: if the key's name or the log's is none.
    """
    if not _NAME.fullmatch(name):
        raise NoteError(f"{name!r} can not name a key in a note", "a name has neither blanks nor a plus sign")
    if not checkpoint.origin or not checkpoint.origin.isprintable():
        raise NoteError(f"{checkpoint.origin!r} can not name a log")
    text = checkpoint.text()
    signature = base64.b64encode(key_hash(name, public) + sign(text.encode())).decode()
    return f"{text}\n{_MARK}{name} {signature}\n"


def read_checkpoint(note: str) -> tuple[Checkpoint, SignedNote]:
    """Reads a signed checkpoint, which nobody has verified.

    Raises:
        NoteError: if it is malformed.
    """
    signed = _read_note(note)
    lines = signed.text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise NoteError("a checkpoint has a line for the log, one for the size and one for the root")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise NoteError(f"{size[:40]!r} is no size of a log")
    decoded = _base64(root)
    if decoded is None or len(decoded) != 32:
        raise NoteError(f"{root[:60]!r} is no root of a log")
    return Checkpoint(origin, int(size), decoded), signed


def verified_by(note: SignedNote, name: str, public: bytes) -> bool:
    """Whether a key signed a note."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    wanted = key_hash(name, public)
    key = Ed25519PublicKey.from_public_bytes(public)
    for signature in note.signatures:
        if signature.name == name and signature.key_hash == wanted:
            try:
                key.verify(signature.signature, note.text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def _read_note(note: str) -> SignedNote:
    if len(note) > MAX_NOTE:
        raise NoteError(f"the note has more than {MAX_NOTE:,} characters")
    if any(character < " " and character != "\n" for character in note) or "\x7f" in note:
        raise NoteError("the note holds control characters", "its lines end with a line feed alone")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteError("this is no signed note: a text, an empty line, and signatures")
    found = tuple(_signature(line) for line in signatures[:-1].split("\n"))
    if len({(each.name, each.key_hash) for each in found}) < len(found):
        raise NoteError("one key signed the note twice")
    try:
        note.encode()
    except UnicodeEncodeError as error:
        raise NoteError("the note is no Unicode text") from error
    return SignedNote(f"{text}\n", found)


def _signature(line: str) -> NoteSignature:
    name, separator, encoded = line.removeprefix(_MARK).partition(" ")
    decoded = _base64(encoded)
    if not line.startswith(_MARK) or not separator or not _NAME.fullmatch(name):
        raise NoteError("a line of the note is no signature")
    if decoded is None or len(decoded) < 5:
        raise NoteError(f"the signature of {name[:40]!r} is not written in base64")
    return NoteSignature(name, decoded[:4], decoded[4:])


def _base64(text: str) -> bytes | None:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None
