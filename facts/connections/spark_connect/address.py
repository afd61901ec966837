"""The address of a Spark Connect server, as Spark itself writes it: ``sc://HOST:PORT/;token=...;use_ssl=true``."""

from __future__ import annotations

import ipaddress
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from phasegate.facts.connections.faults import no_address

_PORT = 15002
_OURS = frozenset({"token", "use_ssl", "user_id", "session_id", "user_agent"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and who asks it.

    Attributes:
        target: host and port.
        loopback: whether it is this machine.
        tls: whether the address asks for it.
        token: what the server knows the asker by.
        user: whom the server takes the asker for, where it does not tell by the token.
        session: one that somebody else began, else None.
        headers: what else is sent with each call, as its names are on the wire.
    """

    target: str
    loopback: bool
    tls: bool
    token: str | None = field(repr=False)
    user: str
    session: str | None
    headers: tuple[tuple[str, str], ...] = field(repr=False)


def parsed(name: str, text: str) -> Address:
    """The parts of an address.

    Args:
        name: of the connection, for messages.
        text: the address; no part of it is told.

    Raises:
        SourceError: if it is none.
    """
    found = None
    with suppress(ValueError):
        found = _parsed(text)
    if found is None:
        hint = "write sc://HOST:PORT, and after it /;token=TOKEN;use_ssl=true as the server asks for them"
        raise no_address(name, hint)
    return found


def _parsed(text: str) -> Address | None:
    head, _, rest = text.partition(";")
    url = urlsplit(head)
    host = url.hostname
    beside = (url.username, url.password, url.query, url.fragment, url.path.removeprefix("/"))
    if url.scheme != "sc" or not host or any(beside):
        return None
    given = dict[str, str]()
    for part in filter(None, rest.split(";")):
        key, equals, value = part.partition("=")
        value = unquote(value, errors="strict")
        if not equals or not key.isascii() or not value.isascii() or not value.isprintable():
            return None
        given[key.strip()] = value
    session = given.get("session_id")
    if session is not None:
        uuid.UUID(session)
    return Address(
        target=f"[{host}]:{url.port or _PORT}" if ":" in host else f"{host}:{url.port or _PORT}",
        loopback=_loopback(host),
        tls=given.get("use_ssl", "").lower() == "true",
        token=given.get("token"),
        user=given.get("user_id", "phasegate"),
        session=session,
        headers=tuple((key.lower(), value) for key, value in given.items() if key not in _OURS),
    )


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
