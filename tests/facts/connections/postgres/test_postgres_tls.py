"""A real PostgreSQL server with a certificate: it is looked at, and its address is told nowhere."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from certificates import certificate
from erp_database import SECRET, Erp
from private_postgres import Server, binaries

from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})


@pytest.fixture(scope="module")
def encrypted(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path, int]]:
    programs, folder = binaries(), tmp_path_factory.mktemp("certificates")
    assert programs is not None
    certificate(folder)
    started = Server(tmp_path_factory.mktemp("encrypted"), programs)
    for place in (folder, *folder.iterdir()):
        place.chmod(0o600 if place.suffix == ".key" else 0o755)
        if os.geteuid() == 0:
            shutil.chown(place, "nobody")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    started.settings(
        listen_addresses="localhost", port=port, ssl="on",
        ssl_cert_file=folder / "server.pem", ssl_key_file=folder / "server.key",
    )  # fmt: skip
    yield started, folder, port
    started.end()


@pytest.mark.parametrize(
    ("tls", "host", "root", "status"),
    [
        ("verify-full", "localhost", "root.pem", "ok"),
        ("verify-full", "127.0.0.1", "root.pem", "error"),
        ("verify-full", "localhost", "other.pem", "error"),
        ("verify-full", "localhost", None, "error"),
        ("verify-full", "localhost", "system", "error"),
        ("verify-ca", "127.0.0.1", "root.pem", "ok"),
        ("verify-ca", "127.0.0.1", "other.pem", "error"),
        ("verify-ca", "localhost", None, "error"),
        ("require", "127.0.0.1", None, "ok"),
        ("off", "127.0.0.1", None, "ok"),
    ],
)
def test_a_certificate_is_looked_at(
    encrypted: tuple[Server, Path, int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tls: str,
    host: str,
    root: str | None,
    status: str,
) -> None:
    server, folder, port = encrypted
    monkeypatch.setenv("HOME", str(tmp_path))
    server.execute(
        server.url("postgres") + f"&port={port}",
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN "
        f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'; CREATE TABLE t (i int); "
        "GRANT SELECT ON t TO reader; END IF; END $$",
    )
    erp = Erp(server, "postgres", monkeypatch, tmp_path, {"tls": tls})
    place = root if root == "system" else quote(str(folder / str(root)), safe="")
    more = f"?sslrootcert={place}" if root else ""
    monkeypatch.setenv(
        "ERP_URL", f"postgresql://reader:{quote(SECRET, safe='')}@{host}:{port}/postgres{more}"
    )
    found = erp.state("public.t", WHOLE)
    assert found.status == status, found.reason
    if status == "error":
        assert "the connection 'erp' is refused: no TLS as it is asked for" in found.reason
    for secret in (SECRET, quote(SECRET, safe=""), str(folder), "127.0.0.1", "localhost", str(port)):
        assert secret not in repr(found)
