"""Points of Ed25519 keys, held against the arithmetic of RFC 8032, and the lines in which keys stand."""

from __future__ import annotations

import base64
import hashlib

import pytest

from phasegate.rules.values.ssh_public_key import SshKey, SshKeyError, check_point, read_ssh_key, ssh_line

P = 2**255 - 19
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
"""The constant of the curve, as section 5.1 of RFC 8032 prints it."""
ROOT = pow(2, (P - 1) // 4, P)
"""A square root of -1."""
Point = tuple[int, int]


def on_curve(raw: bytes) -> Point | None:
    """The point that 32 bytes encode, by section 5.1.3 of RFC 8032; None where they encode none."""
    y = int.from_bytes(raw, "little") % 2**255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * ROOT % P):
        if root * root % P == square:
            return root, y
    return None


def doubled(point: Point) -> Point:
    """A point added to itself, by section 5.1.4."""
    x, y = point
    crossed, both = 2 * x * y, D * x * x * y * y
    return crossed * pow(1 + both, -1, P) % P, (y * y + x * x) * pow(1 - both, -1, P) % P


def expected(raw: bytes) -> str:
    point = on_curve(raw)
    if point is None:
        return "no point"
    for _ in range(3):
        point = doubled(point)
    return "small order" if point == (0, 1) else "a key"


OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SPECIAL = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    9,
    P - 1,
    P - 2,
    P - 3,
    OF_ORDER_8,
    P - OF_ORDER_8,
    P,
    P + 1,
    P + 2,
    2**255 - 1,
]
DRAWN = [int.from_bytes(hashlib.sha256(bytes([i])).digest(), "little") % 2**255 for i in range(24)]


@pytest.mark.parametrize("y", [*SPECIAL, *DRAWN])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_point_is_a_key_where_it_is_on_the_curve_and_of_no_small_order(y: int, sign: int) -> None:
    raw = (y + (sign << 255)).to_bytes(32, "little")
    assert found(raw) == expected(raw)


def found(raw: bytes) -> str:
    try:
        check_point(raw)
    except SshKeyError as error:
        return next(kind for kind in ("no point", "small order") if kind in error.short)
    return "a key"


def test_each_answer_is_given() -> None:
    assert expected(OF_ORDER_8.to_bytes(32, "little")) == "small order"
    assert {expected(y.to_bytes(32, "little")) for y in (*SPECIAL, *DRAWN)} == {
        "no point", "small order", "a key",
    }  # fmt: skip


@pytest.mark.parametrize("length", [0, 31, 33, 300])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(SshKeyError, match=f"has 32 bytes, found {length}"):
        check_point(bytes(length))


# RFC 8032, section 7.1, the first test.
RAW = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
LINE = ssh_line(RAW)
BLOB = base64.b64decode(LINE.split()[1])


def coded(blob: bytes) -> str:
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        (LINE, ""),
        (ssh_line(RAW, "ann@example"), "ann@example"),
        (f"  {LINE}\tann  of\tfinance \r\n", "ann  of\tfinance"),
    ],
)
def test_a_line_is_read_with_its_comment(line: str, comment: str) -> None:
    assert read_ssh_key(line) == SshKey(RAW, comment)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (" \t\r\n", "there is no key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "this is a private key"),
        ("ssh-ed25519", "nothing stands after 'ssh-ed25519'"),
        (f"{LINE} a\u200bb", "a public key is one line of printable text"),
        (f"{LINE}\n{LINE}", "a public key is one line of printable text"),
        (f"{LINE}=", "the key is not written in base64"),
        ("ssh-ed25519 ä", "the key is not written in base64"),
        ("ssh-ed25519 QR==", "the key is not written in base64"),
        (coded(BLOB[:-1]), "the key is cut short"),
        (coded(BLOB + b"\0"), "the key is cut short"),
        (coded(b"\1" + BLOB[1:]), "the key is cut short"),
        ("ssh-rsa AAAA", "a key of type 'ssh-rsa' can not sign here"),
        ("sk-ssh-ed25519@openssh.com AAAA", "a key of type 'sk-ssh-ed25519@openssh.com' can not sign here"),
        (f"no-pty {LINE}", "options stand before the key: 'no-pty'"),
        ("x" * 40 + " a", f"expected a public key, which begins with 'ssh-ed25519', found '{'x' * 40}'"),
        ("x" * 41 + " a", f"expected a public key, which begins with 'ssh-ed25519', found '{'x' * 40}...'"),
        ("x " + "a" * 41, "expected a public key, which begins with 'ssh-ed25519', found 'x'"),
        ("x" * 41, f"expected a public key, which begins with 'ssh-ed25519', found '{'x' * 40}...'"),
    ],
)
def test_another_line_is_refused_and_says_why(line: str, why: str) -> None:
    with pytest.raises(SshKeyError) as caught:
        read_ssh_key(line)
    assert caught.value.short.startswith(why)
    assert str(caught.value) == f"{caught.value.short}: {caught.value.hint}"
