"""A page of metrics for Prometheus, for as long as a scheduler stays; on this machine alone."""

from __future__ import annotations

import io
import re
import socket
import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import BoundedSemaphore, Thread
from typing import Any

from phasegate.rules.errors import PhasegateError

ADDRESS = "127.0.0.1"
"""Whoever wants it on another machine puts a proxy before it, which asks for who reads it."""
PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = 5.0
"""So long may a request take to arrive, and so long the answer to leave."""
LONGEST = 16_384
"""Bytes of a request, after which no more is read; a collector sends a few hundred."""
MOST = 8
"""Readers at a time; a further one is sent away at once."""
_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


class MetricsPortError(PhasegateError):
    """A port on which nothing can be served."""

    def __init__(self, port: int, error: OSError) -> None:
        hint = "name another with --metrics-port, or 0 for any that is free"
        super().__init__(f"metrics can not be served on port {port}: {error.strerror or error}", hint)


class MetricsPage:
    """What is served at the moment.

    Attributes:
        address: where.
    """

    def __init__(self, address: str, text: str) -> None:
        self.address = address
        self._body = text.encode("utf-8")

    def show(self, text: str) -> None:
        """Puts other metrics in the place of those that were there."""
        self._body = text.encode("utf-8")

    def body(self) -> bytes:
        """The metrics, whole: those of one pass."""
        return self._body


@contextmanager
def served(port: int, text: str) -> Iterator[MetricsPage]:
    """Serves metrics in a thread of its own until the end of the block.

    Args:
        port: of the loopback interface; 0 for any that is free.
        text: the metrics to begin with.

    Raises:
        MetricsPortError: if somebody else has the port, or it is for the administrator alone.
    """
    try:
        server = _Server((ADDRESS, port), _Reader)
    except OSError as error:
        raise MetricsPortError(port, error) from error
    with server:
        page = MetricsPage(f"http://{ADDRESS}:{server.server_address[1]}{PATH}", text)
        server.body = page.body
        thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield page
        finally:
            server.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    """Answers a few readers at a time, each in a thread that keeps nobody.

    http.server's own would ask the name service for the name of this machine first, which may take long.
    """

    allow_reuse_address = True  # a scheduler that is begun again has the port of the one before
    daemon_threads = True
    request_queue_size = 64  # of http.server's five, a few that hang would leave none to come in by
    body: Callable[[], bytes]

    def __init__(self, *args: Any) -> None:
        self._free = BoundedSemaphore(MOST)
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # there is no further thread to be had
            self._free.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a reader that went away is no matter of the scheduler's."""


class _Reader(BaseHTTPRequestHandler):
    """Answers one request with the metrics, or says in a word why not."""

    server: _Server
    timeout = SECONDS
    default_request_version = "HTTP/1.0"  # of what can not be read: the answer has a status line too

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Arriving(self.connection))

    def do_GET(self) -> None:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0].strip()):
            # A page in a browser here may have had its name pointed at this machine, to read along.
            self.send_error(HTTPStatus.FORBIDDEN)
        elif self.path.partition("?")[0] != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._answer(HTTPStatus.OK, CONTENT_TYPE, self.server.body())

    def do_HEAD(self) -> None:
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Says what is wrong in plain text, and nothing of what was asked."""
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:  # http.server's word for a method that is not there
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self._answer(status, "text/plain; charset=utf-8", f"{status.phrase}\n".encode())

    def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.close_connection = True
        self.send_response(status)
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return "phasegate"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Keeps nothing of a request."""


class _Arriving(io.RawIOBase):
    """The bytes of a request as they come, up to a length and a moment, however slowly they are sent."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._end = time.monotonic() + SECONDS
        self._left = LONGEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        if self._left <= 0:
            raise ConnectionAbortedError
        self._connection.settimeout(seconds)
        try:
            count = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(SECONDS)
        self._left -= count
        return count
