"""Cookies that nobody but the servers can read or make, which is all that a server remembers of somebody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from phasegate.web.access.asked import Asked

_ALGORITHMS = ("dir", "A256GCM")
LARGEST = 3800
"""Characters of a value; browsers keep 4096 of a cookie with its name and what else it says."""


class Cookies:
    """Seals and opens cookies.

    Each is encrypted and held to be unchanged (JWE, AES-256-GCM), and says until when it holds and what it is
    for: one that was sealed for one thing opens for no other.

    Args:
        keys: keys of 32 bytes; the first one seals, all of them open.
        encrypted: whether browsers come by https.
        party: who signs in where; a cookie of another provider or client does not open.
    """

    def __init__(self, keys: Iterable[bytes], encrypted: bool, party: tuple[str, ...]) -> None:
        from joserfc.jwk import OctKey

        self._keys = {hashlib.sha256(key).hexdigest()[:16]: OctKey.import_key(key) for key in keys}
        self._encrypted = encrypted
        self._party = [*party]

    def name(self, name: str) -> str:
        """The name under which a cookie is kept: with https, one that no other host can set."""
        return f"__Host-{name}" if self._encrypted else name

    def seal(self, use: str, said: dict[str, Any], now: int, seconds: int) -> str:
        """The value of a cookie that holds for so many seconds."""
        from joserfc import jwe

        kid, key = next(iter(self._keys.items()))
        whole = {**said, "use": use, "party": self._party, "from": now, "until": now + seconds}
        header = {"alg": "dir", "enc": "A256GCM", "kid": kid}
        return jwe.encrypt_compact(header, json.dumps(whole), key, algorithms=_ALGORITHMS)

    def open(self, use: str, value: str, now: int) -> dict[str, Any] | None:
        """What a cookie says; None if it is none of ours, for something else, or no longer holds."""
        from joserfc import jwe
        from joserfc.errors import JoseError

        if len(value) > LARGEST or not value.isascii():
            return None
        for key in self._keys.values():
            try:
                said = json.loads(jwe.decrypt_compact(value, key, algorithms=_ALGORITHMS).plaintext or b"")
            except (JoseError, ValueError, TypeError, KeyError):
                continue
            ours = said["use"] == use and said["party"] == self._party
            return said if ours and said["from"] - 60 <= now < said["until"] else None
        return None

    def set(self, name: str, value: str, seconds: int) -> tuple[str, str]:
        """The header that has a browser keep a cookie."""
        secure = "; Secure" if self._encrypted else ""
        kept = f"{self.name(name)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        return "set-cookie", kept

    def forget(self, name: str) -> tuple[str, str]:
        """The header that has a browser forget a cookie."""
        return self.set(name, "", 0)

    def sent(self, asked: Asked) -> dict[str, str]:
        """The cookies of a request that came once each; of two with one name neither is believed."""
        found: dict[str, list[str]] = {}
        for header in asked.all("cookie"):
            for part in header.decode("latin-1").split(";"):
                name, _, value = part.strip().partition("=")
                found.setdefault(name, []).append(value)
        return {name: values[0] for name, values in found.items() if len(values) == 1}
