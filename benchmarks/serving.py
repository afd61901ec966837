"""Served pages: from a long ledger against `report`, and answers a second against a bare route."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, redirect_stderr
from html import unescape
from pathlib import Path

import changes
from starlette.testclient import TestClient
from start_up import GATE_CODES, PHASEGATE
from verifying import SIGNER
from yardstick import Measured, Row, in_turn, megabytes, memory_ratio, run_process, seconds, time_ratio, timed

from phasegate.audit.ledger.ledger import Ledger
from phasegate.commands.report import report
from phasegate.web.access.viewer import ALL, VIEWER, Grant, Viewer
from phasegate.web.app import make_app
from phasegate.web.config import Config

MOST_PAGES, AT_ONCE, BATCHES = 60, 16, 120
LEDGER = "SERVED_LEDGER"
REQUESTS = 5_000
NO_PAGE = re.compile("/(evidence|rows|proof|report)[?]")
FIRST_PAGE = 100_000
"""Bytes that the first page may have as it is sent by a proxy that compresses."""
BARE = Path(__file__).with_name("bare_route.py")
ANYBODY = Viewer("", (Grant(frozenset({ALL}), frozenset({ALL}), True),), lambda *_: None)


def rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """What is promised of served pages."""
    yield from long_rows(rounds, scratch, example)
    yield from load_rows(rounds, scratch, example)


def long_rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """A project with a ledger of ten thousand runs."""
    place, file, page = scratch / f"serving_{changes.RUNS}.db", example / "served.yaml", scratch / "page.html"
    if not place.exists():
        shutil.copy(changes.ledger_of(scratch, example), place)
    project = (example / "phasegate.yaml").read_text(encoding="utf-8")
    file.write_text(f"{project}\nledger: env:{LEDGER}\n", encoding="utf-8")
    noon = dt.datetime.combine(dt.date.today(), dt.time(12), dt.UTC)

    def config() -> Config:
        return Config.of([file], lambda: noon, {LEDGER: str(place)}, verifies=False)

    def asked(known: Config, path: str) -> Measured:
        """A page that nobody has asked for before, of a server that knows its ledger."""
        (key,) = known.projects
        app = make_app(known)

        async def anybody(scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
            await app({**scope, VIEWER: ANYBODY}, receive, send)  # type: ignore[arg-type]

        with TestClient(anybody, base_url="http://127.0.0.1:8000") as client:

            def ask() -> None:
                answer = client.get(f"/p/{key}/{path}")
                assert answer.status_code == 200, answer.text

            return timed(ask)

    def reported() -> None:
        words = ["--format", "html", "-o", str(page), "--project", str(file), "--ledger", str(place)]
        with redirect_stderr(io.StringIO()):
            report.main(words, standalone_mode=False)

    served = config()
    ours, theirs = in_turn(lambda: asked(served, ""), lambda: timed(reported), rounds)
    yield Row(
        f"the page of a project of {changes.RUNS:,} runs",
        "`phasegate report --format html` of its newest run, without the start of Python",
        3,
        time_ratio(ours, theirs),
        f"{seconds(ours)} against {seconds(theirs)}",
    )
    drafts, contents = changes.runs_of(example)

    def grown() -> Measured:
        with Ledger.open(place, read_only=False) as ledger:
            ledger.append(lambda position: drafts[0].drafts(position.newest_run + 1), SIGNER, contents)
        return asked(served, "gate?id=1")

    ours, theirs = in_turn(grown, lambda: asked(config(), "gate?id=1"), min(rounds, 3))
    yield Row(
        "the page of a gate, first asked for after a further run was kept",
        "the same, first asked for after the server began",
        0.5,
        time_ratio(ours, theirs),
        f"{seconds(ours)} against {seconds(theirs)}",
    )


def load_rows(rounds: int, scratch: Path, example: Path) -> Iterator[Row]:
    """The example, served by a process of its own and asked by many at once."""
    run_process([PHASEGATE, "check"], allowed=GATE_CODES, cwd=example)
    access = scratch / "serve.yaml"
    access.write_text("access: {rate: {per_minute: 100000, burst: 100000}}\n", encoding="utf-8")
    command = [str(PHASEGATE), "serve", "--port", "0", "--access", str(access)]
    with ExitStack() as stack:
        server, port = stack.enter_context(serving(command, example))
        paths = pages_of(port)
        bodies = [answer(port, path) for path in paths]
        kept = scratch / "bodies.pickle"
        kept.write_bytes(pickle.dumps(bodies))
        other = free_port()
        stack.enter_context(bare([sys.executable, str(BARE), str(other), str(kept)], other))
        bare_paths = [f"/{number}" for number in range(len(bodies))]
        ours, theirs = in_turn(lambda: load(port, paths), lambda: load(other, bare_paths), rounds)
        yield Row(
            f"{len(paths)} pages of the example, {AT_ONCE} asked for at once, answers a second",
            "a bare route of Starlette that serves the same bytes",
            0.2,
            time_ratio(theirs, ours),
            f"{BATCHES * AT_ONCE} answers in {seconds(ours)} against {seconds(theirs)}",
            higher_is_better=True,
        )
        before = Measured(0, resident(server.pid))
        many = many_pages(paths)
        for _ in range(REQUESTS // (BATCHES * AT_ONCE) + 1):
            load(port, many)
        after = Measured(0, resident(server.pid))
        yield Row(
            f"memory of a server after {REQUESTS:,} answers more",
            "before them",
            1.15,
            memory_ratio([after], [before]),
            f"{megabytes([after])} against {megabytes([before])}",
            unit="memory",
        )
    packed = len(gzip.compress(bodies[1], 6))
    yield Row(
        "the page of the example, compressed",
        f"{FIRST_PAGE // 1000} kB",
        1,
        packed / FIRST_PAGE,
        f"{packed / 1000:.1f} kB of {len(bodies[1]) / 1000:.0f} kB",
        unit="size",
    )


@contextmanager
def serving(command: Sequence[str], cwd: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that says at its beginning where it listens; ended at the end of the block."""
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        said = ""
        while (found := re.search(r"http://127\.0\.0\.1:([0-9]+)", said)) is None:
            line = process.stdout.readline()
            assert line, f"it does not serve: {said}"
            said += line
        yield process, int(found[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@contextmanager
def bare(command: Sequence[str], port: int) -> Iterator[None]:
    """A process that listens at a port once it is ready; ended at the end of the block."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert process.poll() is None, "it does not serve"
                    time.sleep(0.05)
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def pages_of(port: int) -> list[str]:
    """The first page, the project's, and pages that these lead to."""
    found = dict.fromkeys(["/"])
    for path in ["/", *links(answer(port, "/").decode())[:1]]:
        found |= dict.fromkeys([path, *links(answer(port, path).decode())])
    return list(found)[:MOST_PAGES]


def links(page: str) -> list[str]:
    """Where a page leads to within its project, but for evidence and downloads, which nobody may hold."""
    found = re.findall(r'href="(/p/[^"#]*)', page)
    return [each for each in dict.fromkeys(map(unescape, found)) if not NO_PAGE.search(each)]


def many_pages(paths: Sequence[str]) -> list[str]:
    """More pages than are held: searches and comparisons differ by what is asked."""
    return [*paths, *(f"/search?q=word{number}" for number in range(50))]


def asking(path: str) -> bytes:
    """A request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def answer(port: int, path: str) -> bytes:
    """The body of a page."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(asking(path))
        return received(connection)


def received(connection: socket.socket) -> bytes:
    """The body of the next answer on a connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(1 << 16)
        assert more, "the server hung up"
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), (head, body)
    length = int(re.search(rb"(?i)content-length: ([0-9]+)", head)[1])  # type: ignore[index]
    parts = [body]
    left = length - len(body)
    while left > 0:
        parts.append(more := connection.recv(1 << 18))
        left -= len(more)
    return b"".join(parts)


def load(port: int, paths: Sequence[str]) -> Measured:
    """Many requests, so many at once as there are connections."""
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(AT_ONCE)
        ]

        def ask() -> None:
            number = 0
            for _ in range(BATCHES):
                for connection in connections:
                    connection.sendall(asking(paths[number % len(paths)]))
                    number += 1
                for connection in connections:
                    received(connection)

        return timed(ask)


def resident(process: int) -> float:
    """Megabytes of memory that a process has."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
