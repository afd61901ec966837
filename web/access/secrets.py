"""What nobody may know, from the environment alone: never from a file that rules or access stand in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from phasegate.web.access.errors import AccessError
from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access

SESSION_KEYS = "PHASEGATE_SESSION_KEYS"
CLIENT_SECRET = "PHASEGATE_OPENID_SECRET"  # noqa: S105 - the name of a variable
PROXY_SECRET = "PHASEGATE_PROXY_SECRET"  # noqa: S105 - likewise
_FILE = "_FILE"
_SHORTEST = 32
_HOW = "'openssl rand -base64 32' makes one"


@dataclass(frozen=True)
class Secrets:
    """The secrets of one server.

    Attributes:
        session_keys: the keys of cookies; the first one writes, all of them read.
        client: what the provider gave phasegate to show.
        proxy: what the proxy shows with each request.
    """

    session_keys: tuple[bytes, ...] = field(default=(), repr=False)
    client: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)


def secrets_of(access: Access, listening: Listening, environ: Mapping[str, str]) -> Secrets:
    """The secrets that some access needs.

    Raises:
        AccessError: if one of them is missing or may be guessed.
    """
    if access.openid is not None:
        client = None if access.openid.public else _needed(CLIENT_SECRET, environ, "the provider gave it")
        return Secrets(_keys(_needed(SESSION_KEYS, environ, _HOW)), client)
    if access.header is not None:
        proxy = _variable(PROXY_SECRET, environ)
        if proxy is None and listening.unix is None:
            proxy = _needed(PROXY_SECRET, environ, _HOW)
        if proxy is not None and (len(proxy) < _SHORTEST or not proxy.isascii()):
            raise AccessError(f"{PROXY_SECRET} may be guessed: it has less than {_SHORTEST} characters", _HOW)
        return Secrets(proxy=proxy)
    return Secrets()


def _needed(name: str, environ: Mapping[str, str], hint: str) -> str:
    if (found := _variable(name, environ)) is None:
        raise AccessError(f"{name} is not set", f"{hint}; {name}{_FILE} may name a file that holds it")
    return found


def _variable(name: str, environ: Mapping[str, str]) -> str | None:
    """What a variable says, or the file that another one names; empty is as good as not there."""
    written, file = environ.get(name, "").strip(), environ.get(f"{name}{_FILE}", "").strip()
    if written and file:
        raise AccessError(f"{name} and {name}{_FILE} are both set", "remove one of them")
    if file:
        try:
            written = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise AccessError(f"the file that {name}{_FILE} names can not be read: {error}") from None
    return written or None


def _keys(text: str) -> tuple[bytes, ...]:
    keys = tuple(_key(part) for part in text.replace(",", " ").split())
    if not 1 <= len(keys) <= 3 or len(set(keys)) < len(keys):
        raise AccessError(
            f"{SESSION_KEYS} has {len(keys)} keys, or one twice",
            "the newest key comes first, the one before it second",
        )
    return keys


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32 or len(set(key)) < 8:
        raise AccessError(f"{SESSION_KEYS} has what is no key of 32 bytes in base64", _HOW)
    return key
