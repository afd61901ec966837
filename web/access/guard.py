"""Stands before every page: who may pass, and what every answer says to browsers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import TextIO

from starlette.types import ASGIApp, Receive, Scope, Send

from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access

Clock = Callable[[], dt.datetime]
Ready = Callable[[], Awaitable[bool]]


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
        log: where looks at evidence are written down, where `access` names no file.

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
    ) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or has the pages answer it."""
        raise NotImplementedError
