"""A provider of OpenID Connect: where it is, with which keys it signs, and what it gives for a code."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from phasegate.web.access.errors import Refused
from phasegate.web.access.model import OpenId

if TYPE_CHECKING:
    import httpx2

_DISCOVERY = "/.well-known/openid-configuration"
_KEPT = 3600.0
"""Seconds for which what a provider says of itself is kept."""
_AGAIN = 10.0
"""Seconds after which keys may be asked for again, for a name that is not among them."""
_TIMEOUT = 5.0
_LARGEST = 1 << 20
_AWAY = Refused(503, "The provider that signs people in does not answer.", (("retry-after", "30"),))
_REFUSED = "The provider's answer can not be trusted."


class Provider:
    """Asks a provider.

    Args:
        openid: which one.
        secret: what it gave phasegate to show; None of a client without one.
        callback: where it sends browsers back to.
        now: the clock.
        transport: how it is reached; None over the network.
    """

    def __init__(
        self,
        openid: OpenId,
        secret: str | None,
        callback: str,
        now: Callable[[], dt.datetime],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._openid = openid
        self._secret = secret
        self._callback = callback
        self._now = now
        self._transport = transport
        self._lock = asyncio.Lock()
        self._said: dict[str, Any] = {}
        self._said_at = 0.0
        self._keys: list[Mapping[str, Any]] = []
        self._keys_at = 0.0

    async def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in.

        Raises:
            Refused: if the provider does not answer, or is not the one that it must be.
        """
        said = await self._metadata()
        async with self._client(said) as client:
            url, _ = client.create_authorization_url(
                said["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return str(url)

    async def id_token(self, code: str, verifier: str) -> str:
        """The id token for a code.

        Raises:
            Refused: if the provider gives none.
        """
        from authlib.integrations.base_client import OAuthError
        from httpx2 import HTTPError

        said = await self._metadata()
        try:
            async with self._client(said) as client:
                given = await client.fetch_token(
                    said["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    redirect_uri=self._callback,
                )
        except HTTPError as error:
            raise _AWAY from error
        except (OAuthError, ValueError, TypeError, KeyError) as error:
            raise Refused(403, _REFUSED) from error
        token = given.get("id_token")
        if not isinstance(token, str):
            raise Refused(403, _REFUSED)
        return token

    async def keys(self, again: bool = False) -> list[Mapping[str, Any]]:
        """The keys with which it signs.

        Args:
            again: whether those that are known lack one. It is asked once in some seconds, whoever sends
                tokens with names of their own.

        Raises:
            Refused: if the provider does not answer.
        """
        said = await self._metadata()
        async with self._lock:
            if not self._keys or self._older(self._keys_at, _AGAIN if again else _KEPT):
                found = (await self._asked(said["jwks_uri"])).get("keys")
                if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
                    raise Refused(502, _REFUSED)
                self._keys, self._keys_at = found, self._clock()
            return self._keys

    async def end_of_session(self) -> str | None:
        """Where somebody signs out with the provider too; None where it has no such page or is away."""
        try:
            found = (await self._metadata()).get("end_session_endpoint")
        except Refused:
            return None
        return found if isinstance(found, str) and self._is_safe(found) else None

    async def names_itself(self) -> bool:
        """Whether it promises to say who it is whenever it sends a browser back (RFC 9207)."""
        return (await self._metadata()).get("authorization_response_iss_parameter_supported") is True

    async def _metadata(self) -> dict[str, Any]:
        async with self._lock:
            if not self._said or self._older(self._said_at, _KEPT):
                said = await self._asked(self._openid.issuer.removesuffix("/") + _DISCOVERY)
                ends = [
                    said.get(f"{end}") for end in ("authorization_endpoint", "token_endpoint", "jwks_uri")
                ]
                if said.get("issuer") != self._openid.issuer or not all(map(self._is_safe, ends)):
                    raise Refused(502, _REFUSED)
                self._said, self._said_at = said, self._clock()
            return self._said

    def _is_safe(self, address: object) -> bool:
        """Whether an address is encrypted, or as near as the provider itself, which is on this machine."""
        if not isinstance(address, str):
            return False
        try:
            parts, own = urlsplit(address), urlsplit(self._openid.issuer)
        except ValueError:
            return False
        near = own.scheme == "http" and parts.scheme == "http" and parts.hostname == own.hostname
        return bool(parts.hostname) and (parts.scheme == "https" or near)

    async def _asked(self, address: str) -> dict[str, Any]:
        import httpx2

        try:
            async with httpx2.AsyncClient(transport=self._transport, timeout=_TIMEOUT) as client:
                answer = await client.get(address, headers={"accept": "application/json"})
            answer.raise_for_status()
            said = json.loads(answer.content[:_LARGEST])
        except httpx2.HTTPError as error:
            raise _AWAY from error
        except ValueError as error:
            raise Refused(502, _REFUSED) from error
        if not isinstance(said, dict) or not answer.is_success:
            raise Refused(502, _REFUSED)
        return said

    def _client(self, said: Mapping[str, Any]) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        post = "client_secret_post" in ways and "client_secret_basic" not in ways
        way = "none" if self._secret is None else "client_secret_post" if post else "client_secret_basic"
        return AsyncOAuth2Client(
            client_id=self._openid.client,
            client_secret=self._secret,
            token_endpoint_auth_method=way,
            scope=" ".join(dict.fromkeys(("openid", *self._openid.scopes))),
            redirect_uri=self._callback,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=_TIMEOUT,
        )

    def _clock(self) -> float:
        return self._now().timestamp()

    def _older(self, moment: float, seconds: float) -> bool:
        return not 0 <= self._clock() - moment < seconds
