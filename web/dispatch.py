"""How every request is answered: who asks, whether they may, how the ledger stands, and then the page."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from phasegate.rules.errors import PhasegateError
from phasegate.rules.version import VERSION
from phasegate.web.asked import Asked
from phasegate.web.cache import Answer, Answers
from phasegate.web.errors import NotAllowedError, NotThereError
from phasegate.web.permission import permit, viewer_of
from phasegate.web.refused import refused

if TYPE_CHECKING:
    from phasegate.web.config import Config
    from phasegate.web.routes import Page
    from phasegate.web.verifier import Verifier

THREADS = 8
"""So many answers are made at a time; the others wait their turn."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a page may do: show itself by the one style sheet, and ask this server for another one."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Dispatch:
    """Answers requests.

    Args:
        config: what the server shows.
        verifier: what verifies ledgers beside.
    """

    def __init__(self, config: Config, verifier: Verifier) -> None:
        self._config = config
        self._verifier = verifier
        self._answers = Answers()
        self._limiter: CapacityLimiter | None = None

    async def answer(self, request: Request, page: Page) -> Response:
        """The answer to a request for a page."""
        if self._limiter is None:  # made where the event loop runs
            self._limiter = CapacityLimiter(THREADS)
        return await to_thread.run_sync(self._answered, request, page, limiter=self._limiter)

    def _answered(self, request: Request, page: Page) -> Response:
        try:
            return self._made(request, page)
        except PhasegateError as error:
            return respond(request, refused(error, request.url.path))

    def _made(self, request: Request, page: Page) -> Response:
        config = self._config
        viewer = viewer_of(request.scope)
        key = request.path_params.get("project")
        permit(viewer, page.needs, key)
        query = {name: value for name, value in request.query_params.items() if name in page.query}
        now = config.clock()
        asked = Asked(config, viewer, page.needs, query, now, self._verifier, page.seeks)
        if key is None:
            return self._respond(request, page, asked, page.path if page.held else None)
        project = config.projects.get(key)
        if project is None:
            raise NotThereError("there is no such project here", "the first page lists those that there are")
        asked.project = project
        with ExitStack() as stack:
            opened = asked.opened = stack.enter_context(project.opened())
            held: Hashable = None
            if page.held:
                named = tuple(sorted(query.items()))
                held = (
                    key,
                    page.path,
                    named,
                    opened.head,
                    opened.mark,
                    viewer.name,
                    viewer.grants,
                    now.date(),
                )
            return self._respond(request, page, asked, held)

    def _respond(self, request: Request, page: Page, asked: Asked, held: Hashable | None) -> Response:
        tag = None if held is None else _tag(held)
        answer = self._answers.get(held) if held is not None else None
        if answer is None:
            answer = page.render(asked)
            answer = replace(answer, looks=(*answer.looks, *asked.looks))
            if held is not None:
                self._answers.put(held, answer)
        for what, area in answer.looks:
            if not asked.viewer.look_at_evidence(asked.key, what, area):
                raise NotAllowedError("these rows")
        if tag is not None and tag in _known(request):
            return Response(status_code=304, headers={**HEADERS, **_kept(tag)})
        return respond(request, answer, tag)


def _tag(held: Hashable) -> str:
    """By what an answer is known to be the same."""
    told = f"{VERSION} {held!r}".encode("utf-8", "backslashreplace")
    return f'"{hashlib.sha256(told).hexdigest()[:32]}"'


def _known(request: Request) -> list[str]:
    return [each.strip() for each in request.headers.get("if-none-match", "").split(",")]


def _kept(tag: str | None) -> dict[str, str]:
    """How long an answer may be shown without asking again: never."""
    return {"Cache-Control": "private, no-cache", "ETag": tag} if tag else {"Cache-Control": "no-store"}


def respond(request: Request, answer: Answer, tag: str | None = None) -> Response:
    """An answer as it is sent; to a HEAD without its body."""
    headers = {**HEADERS, **_kept(tag)}
    if answer.file is not None:
        headers["Content-Disposition"] = f'attachment; filename="{answer.file}"'
    if answer.status == 405:
        headers["Allow"] = "GET, HEAD"
    body = answer.body
    if request.method == "HEAD":
        headers["Content-Length"], body = str(len(body)), b""
    return Response(body, answer.status, headers, answer.media_type)
