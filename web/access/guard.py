"""Stands before every page: who may pass, and what every answer says to browsers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phasegate.web.access.answer import Answer, refusal, sealed, without_role
from phasegate.web.access.asked import (
    Asked,
    client_of,
    hold_to_host,
    hold_to_no_proxy,
    hold_to_reading,
    read,
)
from phasegate.web.access.errors import AccessError, Refused
from phasegate.web.access.health import Health
from phasegate.web.access.listening import Listening
from phasegate.web.access.log import AccessLog
from phasegate.web.access.model import Access
from phasegate.web.access.openid.provider import Provider
from phasegate.web.access.openid.sealed_cookie import Cookies
from phasegate.web.access.openid.sign_in import CALLBACK, SIGN_OUT, SignIn
from phasegate.web.access.proxy_header import signed_in
from phasegate.web.access.rates import Rates
from phasegate.web.access.secrets import secrets_of
from phasegate.web.access.viewer import VIEWER, Viewer

if TYPE_CHECKING:
    import httpx2

Clock = Callable[[], dt.datetime]
Ready = Callable[[], Awaitable[bool]]
_HERE = "who is on this machine"


class Guard:
    """The middleware; an ASGI application around another one.

    Args:
        app: the pages. Each request that reaches them has a `Viewer` in its scope (`viewer_of`), who may
            read something; what of it, the pages ask the viewer.
        access: who may look.
        listening: where the server listens.
        environ: the environment, which alone holds secrets.
        now: the clock.
        ready: whether pages can be made now, such as whether the ledger answers; asked for ``/readyz``.
        log: where looks at evidence and failed sign-ins are written down, where `access` names no file.
        root: the folder from which `access` names that file.
        transport: how a provider of OpenID Connect is reached; None over the network.

    Raises:
        AccessError: if it would let in whom it must not: an address that others reach, without a sign-in.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        listening: Listening,
        environ: Mapping[str, str],
        now: Clock,
        ready: Ready,
        log: TextIO,
        root: Path = Path(),
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        _hold_to_a_sign_in(access, listening)
        secrets = secrets_of(access, listening, environ)
        self._app = app
        self._access = access
        self._loopback, self._unix = listening.loopback, listening.unix is not None
        self._proxy_secret = secrets.proxy
        self._now = now
        self._rates = Rates(access.rate)
        self._health = Health(ready)
        file = root / access.log if access.log else None
        try:
            self._log = AccessLog(now, log, file)
        except OSError as error:
            raise AccessError(f"the log can not be written: {error}") from error
        self._sign_in: SignIn | None = None
        if access.openid is not None:
            assert access.url is not None
            openid, url = access.openid, access.url
            provider = Provider(openid, secrets.client, url + CALLBACK, now, transport)
            party = (openid.issuer, openid.client, openid.person, openid.groups)
            cookies = Cookies(secrets.session_keys, access.encrypted, party)
            counting = frozenset(group for role in access.roles for group in role.who.groups)
            self._sign_in = SignIn(openid, provider, cookies, url, counting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or has the pages answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        began = False

        async def noting(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        sealing = sealed(noting, self._access)
        body = scope["method"] != "HEAD"
        try:
            found = await self._answer(scope)
            if isinstance(found, Answer):
                await found.send(sealing, body)
            else:
                await self._app({**scope, VIEWER: found}, receive, sealing)
        except Refused as refused:
            if began:
                raise
            await refusal(refused).send(sealing, body)
        except Exception:
            if not began:
                await Answer(500, "Something went wrong.\n").send(sealing, body)
            raise

    async def _answer(self, scope: Scope) -> Answer | Viewer:
        """The guard's own answer, or who may pass."""
        asked = read(scope, self._unix)
        if asked.method in ("GET", "HEAD") and (answer := await self._health.answer(asked.path)):
            return answer
        hold_to_host(asked, self._access, self._loopback)
        now = self._now()
        who = self._who(asked, int(now.timestamp()))
        counted = (
            f"person {who[0]}" if who and self._access.signs_in else f"from {client_of(asked, self._access)}"
        )
        if wait := self._rates.wait(counted, now.timestamp()):
            raise Refused(429, "That was too often.", (("retry-after", str(wait)),))
        if self._sign_in is not None and asked.path == SIGN_OUT:
            return await self._sign_in.sign_out(asked)
        if self._sign_in is not None and asked.path == CALLBACK and asked.method == "GET":
            try:
                return await self._sign_in.come_back(asked, int(now.timestamp()))
            except Refused as refused:
                self._log.refused(refused)
                raise
        hold_to_reading(asked)
        if who is None:
            assert self._sign_in is not None
            return await self._sign_in.leave(asked, int(now.timestamp()))
        return self._viewer(*who)

    def _who(self, asked: Asked, now: int) -> tuple[str, frozenset[str]] | None:
        """Who asks, and their groups; None where somebody can still sign in.

        Raises:
            Refused: if nobody can say who it is.
        """
        if self._sign_in is not None:
            return self._sign_in.who(asked, now)
        if self._access.header is not None:
            return signed_in(asked, self._access.header, self._access.proxies, self._proxy_secret)
        hold_to_no_proxy(asked)
        return _HERE, frozenset()

    def _viewer(self, name: str, groups: frozenset[str]) -> Answer | Viewer:
        if not self._access.signs_in:
            return Viewer(name, self._access.local_grants(), self._log.looked)
        out = SIGN_OUT if self._sign_in is not None else None
        grants = self._access.grants(name, groups)
        if not grants:
            return without_role(name, out)
        return Viewer(name, grants, self._log.looked, out)


def _hold_to_a_sign_in(access: Access, listening: Listening) -> None:
    place = listening.unix or listening.host
    if not access.signs_in and not listening.loopback:
        raise AccessError(
            f"others can reach {place}, and nobody signs in there",
            "listen on 127.0.0.1, or set up 'header' or 'openid' under 'access'",
        )
    if access.header is not None and listening.unix is None and not access.proxies:
        raise AccessError(
            "no proxy is named whose word counts", "list the addresses of your proxies under 'proxies'"
        )
