"""A PostgreSQL server of the tests' own, which all of a session share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from private_postgres import Server, binaries

REQUIRED = os.environ.get("PHASEGATE_TEST_POSTGRES") == "1"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    programs = binaries()
    if programs is None:
        if REQUIRED:
            pytest.fail("PHASEGATE_TEST_POSTGRES=1, and this machine has no initdb of PostgreSQL")
        pytest.skip("this machine has no initdb of PostgreSQL")
    pytest.importorskip("psycopg") if not REQUIRED else __import__("psycopg")
    started = Server(tmp_path_factory.mktemp("server"), programs)
    yield started
    started.end()


@pytest.fixture
def database(server: Server) -> str:
    """The URL of an empty database."""
    return server.database()
