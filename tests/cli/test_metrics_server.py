"""Metrics as a page: whole, to this machine alone, and whoever reads it holds up nobody."""

from __future__ import annotations

import contextlib
import http.client
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from phasegate.commands.monitoring import metrics_server
from phasegate.commands.monitoring.metrics_server import (
    CONTENT_TYPE,
    LONGEST,
    MOST,
    MetricsPage,
    MetricsPortError,
    served,
)

TEXT = '# TYPE phasegate_gate_state gauge\nphasegate_gate_state{gate="é",state="open"} 1\n'


@pytest.fixture(scope="module")
def standing() -> Iterator[MetricsPage]:
    with served(0, TEXT) as found:
        yield found


@pytest.fixture
def page(standing: MetricsPage) -> MetricsPage:
    standing.show(TEXT)
    return standing


def port_of(page: MetricsPage) -> int:
    port = urlsplit(page.address).port
    assert port is not None
    return port


def asked(
    page: MetricsPage, path: str = "/metrics", method: str = "GET", *hosts: str
) -> tuple[int, str, str]:
    """Status, content type and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(page), timeout=10)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host=True)
        for host in hosts or (f"127.0.0.1:{port_of(page)}",):
            if host:
                connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read().decode("utf-8")


def answered(page: MetricsPage, request: bytes) -> bytes:
    """What comes back for some bytes; nothing where the connection is closed without an answer."""
    with socket.create_connection(("127.0.0.1", port_of(page)), timeout=10) as connection:
        with contextlib.suppress(ConnectionError):  # it is closed while we send
            connection.sendall(request)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65_536):
            found += part
    return found


def answering() -> int:
    """How many readers are being answered."""
    return sum("process_request" in thread.name for thread in threading.enumerate())


def until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to be within twenty seconds")


def test_it_is_what_was_shown_last(page: MetricsPage) -> None:
    assert page.address == f"http://127.0.0.1:{port_of(page)}/metrics"
    assert asked(page) == (200, CONTENT_TYPE, TEXT)
    page.show("other 1\n")
    assert asked(page) == (200, CONTENT_TYPE, "other 1\n")
    assert asked(page, "/metrics?collect[]=all")[2] == "other 1\n"
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"


def test_a_head_has_the_length_and_no_body(page: MetricsPage) -> None:
    answer = answered(page, b"HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.endswith(f"Content-Length: {len(TEXT.encode())}\r\n\r\n".encode())


@pytest.mark.parametrize(
    "path", ["/", "/metrics/", "/Metrics", "/metrics/..", "http://localhost/metrics", "*"]
)
def test_there_is_one_page(path: str, page: MetricsPage) -> None:
    assert asked(page, path) == (404, "text/plain; charset=utf-8", "Not Found\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "<b>", "get"])
def test_it_is_for_reading(method: str, page: MetricsPage) -> None:
    answer = answered(page, f"{method} /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.0 405 ")
    assert b"\r\nAllow: GET, HEAD\r\n" in answer
    assert answer.endswith(b"\r\n\r\nMethod Not Allowed\n")


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (("127.0.0.1",), 200),
        (("localhost",), 200),
        (("LocalHost:9464",), 200),  # through a tunnel the port is another one
        (("[::1]:9464",), 200),
        (("",), 403),
        (("evil.example",), 403),
        (("127.0.0.1.evil.example",), 403),
        (("evil.example:127",), 403),
        (("localhost.",), 403),
        (("localhost@evil.example",), 403),
        (("192.0.2.1",), 403),
        (("127.0.0.2",), 403),
        (("localhost:x",), 403),
        (("localhost", "evil.example"), 403),
    ],
)
def test_a_name_that_was_pointed_here_reads_nothing(
    hosts: tuple[str, ...], status: int, page: MetricsPage
) -> None:
    found = asked(page, "/metrics", "GET", *hosts)
    assert found[0] == status
    assert (found[2] == TEXT) is (status == 200)
    assert asked(page, "/other", "GET", *hosts)[0] == (404 if status == 200 else 403)


def test_no_other_interface_has_it(page: MetricsPage) -> None:
    with pytest.raises(ConnectionRefusedError):  # another address of this machine, which all have
        socket.create_connection(("127.0.0.2", port_of(page)), timeout=10)


@pytest.mark.parametrize(
    "request_",
    [
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /metrics\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # TLS
    ],
)
def test_what_is_no_request_is_told_so_and_no_more(request_: bytes, page: MetricsPage) -> None:
    status, _, said = answered(page, request_).partition(b"\r\n")
    assert status[:12] in (b"HTTP/1.0 400", b"HTTP/1.0 403", b"HTTP/1.0 505")
    assert len(said.partition(b"\r\n\r\n")[2].split()) <= 4
    assert asked(page)[0] == 200


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(b"", id="nothing but that"),
        pytest.param(b"GET /", id="line"),
        pytest.param(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ", id="header"),
        pytest.param(b"GET /metrics HTTP/1.1\r\n" + b"A: b\r\n" * 90, id="headers"),
    ],
)
def test_of_a_huge_request_no_more_is_read_than_a_little(begin: bytes, page: MetricsPage) -> None:
    assert answered(page, begin + b"x" * 5_000_000) == b""
    assert asked(page)[0] == 200


def test_a_long_request_is_left_alone_though_it_is_whole(page: MetricsPage) -> None:
    begin = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: "
    assert answered(page, begin + b"x" * (LONGEST // 2) + b"\r\n\r\n").endswith(TEXT.encode())
    assert answered(page, begin + b"x" * LONGEST * 2 + b"\r\n\r\n") == b""


def test_a_request_may_come_in_pieces(page: MetricsPage) -> None:
    with socket.create_connection(("127.0.0.1", port_of(page)), timeout=10) as connection:
        for part in (b"GET /met", b"rics HTTP/1.1\r", b"\nHost: local", b"host\r\n", b"\r\n"):
            connection.sendall(part)
            time.sleep(0.02)
        assert rest(connection).endswith(TEXT.encode())


def test_who_sends_slowly_is_left_alone_after_a_while(
    page: MetricsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_server, "SECONDS", 0.4)
    with socket.create_connection(("127.0.0.1", port_of(page)), timeout=10) as connection:
        with contextlib.suppress(ConnectionError):
            for _ in range(200):  # each byte sooner than any pause would be too long
                connection.sendall(b"x")
                time.sleep(0.05)
        assert rest(connection) == b""


def test_readers_that_hang_hold_up_nobody(page: MetricsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    until(lambda: answering() == 0)
    monkeypatch.setattr(metrics_server, "SECONDS", 2.0)
    with contextlib.ExitStack() as hanging:
        for _ in range(100):
            connection = socket.create_connection(("127.0.0.1", port_of(page)), timeout=10)
            hanging.enter_context(connection)
        page.show("other 1\n")  # the scheduler waits for none of them
        assert rest(connection) == b""  # the last one is sent away, while the first ones hang
        assert answering() == MOST

        def read() -> bool:
            with contextlib.suppress(OSError, http.client.HTTPException):
                return asked(page)[2] == "other 1\n"
            return False

        until(read)


def test_a_reader_that_takes_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    until(lambda: answering() == 0)
    monkeypatch.setattr(metrics_server, "SECONDS", 0.4)
    with (
        served(0, "x 1\n" * 5_000_000) as page,
        socket.create_connection(("127.0.0.1", port_of(page)), timeout=10) as connection,
    ):
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: answering() == 1)
        until(lambda: answering() == 0)


def test_nothing_of_a_request_is_said(page: MetricsPage, capfd: pytest.CaptureFixture[str]) -> None:
    asked(page)
    asked(page, "/secret", "GET", "evil.example")
    answered(page, b"secret\r\n\r\n")
    answered(page, b"x" * (LONGEST + 1))
    with socket.create_connection(
        ("127.0.0.1", port_of(page))
    ) as connection:  # gone in the middle, with a reset
        connection.sendall(b"GET /secret")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    time.sleep(0.1)
    assert capfd.readouterr() == ("", "")
    status, _, said = answered(
        page, b"GET /secret HTTP/1.1\r\nHost: localhost\r\nX: secret\r\n\r\n"
    ).partition(b"\n")
    assert status == b"HTTP/1.0 404 Not Found\r"
    assert b"secret" not in said
    assert b"Python" not in said  # nor of what answers


def test_at_its_end_it_is_gone_whoever_still_hangs_there() -> None:
    with served(0, TEXT) as page:
        until(lambda: answering() == 0)
        hanging = socket.create_connection(("127.0.0.1", port_of(page)), timeout=10)
        until(lambda: answering() == 1)
    with hanging:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port_of(page)), timeout=10)
        with served(port_of(page), TEXT) as again:  # and the next one has the port at once
            assert asked(again)[0] == 200


def test_it_is_gone_too_where_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), served(0, TEXT) as page:
        raise ZeroDivisionError
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(page)), timeout=10)


def test_a_port_that_somebody_has(page: MetricsPage) -> None:
    with pytest.raises(MetricsPortError) as raised, served(port_of(page), TEXT):
        pass
    port = port_of(page)
    assert raised.value.message == f"metrics can not be served on port {port}: Address already in use"
    assert raised.value.hint == "name another with --metrics-port, or 0 for any that is free"


def test_a_port_that_is_for_the_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socketserver.TCPServer, "server_bind", refuses)
    with pytest.raises(MetricsPortError, match="metrics can not be served on port 80: Permission denied"):
        served(80, TEXT).__enter__()


def test_where_no_thread_is_to_be_had_a_reader_is_sent_away(
    page: MetricsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuses)
        for _ in range(MOST + 1):
            assert answered(page, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""
    assert asked(page)[0] == 200
