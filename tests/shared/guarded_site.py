"""A page behind the guard, asked as any program may ask it, and a browser that keeps its cookies."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from phasegate.web.access.guard import Guard
from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access
from phasegate.web.access.viewer import viewer_of

BEGIN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answered:
    """An answer: its status, its headers in the order in which they came, and its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each == name]

    def __getitem__(self, name: str) -> str:
        (value,) = self.all(name)
        return value


async def page(scope: Any, receive: Any, send: Any) -> None:
    """The page: who looks at it. Its headers say the opposite of what they should."""
    viewer = viewer_of(scope)
    shown = f"for {viewer.name}"
    if scope["path"] == "/rows":
        shown = f"rows: {viewer.look_at_evidence('harbour-2026', 'run 3, 1.1.1/framework', '1')}"
    wrong = [(b"Content-Security-Policy", b"default-src *"), (b"cache-control", b"public, max-age=60")]
    await send({"type": "http.response.start", "status": 200, "headers": wrong})
    await send({"type": "http.response.body", "body": shown.encode()})


@dataclass
class Site:
    """A guarded page at a moment that the test sets."""

    access: Access
    listening: Listening = field(default_factory=Listening)
    environ: Mapping[str, str] = field(default_factory=dict)
    transport: Any = None
    ready: bool = True
    app: Any = page

    def __post_init__(self) -> None:
        self.now = BEGIN
        self.sent: list[Any] = []
        self.log = io.StringIO()

        async def is_ready() -> bool:
            return self.ready

        self.guard = Guard(
            self.app, self.access, self.listening, self.environ, lambda: self.now, is_ready, self.log,
            transport=self.transport,
        )  # fmt: skip

    def later(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @property
    def looks(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def ask(
        self,
        target: str | bytes = "/",
        headers: Headers = (),
        host: str | None = "localhost:8000",
        method: str = "GET",
        peer: str | None = "127.0.0.1",
    ) -> Answered:
        """One request, its path as it stands in its first line."""
        raw = target if isinstance(target, bytes) else target.encode("latin-1")
        path, _, query = raw.partition(b"?")
        sent = [(b"host", host.encode())] if host is not None else []
        sent += [(name.lower().encode(), value.encode("utf-8")) for name, value in headers]
        scope = {
            "type": "http",
            "method": method,
            "path": path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "headers": sent,
            "client": (peer, 40_000) if peer else None,
            "scheme": "http",
        }
        return asyncio.run(self._asked(scope))

    async def _asked(self, scope: dict[str, Any]) -> Answered:
        messages: list[Any] = []
        self.sent = messages

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.guard(scope, receive, send)
        start = messages[0]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        headers = tuple((name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"])
        return Answered(start["status"], headers, body.decode())


@dataclass
class Browser:
    """Keeps the cookies of one site, and follows no address by itself."""

    site: Site
    host: str
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, target: str, headers: Headers = (), method: str = "GET") -> Answered:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = [*headers, *([("cookie", kept)] if kept else [])]
        answered = self.site.ask(target, sent, self.host, method, "203.0.113.9")
        for header in answered.all("set-cookie"):
            name, _, value = header.split(";")[0].partition("=")
            self.cookies.pop(name, None)
            if "Max-Age=0" not in header:
                self.cookies[name] = value
        return answered

    def sign_in(self, provider: Any, target: str = "/") -> Answered:
        """Leaves for the provider, signs in there, and comes back."""
        left = self.open(target)
        assert left.status == 302, left
        return self.open(provider.sends_back(left["location"]))


def target_of(url: str) -> str:
    """The path and the query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
