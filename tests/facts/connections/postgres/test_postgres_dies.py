"""A real PostgreSQL server that dies in the middle of a COPY: an error, of which nothing is left behind."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from erp_database import SECRET, Erp
from private_postgres import Server, binaries

from phasegate.facts.connections import tables
from phasegate.rules.model.contract import Contract

pytestmark = pytest.mark.slow
WHOLE = Contract.model_validate({"title": "t", "columns": {"i": {"type": "integer"}}})
COPYING = (
    "SELECT 1 FROM pg_stat_activity WHERE usename = 'reader' AND query LIKE 'COPY%' "
    "AND state = 'active' AND query_start < now() - interval '0.2 s'"
)


@pytest.fixture
def own(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Erp]:
    """A database on a server that may be killed, of which a table takes its time."""
    programs = binaries()
    assert programs is not None
    (tmp_path / "server").mkdir()
    made = Erp(Server(tmp_path / "server", programs), "postgres", monkeypatch, tmp_path)
    made.run(
        f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'",
        "CREATE VIEW slow AS SELECT i FROM generate_series(1, 40000) i "
        "WHERE pg_sleep(CASE WHEN i % 400 = 0 THEN 0.02 ELSE 0 END) IS NOT NULL",
        "GRANT SELECT ON slow TO reader",
    )
    made.as_role("reader")
    yield made
    made.server.end()


@contextmanager
def in_mid_copy(erp: Erp, act: Callable[[], None]) -> Iterator[None]:
    """Acts on the server, once, while its rows come."""
    import psycopg

    ended = threading.Event()

    def watch() -> None:
        with psycopg.connect(erp.server.url(erp.name), autocommit=True) as connection:
            while not ended.is_set() and not connection.execute(COPYING).fetchall():
                time.sleep(0.02)
        if not ended.is_set():
            act()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def open_files() -> int:
    gc.collect()
    return len([*Path("/proc/self/fd").iterdir()])


def test_a_server_that_dies_is_an_error_and_one_that_comes_back_is_read(
    own: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setenv("TMPDIR", str(kept))
    server = own.server
    assert isinstance(server, Server)

    def restart() -> None:
        server.stop()
        server.start()

    monkeypatch.setattr(tables, "_PAUSE", 2)
    with in_mid_copy(own, restart):
        found = own.state("public.slow", WHOLE)
    assert (found.status, found.rows) == ("ok", 40_000), found.reason
    before = open_files()
    monkeypatch.setattr(tables, "_PAUSE", 0.05)
    with in_mid_copy(own, server.stop):
        found = own.state("public.slow", WHOLE)
    assert found.status == "error"
    assert "can not be reached" in found.reason
    assert SECRET not in repr(found)
    assert list(kept.iterdir()) == []
    assert open_files() <= before
