"""Signed checkpoints, held against a second small reader of the C2SP forms and against real ones."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from phasegate.audit.ledger.checkpoint import (
    MAX_NOTE,
    Checkpoint,
    NoteError,
    key_hash,
    read_checkpoint,
    sign_checkpoint,
    verified_by,
)
from phasegate.audit.ledger.merkle import EMPTY_ROOT

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_PUBLIC = OTHER.public_key().public_bytes_raw()
NAME = "evaluator"
ORIGIN = "phasegate.local/00112233445566778899aabbccddeeff"
ROOT = hashlib.sha256(b"entries").digest()
CHECKPOINT = Checkpoint(ORIGIN, 1234, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, NAME, KEY.sign, PUBLIC)
TEXT, SIGNATURE = NOTE.split("\n\n")
ENCODED_ROOT = base64.b64encode(ROOT).decode()

# Two checkpoints of the checksum database of Go, and its public key.
GO = "sum.golang.org"
GO_KEY = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")[1:]
GO_NOTES = [
    (
        "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n— sum.golang.org "
        "Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n"
    ),
    (
        "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n— sum.golang.org "
        "Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n"
    ),
]


@dataclass
class Read:
    origin: str
    size: int
    root: bytes
    signed_by: set[str]


def second_reader(note: bytes, keys: dict[str, bytes]) -> Read:
    """Reads a checkpoint byte by byte from the two specifications; any exception means that it is none."""
    assert not [byte for byte in note if byte < 0x20 and byte != 0x0A]
    lines = note.decode("utf-8").split("\n")
    assert lines.pop() == "", "the last line is not ended"
    signatures: list[str] = []
    while lines[-1] != "":
        signatures.insert(0, lines.pop())
    assert signatures
    lines.pop()
    text = "".join(f"{line}\n" for line in lines)
    assert all(lines), "an empty line in a checkpoint"
    origin, size, root = lines[:3]
    assert size == str(int(size))
    assert int(size) >= 0
    decoded = base64.b64decode(root, validate=True)
    assert len(decoded) == 32
    assert base64.b64encode(decoded).decode() == root

    signed_by, seen = set(), []
    for line in signatures:
        dash, name, encoded = line.split(" ")
        assert dash == "\N{EM DASH}"
        assert name
        assert "+" not in name
        assert len(name.split()) == 1
        raw = base64.b64decode(encoded, validate=True)
        assert base64.b64encode(raw).decode() == encoded
        which, signature = raw[:4], raw[4:]
        assert signature
        assert (name, which) not in seen
        seen.append((name, which))
        if name in keys:
            identity = hashlib.sha256(f"{name}\n".encode() + b"\x01" + keys[name]).digest()
            if identity[:4] == which:
                try:
                    Ed25519PublicKey.from_public_bytes(keys[name]).verify(signature, text.encode())
                    signed_by.add(name)
                except InvalidSignature:
                    pass
    return Read(origin, int(size), decoded, signed_by)


def signature(name: str, key: Ed25519PrivateKey, text: str = TEXT) -> str:
    public = key.public_key().public_bytes_raw()
    raw = key_hash(name, public) + key.sign(f"{text}\n".encode())
    return f"\N{EM DASH} {name} {base64.b64encode(raw).decode()}\n"


def note_of(origin: str = ORIGIN, size: object = 1234, root: str = ENCODED_ROOT, more: str = "") -> str:
    """A checkpoint with a good signature, whatever its lines are."""
    text = f"{origin}\n{size}\n{root}{more}"
    return f"{text}\n\n{signature(NAME, KEY, text)}"


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    assert CHECKPOINT.text() == f"{ORIGIN}\n1234\n{ENCODED_ROOT}\n"
    assert f"{CHECKPOINT.text()}\n{signature(NAME, KEY)}" == NOTE == note_of()


def test_a_signed_checkpoint_is_read_and_verified() -> None:
    checkpoint, signed = read_checkpoint(NOTE)
    assert checkpoint == CHECKPOINT
    assert signed.text == CHECKPOINT.text()
    assert verified_by(signed, NAME, PUBLIC)


@pytest.mark.parametrize("note", GO_NOTES)
def test_checkpoints_of_another_log_are_read_and_verified(note: str) -> None:
    checkpoint, signed = read_checkpoint(note)
    assert checkpoint.origin == "go.sum database tree"
    assert checkpoint.text() == signed.text
    assert key_hash(GO, GO_KEY).hex() == "033de0ae"
    assert verified_by(signed, GO, GO_KEY)
    assert second_reader(note.encode(), {GO: GO_KEY}).signed_by == {GO}
    assert not verified_by(read_checkpoint(note.replace("\n6", "\n7", 1))[1], GO, GO_KEY)


ORIGINS = st.text(min_size=1).filter(str.isprintable) | st.just("example.com/log +1 a\u0301")
NAMES = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="+"), min_size=1, max_size=20
).filter(lambda name: name.isprintable() and " " not in name)


@given(ORIGINS, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), NAMES)
def test_whatever_is_signed_is_read_by_both_readers(origin: str, size: int, root: bytes, name: str) -> None:
    note = sign_checkpoint(Checkpoint(origin, size, root), name, KEY.sign, PUBLIC)
    checkpoint, signed = read_checkpoint(note)
    assert checkpoint == Checkpoint(origin, size, root)
    assert verified_by(signed, name, PUBLIC)
    assert second_reader(note.encode(), {name: PUBLIC}) == Read(origin, size, root, {name})


@pytest.mark.parametrize(
    ("checkpoint", "name"),
    [
        (Checkpoint("", 1, ROOT), NAME),
        (Checkpoint("two\nlines", 1, ROOT), NAME),
        (Checkpoint(f"log\n5\n{ENCODED_ROOT}", 1, ROOT), NAME),
        (Checkpoint("a\tlog", 1, ROOT), NAME),
        (Checkpoint("a\x9blog", 1, ROOT), NAME),
        (Checkpoint("\ud800", 1, ROOT), NAME),
        (Checkpoint(ORIGIN, -1, ROOT), NAME),
        (Checkpoint(ORIGIN, 10**19, ROOT), NAME),
        (Checkpoint(ORIGIN, 1, ROOT[:31]), NAME),
        (Checkpoint(ORIGIN, 1, b""), NAME),
        (CHECKPOINT, ""),
        (CHECKPOINT, "two words"),
        (CHECKPOINT, "two\u2003words"),
        (CHECKPOINT, "a+b"),
        (CHECKPOINT, "a\nb"),
        (CHECKPOINT, "a\x00b"),
        (CHECKPOINT, "\ud800"),
    ],
)
def test_nothing_is_signed_that_could_not_be_read_again(checkpoint: Checkpoint, name: str) -> None:
    def sign(text: bytes) -> bytes:
        raise AssertionError("signed all the same")

    with pytest.raises(NoteError):
        sign_checkpoint(checkpoint, name, sign, PUBLIC)


MALFORMED = {
    "nothing": ("", "no signed note"),
    "an_empty_line": ("\n", "no signed note"),
    "a_text_alone": (CHECKPOINT.text(), "no signed note"),
    "no_empty_line": (f"{TEXT}\n{SIGNATURE}", "no signed note"),
    "no_signature": (f"{TEXT}\n\n", "no signed note"),
    "no_signature_and_an_empty_line": (f"{TEXT}\n\n\n", "no signed note"),
    "an_unended_last_line": (NOTE[:-1], "no signed note"),
    "something_after_the_signatures": (f"{NOTE}more\n", "no signature"),
    "an_empty_line_after_the_signatures": (f"{NOTE}\n", "no signed note"),
    "carriage_returns": (NOTE.replace("\n", "\r\n"), "control characters"),
    "one_carriage_return": (NOTE.replace("\n", "\r\n", 1), "control characters"),
    "a_tab": (note_of(more="\n\t"), "control characters"),
    "a_null": (note_of(more="\n\0"), "control characters"),
    "an_escape": (note_of(more="\n\x1b[31m"), "control characters"),
    "half_a_character": (NOTE.replace("evaluator", "\ud800"), "no Unicode"),
    "half_a_character_in_the_text": (NOTE.replace("local", "\udfff"), "no Unicode"),
    "a_byte_order_mark": (f"\ufeff{NOTE}", "can not name a log"),
    "an_origin_that_changes_terminals": (note_of(origin="a\x9b31m"), "can not name a log"),
    "no_origin": (note_of(origin=""), "a line for the log"),
    "two_lines": (f"{ORIGIN}\n1234\n\n{SIGNATURE}", "a line for the log"),
    "an_empty_extension_line": (note_of(more="\n\nmore"), "a line for the log"),
    "a_size_with_a_zero_before_it": (note_of(size="01234"), "no size"),
    "two_zeros": (note_of(size="00"), "no size"),
    "a_negative_size": (note_of(size=-1), "no size"),
    "minus_zero": (note_of(size="-0"), "no size"),
    "a_size_with_a_plus": (note_of(size="+1"), "no size"),
    "a_size_with_a_blank": (note_of(size=" 1"), "no size"),
    "a_size_with_an_underscore": (note_of(size="1_000"), "no size"),
    "a_fraction": (note_of(size="1.0"), "no size"),
    "other_digits": (note_of(size="\u0661\u0662"), "no size"),
    "a_word": (note_of(size="many"), "no size"),
    "a_size_of_many_digits": (note_of(size="9" * 10_000), "no size"),
    "no_root": (note_of(root="-"), "no root"),
    "a_short_root": (note_of(root=base64.b64encode(ROOT[:31]).decode()), "no root"),
    "a_long_root": (note_of(root=base64.b64encode(ROOT + b"x").decode()), "no root"),
    "a_root_in_hexadecimals": (note_of(root=ROOT.hex()), "no root"),
    "a_root_without_padding": (note_of(root=ENCODED_ROOT.rstrip("=")), "no root"),
    "a_root_with_more_padding": (note_of(root=f"{ENCODED_ROOT}="), "no root"),
    "a_root_for_addresses": (note_of(root=base64.urlsafe_b64encode(b"\xff" * 32).decode()), "no root"),
    "a_root_with_loose_bits": (note_of(root=base64.b64encode(bytes(32)).decode()[:-2] + "B="), "no root"),
    "a_root_with_a_blank": (note_of(root=f"{ENCODED_ROOT} "), "no root"),
    "a_root_with_other_letters": (note_of(root="\u00e9" * 44), "no root"),
    "a_hyphen_for_the_dash": (NOTE.replace("\N{EM DASH}", "-"), "no signature"),
    "an_en_dash_for_the_dash": (NOTE.replace("\N{EM DASH}", "\N{EN DASH}"), "no signature"),
    "no_blank_after_the_dash": (NOTE.replace("\N{EM DASH} ", "\N{EM DASH}"), "no signature"),
    "two_blanks_after_the_dash": (NOTE.replace("\N{EM DASH} ", "\N{EM DASH}  "), "no signature"),
    "two_blanks_after_the_name": (NOTE.replace(f"{NAME} ", f"{NAME}  "), "not written in base64"),
    "a_name_with_a_plus": (NOTE.replace(NAME, "a+b"), "no signature"),
    "a_name_with_a_wide_blank": (NOTE.replace(NAME, "a\u3000b"), "no signature"),
    "no_name": (NOTE.replace(f"{NAME} ", ""), "no signature"),
    "no_signature_after_the_name": (f"{TEXT}\n\n\N{EM DASH} {NAME}\n", "no signature"),
    "an_empty_signature": (f"{TEXT}\n\n\N{EM DASH} {NAME} \n", "not written in base64"),
    "a_signature_that_is_no_base64": (f"{TEXT}\n\n\N{EM DASH} {NAME} %%%%\n", "not written in base64"),
    "a_signature_cut_short": (f"{NOTE[:-2]}\n", "not written in base64"),
    "a_signature_with_a_blank_behind": (f"{NOTE[:-1]} \n", "not written in base64"),
    "a_key_hash_alone": (f"{TEXT}\n\n\N{EM DASH} {NAME} AAAAAA==\n", "not written in base64"),
    "a_signature_twice": (f"{NOTE}{SIGNATURE}", "signed the note twice"),
    "two_signatures_of_one_key": (f"{NOTE}{signature(NAME, KEY, 'another')}", "signed the note twice"),
    "a_megabyte": (note_of(more="\nmore" * 250_000), "more than 1,000,000 characters"),
    "a_megabyte_of_line_feeds": ("\n" * (MAX_NOTE + 1), "more than 1,000,000 characters"),
}


@pytest.mark.parametrize(("note", "says"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_note_is_refused(note: str, says: str) -> None:
    with pytest.raises(NoteError) as caught:
        read_checkpoint(note)
    assert says in caught.value.message
    assert len(caught.value.message) < 200
    assert caught.value.message.isprintable()


# Limits of ours, that the specifications do not have.
OURS = {
    "a_byte_order_mark",
    "an_origin_that_changes_terminals",
    "a_size_of_many_digits",
    "a_megabyte",
}


@pytest.mark.parametrize("name", sorted(MALFORMED.keys() - OURS))
def test_the_second_reader_refuses_it_too(name: str) -> None:
    note = MALFORMED[name][0]
    with pytest.raises((AssertionError, ValueError, IndexError)):
        second_reader(note.encode(), {NAME: PUBLIC})


def test_a_large_note_within_the_limit_is_read() -> None:
    note = note_of(more="\nm" * 499_000)
    assert verified_by(read_checkpoint(note)[1], NAME, PUBLIC)
    for character in ("\n", "\N{EM DASH} ", "x\n", "\n\n\N{EM DASH} "):
        with pytest.raises(NoteError):
            read_checkpoint(character * (MAX_NOTE // len(character)))


def test_further_lines_are_kept_and_signed() -> None:
    checkpoint, signed = read_checkpoint(note_of(more="\nfirst\n\N{EM DASH} second"))
    assert checkpoint == CHECKPOINT
    assert signed.text == f"{CHECKPOINT.text()}first\n\N{EM DASH} second\n"
    assert verified_by(signed, NAME, PUBLIC)


def test_a_log_without_entries_has_a_checkpoint() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert read_checkpoint(sign_checkpoint(empty, NAME, KEY.sign, PUBLIC))[0] == empty


def test_each_of_several_signatures_is_found() -> None:
    unknown = f"\N{EM DASH} witness {base64.b64encode(b'12345').decode()}\n"
    same_name = signature(NAME, OTHER)
    _, signed = read_checkpoint(f"{TEXT}\n\n{unknown}{same_name}{signature('second', OTHER)}{SIGNATURE}")
    assert [each.name for each in signed.signatures] == ["witness", NAME, "second", NAME]
    assert verified_by(signed, NAME, PUBLIC)
    assert verified_by(signed, NAME, OTHER_PUBLIC)
    assert verified_by(signed, "second", OTHER_PUBLIC)
    assert not verified_by(signed, "second", PUBLIC)
    assert not verified_by(signed, "witness", PUBLIC)


@pytest.mark.parametrize(
    ("name", "public"),
    [
        (NAME, OTHER_PUBLIC),
        ("evaluator2", PUBLIC),
        ("Evaluator", PUBLIC),
        ("", PUBLIC),
        ("\ud800", PUBLIC),
        (NAME, b""),
        (NAME, PUBLIC[:31]),
        (NAME, PUBLIC + b"\x00"),
        (NAME, bytes(32)),
    ],
)
def test_nobody_else_signed_it(name: str, public: bytes) -> None:
    assert not verified_by(read_checkpoint(NOTE)[1], name, public)


@pytest.mark.parametrize("length", [1, 32, 63, 65])
def test_a_signature_of_another_length_is_none(length: int) -> None:
    raw = key_hash(NAME, PUBLIC) + (KEY.sign(CHECKPOINT.text().encode()) + b"\x00")[:length]
    note = f"{TEXT}\n\n\N{EM DASH} {NAME} {base64.b64encode(raw).decode()}\n"
    assert not verified_by(read_checkpoint(note)[1], NAME, PUBLIC)


def edits(note: str) -> Iterator[str]:
    for at in range(len(note)):
        yield note[:at] + note[at + 1 :]
        for put in ("\n", " ", "0", "A", "\N{EM DASH}", chr(ord(note[at]) ^ 1)):
            if put != note[at]:
                yield note[:at] + put + note[at + 1 :]
            yield note[:at] + put + note[at:]


def test_no_edit_of_one_character_verifies() -> None:
    assert verified_by(read_checkpoint(NOTE)[1], NAME, PUBLIC)
    refused = 0
    for edited in edits(NOTE):
        try:
            _, signed = read_checkpoint(edited)
        except NoteError:
            refused += 1
            with pytest.raises((AssertionError, ValueError, IndexError)):
                second_reader(edited.encode(), {NAME: PUBLIC})
            continue
        assert not verified_by(signed, NAME, PUBLIC), edited
        assert not second_reader(edited.encode(), {NAME: PUBLIC}).signed_by, edited
    assert refused > 500


@given(
    st.text()
    | st.text(alphabet="\n\n\n \N{EM DASH}01A=+")
    | st.text(max_size=10).map(lambda text: f"{text}\n\n{SIGNATURE}")
    | st.text(max_size=10).map(lambda text: f"{TEXT}\n\n{text}\n")
    | st.lists(st.sampled_from([*NOTE.splitlines(keepends=True), "\n", "0\n"])).map("".join)
    | st.text(alphabet=st.characters(), max_size=20).map(lambda text: NOTE.replace("1234", text))
)
def test_a_text_of_any_kind_raises_no_other_error(note: str) -> None:
    try:
        checkpoint, signed = read_checkpoint(note)
    except NoteError:
        return
    read = second_reader(note.encode(), {NAME: PUBLIC})
    assert (read.origin, read.size, read.root) == (checkpoint.origin, checkpoint.size, checkpoint.root)
    assert read.signed_by == ({NAME} if verified_by(signed, NAME, PUBLIC) else set())
