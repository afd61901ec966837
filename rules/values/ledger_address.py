"""Where the ledger of a project is: a file, a PostgreSQL database, or what an environment variable says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from phasegate.rules.errors import PhasegateError
from phasegate.rules.values.paths import PathError, resolve_inside

DEFAULT_LEDGER = "phasegate.db"
"""The ledger of a project that names none, beside the project file."""
SERVERS = ("postgresql://", "postgres://")
VARIABLE = "env:"
_SETTINGS = re.compile(
    r"\s*(?:host|hostaddr|port|dbname|user|password|passfile|service|sslmode|options|application_name)\s*=",
    re.IGNORECASE,
)
"""How an address begins that is written for libpq as settings."""


class LedgerAddressError(PhasegateError):
    """No ledger can be where the project file says."""


def ledger_address(written: str, root: Path, environment: Mapping[str, str]) -> str | Path:
    """Where the ledger is.

    Args:
        written: the project file's ``ledger``: a path in the project's folder, the URL of a PostgreSQL
            database, or ``env:NAME``.
        root: the project's folder.
        environment: the variables of the environment. What one says may lead out of the folder.

    Returns:
        A URL, or the path of a file, which need not exist.

    Raises:
        LedgerAddressError: if the variable is not set, or what is written is none of these. A password
            never stands in the message.
    """
    if written.startswith(VARIABLE):
        name = written.removeprefix(VARIABLE)
        found = environment.get(name, "").strip()
        if not found:
            message = f"the ledger is where {name} says, and that variable is not set"
            raise LedgerAddressError(message, "set it to a path or to a postgresql:// URL")
        return _server(found) or root / found
    if server := _server(written):
        return server
    try:
        return resolve_inside(root, written)
    except PathError as error:
        hint = "keep it in the project's folder, or write env:NAME and put the path into that variable"
        raise LedgerAddressError(f"the ledger: {error.message}", hint) from error


def has_password(address: str) -> bool:
    """Whether an address carries a password, as a URL or as settings.

    A malformed one counts as if what may be a password were one: it may hold what ends it for a reader of
    URLs, so that the whole text before the last ``@`` is looked at.
    """
    if _SETTINGS.match(address):
        return "password" in address.lower()
    scheme, _, rest = address.partition("://")
    return f"{scheme}://" in SERVERS and (":" in rest.rpartition("@")[0] or "password=" in rest.lower())


def given_address(written: str) -> str | Path:
    """Where the ledger is that somebody names in a command: a URL, or the path of a file.

    Raises:
        LedgerAddressError: if it is neither.
    """
    return _server(written) or Path(written)


def _server(address: str) -> str | None:
    """The address, if it is that of a database; None if it is a path.

    Raises:
        LedgerAddressError: if it is an address of another kind; nothing of settings is shown.
    """
    if _SETTINGS.match(address):
        raise LedgerAddressError(
            "the ledger's address is written as settings, such as host=...",
            "write it as a URL: postgresql://USER@HOST:PORT/DATABASE",
        )
    if address.startswith(SERVERS):
        return address
    scheme, found, _ = address.partition("://")
    if found:
        message = f"no ledger can be at an address that begins with {scheme[:40] + found!r}"
        raise LedgerAddressError(message, "a ledger is a file, or a database at postgresql://")
    return None
