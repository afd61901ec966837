"""A request as it came in: its path, its host and its headers, each of which can be read in one way alone."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Scope

from phasegate.web.access.errors import Refused
from phasegate.web.access.model import Access, without_port

_PATH = re.compile(rb"/|(/(?!\.{1,2}(/|$))[A-Za-z0-9_.~!$&'()*+,=:@%-]+)+/?")
"""Segments that are neither empty nor ``.`` or ``..``, in the characters that stand for themselves."""
_HIDDEN = re.compile(rb"%(?![0-9A-Fa-f]{2})|%(2[eEfF5]|3[bB]|5[cC]|[01][0-9A-Fa-f]|7[fF])")
"""What stands for another part of a path once it is read again: points, slashes, percent signs, controls."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_MOST_PATH, _MOST_QUERY = 2048, 8192


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        method: in capital letters.
        path: as it was sent; it has been seen to mean one thing alone.
        query: what follows the question mark, as it was sent.
        headers: all values of each header, by its name in small letters with ``-`` for ``_``.
        peer: the address that the connection comes from, empty where it is not known; None where it came over
            a socket of the file system.
    """

    method: str
    path: str
    query: str
    headers: dict[str, tuple[bytes, ...]]
    peer: str | None

    def all(self, name: str) -> tuple[bytes, ...]:
        """All values of a header."""
        return self.headers.get(name.lower(), ())

    def one(self, name: str) -> str | None:
        """The value of a header; None if it is not there.

        Raises:
            Refused: if it is there more than once, or is no text.
        """
        values = self.all(name)
        if not values:
            return None
        if len(values) > 1:
            raise Refused(403, f"The header {name} came more than once.")
        try:
            text = values[0].decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(403, f"The header {name} is no text.") from None
        if not text.isprintable():
            raise Refused(403, f"The header {name} has characters that nobody sees.")
        return text.strip()

    @property
    def navigates(self) -> bool:
        """Whether a browser asks for a page, not for a part of one."""
        return self.one("sec-fetch-dest") in (None, "document")


def read(scope: Scope, unix: bool = False) -> Asked:
    """The request of a scope.

    Args:
        scope: what the server makes of it.
        unix: whether the server listens on a socket of the file system.

    Raises:
        Refused: if its path may be read in more than one way.
    """
    headers: dict[str, list[bytes]] = {}
    for name, value in scope["headers"]:
        # Some servers take `_` for `-`: a header that is one of ours to any of them counts as that.
        headers.setdefault(bytes(name).decode("latin-1").lower().replace("_", "-"), []).append(bytes(value))
    raw = bytes(scope.get("raw_path") or scope["path"].encode())
    query = bytes(scope.get("query_string", b""))
    if len(raw) > _MOST_PATH or len(query) > _MOST_QUERY:
        raise Refused(414, "The address is too long.")
    if not _PATH.fullmatch(raw) or _HIDDEN.search(raw):
        raise Refused(400, "The path can be read in more than one way.")
    if any(not 0x20 < byte < 0x7F for byte in query):
        raise Refused(400, "The query has characters that belong into no address.")
    client = scope.get("client")
    return Asked(
        scope["method"],
        raw.decode(),
        query.decode(),
        {name: tuple(values) for name, values in headers.items()},
        str(client[0]) if client and client[0] else None if unix else "",
    )


def hold_to_host(asked: Asked, access: Access, loopback: bool) -> None:
    """Refuses a request for another host: a page elsewhere may have had its name point here.

    Raises:
        Refused: if the host is none of ours.
    """
    hosts = asked.all("host")
    names = access.names | (_LOOPBACK if loopback and not access.signs_in else frozenset())
    if len(hosts) != 1 or without_port(hosts[0].decode("latin-1")) not in names:
        raise Refused(421, "There is no such host here.")


def hold_to_reading(asked: Asked) -> None:
    """Refuses what changes something, and what another site has a browser ask for behind its reader's back.

    Raises:
        Refused: with the methods that there are, or without a reason.
    """
    if asked.method not in ("GET", "HEAD"):
        raise Refused(405, "Pages are read, and nothing else.", (("allow", "GET, HEAD"),))
    site = asked.one("sec-fetch-site")
    if site in (None, "same-origin", "none"):
        return
    if asked.one("sec-fetch-mode") != "navigate" or asked.one("sec-fetch-dest") != "document":
        raise Refused(403, "Another site asks for this.")


def hold_to_no_proxy(asked: Asked) -> None:
    """Refuses what was passed on, where everybody who gets through is taken to be on this machine.

    Raises:
        Refused: if a header says that it was.
    """
    if any(asked.all(name) for name in _FORWARDED):
        raise Refused(403, "A proxy passed this on, and nobody signs in here: set up access for it.")


def among(address: str | None, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of some networks."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network) for network in networks)


def client_of(asked: Asked, access: Access) -> str:
    """Whom a request comes from, for counting: an address, or of IPv6 the network of one household.

    What proxies say of it is believed of listed ones alone, from the last one backwards.
    """
    address = asked.peer
    if address is None or among(address, access.proxies):
        passed = b",".join(asked.all("x-forwarded-for")).decode("latin-1").split(",")
        for each in reversed(passed):
            try:
                found = str(ipaddress.ip_address(each.strip()))
            except ValueError:
                break
            address = found
            if not among(found, access.proxies):
                break
    try:
        found_address = ipaddress.ip_address(address or "")
    except ValueError:
        return "nobody"
    if isinstance(found_address, ipaddress.IPv6Address) and not found_address.ipv4_mapped:
        return str(ipaddress.ip_network((int(found_address) >> 64 << 64, 64)))
    return str(found_address)
