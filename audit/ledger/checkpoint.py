"""Checkpoints of a log and the notes that carry them (C2SP signed-note and tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from phasegate.audit.ledger.running_digest import KINDS, Digests, RunningDigest
from phasegate.rules.errors import PhasegateError

ED25519 = b"\x01"
MAX_NOTE = 1_000_000
"""Longer notes are not read, in characters."""
_MARK = "\u2014 "
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
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
        digests: over those that decisions rest on, in lines of their own; empty in a checkpoint from before
            there were any. Two checkpoints are of one log whether or not both have them.
    """

    origin: str
    size: int
    root: bytes
    digests: Digests = field(default_factory=dict, compare=False)

    def text(self) -> str:
        """The three lines of it, and one for each digest."""
        lines = [self.origin, str(self.size), _encoded(self.root)]
        lines += [f"{name} {each.count} {_encoded(each.digest)}" for name, each in self.digests.items()]
        return "".join(f"{line}\n" for line in lines)


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
        NoteError: if the key's name or the log's is none, or the checkpoint could not be read again.
    """
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise NoteError(f"{name!r} can not name a key in a note", "a name has neither blanks nor a plus sign")
    text = checkpoint.text()
    read = _checkpoint(text)
    if (read, read.digests) != (checkpoint, checkpoint.digests):
        raise NoteError(f"{checkpoint.origin!r} can not name a log")
    signature = _encoded(key_hash(name, public) + sign(text.encode()))
    return f"{text}\n{_MARK}{name} {signature}\n"


def read_checkpoint(note: str) -> tuple[Checkpoint, SignedNote]:
    """Reads a signed checkpoint, which nobody has verified.

    Raises:
        NoteError: if it is malformed.
    """
    signed = _read_note(note)
    return _checkpoint(signed.text), signed


def verified_by(note: SignedNote, name: str, public: bytes) -> bool:
    """Whether a key signed a note."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        wanted = key_hash(name, public)
    except ValueError:  # no key that any signature could be of
        return False
    for signature in note.signatures:
        if signature.name == name and signature.key_hash == wanted:
            try:
                key.verify(signature.signature, note.text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise NoteError("a checkpoint has a line for the log, one for the size and one for the root")
    origin, size, root = lines[:3]
    if not origin.isprintable():
        raise NoteError(f"{origin[:60]!r} can not name a log")
    if not _SIZE.fullmatch(size):
        raise NoteError(f"{size[:40]!r} is no size of a log")
    decoded = _base64(root)
    if decoded is None or len(decoded) != 32:
        raise NoteError(f"{root[:60]!r} is no root of a log")
    return Checkpoint(origin, int(size), decoded, _digests(lines[3:-1]))


def _digests(lines: list[str]) -> Digests:
    """The running digests among the further lines of a checkpoint; what else stands there is not ours."""
    found: Digests = {}
    for line in lines:
        name, *rest = line.split(" ")
        if name not in KINDS:
            continue
        count, digest = rest if len(rest) == 2 else ("", "")
        decoded = _base64(digest)
        if not _SIZE.fullmatch(count) or decoded is None or len(decoded) != 32:
            raise NoteError(f"{line[:80]!r} is no running digest")
        if name in found:
            raise NoteError(f"the checkpoint has two running digests of {name}")
        found[name] = RunningDigest(int(count), decoded)
    if found and found.keys() != KINDS.keys():
        raise NoteError(f"the checkpoint has no running digest of {', '.join(KINDS.keys() - found.keys())}")
    return found


def _read_note(note: str) -> SignedNote:
    if len(note) > MAX_NOTE:
        raise NoteError(f"the note has more than {MAX_NOTE:,} characters")
    if _CONTROL.search(note):
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


def in_a_line(size: int, root: bytes) -> str:
    """A checkpoint as people keep it elsewhere, and ``verify --against`` takes it: its size and its root."""
    return f"{size} {_encoded(root)}"


def _encoded(found: bytes) -> str:
    return base64.b64encode(found).decode()


def _base64(text: str) -> bytes | None:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None
