"""How every request is answered: who asks, whether they may, how the ledger stands, and then the page."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from phasegate.rules.errors import PhasegateError
from phasegate.rules.version import VERSION
from phasegate.web.asked import Asked
from phasegate.web.cache import Answer, Answers
from phasegate.web.errors import NotAllowedError, NotThereError
from phasegate.web.ledgers.today import quarter
from phasegate.web.permission import permit, viewer_of
from phasegate.web.refused import refused

if TYPE_CHECKING:
    import datetime as dt

    from phasegate.web.config import Config
    from phasegate.web.ledgers.served import Opened, Seen
    from phasegate.web.permission import Viewer
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
        self._threads = ThreadPoolExecutor(THREADS, "answers")

    async def answer(self, request: Request, page: Page) -> Response:
        """The answer to a request for a page."""
        if (known := self._known(request, page)) is not None:
            return known
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._answered, request, page)

    def close(self) -> None:
        """Begins no further answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _known(self, request: Request, page: Page) -> Response | None:
        """The answer, where it was made already and nothing has changed since; None if that is not sure."""
        project = self._config.projects.get(request.path_params.get("project", ""))
        if project is None or not page.held or (seen := project.unchanged()) is None:
            return None
        try:
            viewer = viewer_of(request.scope)
            permit(viewer, page.needs, project.key)
        except PhasegateError:
            return None
        held = _held(project.key, page, _query(request, page), seen, viewer, self._config.clock())
        answer = self._answers.get(held)
        # That somebody looks at evidence is written down, for which nobody else is kept waiting.
        return None if answer is None or answer.looks else _sent(request, answer, _tag(held))

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
        query = _query(request, page)
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
            held = _held(key, page, query, opened, viewer, now) if page.held else None
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
        return _sent(request, answer, tag)


def _query(request: Request, page: Page) -> dict[str, str]:
    """The parameters that a page knows."""
    return {name: value for name, value in request.query_params.items() if name in page.query}


def _held(
    key: str, page: Page, query: dict[str, str], at: Opened | Seen, viewer: Viewer, now: dt.datetime
) -> Hashable:
    """All that an answer rests on."""
    asked = tuple(sorted(query.items()))
    return (key, page.path, asked, at.head, at.mark, viewer.name, viewer.grants, quarter(now))


def _sent(request: Request, answer: Answer, tag: str | None) -> Response:
    """An answer, unless whoever asks has it already."""
    if tag is not None and tag in _has(request):
        return Response(status_code=304, headers={**HEADERS, **_kept(tag)})
    return respond(request, answer, tag)


def _tag(held: Hashable) -> str:
    """By what an answer is known to be the same."""
    told = f"{VERSION} {held!r}".encode("utf-8", "backslashreplace")
    return f'"{hashlib.sha256(told).hexdigest()[:32]}"'


def _has(request: Request) -> list[str]:
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
