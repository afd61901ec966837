"""Our keys are OpenSSH's keys, in both directions; what is no such key is refused by its name."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
    load_ssh_public_key,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from phasegate.audit.signing.dsse import pae
from phasegate.audit.signing.errors import (
    EncryptedKeyError,
    KeyFault,
    KeyTypeError,
    MalformedKeyError,
    NoKeyFileError,
    PublicKeyError,
)
from phasegate.audit.signing.keys import PrivateKey, PublicKey, new_key, read_private, read_public
from phasegate.audit.signing.openssh import read_container, write_container
from phasegate.rules.values.ssh_public_key import SshKeyError, check_point, ssh_blob

Run = Callable[..., str]

# RFC 8032, section 7.1, tests 1 to 3: secret, public, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def private(path: Path, text: str | bytes) -> Path:
    """A file that only its owner can read."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_standard(
    tmp_path: Path, secret: str, public: str, message: str, signature: str
) -> None:
    seed, raw = bytes.fromhex(secret), bytes.fromhex(public)
    key = read_private(private(tmp_path / "k", write_container(seed, raw, "a", b"1234")))
    assert key.public.raw == raw
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert PublicKey(raw).verify(bytes.fromhex(message), bytes.fromhex(signature))


def test_ssh_keygen_reads_our_private_key(tmp_path: Path, ssh_keygen: Run) -> None:
    key = new_key(tmp_path / "k", "finance-lead")
    shown = ssh_keygen("-y", "-f", tmp_path / "k").strip()
    assert shown == key.public.openssh == (tmp_path / "k.pub").read_text().strip()
    assert shown.endswith(" finance-lead")


@pytest.mark.parametrize("comment", ["", "ann", "ann lee, of finance", "ünï-çode", "x" * 1000])
def test_we_read_the_keys_of_ssh_keygen(tmp_path: Path, ssh_keygen: Run, comment: str) -> None:
    ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", tmp_path / "k")
    key = read_private(tmp_path / "k")
    public = read_public((tmp_path / "k.pub").read_text())
    assert (key.public, key.name, public.comment) == (public, comment, comment)
    assert public.verify(b"data", key.sign(b"data"))


def test_a_passphrase_that_ssh_keygen_took_away_is_gone(tmp_path: Path, ssh_keygen: Run) -> None:
    ssh_keygen("-q", "-t", "ed25519", "-N", "secret", "-C", "ann", "-f", tmp_path / "k")
    with pytest.raises(EncryptedKeyError, match="locked by a passphrase") as caught:
        read_private(tmp_path / "k")
    assert "ssh-keygen -p" in str(caught.value.hint)
    ssh_keygen("-q", "-p", "-P", "secret", "-N", "", "-f", tmp_path / "k")
    assert read_private(tmp_path / "k").name == "ann"


def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path, ssh_keygen: Run) -> None:
    for number in range(5):
        key = new_key(tmp_path / f"k{number}", "ann")
        assert ssh_keygen("-lf", tmp_path / f"k{number}").split()[1] == key.public.fingerprint


