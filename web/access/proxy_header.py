"""Whom a reverse proxy has signed in."""

from __future__ import annotations

import hmac

from phasegate.web.access.asked import Asked, among
from phasegate.web.access.errors import Refused
from phasegate.web.access.model import Header


def signed_in(
    asked: Asked, header: Header, proxies: tuple[str, ...], secret: str | None
) -> tuple[str, frozenset[str]]:
    """The person and the groups that a proxy names.

    Args:
        asked: the request.
        header: which headers say it.
        proxies: the addresses of proxies; whoever reaches the server's socket in the file system is one.
        secret: what the proxy shows; None where the socket is reached by nobody else.

    Raises:
        Refused: if it comes from elsewhere, without the secret, or names nobody, or two.
    """
    if asked.peer is not None and not among(asked.peer, proxies):
        raise Refused(403, "This is reached through its proxy alone.")
    shown = asked.one(header.secret) or ""
    if secret is not None and not hmac.compare_digest(shown.encode(), secret.encode()):
        raise Refused(403, "This is reached through its proxy alone.")
    person = asked.one(header.user)
    if not person:
        raise Refused(403, "The proxy did not say who you are.")
    listed = (asked.one(header.groups) or "") if header.groups else ""
    groups = frozenset(filter(None, (each.strip() for each in listed.split(header.separator))))
    return person, groups
