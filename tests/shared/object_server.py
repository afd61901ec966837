"""A store of objects that speaks S3 as far as the tests need it, and misbehaves where they say so."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

KEY_ID, SECRET, TOKEN = "AKIDCANARY0000000001", "s3cret/canary+key", "t0ken/canary=="
Answer = Callable[["_Handler"], None]


@dataclass
class ObjectServer:
    """A store with one bucket.

    Attributes:
        objects: what it holds, by key.
        versions: whether it keeps several of each.
        page: so many keys a page of a list has.
        odd: what answers in place of the store, one a request; None where nothing does.
        always: what answers each request then.
        asked: the requests, path and query.
        headers: those of each request, names in lower case.
        heeds: whether conditions of requests count.
        tags: whether objects have tags.
        backwards: whether a list begins with the last key.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    versions: bool = False
    page: int = 1_000
    odd: list[Answer | None] = field(default_factory=list)
    always: Answer | None = None
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    heeds: bool = True
    tags: bool = True
    backwards: bool = False
    address: str = ""

    def variables(self, begins: str = "LAKE") -> dict[str, str]:
        """What the environment says of it."""
        given = {
            "ACCESS_KEY_ID": KEY_ID,
            "SECRET_ACCESS_KEY": SECRET,
            "SESSION_TOKEN": TOKEN,
            "ENDPOINT_URL": self.address,
        }
        return {f"{begins}_{end}": value for end, value in given.items()}

    @property
    def read(self) -> list[str]:
        """The keys of the objects that were asked for."""
        return [
            unquote(urlsplit(each).path).removeprefix("/bucket/")
            for each in self.asked
            if "list-type" not in each
        ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a body need not wait until its head was acknowledged
    store: ObjectServer

    def do_GET(self) -> None:
        self.store.asked.append(self.path)
        self.store.headers.append({key.lower(): value for key, value in self.headers.items()})
        odd = self.store.odd.pop(0) if self.store.odd else None
        try:
            (odd or self.store.always or _Handler.answer)(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self) -> None:
        url = urlsplit(self.path)
        key = unquote(url.path.removeprefix("/bucket").removeprefix("/"))
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        if not key:
            self.listed(query)
        elif key not in self.store.objects:
            self.refuse(404, "NoSuchKey", f"{key} of {KEY_ID} is not there")
        elif self.store.heeds and self.headers.get("If-Match", tag(self.store.objects[key])) != tag(
            self.store.objects[key]
        ):
            self.refuse(412, "PreconditionFailed", "it is another one")
        else:
            self.send(200, self.store.objects[key], **self.about(self.store.objects[key]))

    def about(self, body: bytes) -> dict[str, str]:
        """The headers of an object."""
        asked = self.headers.get("x-amz-checksum-mode") == "ENABLED"
        headers = {"x-amz-checksum-sha256": checksum(body)} if asked else {}
        if self.store.tags:
            headers["ETag"] = tag(body)
        return {**headers, "x-amz-version-id": version(body)} if self.store.versions else headers

    def listed(self, query: dict[str, str]) -> None:
        begins, after = query.get("prefix", ""), query.get("continuation-token", "")
        keys = {key for key in self.store.objects if key.startswith(begins)}
        if mark := query.get("delimiter"):
            keys = {begins + _level(key[len(begins) :], mark) for key in keys}
        told = sorted((key for key in keys if key > after), reverse=self.store.backwards)
        page, more = told[: self.store.page], told[self.store.page :]
        entries = "".join(
            f"<CommonPrefixes><Prefix>{quote(key)}</Prefix></CommonPrefixes>"
            if key not in self.store.objects
            else f"<Contents><Key>{quote(key)}</Key><Size>{len(self.store.objects[key])}</Size>"
            f"<ETag>{escape(tag(self.store.objects[key])) if self.store.tags else ''}</ETag></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        self.send(200, listing(f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{token}{entries}"))

    def refuse(self, status: int, code: str, message: str, **headers: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>".encode()
        self.send(status, body, **headers)

    def send(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def listing(inside: str) -> bytes:
    """A page of a list."""
    kind = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    return f"<ListBucketResult {kind}><EncodingType>url</EncodingType>{inside}</ListBucketResult>".encode()


def tag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def version(body: bytes) -> str:
    return f"v{hashlib.md5(body).hexdigest()[:8]}"


def checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _level(rest: str, mark: str) -> str:
    head, found, _ = rest.partition(mark)
    return head + found


# What answers in place of a store.


def refused(status: int, code: str = "", **headers: str) -> Answer:
    """A refusal that quotes all that it was sent."""

    def answer(to: _Handler) -> None:
        quoted = f"{KEY_ID} {SECRET} {TOKEN} {dict(to.headers)}"
        to.refuse(status, code, quoted, **{name.replace("_", "-"): value for name, value in headers.items()})

    return answer


def cut(to: _Handler) -> None:
    """An object that ends before its end."""
    body = to.store.objects[unquote(urlsplit(to.path).path.removeprefix("/bucket/"))]
    to.send(200, body[: len(body) // 2], length=len(body), **to.about(body))
    to.close_connection = True


def reset(to: _Handler) -> None:
    """A connection that is broken off."""
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    to.connection.close()
    to.close_connection = True


def damaged(to: _Handler) -> None:
    """An object that is not what its checksum says."""
    body = to.store.objects[unquote(urlsplit(to.path).path.removeprefix("/bucket/"))]
    to.send(200, body[:-1] + b"!", **to.about(body))


def endless(to: _Handler) -> None:
    """A body that does not end, of which nobody says how long it is."""
    to.send_response(200)
    to.send_header("ETag", '"x"')
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    while True:
        to.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def trickling(to: _Handler) -> None:
    """A body of which a byte comes now and then."""
    to.send_response(200)
    to.send_header("ETag", '"x"')
    to.send_header("Content-Length", "1000000")
    to.end_headers()
    for _ in range(600):
        to.wfile.write(b"x")
        to.wfile.flush()
        threading.Event().wait(0.1)


def said(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Whatever is said here."""
    return lambda to: to.send(
        status, body, **{name.replace("_", "-"): each for name, each in headers.items()}
    )


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Says nothing: clients that turn away are a part of the tests."""


@contextmanager
def object_server(certificate: Path | None = None) -> Iterator[ObjectServer]:
    """Starts a store on this machine.

    Args:
        certificate: a file with its key and its certificate, where it speaks TLS.
    """
    store = ObjectServer()
    server = _Quiet(("127.0.0.1", 0), type("Handler", (_Handler,), {"store": store}))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    store.address = f"http{'s' * (certificate is not None)}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
