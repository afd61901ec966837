"""A service that takes messages over HTTP, on this machine alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

CANARY = "canary-7f3a"


@dataclass
class Service:
    """What it got, and what it answers: a number, or nothing ever; the first times those of ``first``."""

    port: int = 0
    answer: int | None = 200
    first: list[int] = field(default_factory=list)
    got: list[dict[str, str]] = field(default_factory=list)
    location: str | None = None
    megabytes: int = 0
    seen: Callable[[], object] = lambda: None
    going: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Its address, which is a secret."""
        return f"json://user:{CANARY}@127.0.0.1:{self.port}/hook/{CANARY}"


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(json.loads(body))
            found.seen()
            if found.answer is None:
                found.going.wait(30)
                return
            self.send_response(found.first.pop(0) if found.first else found.answer)
            if found.location is not None:
                self.send_header("Location", found.location)
            self.end_headers()
            with suppress(OSError):
                for _ in range(found.megabytes):
                    self.wfile.write(bytes(1_000_000))

        def do_GET(self) -> None:
            """A page that anybody may read."""
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_port
    # It looks often whether it is to stop, so that no test waits for it at its end.
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    found.going.set()
    server.shutdown()
    server.server_close()