def test_the_library_reads_what_we_write(tmp_path: Path) -> None:
    key = new_key(tmp_path / "k", "ann")
    theirs = load_ssh_private_key((tmp_path / "k").read_bytes(), None)
    assert isinstance(theirs, Ed25519PrivateKey)
    assert theirs.sign(b"data") == key.sign(b"data")
    public = load_ssh_public_key((tmp_path / "k.pub").read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    assert public.public_bytes_raw() == key.public.raw


def test_openssl_verifies_our_signature(tmp_path: Path, openssl: Run) -> None:
    key = new_key(tmp_path / "k", "ann")
    message = pae("application/x", b"payload")
    for name, content in (("pem", key.public.pem.encode()), ("data", message), ("sig", key.sign(message))):
        (tmp_path / name).write_bytes(content)
    arguments = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", tmp_path / "pem"]
    shown = openssl(*arguments, "-in", tmp_path / "data", "-sigfile", tmp_path / "sig")
    assert "Signature Verified Successfully" in shown


def test_a_key_shows_no_secret(key: PrivateKey, tmp_path: Path) -> None:
    secret = read_container((tmp_path / "ann").read_text()).secret
    assert repr(key) == f"PrivateKey('ann', {key.public.fingerprint})"
    assert not hasattr(key, "__dict__")
    for text in (str(key), repr(key), repr(key.public)):
        assert secret[60:92].hex() not in text
        assert repr(secret[60:92])[2:-1] not in text


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_wrong(key: PrivateKey, length: int) -> None:
    signature = (key.sign(b"data") * 2)[:length]
    assert not key.public.verify(b"data", signature)


def test_no_second_signature_can_be_made_from_one(key: PrivateKey) -> None:
    """S and S plus the group's order verify alike, unless the larger is refused (RFC 8032, section 5.1.7)."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = key.sign(b"data")
    s = int.from_bytes(signature[32:], "little") + order
    assert key.public.verify(b"data", signature)
    assert not key.public.verify(b"data", signature[:32] + s.to_bytes(32, "little"))


def test_signing_loads_neither_models_nor_data(key: PrivateKey, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from phasegate.audit.signing.keys import read_private
assert "cryptography" not in sys.modules
read_private(Path({str(tmp_path / "ann")!r})).sign(b"data")
print("loaded:", *sorted(set(sys.modules) & {{"durable", "polars", "pydantic", "sqlglot", "yaml"}}))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout == "loaded:\n", result.stderr


def test_keys_are_equal_by_their_bytes(key: PrivateKey, other: PrivateKey) -> None:
    assert key.public == PublicKey(key.public.raw, "another comment") != other.public
    assert len({key.public, PublicKey(key.public.raw), other.public}) == 2


class TestPrivateKeysThatAreNone:
    @pytest.mark.sampled(every=3)
    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            (("-t", "rsa", "-b", "2048"), "ssh-rsa"),
            (("-t", "ecdsa"), "ecdsa-sha2-nistp256"),
            (("-t", "rsa", "-b", "2048", "-m", "PEM"), "ssh-rsa"),
            (("-t", "ecdsa", "-m", "PEM"), "ecdsa"),
        ],
    )
    @pytest.mark.parametrize("passphrase", ["", "secret"])
    def test_other_algorithms(
        self, tmp_path: Path, ssh_keygen: Run, arguments: tuple[str, ...], name: str, passphrase: str
    ) -> None:
        ssh_keygen("-q", "-N", passphrase, "-f", tmp_path / "k", *arguments)
        with pytest.raises(KeyTypeError, match=f"of type {name}, only ssh-ed25519 signs here"):
            read_private(tmp_path / "k")

    @pytest.mark.parametrize("name", ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"])
    def test_a_key_that_lies_in_a_token(self, tmp_path: Path, key: PrivateKey, name: str) -> None:
        text = write_container(bytes(32), key.public.raw, "x", b"1234")
        body = base64.b64decode("".join(text.splitlines()[1:-1]))
        old = ssh_blob(b"")[:15]
        new = len(name).to_bytes(4, "big") + name.encode()
        before, blob, after = body.partition(old)
        public = 32 + 4 + len(new)
        body = before[:-4] + public.to_bytes(4, "big") + new + after
        lines = [text.splitlines()[0], base64.b64encode(body).decode(), text.splitlines()[-1]]
        assert blob
        with pytest.raises(KeyTypeError, match=name):
            read_private(private(tmp_path / "k", "\n".join(lines)))

    def test_another_form_of_private_key(self, tmp_path: Path) -> None:
        for made in (Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
            text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            with pytest.raises(MalformedKeyError, match="not in OpenSSH's form"):
                read_private(private(tmp_path / "k", text))

    def test_a_public_key(self, tmp_path: Path, key: PrivateKey) -> None:
        with pytest.raises(NoKeyFileError, match="the public half"):
            read_private(tmp_path / "ann.pub")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n",
            b"hello",
            b"\x00" * 400,
            b"\xff" * 400,
            "\ufeffx".encode(),
            b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
        ],
    )
    def test_garbage(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises((MalformedKeyError, NoKeyFileError)):
            read_private(private(tmp_path / "k", content))

    def test_every_truncation(self, tmp_path: Path, key: PrivateKey) -> None:
        text = (tmp_path / "ann").read_text().rstrip("\n")
        for length in range(len(text)):
            with pytest.raises(MalformedKeyError):
                read_private(private(tmp_path / "k", text[:length]))

    def test_every_truncation_of_what_it_holds(self, tmp_path: Path, key: PrivateKey) -> None:
        first, *lines, last = (tmp_path / "ann").read_text().splitlines()
        body = base64.b64decode("".join(lines))
        for length in range(len(body)):
            text = "\n".join([first, base64.b64encode(body[:length]).decode(), last])
            with pytest.raises(MalformedKeyError):
                read_private(private(tmp_path / "k", text))

    def test_every_changed_byte_of_the_keys_it_holds(self, tmp_path: Path, key: PrivateKey) -> None:
        """Only the comment may be another: nothing rests on it."""
        first, *lines, last = (tmp_path / "ann").read_text().splitlines()
        body = base64.b64decode("".join(lines))
        comment = body.rindex(b"ann")
        for index in range(len(body)):
            changed = bytearray(body)
            changed[index] ^= 1
            text = "\n".join([first, base64.b64encode(changed).decode(), last])
            file = private(tmp_path / "k", text)
            if comment <= index < comment + 3:
                assert read_private(file).public == key.public
            else:
                with pytest.raises(KeyFault):
                    read_private(file)


class TestPublicKeyLines:
    LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"

    @pytest.mark.parametrize(
        "text",
        [
            LINE,
            f"{LINE}\n",
            f"{LINE} ann\r\n",
            f"  {LINE}\tann lee\n",
            f"{LINE} ann\n\n",
            LINE.replace(" ", "   "),
        ],
    )
    def test_read(self, text: str) -> None:
        assert read_public(text).raw.hex() == VECTORS[0][1]

    def test_the_comment_is_the_rest_of_the_line(self) -> None:
        assert read_public(f"{self.LINE}  ann  lee \r\n").comment == "ann  lee"
        assert read_public(self.LINE).comment == ""

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "there is no key"),
            (" \r\n", "there is no key"),
            ("ssh-ed25519", "nothing stands after"),
            ("hello there", "expected a public key"),
            (f'from="10.0.0.1" {LINE}', "options stand before the key"),
            (f"restrict,cert-authority {LINE}", "options stand before the key"),
            (f'command="echo a b" {LINE} ann', "options stand before the key"),
            (f"# {LINE}", "options stand before the key"),
            (f"{LINE}\n{LINE}", "one line of printable text"),
            (f"{LINE} ann\x1b[2J", "one line of printable text"),
            (LINE.replace("ssh-", "sk-ssh-"), "key of type 'sk-ssh-ed25519' can not sign"),
            (f"sk-ssh-ed25519@openssh.com {LINE[12:]}", "'sk-ssh-ed25519@openssh.com' can not sign"),
            (f"ssh-ed25519-cert-v01@openssh.com {LINE[12:]}", "can not sign here"),
            (f"ssh-rsa {LINE[12:]}", "key of type 'ssh-rsa' can not sign"),
            ("ssh-dss AAAA", "key of type 'ssh-dss' can not sign"),
            ("ecdsa-sha2-nistp256 AAAA", "key of type 'ecdsa-sha2-nistp256' can not sign"),
            (LINE.replace("ssh-ed25519 ", "SSH-ED25519 "), "expected a public key"),
            (LINE[:-1], "not written in base64"),
            (f"{LINE}=", "not written in base64"),
            ("ssh-ed25519 A0==", "not written in base64"),  # one byte, of which base64 writes Aw==
            (LINE[:-4], "cut short"),
            (f"{LINE}AAAA", "cut short"),
            (f"{LINE[:-1]}*", "not written in base64"),
            (f"{LINE[:30]}\u00e9{LINE[31:]}", "not written in base64"),
            (f"ssh-ed25519 {base64.b64encode(b'x' * 51).decode()}", "not of the type"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "this is a private key"),
        ],
    )
    def test_refused(self, text: str, why: str) -> None:
        with pytest.raises(PublicKeyError, match=why) as caught:
            read_public(text)
        assert caught.value.hint

    def test_a_private_key_is_not_repeated(self, key: PrivateKey, tmp_path: Path) -> None:
        text = (tmp_path / "ann").read_text()
        with pytest.raises(PublicKeyError) as caught:
            read_public(text)
        assert text.splitlines()[2] not in str(caught.value)

    @given(st.text(max_size=200))
    def test_any_text_is_a_key_or_refused(self, text: str) -> None:
        with pytest.raises(PublicKeyError):
            read_public(text)

    @settings(deadline=None)
    @given(st.binary(min_size=32, max_size=32))
    def test_every_key_comes_back_from_its_line(self, seed: bytes) -> None:
        raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        assert read_public(PublicKey(raw, "ann").openssh) == PublicKey(raw)

    def test_one_changed_character_is_never_the_same_key(self) -> None:
        for index in range(len("ssh-ed25519 "), len(self.LINE)):
            for char in "A+z9":
                text = self.LINE[:index] + char + self.LINE[index + 1 :]
                try:
                    assert (read_public(text).raw.hex() == VECTORS[0][1]) == (text == self.LINE)
                except PublicKeyError:
                    assert text != self.LINE


class TestPoints:
    P = 2**255 - 19

    @pytest.mark.parametrize("y", [0, 1, P - 1])
    @pytest.mark.parametrize("sign", [0, 1 << 255])
    def test_under_a_point_of_small_order_anybody_could_sign(self, y: int, sign: int) -> None:
        with pytest.raises(SshKeyError, match="anybody can sign"):
            check_point((y | sign).to_bytes(32, "little"))

    def test_the_points_of_order_8(self) -> None:
        weak = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
        y = self.P - int.from_bytes(weak, "little")
        for raw in (weak, y.to_bytes(32, "little"), (y | 1 << 255).to_bytes(32, "little")):
            with pytest.raises(SshKeyError, match="anybody can sign"):
                check_point(raw)

    def test_what_happens_without_that_check(self) -> None:
        """The library takes one signature of nothing for a signature of many messages."""
        weak = Ed25519PublicKey.from_public_bytes((1).to_bytes(32, "little"))
        forged = (1).to_bytes(32, "little") + bytes(32)
        weak.verify(forged, b"the budget is approved")
        weak.verify(forged, b"the budget is refused")

    @pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), b"\xff" * 32, P.to_bytes(32, "little")])
    def test_bytes_that_are_no_point(self, raw: bytes) -> None:
        with pytest.raises(PublicKeyError):
            PublicKey(raw)

    @given(st.binary(min_size=32, max_size=32))
    @example((2).to_bytes(32, "little"))
    def test_half_of_all_bytes_are_no_point(self, raw: bytes) -> None:
        """Held against the curve's own equation, solved for x (RFC 8032, section 5.1.3)."""
        p = self.P
        y = int.from_bytes(raw, "little") & ((1 << 255) - 1)
        d = -121665 * pow(121666, -1, p) % p
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        root = pow(square, (p + 3) // 8, p)
        on_curve = y < p and any(
            candidate * candidate % p == square for candidate in (root, root * pow(2, (p - 1) // 4, p) % p)
        )
        if on_curve and y not in (0, 1, p - 1):
            check_point(raw)
        else:
            with pytest.raises(SshKeyError):
                check_point(raw)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_the_line_of_a_real_key_of_another_type(kind: str) -> None:
    from cryptography.hazmat.primitives.serialization import PublicFormat

    made = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    line = made.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    with pytest.raises(PublicKeyError, match="can not sign here"):
        read_public(line)
