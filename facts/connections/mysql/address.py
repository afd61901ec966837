"""The address of a MySQL or MariaDB server, and how its certificate is looked at."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from phasegate.facts.connections.faults import no_address
from phasegate.facts.sources.files import SourceError
from phasegate.rules.model.connection import Tls

_SCHEMES = frozenset({"mysql", "mariadb"})
_SETTINGS = frozenset({"socket", "ssl_ca", "ssl_cert", "ssl_key"})


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where a server is, and as whom it is asked; shown nowhere.

    Attributes:
        user, password: of the role, the password as bytes.
        host, port: of the server.
        database: which one is meant where a name has no schema; none of ours has.
        socket: of a server on the same machine, instead of host and port.
        ssl_ca: a file with the roots that its certificate is signed by; those of the machine else.
        ssl_cert, ssl_key: files with a certificate of the role's own.
    """

    user: str
    password: bytes
    host: str
    port: int
    database: str | None = None
    socket: str | None = None
    ssl_ca: str | None = None
    ssl_cert: str | None = None
    ssl_key: str | None = None


def parsed(name: str, written: str) -> Address:
    """The address that a variable holds.

    Args:
        name: of the connection, by which messages name it.
        written: as ``mysql://USER:PASSWORD@HOST:PORT/DATABASE?ssl_ca=PATH``.

    Raises:
        SourceError: if it is none; nothing of it is told.
    """
    try:
        parts = urlsplit(written)
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        if parts.scheme in _SCHEMES and parts.username and given.keys() <= _SETTINGS and not parts.fragment:
            return Address(
                unquote(parts.username, errors="strict"),
                unquote(parts.password or "", errors="strict").encode(),
                unquote(parts.hostname or "localhost", errors="strict"),
                parts.port or 3306,
                unquote(parts.path.removeprefix("/"), errors="strict") or None,
                **given,
            )
    except ValueError:
        pass
    hint = "write mysql://USER:PASSWORD@HOST:PORT/DATABASE, special characters percent-encoded"
    raise no_address(name, hint)


def security(name: str, address: Address, tls: Tls) -> ssl.SSLContext | None:
    """How a server is told from another one that says it is that; None where nobody looks.

    Raises:
        SourceError: if the files for that can not be read.
    """
    if address.socket is not None:
        return None
    looked_at = tls in {"verify-full", "verify-ca"}
    try:
        context = _verifying(address.ssl_ca) if looked_at else _trusting(address.ssl_ca)
        if address.ssl_cert is not None:
            context.load_cert_chain(address.ssl_cert, address.ssl_key)
    except OSError:
        what = f"the connection {name!r}: the files of certificates that its address names can not be read"
        context = None
    if context is None:
        raise SourceError(what, "see that ssl_ca, ssl_cert and ssl_key are paths of files in PEM form")
    context.check_hostname = tls == "verify-full"
    return context


def _verifying(roots: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=roots)
    # The roots that servers make for themselves are refused by that, and for their form alone.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _trusting(roots: str | None) -> ssl.SSLContext:
    """Whoever it is: the machine's roots, of which there are hundreds, are not read for that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if roots is not None:
        context.load_verify_locations(roots)
    return context
