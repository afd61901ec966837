"""The address of a ledger on a server, and what of it may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from phasegate.audit.ledger.store import LedgerError

# Stricter than libpq, which takes what follows an unescaped / or ? in a password for the next part
# of the address, and then repeats it in its messages.
_PLAIN = r"(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
_HOST = r"(?:[\w.%-]*|\[[0-9A-Fa-f:.%\w]+\])(?::\d*)?"
_PAIR = r"[a-z_]+=(?:[\w.~!$'()*+,;:/-]|%[0-9A-Fa-f]{2})*"
_ADDRESS = re.compile(
    rf"(?P<scheme>postgres(?:ql)?)://(?:(?P<user>{_PLAIN})(?::(?P<password>{_PLAIN}))?@)?"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?P<database>/{_PLAIN})?(?:\?(?P<query>{_PAIR}(?:&{_PAIR})*))?",
    re.ASCII,
)


class AddressError(LedgerError):
    """A malformed address, of which nothing is shown: any part of it may be the password."""

    def __init__(self) -> None:
        super().__init__(
            "the address of the ledger is no PostgreSQL URL",
            "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password "
            "percent-encoded (%40 for @, %2F for /), or leave the password to PGPASSWORD or ~/.pgpass",
        )


@dataclass(frozen=True)
class ServerAddress:
    """A PostgreSQL URL.

    Attributes:
        url: all of it.
        shown: the same with secrets masked.
        secrets: the passwords in it, as they are written and as they are meant.
    """

    url: str = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(repr=False)

    def scrubbed(self, message: str) -> str:
        """A message of the server on one line, or as much of it as holds no password."""
        if any(secret in message for secret in self.secrets):
            return "the server refuses, in words that hold the password"
        return " ".join(message.split())


def server_address(url: str) -> ServerAddress:
    """Reads a PostgreSQL URL.

    Raises:
        AddressError: if it is none.
    """
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise AddressError
    secrets = [found["password"]] if found["password"] else []
    shown = f"{found['scheme']}://"
    if found["user"] is not None:
        shown += found["user"] + (":***" if found["password"] else "") + "@"
    shown += found["hosts"] + (found["database"] or "")
    pairs = []
    for pair in (found["query"] or "").split("&"):
        key, _, value = pair.partition("=")
        secret = "password" in key and value != ""
        secrets += [value] * secret
        pairs.append(f"{key}=***" if secret else pair)
    shown += "?" + "&".join(pairs) if found["query"] else ""
    return ServerAddress(url, shown, tuple({*secrets, *map(unquote, secrets)}))
