"""Certificates of the tests' own, for servers that are told from others by them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path) -> None:
    """A root, and a certificate for ``localhost`` that it signed."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("root", "server", "other")}
    now = dt.datetime.now(dt.UTC)

    def made(name: str, by: str, extension: x509.ExtensionType) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
            .public_key(keys[name].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(keys[by], hashes.SHA256())
        )

    authority = x509.BasicConstraints(ca=True, path_length=None)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    written = {
        "root.pem": made("root", "root", authority), "other.pem": made("other", "other", authority),
        "server.pem": made("server", "root", names),
    }  # fmt: skip
    for name, each in written.items():
        (folder / name).write_bytes(each.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        keys["server"].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
