"""The server around the application: who may come in, how many at a time, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import uvicorn

from phasegate.rules.errors import PhasegateError
from phasegate.web.access.guard import Guard
from phasegate.web.access.listening import UVICORN, Listening
from phasegate.web.app import make_app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TextIO

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from phasegate.web.access.model import Access
    from phasegate.web.config import Config

MOST_CONNECTIONS = 4_000
"""Those beyond are answered with 503 at once."""
IDLE, SLOWEST, LEAVING = 5, 30.0, 5
"""Seconds for which a connection waits for another request, a reader takes no byte, and a server ends."""


def guarded(
    config: Config,
    access: Access,
    listening: Listening,
    log: TextIO,
    root: Path,
) -> ASGIApp:
    """The application with its guard before it.

    Args:
        config: what it shows.
        access: who may look.
        listening: where it listens.
        log: where looks at evidence are written down, unless `access` names a file.
        root: the folder from which it names that file.

    Raises:
        AccessError: if it would let in whom it must not.
    """

    async def ready() -> bool:
        return await asyncio.to_thread(_answers, config)

    environ: Mapping[str, str] = config.environ
    return Guard(Patient(make_app(config)), access, listening, environ, config.clock, ready, log, root)


def _answers(config: Config) -> bool:
    """Whether every ledger answers."""
    for project in config.projects.values():
        try:
            with project.opened():
                pass
        except PhasegateError:
            return False
    return True


class Patient:
    """Waits for a reader only so long, so that none who takes no bytes keeps an answer for ever.

    Args:
        app: the application.
        seconds: for which a reader may take nothing.
    """

    def __init__(self, app: ASGIApp, seconds: float = SLOWEST) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has the application answer."""

        async def sending(message: Message) -> None:
            async with asyncio.timeout(self._seconds):
                await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


class _Server(uvicorn.Server):
    """Ends when it is told to, and leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(app: ASGIApp, bound: socket.socket, stopped: Event, ready: Callable[[], None]) -> None:
    """Serves until it is stopped; what is being answered then is answered still.

    Args:
        app: the application.
        bound: where it listens.
        stopped: set to end it.
        ready: called once it listens.
    """
    _have_room()
    options: dict[str, Any] = {
        **UVICORN,
        "log_config": None,
        "log_level": "critical",
        "access_log": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": IDLE,
        "timeout_graceful_shutdown": LEAVING,
        "lifespan": "on",
        "loop": "asyncio",
        "http": "h11",
    }
    server = _Server(uvicorn.Config(app, **options))

    def end() -> None:
        stopped.wait()
        server.should_exit = True

    Thread(target=end, name="end", daemon=True).start()
    bound.listen(2048)
    ready()
    server.run(sockets=[bound])


def _have_room() -> None:
    """Has room for so many connections, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 500
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
