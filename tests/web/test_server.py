"""The server holds on: readers that take nothing and a thousand that wait keep nobody else from an answer."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from urllib.request import Request, urlopen

import pytest
from kept_runs import DAYS, keep, write_project
from served_world import KEY, NOW, PROJECT

from phasegate.web.access.listening import Listening
from phasegate.web.access.model import Access, Rate
from phasegate.web.config import Config
from phasegate.web.server import guarded, serve

WAITING = 1_000


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Where a project is served, in a thread of this process."""
    write_project(tmp_path, id_=KEY)
    keep(tmp_path, DAYS[2])
    config = Config.of([tmp_path], lambda: NOW, verifies=False)
    listening = Listening("127.0.0.1", 0)
    access = Access(rate=Rate(per_minute=100_000, burst=100_000))
    app = guarded(config, access, listening, io.StringIO(), tmp_path)
    stopped, ready = Event(), Event()
    with listening.bind() as bound:
        thread = Thread(target=serve, args=(app, bound, stopped, ready.set))
        thread.start()
        assert ready.wait(60)
        yield bound.getsockname()[:2]
        stopped.set()
        thread.join(60)
        assert not thread.is_alive(), "it does not end when it is told to"


def asked(address: tuple[str, int], path: str = PROJECT) -> int:
    request = Request(f"http://{address[0]}:{address[1]}{path}")
    with urlopen(request, timeout=60) as answer:
        answer.read()
        return int(answer.status)


@pytest.mark.slow
def test_many_that_wait_and_one_that_takes_nothing(address: tuple[str, int]) -> None:
    assert asked(address) == 200
    with ExitStack() as stack:
        slow = stack.enter_context(socket.create_connection(address))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        line = f"GET {PROJECT} HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\n\r\n".encode()
        slow.sendall(line * 50)  # it never reads what it asked for
        for _ in range(WAITING):
            stack.enter_context(socket.create_connection(address))
        assert asked(address) == 200
        assert asked(address, "/style.css") == 200
    assert asked(address) == 200


@pytest.mark.slow
def test_it_ends_although_somebody_is_there(address: tuple[str, int]) -> None:
    """The fixture ends it while this connection is open; what was begun is answered before."""
    waiting = socket.create_connection(address)
    assert asked(address) == 200
    waiting.close()
