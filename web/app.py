"""The application: all addresses, each answered in the one way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from phasegate.rules.errors import PhasegateError
from phasegate.web.dispatch import Dispatch, respond
from phasegate.web.refused import said
from phasegate.web.routes import PAGES, Page
from phasegate.web.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from phasegate.web.config import Config

_TOLD = {
    404: ("There is no such page", "nothing is at this address"),
    405: ("This can not be asked for", "a server that only reads takes GET and HEAD, and nothing else"),
}


def make_app(config: Config) -> Starlette:
    """The application that serves some projects.

    Args:
        config: what it shows. Who may read what is for a middleware around it to say.
    """
    verifier = Verifier()
    dispatch = Dispatch(config, verifier)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if config.verifies:
            _verify_all(config, verifier)
        yield
        dispatch.close()

    return Starlette(
        routes=[Route(each.path, _endpoint(dispatch, each), methods=["GET"]) for each in PAGES],
        exception_handlers={HTTPException: _refused, Exception: _broken},
        lifespan=lifespan,
        max_body_size=0,
    )


def _endpoint(dispatch: Dispatch, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await dispatch.answer(request, page)

    return answer


def _verify_all(config: Config, verifier: Verifier) -> None:
    for project in config.projects.values():
        try:
            with project.opened() as opened:
                verifier.ask(project, opened.head)
        except PhasegateError:
            continue  # its pages say what is wrong


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title, message = _TOLD.get(status, (HTTPStatus(status).phrase, "the request can not be answered"))
    return respond(request, said(request.url.path, status, title, message))


async def _broken(request: Request, error: Exception) -> Response:
    """An error that nobody foresaw: what it says may hold anything, so it is not shown."""
    told = f"an unexpected {type(error).__name__}, which is a fault of phasegate"
    return respond(request, said(request.url.path, 500, "This page can not be shown", told))
